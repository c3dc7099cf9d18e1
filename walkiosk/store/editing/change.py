"""A change of one row of a folder's file: what it was, what it becomes, and how that reads in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from walkiosk.store.settings import FILE as SETTINGS_FILE

Cells = Mapping[str, str]  # a row's filled cells by column, as the file writes them; a setting's are `key` and `value`
KEYS: Mapping[str, tuple[str, ...]] = {  # the columns that tell a file's rows apart; of an offer it is all of them
    SETTINGS_FILE: ("key",),
    "products.csv": ("sku",),
    "entities.csv": ("id",),
    "relations.csv": ("relation",),
    "edges.csv": ("subject", "relation", "object"),
    "customers.csv": ("id",),
}
SECRET: Mapping[str, tuple[str, ...]] = {"customers.csv": ("pin",)}  # goes into the file and nowhere else


class NotEditable(Exception):
    """A shop whose files cannot be changed from here; says why."""


class ChangedMeanwhile(Exception):
    """What was to be changed is no longer as its editor saw it; nothing was changed."""


class CannotUndo(Exception):
    """An edit that cannot be taken back; says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row before and after: no `before` is a new row, no `after` one removed; `place` is its number from 0.

    A secret cell is compared with nothing: it stays unless `after` has it, and is cleared by an empty one.
    """

    file: str
    before: Cells | None
    after: Cells | None
    place: int | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What tells the row apart in its file."""
        return key_of(self.file, self.after if self.before is None else self.before)

    @property
    def back(self) -> "Change":
        """The change that takes this one back."""
        return Change(self.file, self.after, self.before, self.place)


def key_of(file: str, cells: Cells | None) -> tuple[str, ...]:
    """What tells a row apart in its file."""
    cells = cells or {}
    return tuple(cells.get(column, "") for column in KEYS.get(file, tuple(sorted(cells))))


def filled(cells: Cells) -> dict[str, str]:
    """The cells that say something, without the blanks around them."""
    return {column: cell.strip() for column, cell in cells.items() if cell.strip()}


def public(file: str, cells: Cells | None) -> dict[str, str] | None:
    """The filled cells of a row that anybody here may read."""
    if cells is None:
        return None
    return {column: cell for column, cell in filled(cells).items() if column not in SECRET.get(file, ())}


def words(change: Change) -> str:
    """What a change is, in a line."""
    before, after = public(change.file, change.before), public(change.file, change.after)
    name = " ".join(filter(None, change.key)) if change.file in KEYS else _told(after or before or {})
    if change.file == SETTINGS_FILE:
        before, after = before or {"key": name}, after or {"key": name}
    if before is None:
        return f"{change.file}: {name} added"
    if after is None:
        return f"{change.file}: {name} removed"
    columns = dict.fromkeys([*before, *after])
    parts = [
        f"{'' if column == 'value' else f'{column} '}{before.get(column) or '–'} → {after.get(column) or '–'}"
        for column in columns
        if before.get(column) != after.get(column)
    ]
    for column in SECRET.get(change.file, ()):
        if column in (change.after or {}):
            parts.append(f"{column} {'set' if (change.after or {})[column].strip() else 'cleared'}")
    return f"{change.file}: {name}: {', '.join(parts) or 'unchanged'}"


def _told(cells: Cells) -> str:
    return ", ".join(f"{column} {cell}" for column, cell in cells.items())
