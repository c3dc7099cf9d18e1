"""A shop's own settings: store.toml."""

import re
import tomllib
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.core import get_global
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from walkiosk.store.sheet import Problem, Sheet, decode, is_language

FILE = "store.toml"
DEFAULT_ITEM_CAP = 10  # units of one product in a sale
DEFAULT_SALE_CAP = 30  # units in a sale
DEFAULT_MARGIN = 4_000  # basis points
PAYMENTS = ("simulated", "stripe")
PATH, HOST, USB_IDS = r"\S(.*\S)?", r"[\w.-]+(:[0-9]{1,5})?", "[0-9a-fA-F]{4}:[0-9a-fA-F]{4}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What store.toml says. Shelf prices include the tax; caps count units."""

    name: str
    wake_phrases: tuple[str, ...]
    currency: str
    time_zone: str
    languages: tuple[str, ...]
    lead_time_days: int = 7
    review_days: int = 1  # from one order to the next
    cover_days: int = 0  # that an order lasts beyond the next one, for fewer and larger orders
    service_level: float = 0.95
    margin_basis_points: int = DEFAULT_MARGIN  # of the price before tax: what is not paid to the supplier
    order_budget_cents: int | None = None
    most_off_basis_points: int = 5_000  # that offers together take off a price
    tax_basis_points: int = 0
    item_cap: int = DEFAULT_ITEM_CAP
    sale_cap: int = DEFAULT_SALE_CAP
    remark_categories: tuple[str, ...] = ()
    keep_conversations_days: int = 30  # how long what was said is kept; 0 keeps nothing
    keep_remarks_days: int = 0  # how long the words of remarks are kept; 0 keeps them for good
    keep_customers_days: int = 0  # after which a customer who was not here is forgotten; 0 forgets nobody
    jingle_seed: int | None = None  # of the tune that is played when nobody is there; None is silence
    hearing_loop: bool = False  # whether a hearing aid set to T receives the kiosk's voice; the page says so
    payment: str = "simulated"  # the payment provider, one of PAYMENTS
    dispenser: str = "simulated"  # or "serial:" and the port of its controller
    printer: str = "none"  # of receipts, or its kind, a colon, and where it is
    printer_columns: int = 42  # letters in a line of it: 32 on paper of 58 mm, 42 or 48 of 80 mm
    kiosk: str = ""  # what headquarters calls this kiosk; "" where there is no headquarters
    headquarters: str = ""  # its PostgreSQL, without a password; WALKIOSK_HEADQUARTERS counts before it
    offline_hours: int = 24  # without headquarters, after which somebody should look

    @property
    def country(self) -> str:
        """Where the shop is, by its time zone (ISO 3166-1 alpha-2); "" for a zone of no country."""
        code = str(get_global("zone_territories").get(self.time_zone, ""))
        return code if code.isalpha() and code != "ZZ" else ""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("words in quotes expected")
    return value.strip()


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("a list of words expected")  # the operator's value, not a caller's type
    return tuple(map(_text, value))


def _phrases(value: Any) -> tuple[str, ...]:
    return _texts(value) if isinstance(value, list) and value else (_text(value),)


def _currency(value: Any) -> str:
    if not re.fullmatch("[A-Z]{3}", _text(value)):
        raise ValueError("a code of three capitals such as EUR expected")
    return str(value)


def _time_zone(value: Any) -> str:
    try:
        return zoneinfo.ZoneInfo(_text(value)).key
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError("a time zone such as Europe/Madrid expected") from None


def _languages(value: Any) -> tuple[str, ...]:
    codes = _texts(value)
    if not codes or not all(map(is_language, codes)):
        raise ValueError('a list of language codes such as ["en", "es"] expected')
    return codes


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false expected")
    return value


def _number(low: float, high: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g} expected")
        return float(value)

    return read


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high} expected")
        return value

    return read


def _hundredths(low: float, high: float) -> Callable[[Any], int]:
    return lambda value: round(_number(low, high)(value) * 100)


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"one of {', '.join(words)} expected")
        return str(value)

    return read


def _device(without: str, **kinds: str) -> Callable[[Any], str]:
    """The word for none, or a kind, a colon, and a place of the kind's pattern."""

    def read(value: Any) -> str:
        kind, _, place = value.partition(":") if isinstance(value, str) else ("", "", "")
        if value != without and not (kind in kinds and re.fullmatch(kinds[kind], place)):
            raise ValueError(f"{without} or {', '.join(f'{kind}:…' for kind in kinds)} expected")
        return str(value)

    return read


