"""Write `weights/` from a run's checkpoint: `python -m training.export NAME [FOLDER]`."""

import sys
from pathlib import Path

import torch

from training.common import write_common
from training.paths import CACHE, WHISPER
from walkiosk.modality.text import with_own_tokens
from walkiosk.model.export import export
from walkiosk.model.train import averaged


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else "weights")
    kept = torch.load(CACHE / "runs" / name / "checkpoint.pt", weights_only=True)
    model = averaged(kept)
    export(model, folder)
    with_own_tokens(WHISPER / "tokenizer.json").save(folder / "tokenizer.json")
    write_common(folder)
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    print(f"step {kept['step']}, {kept['seconds'] / 60:.0f} minutes of training, {size:.1f} MB")


if __name__ == "__main__":
    main()
