"""Write `weights/` from a run's checkpoint: `python -m training.export NAME [FOLDER] [--without SKILL …]`."""

import argparse
from pathlib import Path

import torch

from training.common_direction import write_common
from training.paths import CACHE, WHISPER
from walkiosk.modality.text import with_own_tokens
from walkiosk.model.export import export, stored_table
from walkiosk.model.train import averaged
from walkiosk.skill import SKILLS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("weights"))
    parser.add_argument("--without", nargs="*", default=[], choices=SKILLS, help="skills that are not fit to be shown")
    options = parser.parse_args()
    folder = options.folder
    kept = torch.load(CACHE / "runs" / options.name / "checkpoint.pt", weights_only=True)
    model = averaged(kept)
    model.text.stored = stored_table(Path("weights"))  # every run begins there
    export(model, folder, untrained=options.without)
    with_own_tokens(WHISPER / "tokenizer.json").save(folder / "tokenizer.json")
    write_common(folder)
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    print(f"step {kept['step']}, {kept['seconds'] / 60:.0f} minutes of training, {size:.1f} MB")


if __name__ == "__main__":
    main()
