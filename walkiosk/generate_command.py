"""`walkiosk generate`: a seed → something new, of the shop's own weights or like what a user has."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from walkiosk.cache_folder import cache_folder
from walkiosk.fit_command import need_torch
from walkiosk.flags import WeightsFlag, fail, operators_mistakes

if TYPE_CHECKING:
    from walkiosk.likeness import Likeness

MUSIC = "music"  # what the shop's own weights make
LIKE = {  # what the others are made like
    "text": "a book, as a .txt file or a folder of them",
    "image": "a folder of pictures whose names say what they show",
    "trend": "a .csv file of series or a folder of them",
    "audio": "a folder of sounds whose names say what they are",
    "video": "a folder of films whose names say what they show",
}
WRITTEN = {"image": ".png", "trend": ".csv", "audio": ".wav", "video": ".mp4"}  # where nobody names a file
MINUTES = 5.0
SHOWN = 16  # letters of a digest in a file's name
app = typer.Typer()


@dataclass(frozen=True)
class Wish:
    """What the command was told, but for music."""

    kind: str
    seed: int
    like: Path | None
    of: str
    length: int | None
    minutes: float | None
    steps: int | None
    model: Path | None
    out: Path | None
    as_json: bool


@app.command(name="generate")
def generate_command(
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same.")],
    kind: Annotated[str, typer.Option("--as", help="What is made: music, text, image, trend, audio or video.")],
    like: Annotated[Path | None, typer.Option(help="What it is like: a folder of files of that kind, or one.")] = None,
    of: Annotated[str, typer.Option(help="A name for it, there or not; of text and trend what it begins with.")] = "",
    length: Annotated[int | None, typer.Option(min=1, help="Words of a text (120), values of a trend.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.01, help="Of training, at most (5).")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="So many steps instead of minutes.")] = None,
    model: Annotated[
        Path | None, typer.Option(help="The model's file, made if it is not there; else one of the cache.")
    ] = None,
    jingle: Annotated[bool, typer.Option("--jingle", help="A few bars instead of a whole tune.")] = False,
    out: Annotated[Path | None, typer.Option(help="The file that it goes into; music: .wav or .opus.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
    weights: WeightsFlag = None,
) -> None:
    """Makes something new of a seed: a tune, or what is like the texts, pictures, series, sounds or films given."""
    if kind not in (MUSIC, *LIKE):
        fail(f"--as: {kind!r} is none of {', '.join((MUSIC, *LIKE))}")
    fitted = {"--like": like, "--of": of, "--minutes": minutes, "--steps": steps, "--model": model}
    _refuse(kind, {"--jingle": jingle}, (MUSIC,))
    _refuse(kind, {"--length": length}, ("text", "trend"))
    _refuse(kind, fitted, tuple(LIKE))
    if kind == MUSIC:
        _tune(seed, jingle, out, as_json, weights)
    else:
        _likeness(Wish(kind, seed, like, of, length, minutes, steps, model, out, as_json))


def _refuse(kind: str, flags: Mapping[str, object], kinds: tuple[str, ...]) -> None:
    """End at a flag that is told though it says nothing of this kind."""
    for flag, told in flags.items():
        if told and kind not in kinds:
            why = "; tunes are made by the shop's own weights alone" if kind == MUSIC else ""
            fail(f"{flag}: it says nothing of --as {kind}{why}")


def _tune(seed: int, jingle: bool, out: Path | None, as_json: bool, weights: Path | None) -> None:
    from walkiosk.skill import Model, Untrained
    from walkiosk.skill import skill as trained

    with operators_mistakes():
        try:
            trained(MUSIC, weights)
        except Untrained as error:
            fail(error)
    from walkiosk.modality import audio
    from walkiosk.skill import music

    with operators_mistakes():
        model = Model.load(weights)
        tune = music.jingle(model, seed) if jingle else music.compose(model, seed)
        try:
            if out is not None:
                audio.write(tune.samples, out)
        except audio.Unwritable as error:
            fail(error)
    told = {"as": MUSIC, "seed": seed, "form": tune.form, "abc": tune.abc, "seconds": round(tune.seconds, 2)}
    told["file"] = None if out is None else str(out)
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else tune.abc, nl=as_json)


def _likeness(wish: Wish) -> None:
    from walkiosk.modality.value import BadValue
    from walkiosk.model_file import NoModel
    from walkiosk.pairs.pair import PairsError

    out = wish.out or (Path(f"{wish.kind}-{wish.seed}{WRITTEN[wish.kind]}") if wish.kind in WRITTEN else None)
    if out is not None and (problem := _unwritable(out, wish.kind)):
        fail(f"--out: {problem}")  # before the minutes of a fit
    try:
        likeness, file = _fitted(wish)
        made = likeness.generate(wish.seed, wish.of, wish.length)
        if out is not None:
            likeness.write(made.value, out)
    except (BadValue, NoModel, PairsError, OSError) as error:
        fail(error)
    if wish.as_json:
        plain = {"text": made.value, "trend": getattr(made.value, "tolist", list)()}.get(wish.kind)
        told = {"as": wish.kind, "seed": wish.seed, "of": made.asked, "answer": plain, "model": str(file)}
        typer.echo(json.dumps({**told, "file": out and str(out)}, ensure_ascii=False))
    else:
        typer.echo(made.value if out is None else f"{out}: {made.asked}")


def _unwritable(out: Path, kind: str) -> str | None:
    """Why a value of that kind cannot be written there."""
    from walkiosk.modality.audio import FORMS
    from walkiosk.pairs.columns import ENDINGS

    endings = [ending for ending, of in ENDINGS.items() if of == kind and (kind != "audio" or ending in FORMS)]
    if out.suffix.lower() not in endings:
        return f"{out}: the ending is none of {', '.join(endings)}"
    if out.is_dir():
        return f"{out}: a folder"
    return None if out.parent.is_dir() else f"{out}: no folder {out.parent}"


def _fitted(wish: Wish) -> tuple[Likeness, Path]:
    """The model and its file: the one that was kept of the same material, else one that is fitted now."""
    from walkiosk.likeness import KINDS, Likeness, digest_of, files_of

    if wish.like is None:
        if wish.model is None:
            fail(f"--as {wish.kind}: the shop's own weights do not make it; tell --like: {LIKE[wish.kind]}")
        if wish.minutes or wish.steps:
            fail(f"--{'minutes' if wish.minutes else 'steps'}: nothing is fitted without --like")
        likeness = Likeness.load(wish.model)
        if likeness.kind != wish.kind:
            fail(f"{wish.model}: makes what is told by --as {likeness.kind}")
        return likeness, wish.model
    files = files_of(wish.like, wish.kind)
    if wish.of:
        KINDS[wish.kind].check(files, wish.of)  # before the minutes of a fit
    digest = digest_of(wish.kind, files)
    name = f"{wish.kind}-{digest[:SHOWN]}-{version('walkiosk')}.model"  # another version may lay values otherwise
    file = wish.model or cache_folder() / "likeness" / name
    if file.is_file():
        likeness = Likeness.load(file)
        if likeness.digest != digest:
            fail(f"{file}: fitted to something else than what lies at {wish.like}; name another file")
        if _as_long(likeness, wish):
            return likeness, file
    return _fit(wish, file), file


def _as_long(likeness: Likeness, wish: Wish) -> bool:
    """Whether the model was fitted as long as is told; where nothing is, any will do."""
    if wish.minutes is None and wish.steps is None:
        return True
    known = likeness.settings
    return (known["minutes"], known["steps"]) == (wish.minutes or MINUTES, wish.steps)


def _fit(wish: Wish, file: Path) -> Likeness:
    from walkiosk.fit_progress import progress
    from walkiosk.likeness import Likeness

    need_torch()
    assert wish.like is not None
    if wish.model is None:
        file.parent.mkdir(parents=True, exist_ok=True)
    elif not file.parent.is_dir():
        fail(f"{file}: no folder {file.parent}")
    work = file.with_name(file.name + ".fit")
    settings = {"minutes": wish.minutes or MINUTES, "steps": wish.steps}
    try:
        with progress(quiet=wish.as_json) as told:
            likeness = Likeness.fit(wish.like, wish.kind, told=told, work=work, **settings)
    except KeyboardInterrupt:
        fail(f"stopped; the same command goes on with what lies in {work}")
    likeness.save(file)
    shutil.rmtree(work, ignore_errors=True)
    return likeness
