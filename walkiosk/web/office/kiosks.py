"""Several kiosks on one page: a choice of one, and how each of them is. Of a shop without any nothing is drawn."""

from __future__ import annotations

from walkiosk.office.kiosk_states import KioskHealth
from walkiosk.web.office import parts
from walkiosk.web.office.visit import Visit


async def names(visit: Visit) -> tuple[str, ...]:
    """The kiosks that ship here."""
    return await visit.office.read(visit.store.kiosks.names)


def chosen(visit: Visit) -> str | None:
    """The kiosk that the address asks for; None for all."""
    return visit.query.get("kiosk") or None


def asked(visit: Visit, known: tuple[str, ...]) -> None:
    """The choice, in a form of questions."""
    if known:
        options = {"": visit.words("all")} | {name: name for name in known}
        parts.asked("kiosk", visit.words("kiosk"), options, chosen(visit) or "")


def draw(visit: Visit, found: tuple[KioskHealth, ...]) -> None:
    """Each kiosk: when it was seen, what waits there, and whether it sells by the latest facts."""
    words = visit.words
    if not found:
        return
    with parts.card(words("kiosks")):
        columns = [words(f"kiosk_{key}") for key in ("name", "seen", "waiting", "coming", "facts")]
        parts.table(columns, [_row(visit, each) for each in found], numbers=(2, 3))


def _row(visit: Visit, each: KioskHealth) -> list[parts.Cell]:
    words, state = visit.words, each.state
    seen = words.time(state.seen_ms)
    facts = "kiosk_latest" if each.is_latest else "kiosk_behind"
    told = words("kiosk_refused", why=state.refused) if state.refused else words(facts)

    def last() -> None:
        parts.badge(seen, "bad" if each.is_silent else "good")

    def facts_badge() -> None:
        parts.badge(told, "bad" if state.refused else "good" if each.is_latest else "warn")

    return [state.name, last, words.number(state.waiting), words.number(state.coming), facts_badge]
