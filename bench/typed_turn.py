"""A whole turn by step, beside faster-whisper base int8 + spaCy + the same graph query, in one run.

    python bench/typed_turn.py [--store stores/demo] [--repeat 50] [--threads 2] [--whisper DIR] [--spacy MODEL]

Ours is `walkiosk ask --json --repeat N` (the median of each step), typed and, with --audio or espeak-ng's voice,
spoken. The peers hear the same recording with faster-whisper (its own window of 30 s), find entities with spaCy, and
run the gold path program on the same store: they are given the program, which none of them can write. `--whisper` is a
folder in CTranslate2's format or a name that faster-whisper downloads. Needs `pip install walkiosk[bench]` and a spaCy
model (`python -m spacy download en_core_web_sm`); a peer that is not installed is named and left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from walkiosk.store import Store

SENTENCE = (
    "OK Walmrt, I want the shoes which Leonardo DiCaprio wore in the 1st scene of the 1st movie he did with Nolan"
)
PROGRAM = (
    "1 >acted_in and ( 2 >directed ) first >has_scene first >has_appearance and ( 1 <worn_by ) >shows "
    'category = "shoes"'
)
NAMES = ("Leonardo DiCaprio", "Nolan")
Milliseconds = dict[str, float]


def ours(question: list[str], store: Path, repeat: int) -> Milliseconds:
    """Our steps, as the command line tells them."""
    command = [sys.executable, "-m", "walkiosk", "ask", *question, "--store", str(store), "--json"]
    done = subprocess.run([*command, "--repeat", str(repeat)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-400:])
    told = json.loads(done.stdout)
    print(f"ours: product {told['product']}, program {told['program']}")
    return {step: float(value) for step, value in told["milliseconds"].items()}


def median(step: Callable[[], object], repeat: int) -> float:
    """Milliseconds of a step, warmed up once."""
    step()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def peers(recording: Path, options: argparse.Namespace) -> Milliseconds:
    """The peers' steps."""
    found: Milliseconds = {}
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        print("faster-whisper is not installed: left out")
    else:
        whisper = WhisperModel(options.whisper, device="cpu", compute_type="int8", cpu_threads=options.threads)

        def hear() -> str:
            segments, _ = whisper.transcribe(str(recording), beam_size=1, language="en", without_timestamps=True)
            return " ".join(segment.text for segment in segments)

        print(f"faster-whisper heard: {hear()}")
        found["faster-whisper base int8"] = median(hear, max(1, options.repeat // 5))
    try:
        import spacy

        parse = spacy.load(options.spacy)
    except (ImportError, OSError) as error:
        print(f"spaCy or its model is not installed: left out ({error})")
    else:
        print(f"spaCy found: {[(entity.text, entity.label_) for entity in parse(SENTENCE).ents]}")
        found["spaCy entities"] = median(lambda: parse(SENTENCE), options.repeat)
    store = Store.open(options.store, "sqlite://")

    def query() -> object:
        nodes = [link.nodes for link in (store.linker.link(name, ("person",)).best for name in NAMES) if link]
        return store.graph.run(PROGRAM, nodes)

    found["the same linking and query"] = median(query, options.repeat)
    return found


def tell(title: str, steps: Milliseconds) -> None:
    total = steps.get("total", sum(steps.values()))
    print(f"\n{title}")
    for step, value in steps.items():
        if step != "total":
            print(f"  {step:28} {value:8.1f} ms")
    print(f"  {'together':28} {total:8.1f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, default=Path("stores/demo"))
    parser.add_argument("--repeat", type=int, default=50)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--audio", type=Path, help="a recording of the sentence; espeak-ng's if left out")
    parser.add_argument("--whisper", default="base", help="a folder of faster-whisper's weights, or a name")
    parser.add_argument("--spacy", default="en_core_web_sm")
    parser.add_argument("--peers-only", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recording = options.audio or Path(folder) / "sentence.wav"
        if not options.audio:
            said = SENTENCE.replace("Walmrt", "Walmart")
            subprocess.run(["espeak-ng", "-v", "en-us+f2", "-s", "150", "-w", str(recording), "--", said], check=True)
        if not options.peers_only:
            tell("ours, typed", ours([SENTENCE], options.store, options.repeat))
            tell("ours, spoken", ours(["--audio", str(recording)], options.store, max(1, options.repeat // 5)))
        tell("peers, spoken", peers(recording, options))


if __name__ == "__main__":
    main()
