"""Pictures for the picture codec to learn from, packed into one file, and random pieces of them.

Fluent emoji and frames of their animations (npm, MIT), Fashion-MNIST (apt, MIT), Open Clip Art (apt, public domain;
drawn by resvg-py), and charts, gradients and words drawn here. Packages are taken from CACHE/downloads, where
`npm pack` and `apt-get download` put them; what is missing is downloaded. Pictures whose name the split rule holds back
are never trained on: of emoji the first code point counts, so all skin tones of one go together.
"""

from __future__ import annotations

import gzip
import importlib
import io
import random
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from training.paths import CACHE, is_test_clip
from walkiosk.model.picture_codec import GREY

DOWNLOADS, DEBIAN = CACHE / "downloads", CACHE / "debian"
PACKED = CACHE / "packed" / "pictures.npz"
SIDE = 128  # pixels of what is packed
CLIPS = 3_000  # drawings of Open Clip Art
DRAWN = 4_000  # charts, gradients, words
FRAMES = 3  # of an animation
SHARES = {"emoji": 5.0, "frames": 1.5, "clips": 1.5, "fashion": 1.0, "drawn": 1.5}  # how often a picture is drawn
SIDES = {32: 2, 64: 6, 128: 2}  # pixels a side of a batch's pictures, and how often
PIXELS = 32 * 64 * 64  # of a batch

Bytes = NDArray[np.uint8]


def _npm(package: str) -> Path:
    stem = package.lstrip("@").replace("/", "-")
    if not (found := sorted(DOWNLOADS.glob(f"{stem}-[0-9]*.tgz"))):
        with tempfile.TemporaryDirectory(dir=DOWNLOADS) as folder:
            subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True)
            for path in Path(folder).glob("*.tgz"):
                found = [path.rename(DOWNLOADS / path.name)]
    return found[0]


def _deb(package: str) -> Path:
    """The folder that the package's files lie in."""
    if not (found := sorted(DOWNLOADS.glob(f"{package}_*.deb"))):
        with tempfile.TemporaryDirectory(dir=DOWNLOADS) as folder:
            subprocess.run(["apt-get", "download", package], cwd=folder, check=True)
            for path in Path(folder).glob("*.deb"):
                found = [path.rename(DOWNLOADS / path.name)]
    if not (to := DEBIAN / package).is_dir():
        DEBIAN.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=DEBIAN) as folder:
            subprocess.run(["dpkg", "-x", str(found[0]), f"{folder}/x"], check=True)
            Path(folder, "x").rename(to)
    return to


def is_test_emoji(name: str) -> bool:
    """By the first code point, written without leading zeros: "1f44d-1f3fb" goes with "1f44d"."""
    return is_test_clip(name.partition("-")[0].lstrip("0"))


