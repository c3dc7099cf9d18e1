"""The shop's settings: every key of store.toml with what it means, checked as the file is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence

from nicegui import ui

from walkiosk.store import Problem
from walkiosk.store.editing import Change, written
from walkiosk.store.settings import FILE, READERS, REQUIRED
from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.row_form import keep, notice, rows_of, told
from walkiosk.web.office.visit import Visit

LISTS = ("wake_phrase", "languages", "remark_categories")  # a line each
TEXTS = ("name", "currency", "time_zone")


@page("/settings")
async def settings(visit: Visit) -> None:
    """A field a key."""
    words = visit.words
    may_edit = await notice(visit)
    rows = await visit.office.read(lambda: rows_of(visit, FILE))
    if may_edit:
        with parts.card(words("in_the_file", file=FILE)):
            SettingForm(visit, {row["key"]: row["value"] for row in rows})
    else:
        with parts.card():
            parts.table([words("column"), words("value")], [[row["key"], row["value"]] for row in rows])


class SettingForm:
    """The settings that there are and those that there could be, by key."""

    def __init__(self, visit: Visit, before: Mapping[str, str]) -> None:
        words = visit.words
        self.visit, self.before = visit, before
        self.fields: dict[str, parts.Field] = {}
        with parts.box("told") as self._told:
            pass
        with parts.box("fields settings"):
            for key in READERS:
                with parts.box("setting"):
                    self.fields[key] = parts.Field(key, _shown(before.get(key)), rows=3 if key in LISTS else 0)
                    if words.has(f"setting_{key}"):
                        parts.text(words(f"setting_{key}")).classes("soft small")
        parts.text(words("settings_how")).classes("soft small")
        with parts.box("row-of-acts"):
            parts.button(words("save"), self.save, "main")

    async def save(self) -> None:
        """Writes what is different."""
        changes = _changes(self.before, {key: field.value for key, field in self.fields.items()})
        if not changes:
            parts.say(self.visit.words("nothing_changed"))
        elif await keep(self.visit, changes, self._complain):
            ui.navigate.reload()

    def _complain(self, problems: Sequence[Problem]) -> None:
        for key, field in self.fields.items():
            field.complain("; ".join(problem.reason for problem in problems if problem.column == key))
        self._told.clear()
        with self._told:
            told(problems)


def _shown(value: str | None) -> str:
    """A TOML value as it stands in a field."""
    if value is None:
        return ""
    read = tomllib.loads(f"x = {value}")["x"]
    return "\n".join(map(str, read)) if isinstance(read, list) else str(read)


def _changes(before: Mapping[str, str], fields: Mapping[str, str]) -> list[Change]:
    changes = []
    for key, text in fields.items():
        old = before.get(key)
        if text.strip() == _shown(old):
            continue
        row = None if old is None else {"key": key, "value": old}
        new = None if not text.strip() and key not in REQUIRED else {"key": key, "value": _value(key, text, old)}
        if row is not None or new is not None:
            changes.append(Change(FILE, row, new))
    return changes


def _value(key: str, text: str, before: str | None) -> str:
    """What is in a field, as TOML; what is no number where one is wanted stays a text, and the check says so."""
    text = text.strip()
    if key in LISTS:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        one = key == "wake_phrase" and len(lines) == 1 and not (before or "").startswith("[")
        return written(lines[0] if one else lines)
    if key not in TEXTS and re.fullmatch(r"-?[0-9]{1,15}", text):
        return written(int(text))
    if key not in TEXTS and re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,10}", text):
        return written(float(text))
    return written(text)
