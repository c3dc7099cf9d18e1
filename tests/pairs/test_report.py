"""The page of a fit: it parses, needs nothing from outside, shows every kind, and escapes what users wrote."""

import re
from base64 import b64decode
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from walkiosk.modality.video import Video
from walkiosk.pairs import Fault, Sides
from walkiosk.pairs.judging import Judgement, judge
from walkiosk.pairs.report import Curves, Report, Sample, page, slowest, verdict, write_report

DRAW = np.random.default_rng(2)
EVIL = '<script>alert("1")</script> & \x00 \ud800'
VOID = {"meta", "img", "br", "link", "input", "hr"}
SIX = ("scalar", "trend", "text", "image", "audio", "video")


def value(kind: str) -> Any:
    """Something of a modality or an aim, another one each time."""
    if kind in ("scalar", "quantiles"):
        return float(DRAW.normal())
    if kind == "trend":
        return DRAW.normal(size=30).cumsum()
    if kind in ("text", "classes"):
        return f"words {DRAW.integers(9)}"
    if kind == "audio":
        return (0.2 * np.sin(np.arange(8_000) * DRAW.uniform(0.05, 0.4))).astype(np.float32)
    pixels = DRAW.integers(0, 256, (4, 20, 30, 3)).astype(np.uint8)
    return pixels[0] if kind == "image" else Video(pixels)


def judgement(aim: str, inputs: tuple[str, ...] = ("text",)) -> Judgement:
    wanted, found, other = ([value(aim) for _ in range(4)] for _ in range(3))
    return judge(aim, Sides(inputs, "scalar"), wanted, found, {"nearest": other}, obvious="nearest")


def report(aim: str, **more: Any) -> Report:
    target = "scalar" if aim in ("classes", "quantiles") else aim
    samples = [Sample(n, (value(SIX[n % 6]), "a"), value(aim), value(aim), value(aim)) for n in range(1)]
    told = {"samples": samples, **more}
    return Report("pairs.jsonl", Sides(("scalar", "text"), target), aim, judgement(aim), **told)


