"""The sentence of the demo, typed and spoken in six languages: is the right product found?

    python bench/spoken_sentence.py [--store stores/demo] [--variants m3 m7 f2 f5] [--all] [--recordings DIR] [--seed 1]

Spoken by espeak-ng in variants that were never trained on, through a simulated room with echo and noise; each language
by one variant in turn, or with --all by every one. Recordings of other voices (LANGUAGE-anything.wav) may be added by a
folder: `python bench/kokoro_voice.py --out DIR --room` makes those of a neural voice that training never heard. Each
turn is one `walkiosk ask --json`. Prints a line a turn and the share that is right, typed and spoken.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training.room import in_room
from training.speech_recognition import espeak
from walkiosk.modality import audio
from walkiosk.store import Store

SENTENCES = {
    "en": "OK Walmrt, I want the shoes which Leonardo DiCaprio wore in the 1st scene of the 1st movie he did with "
    "Nolan",
    "es": "OK Walmrt, quiero los zapatos que llevaba Leonardo DiCaprio en la primera escena de la primera película "
    "que hizo con Nolan",
    "fr": "OK Walmrt, je veux les chaussures que Leonardo DiCaprio portait dans la première scène du premier film "
    "qu'il a fait avec Nolan",
    "de": "OK Walmrt, ich möchte die Schuhe, die Leonardo DiCaprio in der ersten Szene des ersten Films trug, den er "
    "mit Nolan gedreht hat",
    "it": "OK Walmrt, voglio le scarpe che Leonardo DiCaprio portava nella prima scena del primo film che ha fatto "
    "con Nolan",
    "pt": "OK Walmrt, quero os sapatos que Leonardo DiCaprio usava na primeira cena do primeiro filme que fez com "
    "Nolan",
}
VOICES = {"en": "en-us", "es": "es", "fr": "fr-fr", "de": "de", "it": "it", "pt": "pt"}
PROGRAM = (
    "1 >acted_in and ( 2 >directed ) first >has_scene first >has_appearance and ( 1 <worn_by ) >shows "
    'category = "shoes"'
)
ENTITIES = ("person:leonardo_dicaprio", "person:christopher_nolan")
WORDS_A_MINUTE = 150


def spoken(variants: list[str], every: bool, folder: Path, seed: int) -> Iterator[tuple[str, str, Path]]:
    """(language, voice, file) of recordings made in ``folder``."""
    room = np.random.default_rng(seed)
    for number, (language, sentence) in enumerate(SENTENCES.items()):
        said = sentence.replace("Walmrt", "Walmart")
        for variant in variants if every else [variants[number % len(variants)]]:
            voice = f"{VOICES[language]}+{variant}"
            samples = in_room(espeak(said, voice, WORDS_A_MINUTE), room)
            path = folder / f"{language}-{variant}.wav"
            write_wav(path, samples)
            yield language, voice, path


def write_wav(path: Path, samples: audio.Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.SAMPLE_RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def ask(store: Path, question: list[str]) -> dict[str, object]:
    """What `walkiosk ask --json` prints."""
    command = [sys.executable, "-m", "walkiosk", "ask", *question, "--store", str(store), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-400:]}")
    found: dict[str, object] = json.loads(done.stdout)
    return found


def right_skus(store: Path) -> set[str]:
    """The product that answers the sentence, in all its sizes."""
    found = set(Store.open(store, "sqlite://").graph.run(PROGRAM, ENTITIES).ids)
    with (store / "products.csv").open(encoding="utf-8", newline="") as file:
        products = list(csv.DictReader(file))
    styles = {row["style"] for row in products if row["sku"] in found and row["style"]}
    return found | {row["sku"] for row in products if row["style"] in styles}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, default=Path("stores/demo"))
    parser.add_argument("--variants", nargs="+", default=["m3", "m7", "f2", "f5"])
    parser.add_argument("--all", action="store_true", help="every variant in every language")
    parser.add_argument("--recordings", type=Path, help="a folder of more recordings, LANGUAGE-anything.wav")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    right = right_skus(options.store)
    counts = {"typed": [0, 0], "spoken": [0, 0]}

    def tell(kind: str, language: str, voice: str, found: dict[str, object]) -> None:
        good = found["product"] in right
        counts[kind][0] += good
        counts[kind][1] += 1
        verdict = "right" if good else "WRONG"
        print(f"{kind:7} {language} {voice:12} {verdict:6} {found['product']}  heard: {found['heard']}", flush=True)

    for language, sentence in SENTENCES.items():
        tell("typed", language, "-", ask(options.store, [sentence]))
    with tempfile.TemporaryDirectory() as folder:
        for language, voice, path in spoken(options.variants, options.all, Path(folder), options.seed):
            tell("spoken", language, voice, ask(options.store, ["--audio", str(path)]))
    for path in sorted(options.recordings.glob("*.wav")) if options.recordings else []:
        tell("spoken", path.name[:2], path.stem[3:], ask(options.store, ["--audio", str(path)]))
    for kind, (good, of) in counts.items():
        print(f"{kind}: {good} of {of} right")


if __name__ == "__main__":
    main()
