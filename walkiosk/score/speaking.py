"""speech_generation by its round trip: what unmodified Whisper base hears of what was said, beside the text.

Word error rate; DNSMOS, how good it sounds; real-time factor; the share of sentences that espeak-ng had to speak.
"""

from __future__ import annotations

import importlib.util
import os
import re
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from anyascii import anyascii

from walkiosk.cache_folder import cache_folder
from walkiosk.metrics.words import plain
from walkiosk.modality import audio
from walkiosk.score import hearing
from walkiosk.score.data import Row
from walkiosk.score.summary import Judged, Measure, ratio
from walkiosk.skill.speech_generation import Utterance
from walkiosk.skill.text_normalization import words

Say = Callable[[str, str], Utterance]  # text, language
Hear = Callable[[audio.Samples, str], str]
Rate = Callable[[audio.Samples], float]  # 1 (bad) to 5
MEASURES = (
    Measure("WER", ratio(0, 1)),
    Measure("WER without accents", ratio(4, 5)),
    Measure("WER, loops capped", ratio(6, 1)),
    Measure("dnsmos", ratio(7, 11)),
    Measure("real_time_factor", ratio(8, 9)),
    Measure("fallback", ratio(10, 11)),
)
LISTENER = 2  # threads
BEAM = 5
INSTALL = "pip install 'walkiosk[score]'"
LATIN = {"en", "es", "fr", "it", "de", "pt"}
# how a listener spells amounts and, beside English, times
SIGNS = {"euro": "€", "евро": "€", "dollar": "$", "pound": "£", "рубл": "₽"}
AMOUNT = re.compile(rf"(\d+(?:[ .,]\d{{3}})*)[.,](\d\d)\s?({'|'.join(SIGNS)})\w*", re.IGNORECASE)
CLOCK = re.compile(r"(?<![\d.,:])([01]?\d|2[0-3])\.([0-5]\d)(?![.,]?\d|\s?[%€₽])")
RATED = 9.01  # seconds that DNSMOS's network takes
OVERALL = (-0.06766283, 1.11546468, 0.04602535)  # speechmos/dnsmos.py: from the network's third number to a MOS
WORST = 1.0


def judge(rows: Sequence[Row], say: Say, hear: Hear, rate: Rate) -> list[Judged]:
    """Counts of a row: errors and sizes as hearing has them, DNSMOS, seconds taken, seconds said, fallback, one."""
    say(rows[0].text("text"), rows[0].text("language"))  # what is loaded for the first sentence is not its time
    judged = []
    for row in rows:
        text, language, kind = row.text("text"), row.text("language"), row.text("kind", "")
        if not plain(as_said(text, language)):
            raise row.fault("text", "nothing in it can be heard")
        start = time.perf_counter()
        said = say(text, language)
        taken = time.perf_counter() - start
        silent = not len(said.samples)
        heard = "" if silent else hear(said.samples, language)
        counts = (
            *compare(text, heard, language),
            WORST if silent else rate(said.samples),
            taken,
            len(said.samples) / audio.SAMPLE_RATE,
            float(said.fallback is not None),
            1.0,
        )
        judged.append(Judged(counts, (language, kind) if kind else (language,)))
    return judged


def compare(text: str, heard: str, language: str) -> tuple[float, ...]:
    """Errors and sizes as `hearing.compare` counts them, once figures and signs of both are written as words."""
    return hearing.compare(as_said(text, language), as_said(heard, language))


def as_said(text: str, language: str) -> str:
    """In words; in a Latin script other scripts as a voice must read them, since nobody hears how they were spelled."""
    written = unicodedata.normalize("NFC", words(as_written(text, language), language))
    if language not in LATIN:
        return written
    return "".join(c if "LATIN" in unicodedata.name(c, "LATIN") else anyascii(c) for c in written)


def as_written(text: str, language: str) -> str:
    """Amounts and times as the kiosk writes them: a listener puts "12.50 euros" or "10.30", which reads otherwise."""

    def amount(match: re.Match[str]) -> str:
        whole, cents, sign = match[1], match[2], SIGNS[match[3].lower()]
        return f"{sign}{whole}.{cents}" if language == "en" else f"{whole},{cents} {sign}"

    text = AMOUNT.sub(amount, text)
    return text if language == "en" else CLOCK.sub(r"\1:\2", text)


def whisper_folder(flag: Path | None = None) -> Path:
    """Where unmodified Whisper base lies: the flag, WALKIOSK_WHISPER, the cache; raises FileNotFoundError."""
    told = flag or Path(os.environ.get("WALKIOSK_WHISPER") or cache_folder() / "whisper")
    if not (told / "model.bin").is_file():
        raise FileNotFoundError(f"{told}: no Whisper there to listen with (python -m training.whisper fetches it)")
    return told


def whisper(folder: Path | None = None) -> Hear:
    """Unmodified Whisper base as a listener; raises FileNotFoundError where it or faster-whisper is missing."""
    place = whisper_folder(folder)
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise FileNotFoundError(f"faster-whisper is not installed: {INSTALL}") from error
    model = WhisperModel(str(place), device="cpu", compute_type="int8", cpu_threads=LISTENER)

    def hear(samples: audio.Samples, language: str) -> str:
        # at temperature 0 alone, so that what is heard is the same in every run
        pieces, _ = model.transcribe(
            samples, language=language, beam_size=BEAM, temperature=0.0, condition_on_previous_text=False
        )
        return " ".join(piece.text.strip() for piece in pieces)

    return hear


def dnsmos() -> Rate:
    """DNSMOS P.835's overall, by speechmos's network; raises FileNotFoundError where speechmos is missing.

    speechmos itself is not imported: it wants librosa, for another of its scores.
    """
    package = importlib.util.find_spec("speechmos")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError(f"speechmos is not installed: {INSTALL}")
    network = Path(package.submodule_search_locations[0]) / "dnsmos_models" / "sig_bak_ovr.onnx"
    session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])

    def rate(samples: audio.Samples) -> float:
        """The mean over windows a second apart; a short clip is repeated until it fills one."""
        clip, window, hop = (
            np.clip(samples, -1, 1).astype(np.float32),
            int(RATED * audio.SAMPLE_RATE),
            audio.SAMPLE_RATE,
        )
        while len(clip) < window:
            clip = np.append(clip, clip)
        starts = [number * hop for number in range(int(len(clip) // hop - RATED) + 1)]
        found = [session.run(None, {"input_1": clip[None, at : at + window]})[0][0][2] for at in starts]
        return float(np.polyval(OVERALL, found).mean())

    return rate
