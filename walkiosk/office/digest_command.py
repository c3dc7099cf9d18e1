"""`walkiosk digest`: remarks from a file or from the shop's books, summed up on the screen or into a file."""

from __future__ import annotations

import datetime
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from walkiosk.modality.text import LANGUAGES
from walkiosk.office.digest import Asked, digest
from walkiosk.office.digest_page import as_csv, as_json, as_markdown
from walkiosk.office.digest_value import Digest, Period, RemarkSkills, Told
from walkiosk.office.items import Items
from walkiosk.office.remarks import Remark, of_feedback
from walkiosk.office.remarks_file import read_remarks
from walkiosk.store import Store

FORMS = {".md": as_markdown, ".json": as_json, ".csv": as_csv}
USUAL_DAYS = 7  # of the shop's own remarks, unless somebody says otherwise


class DigestError(ValueError):
    """What an operator asked for and cannot have; the message says what is there."""


@dataclass(frozen=True)
class Order:
    """What was typed: ``file`` or the ``store``'s own remarks; days of the period, the last one in it."""

    file: Path | None = None
    store: Path | None = None
    database: str | None = None
    language: str | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    categories: tuple[str, ...] = ()
    out: Path | None = None


def run(order: Order, load: Callable[[], RemarkSkills]) -> tuple[Digest, list[str]]:
    """The digest, written into ``out`` where one is named, and what was mended of the file, in lines.

    Remarks are read before the skills are loaded. Raises `DigestError`, `RemarksError` and what `Store.open` raises.
    """
    check(order)
    shop = Store.open(order.store, order.database) if order.store else None
    try:
        items = Items.of_shop(shop.engine, shop.linker) if shop else Items.none()
        languages = shop.settings.languages if shop else ()
        usual = next((code for code in languages if code in LANGUAGES), "en")
        categories = order.categories or (shop.settings.remark_categories if shop else ())
        remarks, notes = _remarks(order, shop)
        notes = [*notes, *_unknown(remarks, categories)]
        asked = Asked(order.language or usual, _period(order, remarks, shop), categories)
    finally:
        if shop:
            shop.close()
    skills = load()
    with progress() as told:
        made = digest(skills, remarks, asked, items, told)
    if order.out:
        order.out.write_text(FORMS[order.out.suffix.lower()](made), encoding="utf-8")
    return made, notes


def _unknown(remarks: Sequence[Remark], categories: Sequence[str]) -> list[str]:
    """What is said of categories by hand that are none of those asked for."""
    known = ", ".join(categories) or "none"
    filed = Counter(remark.filed for remark in remarks if remark.filed and remark.filed not in categories)
    return [
        f"category: {name!r} is none of the categories ({known}); its remarks, {count}, are left to the model"
        for name, count in filed.items()
    ]


def check(order: Order) -> None:
    """Raises `DigestError` for what can be told before anything is loaded."""
    if order.file is None and order.store is None:
        raise DigestError("a file of remarks or --store DIR expected")
    if order.file is not None and not order.file.is_file():
        raise DigestError(f"{order.file}: no such file")
    if order.language is not None and order.language not in LANGUAGES:
        raise DigestError(f"--language: {order.language!r} is none of {', '.join(LANGUAGES)}")
    if order.out is not None and order.out.suffix.lower() not in FORMS:
        raise DigestError(f"--out: {order.out.name!r} ends in none of {', '.join(FORMS)}")
    if order.since and order.until and order.since > order.until:
        raise DigestError(f"--since {order.since} is behind --until {order.until}")


def _remarks(order: Order, shop: Store | None) -> tuple[list[Remark], list[str]]:
    if order.file is not None:
        read = read_remarks(order.file)
        return list(read.remarks), read.told()
    if shop is None:
        raise DigestError("a file of remarks or --store DIR expected")
    return of_feedback(shop.feedback.remarks(), shop.settings.time_zone), []


def _period(order: Order, remarks: list[Remark], shop: Store | None) -> Period | None:
    """The days asked for; of a file everything, of a shop the last week, unless somebody says otherwise."""
    days = [remark.day for remark in remarks if remark.day]
    if not (order.since or order.until):
        if order.file is not None or shop is None:
            return None
        today = datetime.datetime.now(zoneinfo.ZoneInfo(shop.settings.time_zone)).date()
        return Period(today - datetime.timedelta(USUAL_DAYS - 1), today)
    if not days:
        raise DigestError("--since and --until: no remark has a date")
    since, until = order.since or min(days), order.until or max(days)
    if since > until:
        raise DigestError(f"no remark between {since} and {until}; there are some from {min(days)} to {max(days)}")
    return Period(since, until)


@contextmanager
def progress() -> Iterator[Told]:
    """A bar for each step, on the standard error, where somebody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks = {}

        def told(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=of)
            bars.update(tasks[step], completed=done, total=of)

        yield told
