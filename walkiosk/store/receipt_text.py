"""A receipt in words: rows in the customer's language, lines of a fixed width, and a short text for a QR code."""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_percent

from walkiosk.store.receipt import Receipt, ReceiptLine, TaxLine

WORDS = Path(__file__).with_name("receipt_words.json")
ENGLISH = "en"
INDENT = "  "  # of what belongs to the row above
LONGEST_CODE = 320  # bytes of a QR code's text: a phone reads it from a screen, from an arm's length
HEAD_ROWS = 3  # shop, number, time
UNBROKEN = str.maketrans("\u00a0\u202f\u2007", "   ")  # spaces at which a line is not broken, and what is printed
ZERO_WIDTH = ("Mn", "Me", "Cf")  # Unicode categories
Kind = Literal["head", "plain", "detail", "total", "rule"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a receipt: what stands at its beginning, and an amount at its end."""

    kind: Kind
    left: str = ""
    right: str = ""


RULE = Row("rule")


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """The receipt's words: by language, then by key."""
    read: dict[str, dict[str, str]] = json.loads(WORDS.read_text("utf-8"))
    return read


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes amounts, dates and words in one language; English for one that there are no words for."""

    language: str
    currency: str

    def __call__(self, key: str, **values: str) -> str:
        return words()[self._known][key].format(**values)

    def money(self, cents: int) -> str:
        """An amount."""
        return format_currency(Decimal(cents) / 100, self.currency, locale=self._known)

    def percent(self, basis_points: int) -> str:
        """A rate, with as many places as it has."""
        return format_percent(Decimal(basis_points) / 10_000, locale=self._known, decimal_quantization=False)

    @property
    def _known(self) -> str:
        return self.language if self.language in words() else ENGLISH


def rows_of(receipt: Receipt, language: str) -> tuple[Row, ...]:
    """All that a receipt says, row by row."""
    write = Writer(language, receipt.currency)
    own = language if language in words() else ENGLISH
    found = [
        Row("head", receipt.shop),
        Row("plain", write("receipt", number=receipt.number)),
        Row(
            "plain",
            f"{format_date(receipt.sold_at, 'medium', own)}, {format_time(receipt.sold_at, 'short', locale=own)}",
        ),
        RULE,
        *(row for line in receipt.lines for row in _line(line, write)),
        RULE,
        Row("total", write("total"), write.money(receipt.total_cents)),
    ]
    if receipt.saved_cents:
        found.append(Row("plain", write("saved"), write.money(receipt.saved_cents)))
    if any(tax.basis_points for tax in receipt.taxes):
        found += [RULE, *(_tax(tax, write) for tax in receipt.taxes)]
    if receipt.payment:
        found += [RULE, Row("plain", write("card", reference=receipt.payment))]
    for refund in receipt.refunds:
        on = format_date(refund.on, "medium", locale=own)
        found.append(Row("plain", write("refunded", date=on), write.money(-refund.cents)))
    return tuple(found)


def lines_of(rows: Sequence[Row], columns: int) -> tuple[str, ...]:
    """Rows as lines of at most so many columns; letters of East Asia take two."""
    return tuple(line.translate(UNBROKEN).rstrip() for row in rows for line in _set(row, columns))


def short_text(receipt: Receipt, language: str) -> str:
    """The receipt for a QR code: shop, number, time and total, and as many of the goods and the rest as fit."""
    rows = [row for row in rows_of(receipt, language) if row.kind not in ("rule", "detail")]
    said = [" ".join(filter(None, (row.left, row.right))).translate(UNBROKEN) for row in rows]
    end = HEAD_ROWS + len(receipt.lines)
    head, goods, (total, *rest) = said[:HEAD_ROWS], said[HEAD_ROWS:end], said[end:]
    more: list[str] = []
    while len("\n".join([*head, *goods, *more, total, *rest]).encode()) > LONGEST_CODE and (rest or len(goods) > 1):
        if rest:
            rest.pop()
        else:
            goods.pop()
            more = ["…"]
    return "\n".join([*head, *goods, *more, total, *rest])


def width(text: str) -> int:
    """Columns that a text takes."""
    return sum(map(_letter_width, text))


def _letter_width(letter: str) -> int:
    if unicodedata.category(letter) in ZERO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _line(line: ReceiptLine, write: Writer) -> list[Row]:
    times = f"{line.units}\u00a0× " if line.units > 1 else ""
    details = [write("each", price=write.money(line.unit_cents))] if line.units > 1 else []
    if line.list_cents != line.unit_cents:
        details.append(write("instead", price=write.money(line.list_cents)))
    rows = [Row("plain", times + line.name, write.money(line.cents))]
    return [*rows, Row("detail", ", ".join(details))] if details else rows


def _tax(tax: TaxLine, write: Writer) -> Row:
    net, own = write.money(tax.net_cents), write.money(tax.tax_cents)
    rate = write.percent(tax.basis_points)
    return Row("plain", write("tax", rate=rate, net=net, tax=own), write.money(tax.gross_cents))


def _set(row: Row, columns: int) -> Iterator[str]:
    if row.kind == "rule":
        yield "-" * columns
        return
    indent = INDENT if row.kind == "detail" else ""
    right = width(row.right)
    room = columns - len(indent) - (right + 1 if right else 0)
    *lines, last = broken(row.left, room)
    for line in lines:
        yield indent + line
    if row.kind == "head":
        yield " " * ((columns - width(last)) // 2) + last
    else:
        gap = columns - len(indent) - width(last) - right
        yield f"{indent}{last}{' ' * gap}{row.right}"


def broken(text: str, room: int) -> list[str]:
    """A text in lines of at most so many columns: broken at spaces, between Chinese letters, else where it must be."""
    lines = [""]
    for piece in pieces(text):
        if width((lines[-1] + piece).rstrip(" ")) <= room:
            lines[-1] += piece
            continue
        if lines[-1].strip():
            lines.append("")
        for part in clusters(piece.lstrip(" ")):
            if width(lines[-1] + part) > room and lines[-1]:
                lines.append("")
            lines[-1] += part
    return [line.strip(" ") for line in lines]


def pieces(text: str) -> list[str]:
    """What is not broken without need: words with the space before them, single wide letters."""
    wide = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]"
    return re.findall(rf" *{wide}| *(?:(?!{wide})[^ ])+| +", text)


def clusters(text: str) -> list[str]:
    """Letters with the marks that stand on or around them."""
    found: list[str] = []
    for letter in text:
        joined = found and (unicodedata.category(letter)[0] == "M" or "\u200c" <= letter <= "\u200d")
        if joined:
            found[-1] += letter
        else:
            found.append(letter)
    return found
