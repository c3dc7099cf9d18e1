"""Pictures, sounds and films whose names say what they are: a name, or two → one like those that have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from walkiosk.likeness.crossing import crossed, small
from walkiosk.likeness.files import in_words, read_each
from walkiosk.likeness.laid import Laid
from walkiosk.modality import audio, image, video
from walkiosk.modality.value import BadValue
from walkiosk.pairs.pair import PairsError
from walkiosk.sequence import Sequence as Model

READ: dict[str, Callable[[Path], Any]] = {"image": image.read, "audio": audio.read, "video": video.read}
CROSSES = {"image": 8, "audio": 4, "video": 4}  # for each file, so many of it and another
OFTEN = {"image": 4, "audio": 2, "video": 2}  # and so often itself
MOST_CROSSED = 200  # files; of more there is no time to learn crosses
MOST_BYTES = 2**28  # of crosses, which are held in memory
AND = re.compile(r"\s+and\s+|\s*[&+,]\s*")
COLD = 0.5  # the temperature of what is drawn: few names are learned by heart, and what is unlikely is torn
PACES = (-1.0, 1.0)  # semitones that a sound may lie lower or higher, and so much slower or faster
SEEDS = 2**32


def lay(place: Path, kind: str, files: Sequence[Path]) -> Laid:
    """Every file by itself, and crossed with others."""
    step = -(-len(files) // MOST_CROSSED)
    kept = set(files[::step])

    def read(path: Path) -> Any:
        value = READ[kind](path)
        return small(kind, value) if path in kept else None

    sound = read_each(place, files, read)
    named = [(in_words(path.stem), path) for path, _ in sound]
    if len({name for name, _ in named}) < 2:
        raise PairsError(f"{place}: {len(named)} of the kind {kind}; at least two of different names are needed")
    several = [(in_words(path.stem), value) for path, value in sound if value is not None]
    times = max(1, OFTEN[kind] * len(several) // len(named))
    learned = [*named * times, *_crosses(kind, several)]
    return Laid(learned, {"asks": sorted({name for name, _ in named})}, hold_back=False)


def _crosses(kind: str, several: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    dice, found, held = np.random.default_rng(0), [], 0
    for name, value in several * CROSSES[kind]:
        held += (value.frames if isinstance(value, video.Video) else value).nbytes
        if held > MOST_BYTES:
            break
        other, beside = several[int(dice.integers(len(several)))]
        if other != name:
            found.append((_joined([name, other]), crossed(kind, value, beside, dice)))
    return found


def _joined(names: Sequence[str]) -> str:
    return " and ".join(names)


def make(model: Model, told: dict[str, Any], dice: np.random.Generator, of: str, length: int | None) -> tuple[Any, str]:
    """What is asked for, else two of the names, drawn; and the words that it was."""
    names: list[str] = told["asks"]
    asked = asked_for(of, names, dice) if of else _joined(dice.choice(names, 2, replace=False).tolist())
    value = model.draw(asked, seed=int(dice.integers(SEEDS)), temperature=COLD)
    return (at_pace(value, dice.uniform(*PACES)) if model.target == "audio" else value), asked


def check(files: Sequence[Path], of: str) -> None:
    """Raise `BadValue` where a model that is fitted to these could not be asked so."""
    asked_for(of, sorted({in_words(path.stem) for path in files}), np.random.default_rng(0))


def asked_for(of: str, names: Sequence[str], dice: np.random.Generator) -> str:
    """Return how a model is asked that knows ``names``: "a cat and an owl" is "cat face and owl".

    What is in no name, such as an article, says nothing to it. A name that has all other words is meant, one of them
    drawn where several have; else the words are a new name, or two with an "and" between them. Raises `BadValue` where
    no word is known.
    """
    known = {word for name in names for word in name.split()}

    def there(part: str) -> str:
        words = [word for word in in_words(part).split() if word in known]
        said = " ".join(words)
        having = [name for name in names if set(words) <= set(name.split())]
        return said if said in names or not having or not words else str(dice.choice(having))

    whole = there(of)
    if whole in names:
        return whole
    parts = [part for part in map(there, AND.split(of)) if part]
    if not parts:
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        raise BadValue(f"{of!r}: none of its words is in a name that was learned ({shown})")
    if len(parts) > 2:
        raise BadValue(f"{of!r}: no more than two are made one")
    return _joined(parts)


def at_pace(samples: audio.Samples, semitones: float) -> audio.Samples:
    """Return a sound played so much faster, and higher: a take of it, because a name has one answer that is written."""
    at = np.arange(0, len(samples) - 1, 2 ** (semitones / 12)) if len(samples) > 1 else np.zeros(1)
    return np.asarray(np.interp(at, np.arange(len(samples)), samples), np.float32)
