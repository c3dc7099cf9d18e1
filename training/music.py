"""Tunes of three old books → packed examples of the skill `music`: whole tunes, and jingles that are their last bars.

`python -m training.music [KEYS]`: each tune in its own key and transposed, KEYS in all (3). A tenth of the tunes, by
the SHA-1 of their title, is a test: it goes to PACKED/music_held_out and CACHE/scores/music.jsonl, in its own key, and
nothing that begins like one of them is trained on. `training/abc_books.py` says where they come from and that we may
use them.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from training.abc_books import Tune, Unfit, tunes
from training.judged import Judged
from training.paths import CACHE, PACKED, WHISPER
from walkiosk.modality.abc_key import LETTERS, Key
from walkiosk.modality.abc_notation import ACCIDENTALS, items
from walkiosk.modality.text import END, Vocabulary, with_own_tokens
from walkiosk.model.examples import Example, write_shard
from walkiosk.skill.music import LONGEST, prefix
from walkiosk.skill.tune_constraint import TuneConstraint, heading, spelled
from walkiosk.skill.tune_grammar import FORMS, HIGHER, JINGLE, KEYS, LOWER, TUNE, Form

LONGEST_EXAMPLE = 380  # tokens
SHARD = 700  # examples
SIGNS = {offset: sign for sign, offset in ACCIDENTALS.items()}
STEPS = {  # of the scale above the C in the middle of ours → letter and mark, as far as the constraint goes
    LETTERS.index(letter) + 7 * octave: (letter if octave < 1 else letter.lower()) + {-1: ",", 2: "'"}.get(octave, "")
    for octave in (-1, 0, 1, 2)
    for letter in LETTERS
    if octave in (0, 1) or letter in {-1: LOWER, 2: HIGHER.upper()}[octave]
}


def is_test_tune(title: str) -> bool:
    """Whether a tune is held out, by its title without article, kind and spelling of spaces."""
    bare = re.sub(r"\bthe\b|[^a-z]", "", re.sub(r"--.*", "", title).lower())
    return int(hashlib.sha1(bare.encode()).hexdigest(), 16) % 10 == 0


def opening(body: str, notes: int = 12) -> tuple[int, ...]:
    """How the first notes lie to the first, in steps of the scale, octaves aside."""
    letters = [LETTERS.index(item["letter"].upper()) for item in items(body) if item["letter"]][:notes]
    return tuple((letter - letters[0]) % 7 for letter in letters)


def transposed(body: str, old: Key, new: Key, steps: int) -> str | None:
    """The music ``steps`` of the scale higher, in another key of the same mode; None where our letters do not go."""
    found: list[str] = []
    for item in items(body):
        if not item["letter"]:
            found.append(item[0])
            continue
        letter, octave = item["letter"].upper(), item["octave"]
        place = LETTERS.index(letter) + 7 * (item["letter"].islower() + octave.count("'") - octave.count(","))
        name = STEPS.get(place + steps)
        if name is None:
            return None
        sign = item["accidental"] or ""
        if sign:
            offset = ACCIDENTALS[sign] - old.alters(letter) + new.alters(name[0].upper())
            if abs(offset) > 1:
                return None
            sign = SIGNS[offset]
        found.append(sign + name + item["length"])
    return "".join(found)


def in_key(tune: Tune, body: str, key: Key) -> str | None:
    """The music in another key, moved as little as possible."""
    up = (key.tonic - tune.key.tonic) % 7
    moved = (transposed(body, tune.key, key, steps) for steps in sorted((up - 14, up - 7, up, up + 7), key=abs))
    return next((each for each in moved if each is not None), None)


def keys_of(tune: Tune, count: int, draw: random.Random) -> list[Key]:
    """The tune's own key if we write it, and others of its mode."""
    mode = tune.key.name.lstrip("ABCDEFG#b")
    same = [key for name, key in KEYS.items() if name[1:] == mode and key != tune.key]
    own = [tune.key] if tune.key.name in KEYS else []
    return [*own, *draw.sample(same, min(len(same), count - len(own)))]


def example(vocabulary: Vocabulary, form: Form, metre: str, key: Key, body: str) -> Example | None:
    """A tune judged as serving chooses its letters; None for what serving forbids, or what is too long."""
    target = [*spelled(vocabulary, heading(metre, key.name) + body), vocabulary.special(END)]
    read = prefix(vocabulary, form)
    row = Judged()
    if len(read) + len(target) <= LONGEST_EXAMPLE:
        row.walk(TuneConstraint(vocabulary, form, LONGEST), target)
    return Example(read, row.target, (), None, row.choices) if row.fits and row.target else None


def examples(vocabulary: Vocabulary, tune: Tune, keys: Sequence[Key], draw: random.Random) -> Iterator[Example]:
    """The tune in each of the keys, and in one of them a jingle, if it comes home."""
    forms = [(TUNE, key, tune.body) for key in keys]
    try:
        close = tune.close(draw.choice(JINGLE.bars)).body
        last = [item["letter"] for item in items(close) if item["letter"]][-1].upper()
        if LETTERS.index(last) == tune.key.tonic:
            forms.append((JINGLE, draw.choice(keys), close))
    except Unfit:
        pass  # its last note cannot be held
    for form, key, body in forms:
        moved = in_key(tune, body, key)
        made = None if moved is None else example(vocabulary, form, tune.metre, key, moved)
        if made is not None:
            yield made


def write_list(vocabulary: Vocabulary, rows: Sequence[Example]) -> None:
    """Held-out examples as `walkiosk score music` reads them, in the cache: the tunes are other people's."""
    path = CACHE / "scores" / "music.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    forms = {tuple(prefix(vocabulary, form)): name for name, form in FORMS.items()}
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            *letters, _ = (token if token >= 0 else ~token for token in row.target)
            told = {"form": forms[tuple(row.prefix)], "tune": vocabulary.decode(letters)}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    draw = random.Random(0)
    left_out: Counter[str] = Counter()
    known = list(tunes(left_out))
    held_out = [tune for tune in known if is_test_tune(tune.title)]
    begins = {opening(tune.body) for tune in held_out}
    trained = [tune for tune in known if not is_test_tune(tune.title) and opening(tune.body) not in begins]
    print(f"{len(known)} tunes; left out: {dict(left_out.most_common())}")
    print(f"{len(held_out)} held out, {len(known) - len(held_out) - len(trained)} not trained on that begin like them")
    for folder, part, keys in (("music_held_out", held_out, 1), ("music", trained, count)):
        rows = [row for tune in part for row in examples(vocabulary, tune, keys_of(tune, keys, draw), draw)]
        draw.shuffle(rows)
        for number, at in enumerate(range(0, len(rows), SHARD)):
            write_shard(PACKED / folder / f"{number:03}.npz", rows[at : at + SHARD])
        if folder == "music_held_out":
            write_list(vocabulary, rows)
        tokens = sum(len(row.prefix) + len(row.target) for row in rows)
        print(f"{folder}: {len(part)} tunes, {len(rows)} examples, {tokens} tokens", flush=True)


if __name__ == "__main__":
    main()
