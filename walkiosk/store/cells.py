"""Readers of cells: a text to its value, or a ValueError that says what was expected."""

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import PurePosixPath

from walkiosk.store.knowledge_graph.schema import LITERALS, NAME, PRODUCT
from walkiosk.store.sheet import is_language

LARGEST = 2**31 - 1  # of an integer column
CLOTHING_SIZES = ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl")


def whole(low: int, high: int = LARGEST) -> Callable[[str], int]:
    """Reads a whole number from `low` to `high`."""

    def read(cell: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,10}", cell) or not low <= int(cell) <= high:
            raise ValueError(f"a whole number from {low}{f' to {high}' if high < LARGEST else ''} expected")
        return int(cell)

    return read


def cents(cell: str) -> int:
    """Reads an amount of money such as `89.90` into hundredths."""
    if not re.fullmatch(r"[0-9]{1,8}(\.[0-9]{1,2})?", cell):
        raise ValueError("an amount such as 89.90 expected: digits, a point, no sign of a currency")
    amount = int(Decimal(cell) * 100)
    if amount > LARGEST:
        raise ValueError("too large an amount")
    return amount


def basis_points(cell: str) -> int:
    """Reads a percentage from 0 to 100 such as `12.5` into hundredths of a percent."""
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", cell) or Decimal(cell) > 100:
        raise ValueError("a percentage from 0 to 100 expected, such as 12.5")
    return int(Decimal(cell) * 100)


def discount(cell: str) -> int:
    """Reads a percentage above 0 and up to 100 into basis points."""
    off = basis_points(cell)
    if off == 0:
        raise ValueError("a percentage above 0 expected")
    return off


def date(cell: str) -> datetime.date:
    """Reads a day such as `2026-03-31`."""
    try:
        if len(cell) != 10:
            raise ValueError
        return datetime.date.fromisoformat(cell)
    except ValueError:
        raise ValueError("a day such as 2026-03-31 expected") from None


def yes_or_no(cell: str) -> bool:
    """Reads `yes` or `no`."""
    if cell.casefold() not in ("yes", "no"):
        raise ValueError("yes or no expected")
    return cell.casefold() == "yes"


def media(cell: str) -> str:
    """Reads the path of a picture or a clip within the folder."""
    path = PurePosixPath(cell)
    if path.is_absolute() or ".." in path.parts or "\\" in cell:
        raise ValueError("a path within the folder expected, such as clips/scene-1.mp4")
    return cell


def node_id(cell: str) -> str:
    """Reads the id of an entity, a customer or a product."""
    if "|" in cell or "\n" in cell or len(cell) > 200:
        raise ValueError("an id has no line break, no `|` and at most 200 letters")
    return cell


def entity_id(cell: str) -> str:
    """Reads the id of an entity."""
    if cell.startswith("sku:"):
        raise ValueError("`sku:` stands before products only")
    return node_id(cell)


def type_name(cell: str) -> str:
    """Reads the type of an entity."""
    if cell == PRODUCT:
        raise ValueError("products belong into products.csv")
    if cell in LITERALS or not NAME.fullmatch(cell):
        raise ValueError("a type is one word such as film, and none of year, date, number, text")
    return cell


def relation_name(cell: str) -> str:
    """Reads the name of a relation."""
    if not NAME.fullmatch(cell):
        raise ValueError("a relation is one word such as has_scene")
    return cell


def type_names(cell: str) -> tuple[str, ...]:
    """Reads types joined with `|`."""
    names = tuple(name.strip() for name in cell.split("|"))
    if wrong := [name for name in names if not NAME.fullmatch(name)]:
        raise ValueError(f"`{wrong[0]}` is no type; one word each, joined with |")
    if len(set(names)) < len(names):
        raise ValueError("a type is there twice")
    return names


def subject_types(cell: str) -> tuple[str, ...]:
    """Reads types of things."""
    names = type_names(cell)
    if literal := [name for name in names if name in LITERALS]:
        raise ValueError(f"a {literal[0]} cannot be the subject")
    return names


def object_types(cell: str) -> tuple[str, ...]:
    """Reads types of things, or of literals that share one line."""
    names = type_names(cell)
    literals = [name for name in names if name in LITERALS]
    if literals and len(literals) < len(names):
        raise ValueError("either things or literals, not both")
    if "number" in names and {"year", "date"} & set(names):
        raise ValueError("a number cannot be told from a year")
    return names


def aliases(cell: str) -> tuple[tuple[str | None, str], ...]:
    """Reads other names joined with `|`, each perhaps with its language's two letters: `Origen` or `es:Origen`."""
    found = []
    for part in filter(None, (part.strip() for part in cell.split("|"))):
        language, colon, name = part.partition(":")
        own = bool(colon) and is_language(language) and language[2:3] in ("", "-") and bool(name.strip())
        found.append((language, name.strip()) if own else (None, part))
    return tuple(found)


def sizes(cell: str) -> dict[str, str]:
    """Reads a customer's sizes: `shoes=42|shirt=M`."""
    found: dict[str, str] = {}
    for part in cell.split("|"):
        kind, equals, size = (piece.strip() for piece in part.partition("="))
        if not (kind and equals and size):
            raise ValueError("sizes such as shoes=42|shirt=M expected")
        if kind in found:
            raise ValueError(f"two sizes of {kind}")
        found[kind] = size
    return found


def pin(cell: str) -> str:
    """Reads a PIN of 4 to 12 digits."""
    if not re.fullmatch(r"[0-9]{4,12}", cell):
        raise ValueError("4 to 12 digits expected")
    return cell


def language(cell: str) -> str:
    """Reads a language code."""
    if not is_language(cell):
        raise ValueError("a language code such as es expected")
    return cell


def size_number(size: str) -> float | None:
    """Where a size stands among others: 42, 7 (inch), XS < S < M; None for one without an order."""
    if size.casefold() in CLOTHING_SIZES:
        return float(CLOTHING_SIZES.index(size.casefold()))
    match = re.match(r"[0-9]{1,9}([.,][0-9]{1,3})?", size)
    return float(match[0].replace(",", ".")) if match else None
