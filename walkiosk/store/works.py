"""What a shop's folder `attract/` has for the attract screen: what `walkiosk generate` wrote into it.

Each of its files is looked at: one that a page cannot show, or that is too large to be shown on the side, is a fault
that names it. The folder is no part of what is loaded into a database, as the pictures of goods are not, so a fault
in it keeps nobody from selling: `walkiosk store check` tells it, and the page goes without that file.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from walkiosk.store.sheet import Columns, Problem, Sheet, decode, read_sheet

FOLDER = "attract"
MOST = 60  # files: each is shown for some seconds, and a customer sees a handful
LONGEST_TEXT = 240  # letters that are shown of a text: what is read while it stands there
MOST_VALUES = 2_000  # of a trend; a line some hundred pixels wide shows no more
LONGEST_SIDE = 4_096  # pixels of a picture: a kiosk's browser holds 4 bytes for each of them
Kind = Literal["text", "trend", "image", "audio", "video"]
LARGEST: Mapping[Kind, int] = {  # bytes of a file
    "text": 100_000, "trend": 100_000, "image": 4_000_000, "audio": 4_000_000, "video": 20_000_000,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """What an ending stands for: the kind, the media type, and how what is in a file is told (FFmpeg's names)."""

    kind: Kind
    media_type: str
    container: str = ""
    codecs: tuple[str, ...] = ()


FORMS: Mapping[str, Form] = {  # of what `walkiosk generate` writes, all that a browser shows
    ".txt": Form("text", "text/plain"),
    ".csv": Form("trend", "text/csv"),
    ".png": Form("image", "image/png", "PNG"),
    ".jpg": Form("image", "image/jpeg", "JPEG"),
    ".jpeg": Form("image", "image/jpeg", "JPEG"),
    ".gif": Form("image", "image/gif", "GIF"),
    ".webp": Form("image", "image/webp", "WEBP"),
    ".bmp": Form("image", "image/bmp", "BMP"),
    ".wav": Form("audio", "audio/wav", "wav", ("pcm_s16le",)),
    ".opus": Form("audio", "audio/ogg", "ogg", ("opus",)),
    ".ogg": Form("audio", "audio/ogg", "ogg", ("opus", "vorbis")),
    ".webm": Form("video", "video/webm", "matroska", ("vp8", "vp9", "av1")),
    ".mp4": Form("video", "video/mp4", "mp4", ("h264", "vp9", "av1")),
}


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to be shown: its file's name in the folder, the words of a text, the values of a trend."""

    kind: Kind
    file: str
    text: str = ""
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Works:
    """What can be shown, by the names of its files in order, and what is wrong with the others."""

    shown: tuple[Work, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_works(store: Path) -> Works:
    """Reads the folder `attract/` of a store folder; none there is a shop without works.

    Hidden files are passed over. Links are not followed: what lies elsewhere is not the page's to show.
    """
    place = store / FOLDER
    try:
        mode = place.lstat().st_mode
        names = sorted(name for name in os.listdir(place) if not name.startswith(".")) if stat.S_ISDIR(mode) else []
    except FileNotFoundError:
        return Works()
    except OSError as error:
        return Works(problems=(Problem(FOLDER, 0, "", "", f"cannot be read: {error.strerror or error}"),))
    if not stat.S_ISDIR(mode):
        return Works(problems=(Problem(FOLDER, 0, "", "", "is not a folder"),))
    shown, problems = list[Work](), list[Problem]()
    for name in names[:MOST]:
        sheet = Sheet(f"{FOLDER}/{_printable(name)}")
        work = _read(store, name, sheet)
        problems += sheet.problems
        if work is not None and not sheet.problems:
            shown.append(work)
    if len(names) > MOST:
        reason = f"there are {len(names)} files, and {MOST} are shown; this one and those behind it are not"
        problems.append(Problem(f"{FOLDER}/{_printable(names[MOST])}", 0, "", "", reason))
    return Works(tuple(shown), tuple(problems))


def _printable(name: str) -> str:
    """A name as a message shows it: bytes that are no UTF-8 would end the message."""
    return name if name.isprintable() else ascii(name)[1:-1]


def _read(store: Path, name: str, sheet: Sheet) -> Work | None:
    """A file as a work; None, or what is made of a faulty one, where the sheet has problems."""
    path = store / FOLDER / name
    form = FORMS.get(path.suffix.lower())
    try:
        problem = _problem(name, form, path.lstat())
        if problem is None and form is not None:
            return READERS[form.kind](path, form, sheet)
    except OSError as error:
        problem = "", f"cannot be read: {error.strerror or error}"
    if problem is not None:
        sheet.fail(0, "", *problem)
    return None


def _problem(name: str, form: Form | None, found: os.stat_result) -> tuple[str, str] | None:
    """The value and the reason why a file is not even opened."""
    if stat.S_ISLNK(found.st_mode):
        return "", "is a link; copy what it leads to"
    if not stat.S_ISREG(found.st_mode):
        return "", "is not a file"
    if not name.isprintable():
        return "", "a name of printable letters expected"
    if form is None:
        return Path(name).suffix, f"unknown type; known are {', '.join(FORMS)}"
    if not found.st_size:
        return "", "is empty"
    largest = LARGEST[form.kind]
    return (f"{found.st_size} bytes", f"of a {form.kind} at most {largest}") if found.st_size > largest else None


def _text(path: Path, _: Form, sheet: Sheet) -> Work:
    words = " ".join((decode(path, sheet) or "").split())
    if not words and not sheet.problems:
        sheet.fail(0, "", "", "is empty")
    if len(words) > LONGEST_TEXT:
        cut = words[:LONGEST_TEXT]
        words = f"{cut[: cut.rfind(' ')] if ' ' in cut else cut} …"
    return Work("text", path.name, text=words)


def _trend(path: Path, _: Form, sheet: Sheet) -> Work:
    read = read_sheet(path.parent, path.name, TREND)
    for problem in read.problems:
        sheet.fail(problem.line, problem.column, problem.value, problem.reason)
    values = tuple(row.cells["y"] for row in read.rows)
    if not sheet.problems and not 2 <= len(values) <= MOST_VALUES:
        sheet.fail(0, "y", f"{len(values)} values", f"2 to {MOST_VALUES} expected")
    return Work("trend", path.name, values=values)


def _image(path: Path, form: Form, sheet: Sheet) -> Work:
    from PIL import Image  # here, as FFmpeg below: most that opens a store shows no works

    try:
        with Image.open(path, formats=[form.container]) as picture:
            size, moves = picture.size, getattr(picture, "is_animated", False)
            if max(size) <= LONGEST_SIDE:
                picture.load()  # its head alone says nothing of a file that was cut off
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        sheet.fail(0, "", "", f"is no whole {form.container} picture")
        return Work("image", path.name)
    if max(size) > LONGEST_SIDE:
        sheet.fail(0, "", f"{size[0]} × {size[1]} pixels", f"at most {LONGEST_SIDE} a side")
    if moves:  # which nobody could stop who asked for less motion
        sheet.fail(0, "", "", "is a picture that moves; a film is .webm or .mp4")
    return Work("image", path.name)


def _played(path: Path, form: Form, sheet: Sheet) -> Work:
    """A sound or a film; its container is told, so that nothing that calls itself a film leads elsewhere."""
    import av

    try:
        with av.open(str(path), format=form.container, mode="r") as container:
            codecs = [each.codec_context.codec.canonical_name for each in container.streams if each.type == form.kind]
    except (av.error.FFmpegError, ValueError):
        codecs = []
    if not codecs:
        sheet.fail(0, "", "", f"is no {form.kind} of the form that it ends in")
    elif codecs[0] not in form.codecs:  # such as older MPEG-4
        sheet.fail(0, "", codecs[0], f"browsers do not play that{'; make it .webm' if form.kind == 'video' else ''}")
    return Work(form.kind, path.name)


def _number(cell: str) -> float:
    """Reads one value of a trend."""
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("a number expected")
    return value


TREND = Columns({"y": _number}, required=("y",))
READERS: Mapping[Kind, Callable[[Path, Form, Sheet], Work]] = {
    "text": _text, "trend": _trend, "image": _image, "audio": _played, "video": _played,
}  # fmt: skip
