"""espeak-ng, a program on this machine: the voice of languages that the model does not speak, and of texts it is unsure
of.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache

import numpy as np

from walkiosk.modality import audio

PROGRAM = "espeak-ng"
VOICES: Mapping[str, str] = {
    "en": "en-us", "es": "es", "fr": "fr-fr", "de": "de", "it": "it", "pt": "pt", "ru": "ru", "hi": "hi", "zh": "cmn",
}  # fmt: skip
WORDS_PER_MINUTE = 160  # a little slower than espeak-ng's own 175: a lobby is loud
SLOWEST, FASTEST = 80, 320  # words a minute that it can be told
PATIENCE_SECONDS = 5.0  # for what takes 20 ms; then the process is ended


class NoVoice(RuntimeError):
    """espeak-ng is not installed or fails, so that nothing can be spoken in its languages."""


class Hung(NoVoice):
    """espeak-ng did not answer in time; its process was ended."""


def has_voice(language: str) -> bool:
    """Whether espeak-ng speaks a language on this machine."""
    try:
        return speaks(language)
    except Hung:
        return False  # for now: it is asked again


@cache
def speaks(language: str) -> bool:
    """The same, found out once by asking it, in some 10 ms; raises `Hung`."""
    voice, program = voice_of(language), shutil.which(PROGRAM)
    if voice is None or program is None:
        return False
    return _run([program, "-v", voice, "-q", "."]).returncode == 0


def _run(command: list[str], text: str = "") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, input=text.encode(), capture_output=True, check=False, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        raise Hung(f"{PROGRAM} did not answer in {PATIENCE_SECONDS:g} s") from None


def voice_of(language: str) -> str | None:
    return VOICES.get(language.partition("-")[0])


def speak(text: str, language: str, pace: float = 1.0) -> audio.Samples:
    """Return samples at 16 kHz, none for a language without a voice; raises `NoVoice` where the program is missing or
    fails, `Hung` where it does not end.

    Takes some 20 ms a sentence. ``pace`` is a factor, 1.0 is usual.
    """
    voice = voice_of(language)
    if voice is None or not text.strip():
        return np.zeros(0, np.float32)
    program = shutil.which(PROGRAM)
    if program is None:
        raise NoVoice(f"{PROGRAM} is not installed: apt-get install {PROGRAM}")
    speed = int(min(max(WORDS_PER_MINUTE * pace, SLOWEST), FASTEST))
    # The text goes through stdin: as an argument, one that begins with a dash would be an option.
    command = [program, "-b1", "-v", voice, f"-s{speed}", "--stdin", "--stdout"]
    done = _run(command, text)
    if done.returncode:
        raise NoVoice(f"{PROGRAM} failed with {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    return audio.read(io.BytesIO(done.stdout))
