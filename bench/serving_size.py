"""What serving costs: modules it imports, the size of a fresh installation without weights, memory after a turn.

    python bench/serving_size.py [--store stores/demo] [--no-install] [--extras office]

Installs this checkout into a fresh virtual environment, a kiosk without the office's pages, runs one typed turn there,
and prints the environment's size in MB beyond an empty one (what the turn compiled included), the resident memory of
the process after the turn, and whether torch was imported. Exits with 1 when a bound is broken: torch, 400 MB
installed, 900 MB resident.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

INSTALLED_MB, RESIDENT_MB = 400, 900
ROOT = Path(__file__).resolve().parents[1]
TURN = """
import json, sys
from pathlib import Path
from walkiosk.kiosk import Kiosk, Turn
kiosk = Kiosk.open(Path(sys.argv[1]), database="sqlite://")
reply = kiosk.answer(Turn(kiosk.start(), text=sys.argv[2]))
status = Path("/proc/self/status").read_text()
lines = [line.split() for line in status.splitlines() if line.startswith(("VmRSS", "VmHWM"))]
size = {name.strip(":"): int(kilobytes) / 1024 for name, kilobytes, _ in lines}
heavy = [name for name in ("torch", "tensorflow", "transformers", "spacy") if name in sys.modules]
print(json.dumps({"resident": size["VmRSS"], "peak": size["VmHWM"], "heavy": heavy, "reply": reply.text}))
"""
SENTENCE = "I want the shoes which Leonardo DiCaprio wore in the 1st scene of the 1st movie he did with Nolan"


def megabytes(folder: Path, without: str = "weights") -> float:
    """Bytes on disk beneath ``folder``, folders of weights left out, in MB."""
    total = 0
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != without]
        total += sum((Path(place) / name).lstat().st_size for name in files)
    return total / 1e6


def installed(folder: Path, extras: str) -> tuple[Path, float]:
    """Install the checkout into a fresh environment; its Python and how large the environment was before."""
    venv.create(folder, with_pip=True)
    empty = megabytes(folder)
    python = folder / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-compile", f"{ROOT}[{extras}]" if extras else str(ROOT)],
        check=True,
    )
    return python, empty


def turn(python: Path, store: Path, folder: Path) -> dict[str, object]:
    """One typed turn in a process of its own, outside the checkout unless its Python is the one that runs this."""
    environment = dict(os.environ) if folder != ROOT else {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([python, "-c", TURN, str(store.resolve()), SENTENCE], cwd=folder, env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-600:])
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, default=ROOT / "stores" / "demo")
    parser.add_argument("--no-install", action="store_true", help="only the turn, with this Python")
    parser.add_argument("--extras", default="", help="such as office, which `make run` installs as well")
    options = parser.parse_args()
    broken = []
    with tempfile.TemporaryDirectory() as scratch:
        python, folder = Path(sys.executable), ROOT
        if not options.no_install:
            folder = Path(scratch)
            python, empty = installed(folder / "venv", options.extras)
        told = turn(python, options.store, folder)
        if not options.no_install:
            size = megabytes(folder / "venv") - empty
            print(f"installed without weights {size:.0f} MB (bound {INSTALLED_MB})")
            broken += ["installed size"] if size > INSTALLED_MB else []
    resident, peak, heavy = float(str(told["resident"])), float(str(told["peak"])), told["heavy"]
    print(f"resident after a turn {resident:.0f} MB, peak {peak:.0f} MB (bound {RESIDENT_MB})")
    print(f"heavy modules imported: {heavy or 'none'}\nreply: {told['reply']}")
    broken += (["memory"] if peak > RESIDENT_MB else []) + (["imports"] if heavy else [])
    if broken:
        sys.exit(f"out of bounds: {', '.join(broken)}")


if __name__ == "__main__":
    main()
