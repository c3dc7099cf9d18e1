"""Clips that are learned from: a voice's samples, its phones, when each ends, and its pitch.

`python -m training.speech_generation.clips TEACHER COUNT [SEED]` writes `CACHE/speech/TEACHER-SEED.npz`; a teacher is
`hibari` (English), `asterisk` (the human prompts of es fr it ru that may be trained on, not yet aligned) or one of
espeak-ng's languages.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.paths import CACHE, is_test_clip
from training.speech_generation.phones import (
    BEGIN,
    END,
    OF_MISAKI,
    PAUSES,
    STRESSES,
    VOICES,
    espeak,
    misaki,
    of_misaki,
    phones,
)
from training.speech_generation.texts import text
from training.transcribe_prompts import SOUNDS, published
from training.transcribe_prompts import VOICES as PROMPT_VOICES
from walkiosk.modality import audio

RATE = audio.SAMPLE_RATE
FRAMES = RATE // audio.HOP  # a second
FOLDER = CACHE / "speech"
BEFORE, BEHIND = 0.05, 0.12  # seconds of silence that stay around a clip
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Clip:
    """``ends`` are seconds; of a human's clip, they are yet to be found. ``pitch`` is in Hz every 10 ms, 0 unvoiced."""

    voice: str
    language: str
    text: str
    phones: tuple[str, ...]
    ends: Array
    samples: Array
    pitch: Array


def resampled(samples: Array, rate: int) -> Array:
    import soxr

    return np.asarray(soxr.resample(samples, rate, RATE), np.float32)


def pitch_of(samples: Array) -> Array:
    import pyworld

    found, _ = pyworld.dio(samples.astype(np.float64), RATE, f0_floor=60.0, f0_ceil=420.0, frame_period=10.0, speed=4)
    return np.asarray(found, np.float32)


def trimmed(clip: Clip) -> Clip:
    """The clip with no more silence around it than serving is to have."""
    start = max(0.0, float(clip.ends[0]) - BEFORE)
    start = round(start * FRAMES) / FRAMES
    stop = min(float(clip.ends[-1]), float(clip.ends[-2]) + BEHIND)
    ends = np.minimum(clip.ends - start, stop - start).astype(np.float32)
    samples = clip.samples[int(start * RATE) : int(stop * RATE)]
    return Clip(clip.voice, clip.language, clip.text, clip.phones, ends, samples, clip.pitch[int(start * FRAMES) :])


class Hibari:
    """hibari-tts, its durations laid open."""

    GRID = 0.025  # seconds of a step of its durations

    def __init__(self) -> None:
        import onnx
        import onnxruntime
        from hibari.tts import ASSETS
        from hibari.tts import Hibari as Voice

        network = onnx.load(f"{ASSETS}/hibari.onnx")
        network.graph.output.append(onnx.helper.make_tensor_value_info("/Clip_output_0", 1, None))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(network.SerializeToString(), options)
        self._voice = Voice()

    def speak(self, said: str, random_: np.random.Generator) -> Clip | None:
        from hibari import dsp

        written = misaki(said)
        symbols = [c for c in written if c in self._voice.vocab]
        if not 2 < len(symbols) < 400:
            return None
        feed = {"ids": np.array([self._voice.ids(symbols)]), "speed": np.ones(1, np.float32)}
        *spectrum, lengths = self._session.run(None, feed)
        samples = dsp.synth(*(part[0] for part in spectrum), random_)
        seconds = lengths.ravel() * self.GRID
        found, ends, at = [BEGIN], [float(seconds[0])], float(seconds[0])
        for symbol, length in zip(symbols, seconds[1:-1], strict=True):
            parts = phones(OF_MISAKI.get(symbol, symbol))
            if symbol == " ":
                parts = [" "]
            if symbol in STRESSES or not parts:
                at += float(length)  # what a mark of stress takes is its vowel's
                continue
            for number, part in enumerate(parts, 1):
                found.append(part)
                ends.append(at + float(length) * number / len(parts))
            at += float(length)
        plain = of_misaki(written)
        bare = [part.strip(STRESSES) for part in plain]
        kept = _matched(found[1:], ends[1:], bare)
        if kept is None:
            return None
        pitch = spectrum[5].ravel()
        pitch = np.interp(np.arange(int(len(pitch) / 80 * FRAMES)) / FRAMES, np.arange(len(pitch)) / 80, pitch)
        pitch = np.where(pitch < 50, 0, pitch).astype(np.float32)
        last = len(samples) / dsp.SR
        all_ends = np.array([ends[0], *kept, last], np.float32)
        return Clip("heart", "en", said, (BEGIN, *plain, END), all_ends, resampled(samples, dsp.SR), pitch)


def _matched(heard: list[str], ends: list[float], wanted: list[str]) -> list[float] | None:
    """When each wanted phone ends, if what was heard is the same but for pauses; spaces take what lies between."""
    found: list[float] = []
    at = 0
    for phone in wanted:
        if phone == " " or phone in PAUSES:
            while at < len(heard) and (heard[at] in ("", " ") or heard[at] in PAUSES):
                at += 1
            found.append(ends[at - 1] if at else 0.0)
            continue
        while at < len(heard) and (heard[at] in ("", " ") or heard[at] in PAUSES):
            if found:
                found[-1] = ends[at]
            at += 1
        if at >= len(heard) or heard[at].strip(STRESSES) != phone:
            return None
        found.append(ends[at])
        at += 1
    return found if all(h in ("", " ") or h in PAUSES for h in heard[at:]) else None


