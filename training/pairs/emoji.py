"""Emoji: Fluent 3D pictures (Microsoft; MIT, npm's @lobehub/fluent-emoji-3d) with their CLDR names.

Names, groups and subgroups are those of npm's emojibase-data (MIT; Unicode's data, Unicode-3.0). Of the five skin tones
the lightest and the darkest are kept beside the yellow one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.pairs.downloads import in_npm, npm
from training.pairs.lines import Line, Media, Pixels, write_lines
from training.paths import CACHE

KEPT = CACHE / "emoji"  # reduced pictures, made once
SIDE = 64  # pixels
TONES = (1, 5)  # lightest and darkest of Unicode's five
COMPONENTS = 2  # the group of bare skin tones and hair
TONE, PERSON = re.compile("-1f3f[b-f]"), re.compile("^(1f468|1f469|1f9d1)-200d-")
ENDING = re.compile("-200d-(2640|2642)$|-200d-27a1$")  # female, male, facing right
WIDE_EDGE = 40.0  # of 255: a difference that is drawn black
FAINT_EDGE = 8.0


@dataclass(frozen=True)
class Emoji:
    code: str  # its code points, as file names have them, without FE0F
    name: str
    group: int  # one of Unicode's ten, such as food & drink
    kind: str  # its subgroup, such as "food fruit"

    @property
    def stem(self) -> str:
        """What one sign has in common in all skin tones and for man, woman and person."""
        return ENDING.sub("", PERSON.sub("", TONE.sub("", self.code)))


@cache
def named() -> dict[str, Emoji]:
    """All emoji that are kept, by code."""
    kinds = _data("meta/groups.json")["subgroups"]
    found: dict[str, Emoji] = {}
    for one in _data("en/data.json"):
        if one.get("group", COMPONENTS) == COMPONENTS:
            continue
        kind = kinds[str(one["subgroup"])].replace("-", " ")
        for form in (one, *(skin for skin in one.get("skins", ()) if skin["tone"] in TONES)):
            code = plain(form["hexcode"])
            found[code] = Emoji(code, form["label"], one["group"], kind)
    return found


def labels(language: str) -> dict[str, str]:
    """The names of all emoji, by code."""
    told = _data(f"{language}/data.json")
    return {form["hexcode"]: form["label"] for one in told for form in (one, *one.get("skins", ()))}


def _data(name: str) -> Any:
    """A file of emojibase-data."""
    return json.loads(next(in_npm(npm("emojibase-data", "17.0.0"), f"package/{name}"))[1])


def plain(code: str) -> str:
    """A code as file names have it, without the mark that asks for a picture."""
    return code.lower().replace("-fe0f", "")


@cache
def pictures() -> dict[str, Pixels]:
    """64 × 64 × 3 on white, by code; in order of the codes."""

    def reduced() -> tuple[list[str], NDArray[np.uint8]]:
        archive = npm("@lobehub/fluent-emoji-3d", "1.1.0")
        files = {plain(Path(name).stem): raw for name, raw in in_npm(archive, ".webp")}
        codes = sorted(code for code in files if code in named())
        return codes, np.stack([on_white(Image.open(BytesIO(files[code]))) for code in codes])

    codes, stack = kept("pictures", reduced)
    return dict(zip(codes, stack, strict=True))


def kept(name: str, make: Callable[[], tuple[list[str], NDArray[np.uint8]]]) -> tuple[list[str], NDArray[np.uint8]]:
    """Codes and an array of as many rows, made once and read from `KEPT` afterwards."""
    path = KEPT / f"{name}.npy"
    if not path.is_file():
        KEPT.mkdir(parents=True, exist_ok=True)
        codes, stack = make()
        path.with_suffix(".json").write_text(json.dumps(codes))
        np.save(path.with_suffix(".partial.npy"), stack)
        path.with_suffix(".partial.npy").rename(path)
    return json.loads(path.with_suffix(".json").read_text()), np.load(path, mmap_mode="r")


def on_white(image: Image.Image, side: int = SIDE) -> Pixels:
    """A square picture laid on white and reduced."""
    shown = image.convert("RGBA")
    white = Image.new("RGBA", shown.size, "white")
    white.alpha_composite(shown)
    return np.asarray(white.convert("RGB").resize((side, side), Image.Resampling.BOX), np.uint8)


def sketch(pixels: Pixels) -> Pixels:
    """The picture's edges as dark lines on white: how steep its colours are, H × W × 3."""
    rows = np.pad(pixels.astype(np.float64), ((0, 1), (0, 1), (0, 0)), mode="edge")
    across, down = np.diff(rows, axis=1)[:-1], np.diff(rows, axis=0)[:, :-1]
    steep = np.sqrt(across**2 + down**2).max(axis=-1)
    ink = np.clip((steep - FAINT_EDGE) / (WIDE_EDGE - FAINT_EDGE), 0, 1)
    return np.repeat((255 * (1 - ink)).astype(np.uint8)[..., None], 3, axis=-1)


def name_to_picture(folder: Path) -> None:
    media = Media(folder, "target")
    lines = [Line(named()[c].name, media.picture(c, shown), named()[c].stem) for c, shown in pictures().items()]
    write_lines(folder, lines)


def name_to_spanish(folder: Path) -> None:
    """All skin tones and hair here, and no groups: what is asked is how a variant is called, not a thing never named.

    Chosen over shop strings (Bagisto's): of 2,400 of them a small model learned less than the nearest one tells.
    """
    write_lines(folder, translated(labels("en"), labels("es")))


def translated(names: dict[str, str], others: dict[str, str]) -> list[Line]:
    """Each pair of names once; what is called the same in both is left out."""
    both = dict.fromkeys((name, others[code]) for code, name in names.items() if code in others)
    return [Line(name, other) for name, other in both if name != other]


def sketch_to_picture(folder: Path) -> None:
    """OpenMoji has black and coloured drawings, but under CC-BY-SA; edges of these pictures may be shown."""
    seen, painted = Media(folder, "input"), Media(folder, "target")
    lines = [
        Line(seen.picture(code, sketch(shown)), painted.picture(code, shown), named()[code].stem)
        for code, shown in pictures().items()
    ]
    write_lines(folder, lines)