def _squared(image: Image.Image, side: int = SIDE) -> Bytes:
    """Side × side × 4, the longer side scaled to it, transparent around the shorter."""
    image = image.convert("RGBA").convert("RGBa")  # colours times opacity, else what cannot be seen bleeds in
    scale = side / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image = image.resize(size, Image.Resampling.BOX if scale < 0.5 else Image.Resampling.BICUBIC).convert("RGBA")
    whole = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    whole.paste(image, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(whole)


def _emoji() -> Iterator[tuple[str, Image.Image]]:
    with tarfile.open(_npm("@lobehub/fluent-emoji-3d")) as archive:
        for member in archive:
            if member.name.endswith(".webp") and (file := archive.extractfile(member)):
                yield Path(member.name).stem, Image.open(io.BytesIO(file.read()))


def _frames() -> Iterator[tuple[str, Image.Image]]:
    """Of animations, not of those that do not move."""
    for number in (1, 2):
        with tarfile.open(_npm(f"@lobehub/fluent-emoji-anim-{number}")) as archive:
            for member in archive:
                if not member.name.endswith(".webp") or not (file := archive.extractfile(member)):
                    continue
                image = Image.open(io.BytesIO(file.read()))
                count = getattr(image, "n_frames", 1)
                for at in range(FRAMES if count > 1 else 0):
                    image.seek((2 * at + 1) * count // (2 * FRAMES + 1))
                    yield Path(member.name).stem, image.copy()


def _clips() -> Iterator[tuple[str, Image.Image]]:
    draw: Any = importlib.import_module("resvg_py")  # python -m pip install resvg-py
    paths = sorted((_deb("openclipart-svg") / "usr/share/openclipart/svg").rglob("*.svg"))
    random.Random(0).shuffle(paths)
    made = 0
    for path in paths:
        if made == CLIPS:
            return
        if path.stat().st_size > 300_000:
            continue
        try:
            png = draw.svg_to_bytes(svg_path=str(path), width=2 * SIDE, skip_system_fonts=True)
            image = Image.open(io.BytesIO(bytes(png)))
            if max(image.size) > 4 * min(image.size) or not image.getchannel("A").getbbox():
                continue
            yield path.stem, image.crop(image.getchannel("A").getbbox())
            made += 1
        except (ValueError, OSError):  # what resvg cannot read
            continue


def _fashion() -> dict[str, Bytes]:
    folder = _deb("dataset-fashion-mnist") / "usr/share/datasets/fashion-mnist"
    found = {}
    for key, name in (("fashion", "train"), ("fashion_test", "t10k")):
        raw = gzip.decompress((folder / f"{name}-images-idx3-ubyte.gz").read_bytes())
        found[key] = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)
    return found


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,%€$+-äéñçабвгд"


def _drawn(count: int, seed: int) -> Bytes:
    """Count × side × side × 3: charts of lines, bars and shares, gradients with shapes, words."""
    draw = random.Random(seed)
    fonts = [p for p in sorted(Path("/usr/share/fonts/truetype/dejavu").glob("*.ttf")) if "Math" not in p.name]
    return np.stack([_picture(draw, fonts) for _ in range(count)])


def _colour(draw: random.Random) -> tuple[int, int, int]:
    return draw.randrange(256), draw.randrange(256), draw.randrange(256)


def _picture(draw: random.Random, fonts: list[Path]) -> Bytes:
    ground = (255, 255, 255) if draw.random() < 0.7 else _colour(draw)
    image = Image.new("RGB", (SIDE, SIDE), ground)
    pen = ImageDraw.Draw(image)
    kind = draw.choice(("lines", "bars", "pie", "gradient", "words", "words"))
    if kind == "gradient":
        image = Image.fromarray(_gradient(draw))
        pen = ImageDraw.Draw(image)
        for _ in range(draw.randrange(4)):
            x, y, w, h = (draw.randrange(SIDE) for _ in range(4))
            shape = draw.choice((pen.ellipse, pen.rectangle))
            shape((x - w // 2, y - h // 2, x + w // 2, y + h // 2), fill=_colour(draw))
    elif kind == "words":
        y = draw.randrange(10)
        while y < SIDE:
            size = draw.choice((8, 9, 10, 12, 14, 18, 24, 36))
            font = ImageFont.truetype(draw.choice(fonts), size) if fonts else ImageFont.load_default(size)
            words = "".join(draw.choice(LETTERS + "   ") for _ in range(16))
            pen.text((draw.randrange(8), y), words, fill=(0, 0, 0) if draw.random() < 0.6 else _colour(draw), font=font)
            y += round(size * 1.3)
    elif kind == "pie":
        start, box = draw.randrange(360), (12, 12, SIDE - 12, SIDE - 12)
        while start < 720:
            end = start + draw.randrange(20, 160)
            pen.pieslice(box, start, end, fill=_colour(draw), outline=ground)
            start = end
    else:
        _chart(draw, pen, kind)
    return np.asarray(image)


def _chart(draw: random.Random, pen: ImageDraw.ImageDraw, kind: str) -> None:
    left, bottom = draw.randrange(4, 20), SIDE - draw.randrange(4, 20)
    if draw.random() < 0.5:
        for y in range(8, bottom, draw.choice((12, 16, 24))):
            pen.line((left, y, SIDE - 4, y), fill=(220, 220, 220))
    if kind == "bars":
        count = draw.randrange(3, 14)
        wide = (SIDE - 6 - left) / count
        fill = _colour(draw)
        for number in range(count):
            x = left + number * wide
            pen.rectangle((x + 1, draw.randrange(6, bottom), max(x + 1, x + wide - 2), bottom), fill=fill)
    else:
        for _ in range(draw.randrange(1, 4)):
            count = draw.choice((6, 12, 30, 60))
            steps = np.cumsum([draw.gauss(0, 1) for _ in range(count)])
            scaled = (steps - steps.min()) / max(1e-6, float(np.ptp(steps)))
            xs = np.linspace(left, SIDE - 5, count)
            ys = bottom - 4 - scaled * (bottom - 12)
            points = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
            pen.line(points, fill=_colour(draw), width=draw.choice((1, 2, 3)))
    pen.line((left, 4, left, bottom, SIDE - 4, bottom), fill=(40, 40, 40))


def _gradient(draw: random.Random) -> Bytes:
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    if draw.random() < 0.5:
        angle = draw.random() * 2 * np.pi
        along = np.cos(angle) * x + np.sin(angle) * y
    else:
        along = np.hypot(x - draw.random(), y - draw.random())
    share = ((along - along.min()) / np.ptp(along))[..., None]
    mixed: Bytes = np.rint(np.array(_colour(draw)) * share + np.array(_colour(draw)) * (1 - share)).astype(np.uint8)
    return mixed


def pack() -> None:
    """Lay all pictures into one file: `NAME` to train on and `NAME_test`."""
    found: dict[str, list[Bytes]] = {}
    sources = (
        ("emoji", _emoji(), is_test_emoji),
        ("frames", _frames(), is_test_emoji),
        ("clips", _clips(), is_test_clip),
    )
    for key, pictures, held_out in sources:
        for name, image in pictures:
            found.setdefault(key + "_test" * held_out(name), []).append(_squared(image))
        print(key, len(found[key]), len(found[f"{key}_test"]), flush=True)
    arrays = {key: np.stack(pictures) for key, pictures in found.items()} | _fashion()
    arrays |= {"drawn": _drawn(DRAWN, 1), "drawn_test": _drawn(200, 2)}
    PACKED.parent.mkdir(parents=True, exist_ok=True)
    with (partial := PACKED.with_suffix(".partial")).open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    partial.rename(PACKED)


def _scaled(picture: Bytes, side: int) -> Image.Image:
    """From 4 channels or 1 or 3; smaller by the mean, larger by cubics, as `image.fitted` does."""
    image = Image.fromarray(picture)
    if image.width == side:
        return image
    how = Image.Resampling.BOX if side < image.width else Image.Resampling.BICUBIC
    return (
        image.convert("RGBa").resize((side, side), how).convert("RGBA")
        if image.mode == "RGBA"
        else image.resize((side, side), how)
    )


def laid(image: Image.Image, ground: tuple[int, int, int] = (255, 255, 255)) -> Bytes:
    """On a ground where it is transparent; H × W × 3."""
    if image.mode != "RGBA":
        return np.asarray(image.convert("RGB"))
    whole = Image.new("RGBA", image.size, ground)
    return np.asarray(Image.alpha_composite(whole, image).convert("RGB"))


class Pictures:
    """Random pieces of the pictures that may be trained on."""

    def __init__(self, seed: int | None = None) -> None:
        self.draw = random.Random(seed)
        with np.load(PACKED) as packed:
            self.kinds = {key: packed[key] for key in SHARES}
        print({key: len(value) for key, value in self.kinds.items()}, flush=True)

    def batch(self) -> Tensor:
        """N 3 H W in [-1, 1]; all batches have as many pixels."""
        side = self.draw.choices(list(SIDES), list(SIDES.values()))[0]
        kinds = self.draw.choices(list(SHARES), list(SHARES.values()), k=PIXELS // side**2)
        pictures = torch.from_numpy(np.stack([self._piece(kind, side) for kind in kinds]))
        return pictures.permute(0, 3, 1, 2).float() / GREY - 1

    def _piece(self, kind: str, side: int) -> Bytes:
        draw = self.draw
        picture = draw.choice(self.kinds[kind])
        if kind == "drawn":
            size = SIDE if draw.random() < 0.7 else draw.randint(side, SIDE)
        elif kind == "fashion" or draw.random() < 0.6:
            size = side
        else:
            size = draw.randint(side, SIDE)
        image = _scaled(picture, size)
        ground = (255, 255, 255) if draw.random() < 0.75 else _colour(draw)
        top, left = draw.randint(0, size - side), draw.randint(0, size - side)
        whole = laid(image.crop((left, top, left + side, top + side)), ground)
        if draw.random() < 0.5:
            whole = whole[:, ::-1]
        if draw.random() < 0.15:
            whole = whole[..., draw.sample(range(3), 3)]
        if draw.random() < 0.05:
            whole = 255 - whole
        return np.ascontiguousarray(whole)


def held_out(kind: str, side: int, most: int = 400) -> Bytes:
    """N × side × side × 3 of pictures that are never trained on, on white."""
    with np.load(PACKED) as packed:
        pictures = packed[f"{kind}_test"]
    chosen = np.random.default_rng(0).permutation(len(pictures))[:most]
    return np.stack([laid(_scaled(pictures[at], side)) for at in chosen])
