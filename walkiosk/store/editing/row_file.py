"""A CSV file of a store folder as it is written, so that changing one row leaves every other byte alone."""

import codecs
import csv
import io
from dataclasses import dataclass

from walkiosk.store.editing.change import KEYS, SECRET, Cells, Change, ChangedMeanwhile, filled, key_of, public
from walkiosk.store.folder import FILES

BOM = "\ufeff"


@dataclass
class _Piece:
    """Some lines of the file as they stand there; `cells` are those of a row, None for its header and blank lines."""

    text: str
    cells: dict[str, str] | None = None


class RowFile:
    """The rows of one file, in its order; `raw` is None for one that is not there."""

    def __init__(self, file: str, raw: bytes | None) -> None:
        self.file = file
        self._bom = BOM if raw and raw.startswith(codecs.BOM_UTF8) else ""
        self._header: list[str] = []
        self._pieces = self._read(raw.decode("utf-8-sig")) if raw else []
        first = next((piece.text for piece in self._pieces if piece.text.strip()), "")
        self._ending = next((ending for ending in ("\r\n", "\r", "\n") if first.endswith(ending)), "\n")

    @property
    def rows(self) -> tuple[dict[str, str], ...]:
        """The filled cells of every row."""
        return tuple(piece.cells for piece in self._pieces if piece.cells is not None)

    def apply(self, change: Change) -> Change:
        """Makes a change, and returns it with the row's place; raises `ChangedMeanwhile` for another row there."""
        if change.before is None:
            return self._add(change)
        place = self._find(change)
        where = self._where(place)
        if change.after is None:
            del self._pieces[where]
        else:
            old = self._pieces[where]
            kept = {column: (old.cells or {}).get(column, "") for column in SECRET.get(self.file, ())}
            cells = filled({**kept, **change.after})
            self._widen(cells)
            ended = old.text.endswith(("\n", "\r"))
            self._pieces[where] = _Piece(self._written(cells) if ended else self._written(cells).rstrip("\r\n"), cells)
        return Change(change.file, change.before, change.after, place)

    def write(self) -> bytes:
        """The file."""
        return (self._bom + "".join(piece.text for piece in self._pieces)).encode()

    def _read(self, text: str) -> list[_Piece]:
        lines = list(io.StringIO(text, newline=""))
        reader = csv.reader(iter(lines), strict=True)
        pieces, start = [], 0
        for cells in reader:
            piece = _Piece("".join(lines[start : reader.line_num]))
            start = reader.line_num
            if any(cell.strip() for cell in cells):
                if self._header:
                    piece.cells = filled(dict(zip(self._header, cells, strict=False)))
                else:
                    self._header = [cell.strip() for cell in cells]
            pieces.append(piece)
        return pieces

    def _find(self, change: Change) -> int:
        secret = SECRET.get(self.file, ())
        rows = [{c: cell for c, cell in row.items() if c not in secret} for row in self.rows] if secret else self.rows
        wanted = public(self.file, change.before)
        same = [place for place, cells in enumerate(rows) if cells == wanted]
        if not same:
            gone = not self._has(change.key)
            name = " ".join(filter(None, change.key))
            raise ChangedMeanwhile(f"{self.file}: {name}: {'is no longer there' if gone else 'was changed meanwhile'}")
        return change.place if change.place in same else same[0]

    def _add(self, change: Change) -> Change:
        cells = filled(change.after or {})
        if self._has(change.key):
            raise ChangedMeanwhile(f"{self.file}: {' '.join(filter(None, change.key))}: is there already")
        self._widen(cells)
        count = len(self.rows)
        place = count if change.place is None else min(change.place, count)
        where = self._where(place) if place < count else self._end()
        if where and not self._pieces[where - 1].text.endswith(("\n", "\r")):
            self._pieces[where - 1].text += self._ending
        self._pieces.insert(where, _Piece(self._written(cells), cells))
        return Change(change.file, None, change.after, place)

    def _has(self, key: tuple[str, ...]) -> bool:
        """Whether a row has this key; rows of a file without one may be there twice."""
        return self.file in KEYS and any(key_of(self.file, row) == key for row in self.rows)

    def _where(self, place: int) -> int:
        """The number of the piece that row `place` is."""
        return [number for number, piece in enumerate(self._pieces) if piece.cells is not None][place]

    def _end(self) -> int:
        """Where a new last row goes: before blank lines at the end."""
        end = len(self._pieces)
        while end and not self._pieces[end - 1].text.strip():
            end -= 1
        return end

    def _widen(self, cells: Cells) -> None:
        """Adds the columns that the file does not have yet."""
        columns = FILES[self.file]
        if not self._header:
            order = [*columns.required, *(column for column in columns.readers if column not in columns.required)]
            self._header = [column for column in order if column in cells or column in columns.required]
            self._pieces.insert(0, _Piece(self._line(self._header)))
        new = [column for column in cells if column not in self._header]
        if not new:
            return
        headed = False
        for piece in self._pieces:
            if piece.text.strip() and (piece.cells is not None or not headed):
                bare = piece.text.rstrip("\r\n")
                more = "".join("," if headed else f",{column}" for column in new)
                piece.text, headed = bare + more + piece.text[len(bare) :], True
        self._header += new

    def _written(self, cells: Cells) -> str:
        return self._line([cells.get(column, "") for column in self._header])

    def _line(self, cells: list[str]) -> str:
        line = io.StringIO()
        csv.writer(line, lineterminator=self._ending if hasattr(self, "_ending") else "\n").writerow(cells)
        return line.getvalue()
