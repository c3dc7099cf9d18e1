"""Draws what the fake shop sells, and films a scene, into a store folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 900, 600
FINE = 3  # drawn this much larger, then made smaller: smooth edges
Point = tuple[float, float]

UPPER: Sequence[Point] = (
    (170, 330), (185, 250), (215, 205), (300, 190), (352, 205), (392, 262), (470, 300), (585, 330), (690, 352),
    (742, 385), (748, 420), (170, 420),
)  # fmt: skip
SHAFT: Sequence[Point] = ((178, 340), (180, 110), (345, 105), (362, 215), (395, 265), (300, 340))
SOLE: Sequence[Point] = (
    (160, 415), (755, 415), (762, 436), (740, 452), (330, 452), (318, 440), (300, 470), (165, 470),
)  # fmt: skip


def draw_shop(folder: Path) -> None:
    """Writes products.csv, entities.csv, three pictures and one clip."""
    (folder / "images").mkdir(parents=True)
    (folder / "clips").mkdir()
    _shoe((38, 34, 33), (88, 60, 40), (226, 211, 188)).save(folder / "images/oxford.jpg", quality=88)
    _shoe((58, 96, 150), (242, 240, 232), (203, 217, 224)).save(folder / "images/runner.jpg", quality=88)
    _shoe((236, 233, 226), (70, 68, 66), (196, 202, 196), shaft=True).save(folder / "images/boot.jpg", quality=88)
    _film(folder / "clips/scene-1.mp4")
    (folder / "products.csv").write_text(
        "sku,name,category,price,image\n"
        "oxford-42,Cobb’s black Oxford,shoes,189.00,images/oxford.jpg\n"
        "runner-42,Rooftop runner,shoes,99.50,images/runner.jpg\n"
        "boot-43,Snow fortress boot,shoes,219.00,images/boot.jpg\n",
        "utf-8",
    )
    (folder / "entities.csv").write_text("id,type,name,clip\nscene-1,scene,First scene,clips/scene-1.mp4\n", "utf-8")
    (folder / "customers.csv").write_text("id,name,pin\n1,Marta,1234\n", "utf-8")


def _smooth(points: Sequence[Point]) -> list[Point]:
    """Cuts the corners of an outline, twice (Chaikin 1974)."""
    outline = [np.array(point) * FINE for point in points]
    for _ in range(3):
        following = [*outline[1:], outline[0]]
        pairs = zip(outline, following, strict=True)
        outline = [point for a, b in pairs for point in (0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b)]
    return [(float(x), float(y)) for x, y in outline]


def _shoe(
    leather: tuple[int, int, int], sole: tuple[int, int, int], ground: tuple[int, int, int], shaft: bool = False
) -> Image.Image:
    size = (WIDTH * FINE, HEIGHT * FINE)
    light = np.linspace(1.06, 0.9, size[1])[:, None, None] * np.array(ground)[None, None, :]
    image = Image.fromarray(np.clip(np.broadcast_to(light, (size[1], size[0], 3)), 0, 255).astype(np.uint8))
    shadow = Image.new("L", size, 0)
    ImageDraw.Draw(shadow).ellipse([130 * FINE, 448 * FINE, 790 * FINE, 500 * FINE], fill=120)
    image.paste((40, 34, 28), mask=shadow.filter(ImageFilter.GaussianBlur(14 * FINE)))
    draw = ImageDraw.Draw(image)
    lit = tuple(min(255, channel + 26) for channel in leather)
    if shaft:
        draw.polygon(_smooth(SHAFT), fill=leather)
    draw.polygon(_smooth(UPPER), fill=leather)
    draw.polygon(_smooth(SOLE), fill=sole)
    draw.line([(500 * FINE, 312 * FINE), (520 * FINE, 360 * FINE), (505 * FINE, 408 * FINE)], fill=lit, width=4 * FINE)
    draw.line([(215 * FINE, 290 * FINE), (330 * FINE, 330 * FINE), (420 * FINE, 405 * FINE)], fill=lit, width=4 * FINE)
    for eyelet in range(4):
        x, y = 352 + 29 * eyelet, 236 + 21 * eyelet
        draw.line([(x * FINE, y * FINE), ((x - 30) * FINE, (y + 26) * FINE)], fill=lit, width=5 * FINE)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _film(path: Path) -> None:
    """Two seconds of a light that crosses a dark room."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        across, down = np.meshgrid(np.arange(320), np.arange(180))
        for number in range(24):
            glow = np.exp(-((across - 20 - 12 * number) ** 2 + (down - 90) ** 2) / 2600)
            picture = (glow[..., None] * np.array([243, 177, 114]) + np.array([11, 30, 26])).clip(0, 255)
            frame = av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
