"""How a text is pronounced, after its teachers: espeak-ng, and for English hibari-tts.

A phone is written as one letter of the IPA with its marks (`aː`, `tʲ`, `ɛ̃`), a vowel behind its stress (`ˈo`);
affricates and diphthongs are two phones. Words are parted by a space, which is a phone too, as is punctuation: what is
not spoken has a length nevertheless.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

STRESSES = "ˈˌ"
MARKS = "ːˑʲʰʷˤ̩̯̪̥̬̃͡ˠ"
PAUSES = ".,?!;:"
CEDILLA = "\ue000"  # a letter of its own, which must not come apart
BEGIN, END = "^", "$"  # silence before and after
VOWELS = set("aeiouyæøœɐɑɒɔəɘɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻ")
OF_MISAKI = {"A": "eɪ", "I": "aɪ", "O": "oʊ", "W": "aʊ", "Y": "ɔɪ", "Q": "əʊ", "ʤ": "dʒ", "ʧ": "tʃ", "T": "ɾ", "ᵊ": "ə",
             "ᵻ": "ɪ"}  # fmt: skip
SAME = {"ɚ": "əɹ", "ɝ": "ɜɹ", "ᵻ": "ɪ", "g": "ɡ", "ɫ": "l", "ʦ": "ts", "ʣ": "dz", "ʨ": "tɕ"}
VOICES = {"en": "en-us", "es": "es-419", "fr": "fr", "de": "de", "it": "it", "pt": "pt-br", "ru": "ru"}


def phones(ipa: str) -> list[str]:
    """Part a string of IPA into phones; what is neither a sound nor a pause is left out."""
    found: list[str] = []
    stress = ""
    for letter in unicodedata.normalize("NFD", ipa.replace("ç", CEDILLA)).replace(CEDILLA, "ç"):
        for sound in SAME.get(letter, letter):
            if sound in STRESSES:
                stress = sound
            elif sound in MARKS:
                if found and found[-1] not in PAUSES + " ":
                    found[-1] += sound
            elif sound == " " or sound in PAUSES:
                if found and found[-1] != " ":
                    found.append(sound)
                elif found and sound != " ":
                    found[-1] = sound
            elif sound.isalpha():
                if sound in VOWELS and stress:
                    sound, stress = stress + sound, ""
                found.append(sound)
    while found and found[-1] == " ":
        found.pop()
    return found


class _Name(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):  # espeak_EVENT of speak_lib.h
    _fields_ = [
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Name),
    ]


PHONEME_EVENT = 7
_Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The library, which keeps one voice at a time and calls back with sound and what is sounding."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        self.sample_rate = int(self._library.espeak_Initialize(1, 0, None, 0b11))  # no sound card; events, in IPA
        if self.sample_rate < 0:
            raise OSError("libespeak-ng does not start")
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._pieces: list[NDArray[np.int16]] = []
        self._events: list[tuple[int, str]] = []
        self._callback = _Heard(self._hear)
        self._library.espeak_SetSynthCallback(self._callback)
        self._voice = ""

    def _hear(self, samples: Any, count: int, events: Any) -> int:
        if samples and count:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        number = 0
        while events[number].type:
            event = events[number]
            if event.type == PHONEME_EVENT:
                raw = ctypes.string_at(ctypes.addressof(event.id), 8).split(b"\0")[0]
                self._events.append((event.sample, raw.decode("utf-8", "ignore")))
            number += 1
        return 0

    def use(self, voice: str, speed: int = 160) -> None:
        """Speak with ``voice`` at ``speed`` words a minute; raises ValueError for a voice that is not there."""
        if voice != self._voice:
            if self._library.espeak_SetVoiceByName(voice.encode()):
                raise ValueError(f"espeak-ng has no voice {voice!r}")
            self._voice = voice
        self._library.espeak_SetParameter(1, speed, 0)

    def ipa(self, text: str) -> str:
        """How the voice pronounces ``text``, pauses left out."""
        pointer = ctypes.c_char_p(text.encode())
        at = ctypes.pointer(ctypes.cast(pointer, ctypes.c_void_p))
        found = []
        while at.contents:
            found.append(self._library.espeak_TextToPhonemes(at, 1, 0x02).decode("utf-8", "ignore"))
        return re.sub(r"\([^)]*\)", "", " ".join(found)).replace("_", " ").replace("-", "")

    def phones(self, text: str) -> list[str]:
        """The phones of ``text``, its pauses where they stand."""
        found: list[str] = []
        for piece in re.findall(r"[^.,?!;:]+|[.,?!;:]+", text):
            if piece[0] in PAUSES:
                while found and found[-1] == " ":
                    found.pop()
                if found and found[-1] not in PAUSES:
                    found.append(piece[0])
            elif piece.strip():
                if found:
                    found.append(" ")
                found += phones(self.ipa(piece))
        return found

    def speak(self, text: str) -> tuple[NDArray[np.float32], list[tuple[float, str]]]:
        """Return samples and (seconds of its beginning, sound) of each that is heard."""
        self._pieces, self._events = [], []
        raw = text.encode()
        self._library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, 1, None, None)
        self._library.espeak_Synchronize()
        if not self._pieces:
            return np.zeros(0, np.float32), []
        samples = (np.concatenate(self._pieces) / 32768).astype(np.float32)
        return samples, [(sample / self.sample_rate, name) for sample, name in self._events]


@lru_cache(maxsize=1)
def espeak() -> Espeak:
    return Espeak()


@lru_cache(maxsize=1)
def _english() -> Callable[[str], str]:
    from hibari.g2p import G2P

    found: Callable[[str], str] = G2P(british=False)
    return found


def misaki(text: str) -> str:
    """English in hibari-tts's alphabet."""
    return _english()(text)


def of_misaki(written: str) -> list[str]:
    return phones("".join(OF_MISAKI.get(letter, letter) for letter in written))
