"""Values of samples as a page shows them: text, a picture, a player or a plot, each in words too."""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from markupsafe import Markup
from PIL import Image

from walkiosk.modality import audio
from walkiosk.modality.value import MEDIAN
from walkiosk.modality.video import Video
from walkiosk.pairs import svg
from walkiosk.pairs.aims import label_of
from walkiosk.pairs.judging import shown
from walkiosk.pairs.metrics import quantiles_of
from walkiosk.pairs.ssim import Pixels, size_of, sized

LONGEST_TEXT = 600  # letters
LONGEST_SOUND = 10  # seconds
LONGEST_SIDE = 256  # pixels
SMALL = 64  # pixels a side below which a picture is shown enlarged


@dataclass(frozen=True)
class Cell:
    """One value: ``kind`` is text, picture, sound, film or plot; ``text`` is what it says or shows, in words."""

    title: str
    kind: str
    text: str
    note: str = ""
    source: str = ""  # data URI
    poster: str = ""  # data URI of a film's first frame
    plot: Markup | None = None


def cell(title: str, kind: str, value: Any, limits: tuple[float, float], wanted: Any = None) -> Cell:
    """Show a value of a modality or an aim; ``limits`` are those of a trend's axis, ``wanted`` is drawn beside it."""
    if value is None:
        return Cell(title, "text", "nothing")
    if kind == "classes":
        verdict = "" if wanted is None else "right" if label_of(value) == label_of(wanted) else "wrong"
        return Cell(title, "text", label_of(value), verdict)
    if kind in ("scalar", "quantiles"):
        return _number(title, value)
    if kind == "trend":
        values = np.asarray(value, np.float64)
        beside = " beside the wanted one, dashed" if wanted is not None else ""
        said = f"{title}: a trend of {_count(len(values), 'value')}{beside}"
        return Cell(title, "plot", said, _count(len(values), "value"), plot=svg.trend(said, values, limits, wanted))
    if kind == "text":
        return _text(title, value)
    if kind == "image":
        return _picture(title, value)
    return _sound(title, value) if kind == "audio" else _film(title, value)


def _number(title: str, value: Any) -> Cell:
    quantiles = quantiles_of(value)
    if quantiles[0] == quantiles[-1]:
        return Cell(title, "text", f"{quantiles[MEDIAN]:,.6g}")
    return Cell(title, "text", f"{quantiles[MEDIAN]:,.6g}", f"80%: {shown(quantiles[0])} to {shown(quantiles[-1])}")


def _text(title: str, value: str) -> Cell:
    if len(value) <= LONGEST_TEXT:
        return Cell(title, "text", value or "(an empty text)")
    return Cell(title, "text", f"{value[:LONGEST_TEXT]}…", f"the first {LONGEST_TEXT} of {len(value):,} letters")


def _picture(title: str, pixels: Pixels) -> Cell:
    height, width = pixels.shape[:2]
    said = f"{width} × {height} pixels"
    return Cell(title, "picture", f"{title}: a picture of {said}", said, _png(pixels))


def _sound(title: str, samples: audio.Samples) -> Cell:
    seconds = len(samples) / audio.SAMPLE_RATE
    kept = samples[: LONGEST_SOUND * audio.SAMPLE_RATE]
    note = f"{seconds:.1f} s" if len(kept) == len(samples) else f"the first {LONGEST_SOUND} of {seconds:.1f} s"
    return Cell(title, "sound", f"{title}: a sound of {seconds:.1f} s", note, _data("audio/wav", audio.wav(kept)))


def _film(title: str, film: Video) -> Cell:
    count = len(film.frames)
    note = f"{_count(count, 'frame')}, {count / film.rate:.1f} s"
    source = _data("video/mp4", _mp4(film))
    return Cell(title, "film", f"{title}: a film of {note}", note, source, _png(film.frames[0]))


def _png(pixels: Pixels) -> str:
    made = io.BytesIO()
    Image.fromarray(sized(pixels, *size_of(pixels, LONGEST_SIDE))).save(made, "png", optimize=True)
    return _data("image/png", made.getvalue())


def _mp4(film: Video) -> bytes:
    """H.264 at even sides, small films enlarged: the one kind that all browsers play."""
    height, width = size_of(film.frames[0], LONGEST_SIDE)
    larger = max(1, -(-SMALL // min(height, width))) if max(height, width) * 4 <= LONGEST_SIDE * 2 else 1
    height, width = (max(2, side * larger // 2 * 2) for side in (height, width))
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(film.rate).limit_denominator(1001))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for pixels in film.frames:
            picture = Image.fromarray(pixels).resize((width, height), Image.Resampling.NEAREST)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return made.getvalue()


def _data(form: str, content: bytes) -> str:
    return f"data:{form};base64,{b64encode(content).decode()}"


def _count(count: int, one: str) -> str:
    return f"{count:,} {one}{'' if count == 1 else 's'}"