def _kiosk(value: Any) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", _text(value)):
        raise ValueError("a name such as lobby-2 expected: small letters, digits and -, at most 32")
    return str(value).strip()


def _postgresql(value: Any) -> str:
    try:
        address = make_url(_text(value))
    except ArgumentError:
        address = None
    if address is None or address.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError("an address such as postgresql://kiosk@hq.example/shop?sslmode=verify-full expected")
    if address.password is not None or "password" in address.query:
        raise ValueError("a password does not belong in this file: put the address into WALKIOSK_HEADQUARTERS")
    return str(value).strip()


READERS: dict[str, tuple[str, Callable[[Any], Any]]] = {  # key of the file: field of Settings and reader
    "name": ("name", _text),
    "wake_phrase": ("wake_phrases", _phrases),
    "currency": ("currency", _currency),
    "time_zone": ("time_zone", _time_zone),
    "languages": ("languages", _languages),
    "lead_time_days": ("lead_time_days", _whole(0, 3650)),
    "review_days": ("review_days", _whole(1, 365)),
    "cover_days": ("cover_days", _whole(0, 365)),
    "service_level": ("service_level", _number(0.5, 0.9999)),
    "margin_percent": ("margin_basis_points", _hundredths(0, 100)),
    "order_budget": ("order_budget_cents", _hundredths(0, 1e7)),
    "most_percent_off": ("most_off_basis_points", _hundredths(0, 100)),
    "tax_percent": ("tax_basis_points", _hundredths(0, 100)),
    "item_cap": ("item_cap", _whole(1, 1_000_000)),
    "sale_cap": ("sale_cap", _whole(1, 1_000_000)),
    "remark_categories": ("remark_categories", _texts),
    "keep_conversations_days": ("keep_conversations_days", _whole(0, 3650)),
    "keep_remarks_days": ("keep_remarks_days", _whole(0, 3650)),
    "keep_customers_days": ("keep_customers_days", _whole(0, 3650)),
    "jingle_seed": ("jingle_seed", _whole(0, 2**32 - 1)),
    "hearing_loop": ("hearing_loop", _yes_or_no),
    "payment": ("payment", _one_of(*PAYMENTS)),
    "dispenser": ("dispenser", _device("simulated", serial=PATH)),
    "printer": ("printer", _device("none", network=HOST, usb=USB_IDS, serial=PATH, file=PATH)),
    "printer_columns": ("printer_columns", _whole(24, 48)),
    "kiosk": ("kiosk", _kiosk),
    "headquarters": ("headquarters", _postgresql),
    "offline_hours": ("offline_hours", _whole(1, 8760)),
}
OWN = (  # keys that no kiosk takes over from headquarters
    "payment", "dispenser", "printer", "printer_columns", "hearing_loop", "kiosk", "headquarters", "offline_hours",
)  # fmt: skip
REQUIRED = ("name", "wake_phrase", "currency", "time_zone", "languages")


def read_settings(folder: Path) -> tuple[Settings | None, list[Problem]]:
    """The settings of a folder, or None and what is wrong with them."""
    sheet = Sheet(FILE)
    path = folder / FILE
    if not path.is_file():
        sheet.fail(0, "", "", f"is missing in {folder}")
        return None, sheet.problems
    text = decode(path, sheet)
    if text is None:
        return None, sheet.problems
    text = text.replace("\r\n", "\n")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        sheet.fail(int(line[1]) if line else text.count("\n") + 1, "", "", str(error))
        return None, sheet.problems
    fields: dict[str, Any] = {}
    for key, value in table.items():
        if key not in READERS:
            sheet.fail(_line_of(key, text), key, "", f"unknown; known are {', '.join(READERS)}")
            continue
        field, reader = READERS[key]
        try:
            fields[field] = reader(value)
        except ValueError as error:
            shown = "" if key == "headquarters" else str(value)  # there may be a password in it
            sheet.fail(_line_of(key, text), key, shown, str(error))
    for key in (*REQUIRED, *(("kiosk",) if "headquarters" in table else ())):
        if key not in table:
            sheet.fail(0, key, "", "is missing")
    return (None if sheet.problems else Settings(**fields)), sheet.problems


def _line_of(key: str, text: str) -> int:
    match = re.search(rf"^\s*(\[+\s*)?[\"']?{re.escape(key)}\b", text, re.MULTILINE)
    return text.count("\n", 0, match.end()) + 1 if match else 0
