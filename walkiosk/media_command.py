"""`walkiosk caption`: what a picture shows."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from walkiosk.flags import WeightsFlag, fail

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
