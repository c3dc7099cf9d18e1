"""Logs of a kiosk: a line of JSON each, without names, audio, words of customers, card data or PINs.

The first fence is what is logged: our own lines say what happened, never to whom or with which words. The second is
here, and holds for every line whoever writes it: numbers as long as a PIN and the words of cards are left out, what an
exception says is left out (only its kind and where it was raised are told), and of other people's libraries only
warnings are heard, since in their finer lines they tell what they were given.
"""

from __future__ import annotations

import datetime
import json
import logging
import re
import sys
import traceback
from pathlib import Path
from typing import Any, Literal, TextIO, get_args

Level = Literal["debug", "info", "warning", "error"]
OURS, ACCESS = "walkiosk", "uvicorn.access"
LEFT_OUT = "…"
LONGEST = 500  # letters of a line's words
DEEPEST = 12  # places of a traceback, the last ones
HOUSE = Path(__file__).resolve().parents[1]
# As long as a PIN or longer, in one or digit by digit; our own ids, of sales and drops, are 32 hexadecimal digits, as
# no card's number is. A customer card's word is customer_keys.CARD_WORD.
_LONG_NUMBER = re.compile(r"(\b[0-9a-f]{32}\b)|\d(?:[\s\-–.,_/]{0,2}\d){3,}")
_CARD_WORD = re.compile(r"\bWK-[A-Z2-7]{8,}")


def level(name: str) -> Level:
    """The level of that name; raises `ValueError`."""
    levels: tuple[Level, ...] = get_args(Level)
    for each in levels:
        if each == name:
            return each
    raise ValueError(f"{name!r} is no level of logs: {', '.join(levels)}")


def set_up(level: Level = "warning", stream: TextIO | None = None, access: bool = False) -> logging.Handler:
    """Has everything that is logged in this process written to `stream`, else to stderr; returns the handler.

    `access` adds a line for every request: its method, its path without the query, the answer's status.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Discretion(access))
    handler.setFormatter(Lines())
    root = logging.getLogger()
    for other in root.handlers[:]:
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", ACCESS):  # which bring handlers of their own
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger(ACCESS).setLevel(logging.INFO if access else logging.WARNING)
    return handler


def fenced(text: str) -> str:
    """A text without numbers as long as a PIN and without words of cards, cut where it becomes long."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}{LEFT_OUT}"
    return _LONG_NUMBER.sub(lambda found: found[1] or LEFT_OUT, _CARD_WORD.sub(LEFT_OUT, cut))


class Discretion(logging.Filter):
    """Lets through what may be written down at all."""

    def __init__(self, access: bool = False) -> None:
        super().__init__()
        self.access = access

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is written."""
        if record.name == ACCESS:
            return self.access
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        return ours or record.levelno >= logging.WARNING


class Lines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "from": record.name}
        if record.name == ACCESS:
            line |= _request(record)
        else:
            line["said"] = fenced(_said(record))
        if record.exc_info and record.exc_info[0] is not None:
            line |= {"raised": record.exc_info[0].__name__, "where": _places(record.exc_info[1])}
        return json.dumps(line, ensure_ascii=False)


def _said(record: logging.LogRecord) -> str:
    try:
        said = record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit: the line is told without them
        said = str(record.msg)
    # asyncio tells of tasks that nobody awaited with all that they raised, from the second line on
    return said.partition("\n")[0]


def _request(record: logging.LogRecord) -> dict[str, Any]:
    """Uvicorn's (client, method, path with query, HTTP version, status), without who asked and what for."""
    args = record.args if isinstance(record.args, tuple) and len(record.args) == 5 else ("", "", "", "", 0)
    path = str(args[2]).partition("?")[0]
    return {"method": str(args[1]), "path": fenced(path), "status": args[4]}


def _places(error: BaseException | None) -> list[str]:
    """Where an exception was raised and passed through, the innermost last; what it says stays out."""
    frames = traceback.extract_tb(error.__traceback__ if error else None)[-DEEPEST:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(HOUSE)) if path.is_relative_to(HOUSE) else "/".join(path.parts[-2:])
