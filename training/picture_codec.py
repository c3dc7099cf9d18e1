"""Train the picture codec: `python -m training.picture_codec MINUTES`; what comes out lies in CACHE/codec."""

from __future__ import annotations

import argparse
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training.part import Losses, Schedule, averaged, train
from training.paths import CACHE
from training.pictures import PACKED, Bytes, Pictures, held_out, pack
from walkiosk.modality import picture_codec as serving
from walkiosk.model.picture_codec import PictureCodec, export_picture_codec
from walkiosk.model.picture_losses import WEIGHTS, codec_losses, ssim

FOLDER = CACHE / "codec"
RATE = 2e-3


def losses(codec: PictureCodec, pictures: Pictures, half: bool) -> Losses:
    """One batch ahead is made in a thread."""
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(pictures.batch)
        while True:
            batch, coming = coming.result(), ahead.submit(pictures.batch)
            yield lambda batch=batch: codec_losses(codec, batch, half)  # type: ignore[misc]


@dataclass(frozen=True)
class Quality:
    """Of pictures that went through codes."""

    psnr: float  # dB, the mean over pictures
    ssim: float
    bits: float  # a block of 8 × 8 pixels


def quality(made: Bytes, true: Bytes, bits: float) -> Quality:
    squares = ((made.astype(np.float64) - true) ** 2).mean(axis=(1, 2, 3))
    ratios = 10 * np.log10(255**2 / np.maximum(squares, 0.05))
    ours, theirs = (torch.from_numpy(x).permute(0, 3, 1, 2).double() / 255 for x in (made, true))
    alike = torch.cat([ssim(a, b) for a, b in zip(torch.split(ours, 64), torch.split(theirs, 64), strict=True)])
    return Quality(float(ratios.mean()), float(alike.mean()), bits)


def by_jpeg(pixels: Bytes, most: float) -> tuple[Bytes, float]:
    """Through JPEG, the best of at most so many bits a block, else its worst; and those bits, less what heads take."""
    found = _jpeg(pixels, 1)
    for level in range(2, 40):
        if (better := _jpeg(pixels, level))[1] > most:
            break
        found = better
    return found


def _jpeg(pixels: Bytes, quality: int) -> tuple[Bytes, float]:
    made, sizes, head = [], [], io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(head, "jpeg", quality=quality, subsampling=2, optimize=True)
    for picture in pixels:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "jpeg", quality=quality, subsampling=2, optimize=True)
        sizes.append(len(file.getvalue()) - len(head.getvalue()))
        made.append(np.asarray(Image.open(file).convert("RGB")))
    return np.stack(made), float(np.mean(sizes)) * 8 / (pixels.shape[1] * pixels.shape[2] / 64)


CASES = (
    ("emoji", 32),
    ("emoji", 64),
    ("emoji", 128),
    ("frames", 64),
    ("fashion", 32),
    ("fashion", 64),
    ("clips", 64),
    ("drawn", 128),
)


def report(folder: Path, others: bool = True) -> None:
    """Print how good the codec of ``folder`` is on held-out pictures, beside JPEG."""
    codec = serving.PictureCodec.load(folder)
    used = np.zeros(serving.CODES)
    for kind, side in CASES:
        true = held_out(kind, side)
        codes = codec.encode(true)
        used += np.bincount(codes.ravel(), minlength=serving.CODES)
        found = {"codec": quality(codec.decode(codes), true, float(np.log2(serving.CODES)))}
        if others:
            made, bits = by_jpeg(true, float(np.log2(serving.CODES)))
            found["jpeg"] = quality(made, true, bits)
        for name, q in found.items():
            print(f"{kind} {side} {name}: {q.psnr:.1f} dB, ssim {q.ssim:.3f}, {q.bits:.1f} bits a block", flush=True)
    shares = used[used > 0] / used.sum()
    print(f"{len(shares)} codes used, as many as {np.exp(-(shares * np.log(shares)).sum()):.0f} used evenly")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float, help="0: only export and report")
    parser.add_argument("--name", default="codec1")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--from", dest="start", metavar="NAME", help="a run to begin at")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if not PACKED.is_file():
        pack()
    codec = PictureCodec()
    if options.minutes:
        schedule = Schedule(options.minutes, options.rate, WEIGHTS, start=options.start)
        train(codec, losses(codec, Pictures(), half=True), options.name, schedule)
    codec.load_state_dict(averaged(options.name))
    export_picture_codec(codec, options.folder)
    report(options.folder)


if __name__ == "__main__":
    main()
