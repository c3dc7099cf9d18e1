"""What captioning learned, put beside weights that stay as they are: `image.onnx`, a row of the table, the names.

Also the held-out lists and what the nearest picture that was trained on would be called.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from training import caption_pictures as seen
from training.caption_pictures import SIDE
from training.paths import CACHE, WHISPER
from walkiosk.modality.text import LANGUAGES, with_own_tokens
from walkiosk.model.export import export, load
from walkiosk.model.ports.image import ImagePort
from walkiosk.model.trunk import MODALITIES
from walkiosk.pairs.nearness import nearest
from walkiosk.skill.captioning import TASK, THINGS

LISTS = CACHE / "scores"
GARMENTS = 10  # of each class, in the list
RECENT = 60  # batches by which norms find their means anew
UNSEEN_PICTURE, UNSEEN_THING, CLOTHING = "unseen picture", "unseen thing", "clothing"

Bytes = NDArray[np.uint8]


def put_in(told: dict[str, Tensor], start: Path, folder: Path, batches: Sequence[Tensor]) -> None:
    """Copy the weights of ``start`` into ``folder`` and change there what captioning learned. To have room for it, as
    many tokens are stored in four bits as `export` has it now; those that were so already stay as they are.
    """
    shutil.copytree(start, folder, dirs_exist_ok=True)
    model = load(start)
    port = model.ports["image"]
    assert isinstance(port, ImagePort)
    port.load_state_dict(
        {**port.state_dict(), **{k: v for k, v in told.items() if k.startswith(("convolutions", "norms", "recall"))}}
    )
    settle(port, batches)
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    with torch.no_grad():
        model.trunk.modality.weight[MODALITIES.index("image")] = told["mark"]
        model.text.own[vocabulary.special(TASK) - model.config.vocabulary] = told["task"]
    untrained = json.loads((start / "model.json").read_text()).get("untrained", ())
    export(model, folder, untrained=sorted(set(untrained) - {"captioning"}))
    vocabulary.save(folder / "tokenizer.json")
    names = {language: [thing[language] for thing in seen.things()] for language in LANGUAGES}
    written = json.dumps(names, ensure_ascii=False, separators=(",", ":")).encode()
    (folder / THINGS).write_bytes(gzip.compress(written, mtime=0))


def settle(port: ImagePort, batches: Sequence[Tensor]) -> None:
    """Let the norms of averaged weights find their means and variances."""
    for norm in port.norms:
        assert isinstance(norm, nn.BatchNorm2d)
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all batches
    port.train()
    with torch.no_grad():
        for pictures in batches:
            port.embed(pictures)
    port.eval()


def on_white(cut_out: Bytes) -> Bytes:
    opaque = cut_out[..., 3:].astype(np.float32) / 255
    return (cut_out[..., :3] * opaque + 255 * (1 - opaque)).round().astype(np.uint8)


def held_out() -> dict[str, str]:
    """Code of a concept → which set its picture in 3D is in."""
    rows, _ = seen.pictures()
    codes = sorted({row.concept for row in rows if row.style == seen.FLUENT[0]})
    sets = {code: UNSEEN_PICTURE for code in codes if seen.unseen_picture(code)}
    return sets | {code: UNSEEN_THING for code in codes if seen.unseen_concept(code)}


def write_lists() -> None:
    """Write `captioning.jsonl`, held-out pictures of 128² and their names, and `captioning_nearest.jsonl`, with the
    name of what is nearest beside them.
    """
    folder = LISTS / "captioning"
    folder.mkdir(parents=True, exist_ok=True)
    sets = held_out()
    shown: dict[str, Bytes] = {}
    rows: list[tuple[str, str, dict[str, str]]] = []
    for code, picture in seen.three_d():
        if code in sets:
            large = picture.convert("RGBA")
            white = Image.new("RGBA", large.size, "white")
            white.alpha_composite(large)
            small = white.convert("RGB").resize((2 * SIDE, 2 * SIDE), Image.Resampling.BOX)
            small.save(folder / f"{code}.png")
            shown[code] = np.asarray(small)
            rows.append((code, sets[code], seen.names()[code]))
    clothes, classes = seen.held_out_garments()
    for kind, names in enumerate(seen.things()[len(seen.names()) :]):
        for place in np.flatnonzero(classes == kind)[:GARMENTS]:
            name = f"clothing-{place}"
            shown[name] = np.repeat(clothes[place][..., None], 3, axis=-1)
            Image.fromarray(shown[name]).save(folder / f"{name}.png")
            rows.append((name, CLOTHING, names))
    near = _nearest([shown[name] for name, _, _ in rows])
    for file, told in (("captioning", None), ("captioning_nearest", near)):
        lines = [
            {"image": f"captioning/{name}.png", "text": names[each], "language": each, "set": set_}
            | ({"nearest": told[number][each]} if told else {})
            for number, (name, set_, names) in enumerate(rows)
            for each in LANGUAGES
        ]
        written = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (LISTS / f"{file}.jsonl").write_text(written, encoding="utf-8")
    print(
        len(rows),
        "pictures, by set:",
        {each: sum(set_ == each for _, set_, _ in rows) for each in (*set(sets.values()), CLOTHING)},
    )


def _nearest(asked: Sequence[Bytes]) -> list[dict[str, str]]:
    """The names of the picture that was trained on and is nearest to each."""
    rows, pixels = seen.pictures()
    place = {code: number for number, code in enumerate(seen.names())}
    known: list[Bytes] = []
    things: list[int] = []
    for row, cut_out in zip(rows, pixels, strict=True):
        if seen.trained(row):
            known.append(on_white(cut_out))
            things.append(place[row.concept])
    clothes, classes = seen.garments()
    for kind in range(int(classes.max()) + 1):
        for at in np.flatnonzero(classes == kind)[:200]:  # enough to be nearest
            known.append(np.repeat(clothes[at][..., None], 3, axis=-1))
            things.append(len(place) + kind)
    found = nearest(["image"], [(one,) for one in known], [(one,) for one in asked], 1)[:, 0]
    return [seen.things()[things[at]] for at in found]
