"""Texts and how they are pronounced: `python -m training.speech_generation.pairs LANGUAGE COUNT [SEED]`.

English is hibari-tts's (its lexicon, its own network for words that are not in it), the rest espeak-ng's; an English
name in another language's sentence is said in an English way. Writes `CACHE/speech/pairs-LANGUAGE-SEED.jsonl`.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from functools import lru_cache
from pathlib import Path

from training.speech_generation.clips import FOLDER
from training.speech_generation.phones import PAUSES, VOICES, espeak, misaki, of_misaki
from training.speech_generation.texts import text

LEXICAL = 0.7  # of the English texts are words drawn from the lexicon: names that no sentence has
SPELLED = 0.06  # of all texts have letters that are spelled


@lru_cache(maxsize=1)
def lexicon() -> tuple[list[str], dict[str, str]]:
    """Words that hibari-tts's lexicon knows (misaki's, Apache-2.0), and how each is pronounced."""
    from hibari.tts import ASSETS

    found: dict[str, str] = {}
    for name in ("silver", "gold"):
        kept = json.loads(gzip.decompress(Path(f"{ASSETS}/lexicon_us_{name}.json.gz").read_bytes()))
        for word, value in kept.items():
            said = value if isinstance(value, str) else value.get("DEFAULT")
            if said and word.replace("'", "").isalpha() and word.isascii() and 1 < len(word) < 17:
                found[word] = said
    return sorted(found), found


def pronounced(said: str, language: str, english: str = "") -> list[str]:
    if language == "en":
        return of_misaki(misaki(said))
    engine = espeak()
    engine.use(VOICES[language])
    if not english:
        return engine.phones(said)
    before, after = said.split(english, 1)
    found = [*engine.phones(before), " ", *of_misaki(misaki(english))]
    behind = engine.phones(after)
    if behind:
        found += behind if after.lstrip()[:1] in PAUSES else [" ", *behind]
    return found[1:] if found[0] == " " else found


def pair(language: str, draw: random.Random) -> tuple[str, list[str]]:
    if language == "en" and draw.random() < LEXICAL:
        names, pronunciation = lexicon()
        drawn = draw.sample(names, draw.randint(1, 7))
        said = " ".join(word.capitalize() if draw.random() < 0.4 else word for word in drawn)
        return said, of_misaki(" ".join(pronunciation[word] for word in drawn))
    said, english = text(language, draw, 0.35)
    return said, pronounced(said, language, english)


def spelled(language: str, draw: random.Random) -> tuple[str, list[str]]:
    """A text with letters that are spelled, as text normalization leaves sizes and codes."""
    letters = " ".join(draw.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=draw.randint(1, 4)))
    if language == "ru":
        letters = " ".join(draw.choices("АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭЮЯ", k=draw.randint(1, 4)))
    around = text(language, draw, 0.0)[0].split()
    at = draw.randint(0, len(around))
    said = " ".join([*around[max(0, at - 3) : at], letters, *around[at : at + 3]])
    return said, pronounced(said, language)


def main() -> None:
    language, count = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    draw = random.Random(f"pairs {language} {seed}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"pairs-{language}-{seed}.jsonl"
    with path.with_suffix(".partial").open("w", encoding="utf-8") as file:
        for number in range(1, count + 1):
            said, found = (spelled if draw.random() < SPELLED else pair)(language, draw)
            if found:
                file.write(json.dumps([language, said, found], ensure_ascii=False) + "\n")
            if number % 5000 == 0:
                print(language, number, flush=True)
    path.with_suffix(".partial").rename(path)


if __name__ == "__main__":
    main()
