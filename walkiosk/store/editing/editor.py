"""Edits a store folder's files. The folder stays the truth: an edit is checked on a copy of it, written, then loaded.

In this order: the edit is written in the journal, its files beside the folder's, then in their place, then loaded into
the database. Wherever the machine stops, the folder is whole, and `settle` brings journal and database after it.
"""

import csv
import datetime
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Engine

from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.editing import journal
from walkiosk.store.editing.change import CannotUndo, Change, ChangedMeanwhile, NotEditable, public, words
from walkiosk.store.editing.journal import Edit
from walkiosk.store.editing.row_file import RowFile
from walkiosk.store.editing.setting_file import SettingFile
from walkiosk.store.editing.staging import finish, locked, stage
from walkiosk.store.folder import FILES, Folder, fingerprint, read_folder
from walkiosk.store.loading import load_folder, loaded_fingerprint, put_facts
from walkiosk.store.revision import loaded_files, taken_mark
from walkiosk.store.seen import forgotten_among
from walkiosk.store.settings import FILE as SETTINGS_FILE
from walkiosk.store.sheet import FolderError, Problem

CUSTOMERS = "customers.csv"
TOLD = 3  # changes of one edit that are told one by one
LOADED_BY_HAND = "files changed outside the office were loaded"


class Editor:
    """Changes one shop's files; `renewed` is called when the database has them, `clock` gives milliseconds."""

    def __init__(
        self,
        engine: Engine,
        folder: Path | None,
        renewed: Callable[[], None] = lambda: None,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.engine = engine
        self.folder = folder
        self.renewed = renewed
        self.clock = clock

    @property
    def why_not(self) -> str:
        """Why this shop's files cannot be changed from here; "" when they can."""
        if self.folder is None:
            return "this shop was opened by its database alone; its files are elsewhere and are changed there"
        if taken_mark(self.engine) is not None:
            return "this kiosk's facts come from headquarters, and are changed there; store.toml is changed by hand"
        names = (SETTINGS_FILE, *FILES)
        if not os.access(self.folder, os.W_OK | os.X_OK):
            return f"{self.folder}: this program may not write there"
        unwritable = [
            name for name in names if (self.folder / name).exists() and not os.access(self.folder / name, os.W_OK)
        ]
        return f"{self.folder / unwritable[0]}: this program may not write there" if unwritable else ""

    def rows(self, file: str) -> tuple[dict[str, str], ...]:
        """Every row's filled cells as the file has them now, in its order, secrets left out; settings as rows too."""
        content = _open(file, self._raw(file))
        return tuple(public(file, row) or {} for row in content.rows)

    def _raw(self, file: str) -> bytes | None:
        """A file as it lies in the folder; where the facts came by a database, as it was loaded there."""
        shared = {} if file == SETTINGS_FILE and self.folder is not None else loaded_files(self.engine)
        if file in shared and (self.folder is None or taken_mark(self.engine) is not None):
            return shared[file].encode()
        return _read(self._place() / file)

    def changed_outside(self) -> bool:
        """Whether the folder is no longer as it was loaded."""
        return fingerprint(self._place()) != loaded_fingerprint(self.engine)

    def edit(self, who: str, changes: Sequence[Change], undoes: int | None = None) -> Edit:
        """Makes these changes, all or none.

        Raises `FolderError` with what would be wrong, `ChangedMeanwhile` when a row or the folder is no longer as it
        was seen, `NotEditable` for a shop without a folder that we may write.
        """
        folder = self._writable()
        with locked(folder):
            self._settle(folder)
            mark = loaded_fingerprint(self.engine)
            if fingerprint(folder) != mark:
                raise ChangedMeanwhile(f"{folder}: its files were changed outside the office; load them first")
            _refuse_forgotten(self.engine, changes)
            contents, made = _changed(folder, changes)
            checked, mark = _check(folder, contents)
            told = _words(made)
            if undoes is not None:
                told = f"taken back: {told}"
            with writing(self.engine).begin() as connection:
                edit = journal.write_down(connection, self.clock(), who, told, made, undoes, mark)
            try:
                stage(folder, contents)
            except OSError as error:
                raise NotEditable(f"{folder}: {error.strerror or error}") from error
            if by_hand := finish(folder):
                raise ChangedMeanwhile(f"{by_hand[0]}: was changed outside the office just now; load it first")
            back = {c.key[0] for c in made if undoes is not None and c.file == "products.csv" and c.before is None}
            with writing(self.engine).begin() as connection:
                put_facts(connection, checked, mark, files=set(contents), as_booked=back)
                journal.note_applied(connection, mark)
        self.renewed()
        return edit

    def undo(self, who: str, number: int) -> Edit:
        """Brings back the rows as they were before an edit; raises `CannotUndo` with the reason, else as `edit`."""
        with self.engine.connect() as connection:
            edit = journal.read_edit(connection, number)
        if edit is None:
            raise CannotUndo(f"there is no edit {number}")
        if not edit.changes:
            raise CannotUndo(f"edit {number} was made outside the office; what was there before is not kept")
        if all(change.before == change.after for change in edit.changes):
            raise CannotUndo("a PIN is kept nowhere but in its file; set another")
        try:
            return self.edit(who, [change.back for change in reversed(edit.changes)], undoes=number)
        except ChangedMeanwhile as error:
            raise CannotUndo(self._who_touched(edit) or str(error)) from error

    def history(self, before: int | None = None, limit: int = 100) -> tuple[Edit, ...]:
        """The edits that were made, the latest first."""
        with self.engine.connect() as connection:
            return journal.read_edits(connection, before, limit)

    def load(self, who: str) -> Edit | None:
        """Loads what was changed outside the office, if it is faultless, and notes it; None when nothing was."""
        folder = self._place()
        with locked(folder):
            self._settle(folder)
            if not self.changed_outside():
                return None
            load_folder(self.engine, folder)
            with writing(self.engine).begin() as connection:
                mark = loaded_fingerprint(self.engine) or ""
                edit = journal.write_down(connection, self.clock(), who, LOADED_BY_HAND, (), None, mark)
                journal.note_applied(connection, mark)
        self.renewed()
        return edit

    def settle(self) -> None:
        """When the shop is opened: finishes an edit that the machine stopped in, its line in the journal too."""
        if self.folder is not None and not self.why_not:
            with locked(self.folder):
                self._settle(self.folder)

    def _settle(self, folder: Path) -> None:
        finish(folder)
        with self.engine.connect() as connection:
            waiting = journal.waiting_marks(connection)
        if not waiting:
            return
        mark = fingerprint(folder)
        if mark in waiting and loaded_fingerprint(self.engine) != mark:
            load_folder(self.engine, folder)
        with writing(self.engine).begin() as connection:
            journal.note_applied(connection, mark)

    def _place(self) -> Path:
        if self.folder is None:
            raise NotEditable(self.why_not)
        return self.folder

    def _writable(self) -> Path:
        if reason := self.why_not:
            raise NotEditable(reason)
        return self._place()

    def _who_touched(self, edit: Edit) -> str:
        touched = {(change.file, change.key) for change in edit.changes}
        with self.engine.connect() as connection:
            later = journal.edits_after(connection, edit.id)
        for other in later:
            if touched & {(change.file, change.key) for change in other.changes}:
                if other.undoes == edit.id:
                    return f"edit {edit.id} was taken back already, by edit {other.id} of {other.who}"
                day = datetime.datetime.fromtimestamp(other.at_ms / 1000, datetime.UTC).date()
                return f"edit {other.id} of {other.who}, {day}, touched it later: {other.words}"
        return ""


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _open(file: str, raw: bytes | None) -> RowFile | SettingFile:
    try:
        return SettingFile(raw) if file == SETTINGS_FILE else RowFile(file, raw)
    except (ValueError, csv.Error) as error:  # broken by hand since it was loaded
        raise ChangedMeanwhile(f"{file}: cannot be read: {error}") from error


def _changed(folder: Path, changes: Iterable[Change]) -> tuple[dict[str, bytes], tuple[Change, ...]]:
    """New contents of the files that the changes are in, and the changes with their places."""
    files: dict[str, RowFile | SettingFile] = {}
    made = []
    for change in changes:
        content = files.setdefault(change.file, _open(change.file, _read(folder / change.file)))
        made.append(content.apply(change))
    return {file: content.write() for file, content in files.items()}, tuple(made)


def _check(folder: Path, contents: Mapping[str, bytes]) -> tuple[Folder, str]:
    """The folder as it would be, and its fingerprint; raises `FolderError`."""
    with tempfile.TemporaryDirectory(prefix="walkiosk-check-") as made:
        copy = Path(made)
        for name in (SETTINGS_FILE, *FILES):
            if name in contents:
                (copy / name).write_bytes(contents[name])
            elif (folder / name).exists():
                (copy / name).symlink_to((folder / name).resolve())
        return read_folder(copy), fingerprint(copy)


def _refuse_forgotten(engine: Engine, changes: Iterable[Change]) -> None:
    """Raises `FolderError` for a new customer with the id of one who was forgotten: the next loading would drop it."""
    wanted = [c.after["id"].strip() for c in changes if c.file == CUSTOMERS and c.before is None and c.after]
    with engine.connect() as connection:
        gone = forgotten_among(connection, wanted)
    why = "somebody with this id was forgotten; a customer who comes back needs another"
    if gone:
        raise FolderError([Problem(CUSTOMERS, 0, "id", each, why) for each in sorted(gone)])


def _words(changes: Sequence[Change]) -> str:
    """What was done; of many rows the thing that it is about, and how many rows went with it."""
    if len(changes) <= TOLD:
        return "; ".join(map(words, changes))
    about = next(
        (change for change in changes if change.file not in ("edges.csv", "offers.csv", "sales.csv")), changes[0]
    )
    return f"{words(about)}; and {len(changes) - 1} rows with it"