class Page(HTMLParser):
    """The tags of a page with what they carry; fails where they do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [carried for name, carried in self.found if name == tag]


@pytest.mark.parametrize("aim", ["classes", "quantiles", *SIX[1:]])
def test_page_of_every_aim_parses_and_needs_nothing_from_outside(aim: str) -> None:
    text = page(report(aim))
    found = Page(text)
    assert [len(found.all(tag)) for tag in ("title", "h1", "main", "script", "link")] == [1, 1, 1, 0, 0]
    links = [c[k] or "" for _, c in found.found for k in ("src", "href", "poster") if k in c]
    assert all(link.startswith("data:") for link in links)
    assert not re.search(r"url\(|@import|https?:", text)
    assert all(picture.get("alt") for picture in found.all("img"))
    assert all(picture.get("aria-label") for tag in ("svg", "audio", "video") for picture in found.all(tag))
    assert len(found.all("table")) == len(found.all("caption"))
    tag = {"image": "img", "audio": "audio", "video": "video"}.get(aim)
    assert tag is None or len(found.all(tag)) == 3  # wanted, found, baseline


def test_all_kinds_of_input_are_shown() -> None:
    sample = Sample(7, tuple(map(value, SIX)), 1.0, np.linspace(0, 2, 9), 3.0)
    text = page(Report("pairs.jsonl", Sides(SIX, "scalar"), "quantiles", judgement("quantiles"), samples=[sample]))
    found = Page(text)
    assert [len(found.all(tag)) for tag in ("img", "audio", "video")] == [1, 1, 1]
    assert "input 6" in found.words and "80%: 0 to 2.000" in found.words
    assert "input 2: a trend of 30 values" in text
    png = b64decode((found.all("img")[0]["src"] or "").split(",")[1])
    assert Image.open(BytesIO(png)).size == (30, 20)
    mp4 = b64decode((found.all("video")[0]["src"] or "").split(",")[1])
    with av.open(BytesIO(mp4)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
        assert sum(1 for _ in film.decode(video=0)) == 4


def test_what_users_wrote_is_escaped(tmp_path: Path) -> None:
    told = Report(
        EVIL,
        Sides(("text",), "text"),
        "text",
        judgement("text"),
        samples=[Sample(1, (EVIL,), EVIL, None, EVIL)],
        problems=[EVIL],
        faults=[Fault(3, EVIL)],
        said=[EVIL],
        card={"command": EVIL, EVIL: 12345},
        seconds={EVIL: 3.0},
    )
    path = tmp_path / "report.html"
    write_report(path, told)
    text = path.read_text("utf-8")
    found = Page(text)
    assert not found.all("script") and "\x00" not in text
    assert found.words.count('alert("1")') >= 8
    assert "12,345" in text and "nothing" in found.words


def test_what_the_page_tells() -> None:
    curves = Curves([(n, 2.0 - n / 100) for n in range(0, 100, 5)], [(n, 2.1 - n / 90) for n in range(0, 100, 20)], 80)
    told = report(
        "image",
        curves=curves,
        seconds={"reading pictures": 41.0, "fitting": 139.0},
        problems=["2 lines repeat an earlier one (lines 3, 4)"],
        faults=[Fault(n, "not JSON") for n in range(1, 61)],
        said=["input: image, because 'a.png' names a picture"],
        card={"pairs": 1_000, "version": "0.1.0"},
    )
    words = " ".join(Page(page(told)).words.split())
    assert "Slowest step: fitting, 139 s of 180 s." in words
    assert "dashed at step 80, whose weights were kept" in words
    assert "60 faulty lines were left out; the first 50" in words
    assert "Declared beforehand as the obvious baseline: “nearest”, which is also the strongest." in words
    for part in ("2 lines repeat", "names a picture", "1,000", "SSIM (higher is better)", "PSNR dB", "Line 0"):
        assert part in words
    assert slowest({}) == ""
    assert "Nothing odd was found" in Page(page(report("text"))).words


@pytest.mark.parametrize(
    ("own", "other", "better", "said"),
    [
        ((0.9, 0.8, 1.0), (0.5, 0.4, 0.6), "higher", "The model is better, beyond what chance explains."),
        ((0.9, 0.5, 1.0), (0.5, 0.4, 0.6), "higher", "The model is ahead, but the intervals overlap"),
        ((0.4, 0.3, 0.5), (0.5, 0.4, 0.6), "higher", "The model is not better than that baseline."),
        ((0.4, 0.3, 0.5), (0.8, 0.7, 0.9), "lower", "The model is better, beyond what chance explains."),
    ],
)
def test_verdict(own: Any, other: Any, better: str, said: str) -> None:
    told = verdict(Judgement("accuracy", *own, better, 1_234, "nearest", *other))
    assert told.startswith("On 1,234 held-out pairs the model's accuracy is 0.")
    assert said in told


def test_odd_numbers_are_drawn_too() -> None:
    nan = float("nan")
    told = Judgement("MAE", 0.0, 0.0, 0.0, "lower", 1, "median", nan, nan, nan, baselines={"median": nan, "x": -1.0})
    curves = Curves([(1, nan), (2, 3.0)], [(2, 3.0)])
    flat = Sample(1, (np.zeros(1),), np.zeros(1), np.zeros((40, 9)), None)
    Page(page(Report("p", Sides(("trend",), "trend"), "trend", told, curves, [flat])))
    long = Sample(1, ("x" * 5_000,), np.arange(9_000.0), np.arange(2.0), np.zeros(3))
    text = page(Report("p", Sides(("text",), "trend"), "trend", told, Curves([(5, nan)]), [long]))
    assert "the first 600 of 5,000 letters" in Page(text).words and len(text) < 100_000
    alone = Judgement("MAE", 1.0, 0.5, 2.0, "lower", 1, "", nan, nan, nan)
    assert "there is no baseline to compare it with" in page(Report("p", Sides(("text",), "text"), "text", alone))
