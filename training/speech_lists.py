"""Asterisk's prompts that are never trained on → lists to score hearing on: `python -m training.speech_lists`.

English whole; Spanish, French, Italian and Russian by the split rule; clips of three words and more, with their
published texts. Russian stands by itself: what hears is not scored on it, what speaks is measured against it.
The lists lie in the cache (`CACHE/scores`), since the texts are Asterisk's.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from training.paths import CACHE, is_test_clip
from training.transcribe_prompts import SOUNDS, published
from training.transcribe_prompts import VOICES as PROMPT_VOICES

VOICES = {"en": "en_US_f_Allison", **PROMPT_VOICES}
HEARING = ("en", "es", "fr", "it")  # what speech_recognition is scored on
LEAST_WORDS = 3


def rows(language: str) -> list[dict[str, str]]:
    """One object a clip; raises FileNotFoundError when Debian's packages of the prompts are not there."""
    found = []
    for name, text in published(language).items():
        path = SOUNDS / VOICES[language] / f"{name}.g722"
        spoken = not set("[]") & set(text)  # in brackets they tell of a sound
        test = language == "en" or is_test_clip(Path(name).name)
        if spoken and test and len(text.split()) >= LEAST_WORDS and path.is_file():
            found.append({"audio": str(path), "text": " ".join(text.split()), "language": language})
    if not found:
        package = f"asterisk-core-sounds-{language}-g722"
        raise FileNotFoundError(f"{SOUNDS / VOICES[language]}: no prompts there; apt-get install {package}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=CACHE / "scores")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    whole = []
    for language in VOICES:
        made = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows(language)]
        (out / f"asterisk-{language}.jsonl").write_text("".join(made), encoding="utf-8")
        print(f"{out}/asterisk-{language}.jsonl: {len(made)} clips", flush=True)
        whole += made if language in HEARING else []
    (out / "speech_recognition.jsonl").write_text("".join(whole), encoding="utf-8")
    print(f"{out}/speech_recognition.jsonl: {len(whole)} clips", flush=True)


if __name__ == "__main__":
    main()
