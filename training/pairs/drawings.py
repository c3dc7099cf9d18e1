"""Animals, plants, food and drink, drawn by six hands: emoji of eight families.

Families and their licences: `training.caption_pictures`. Fluent's three renderings are of one hand and one group.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from training.caption_pictures import FLUENT, FOLDER, build, names, pictures
from training.pairs.emoji import named, on_white
from training.pairs.lines import Line, Media, write_lines

KINDS = (3, 4)  # Unicode's groups of animals and plants, of food and drink
LANGUAGE = "en"


def drawing_to_name(folder: Path) -> None:
    """A thing is known from other hands' drawings. Of a name that nobody saw, a picture alone tells no letter."""
    if not (FOLDER / "pictures.npy").is_file():
        build()
    media, (rows, stack) = Media(folder, "input"), pictures()
    lines: list[Line] = []
    for number, row in enumerate(rows):
        if named()[row.concept].group in KINDS:
            hand = FLUENT[0] if row.style in FLUENT else row.style
            picture = media.picture(f"{row.concept}-{row.style}", on_white(Image.fromarray(stack[number])))
            lines.append(Line(picture, names()[row.concept][LANGUAGE], f"{row.concept} {hand}"))
    write_lines(folder, lines)
