"""Emoji that move: Fluent animations (Microsoft; MIT, npm's @lobehub/fluent-emoji-anim-1 to -4), three seconds each.

An emoji's skin tones, and man, woman and person, are one group: `Emoji.stem`.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.pairs.downloads import in_npm, npm
from training.pairs.emoji import SIDE, Emoji, kept, named, on_white, pictures, plain, sketch
from training.pairs.lines import Line, Media, Pixels, write_lines

PACKAGES = 4
KEPT_FRAMES = 24  # of three seconds: 8 a second
SHOWN = slice(None, None, 2)  # 12 of them: 4 a second
WRITTEN = slice(0, 16, 2)  # the first 8 of those, two seconds: as much as a small model has time to learn to paint
HOT, RED = 48.0, (204, 0, 0)  # of 255: what is drawn wholly red
LEAST = 12  # animations of a kind, or it is left out


@cache
def films() -> dict[str, Pixels]:
    """24 × 64 × 64 × 3 on white, by code; in order of the codes."""

    def reduced() -> tuple[list[str], NDArray[np.uint8]]:
        found: dict[str, Pixels] = {}
        for number in range(1, PACKAGES + 1):
            for name, raw in in_npm(npm(f"@lobehub/fluent-emoji-anim-{number}", "1.0.0"), ".webp"):
                code, image = plain(Path(name).stem), Image.open(BytesIO(raw))
                if code in named() and getattr(image, "n_frames", 1) >= KEPT_FRAMES:
                    found[code] = frames(image)
        return sorted(found), np.stack([found[code] for code in sorted(found)])

    codes, stack = kept("films", reduced)
    return dict(zip(codes, stack, strict=True))


def frames(image: Image.Image) -> Pixels:
    """`KEPT_FRAMES` of an animation at equal distances."""
    count = getattr(image, "n_frames", 1)
    shown: list[Pixels] = []
    for place in np.arange(KEPT_FRAMES) * count // KEPT_FRAMES:
        image.seek(int(place))
        shown.append(on_white(image, SIDE))
    return np.stack(shown)


def motion(film: Pixels) -> NDArray[np.float64]:
    """By how much each frame differs from the one before it, the first from the last: per mille of full contrast."""
    values = film.astype(np.float64)
    return np.asarray(np.abs(values - np.roll(values, 1, axis=0)).mean(axis=(1, 2, 3)) * (1000 / 255))


def heat(film: Pixels) -> Pixels:
    """Where a film moves, H × W × 3: the redder, the further a pixel's colour goes from its mean; white stays."""
    values = film.astype(np.float64)
    away = np.abs(values - values.mean(axis=0)).mean(axis=(0, 3))
    share = np.clip(away / HOT, 0, 1)[..., None]
    return np.asarray(255 - share * (255 - np.array(RED)), np.uint8)


def drawn_in_lines(film: Pixels) -> Pixels:
    """Each frame as `sketch` draws it."""
    return np.stack([sketch(frame) for frame in film])


def numbered() -> list[tuple[Emoji, Pixels, int]]:
    """Animations whose kind has `LEAST` or more, with the kind's number, from 1 in the order of their names."""
    rows = [(named()[code], film) for code, film in films().items()]
    counts = Counter(emoji.kind for emoji, _ in rows)
    kinds = sorted(kind for kind, count in counts.items() if count >= LEAST)
    return [(emoji, film, kinds.index(emoji.kind) + 1) for emoji, film in rows if emoji.kind in kinds]


def kind_to_film(folder: Path) -> None:
    """A number that stands for one animation alone would leave nothing to hold out: it stands for its kind."""
    media = Media(folder, "target")
    rows = numbered()
    write_lines(folder, [Line(kind, media.film(e.code, film[WRITTEN]), e.stem) for e, film, kind in rows])


def film_to_kind(folder: Path) -> None:
    """A shelf has a label: its number would say that the third is between the second and the fourth."""
    media = Media(folder, "input")
    lines = [Line(media.film(e.code, film[SHOWN]), f"shelf {kind}", e.stem) for e, film, kind in numbered()]
    write_lines(folder, lines)


def name_to_film(folder: Path) -> None:
    media = Media(folder, "target")
    rows = ((named()[code], film) for code, film in films().items())
    write_lines(folder, [Line(e.name, media.film(e.code, film[WRITTEN]), e.stem) for e, film in rows])


def film_to_words(folder: Path) -> None:
    """The kind in words. Of a name that nobody saw, letters are not to be guessed from an animation in minutes."""
    media = Media(folder, "input")
    write_lines(folder, [Line(media.film(e.code, film[SHOWN]), e.kind, e.stem) for e, film, _ in numbered()])


def film_to_motion(folder: Path) -> None:
    media = Media(folder, "input")
    rows = ((named()[code], film) for code, film in films().items())
    lines = [Line(media.film(e.code, film, 8), motion(film).tolist(), e.stem) for e, film in rows]
    write_lines(folder, lines)


def picture_to_film(folder: Path) -> None:
    seen, moving = Media(folder, "input"), Media(folder, "target")
    write_lines(
        folder,
        [
            Line(seen.picture(code, pictures()[code]), moving.film(code, film[WRITTEN]), named()[code].stem)
            for code, film in films().items()
            if code in pictures()
        ],
    )


def film_to_heat(folder: Path) -> None:
    """Chosen over the film's still, which is its first frame but for a few pixels: nothing would be left to learn."""
    seen, marked = Media(folder, "input"), Media(folder, "target")
    write_lines(
        folder,
        [
            Line(seen.film(code, film[SHOWN]), marked.picture(code, heat(film[SHOWN])), named()[code].stem)
            for code, film in films().items()
        ],
    )


def film_to_lines(folder: Path) -> None:
    """Chosen over first half → second half: most of these emoji hardly move, and repeating the last frame wins."""
    seen, inked = Media(folder, "input"), Media(folder, "target")
    write_lines(
        folder,
        [
            Line(seen.film(code, film[WRITTEN]), inked.film(code, drawn_in_lines(film[WRITTEN])), named()[code].stem)
            for code, film in films().items()
        ],
    )