def of_espeak(said: str, language: str, variant: str, speed: int) -> Clip | None:
    """A clip of espeak-ng, or None where what it says and what it writes differ."""
    engine = espeak()
    engine.use(VOICES[language] + variant, speed)
    wanted = engine.phones(said)
    samples, events = engine.speak(said)
    if not events or not wanted:
        return None
    total = len(samples) / engine.sample_rate
    heard, ends = [], []
    for (begin, name), after in zip(events, [*(e[0] for e in events[1:]), total], strict=True):
        parts = phones(name.replace("-", "")) or [""]
        for number, part in enumerate(parts, 1):
            heard.append(part)
            ends.append(begin + (after - begin) * number / len(parts))
    first = events[0][0]
    kept = _matched(heard, ends, [part.strip(STRESSES) for part in wanted])
    if kept is None:
        return None
    samples = resampled(samples, engine.sample_rate)
    ends_ = np.array([first, *kept, total], np.float32)
    voice = f"espeak-{language}{variant}"
    return Clip(voice, language, said, (BEGIN, *wanted, END), ends_, samples, pitch_of(samples))


def prompts() -> Iterator[Clip]:
    """Human prompts that may be trained on; their phones are espeak-ng's, their ends unknown."""
    rows = []
    for path in (CACHE / "audio" / f"asterisk-{language}.jsonl" for language in ("es", "fr", "it")):
        rows += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    folder = SOUNDS / PROMPT_VOICES["ru"]
    for name, said in published("ru").items():
        path = folder / f"{name}.g722"
        if path.is_file() and not is_test_clip(Path(name).name) and not set("[]?(") & set(said) and len(said) > 3:
            rows.append({"audio": str(path), "text": " ".join(said.split()), "language": "ru"})
    for row in rows:
        samples = audio.read(row["audio"])
        engine = espeak()
        engine.use(VOICES[row["language"]])
        spoken = tuple(engine.phones(row["text"]))
        if spoken and len(samples) < 16 * RATE:
            yield Clip(
                PROMPT_VOICES[row["language"]].rpartition("_")[2],
                row["language"],
                row["text"],
                (BEGIN, *spoken, END),
                np.zeros(len(spoken) + 2, np.float32),
                samples,
                pitch_of(samples),
            )


def write(clips: list[Clip], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kept: dict[str, Any] = {
        "about": np.array(
            json.dumps([[c.voice, c.language, c.text, list(c.phones)] for c in clips], ensure_ascii=False)
        ),
        "ends": np.concatenate([c.ends for c in clips]),
        "lengths": np.array([len(c.samples) for c in clips]),
        "samples": np.concatenate([np.clip(c.samples * 32767, -32768, 32767).astype(np.int16) for c in clips]),
        "pitch": np.concatenate([_fitted(c.pitch, len(c.samples) // audio.HOP) for c in clips]).astype(np.float16),
    }
    np.savez(path, **kept)


def _fitted(pitch: Array, length: int) -> Array:
    return np.pad(pitch, (0, max(0, length - len(pitch))))[:length]


def read(path: Path) -> list[Clip]:
    with np.load(path) as kept:
        about = json.loads(str(kept["about"]))
        ends, lengths, samples, pitch = kept["ends"], kept["lengths"], kept["samples"], kept["pitch"]
    found, a, b, c = [], 0, 0, 0
    for (voice, language, said, phones_), length in zip(about, lengths.tolist(), strict=True):
        frames = length // audio.HOP
        found.append(
            Clip(
                voice,
                language,
                said,
                tuple(phones_),
                ends[a : a + len(phones_)],
                samples[b : b + length].astype(np.float32) / 32767,
                pitch[c : c + frames].astype(np.float32),
            )
        )
        a, b, c = a + len(phones_), b + length, c + frames
    return found


def main() -> None:
    teacher, count = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    draw, noise = random.Random(f"{teacher} {seed}"), np.random.default_rng(seed)
    made: list[Clip] = []
    tried = 0
    if teacher == "asterisk":
        made = list(prompts())
    voice = Hibari() if teacher == "hibari" else None
    while teacher != "asterisk" and len(made) < count:
        tried += 1
        if voice is not None:
            clip = voice.speak(text("en", draw)[0], noise)
        else:
            variant = "" if draw.random() < 0.5 else draw.choice(("+f2", "+f4", "+m3", "+f5"))
            clip = of_espeak(text(teacher, draw, 0.0)[0], teacher, variant, draw.randint(140, 165))
        if clip is not None and 0.4 < clip.ends[-1] < 14:
            made.append(trimmed(clip))
        if tried % 500 == 0:
            print(teacher, len(made), "of", tried, flush=True)
    write(made, FOLDER / f"{teacher}-{seed}.npz")
    print(teacher, len(made), "clips", round(sum(len(c.samples) for c in made) / RATE / 60), "minutes", tried, "tried")


if __name__ == "__main__":
    main()
