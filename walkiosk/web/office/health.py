"""How the machine is: what a clerk looks at when something does not work, and what to tell who comes to mend it."""

from __future__ import annotations

from walkiosk.office.health import Health, look
from walkiosk.office.kiosk_states import kiosk_states
from walkiosk.web.office import kiosks, parts
from walkiosk.web.office.frame import loaded, page
from walkiosk.web.office.visit import Visit

GIB, MIB = 1 << 30, 1 << 20


@page("/health")
async def health(visit: Visit) -> None:
    """Everything at a glance, then in detail; at headquarters its kiosks first."""
    found = await visit.office.read(lambda: kiosk_states(visit.store, visit.office.clock()))
    kiosks.draw(visit, found)
    await loaded(visit, lambda: look(visit.store), lambda found: _draw(visit, found))


def _draw(visit: Visit, found: Health) -> None:
    words, at = visit.words, found.unfinished.reconciled_ms
    rows = _rows(visit, found)
    if all(fine for _, _, fine, _ in rows):
        parts.note(words("all_well"), "good")
    with parts.card():
        parts.table(
            [words("part"), words("value"), words("state")],
            [[name, value, _badge(said, fine)] for name, value, fine, said in rows],
        )
        told = words("reconciled_at", at=words.time(at)) if at else words("reconciled_on_start")
        parts.text(told).classes("soft small")
    with parts.box("grid"):
        _draw_parts(visit, found)


def _rows(visit: Visit, found: Health) -> list[tuple[str, str, bool, str]]:
    """What is looked at, what was found, whether that is fine, and how it is said."""
    words, database, unfinished = visit.words, found.database, found.unfinished
    rows = [
        (words(device.kind), device.name, device.answers, words("answers" if device.answers else "no_answer"))
        for device in found.devices
    ]
    rows.append((words("database"), database.address, database.sound, database.said))
    full, fits, waiting = found.disk_is_full, found.folder_is_loaded, unfinished.questions
    rows.append((words("disk"), _room(visit, found), not full, words("low" if full else "fine")))
    since = words("sales_open_since", at=words.time(unfinished.oldest_ms)) if unfinished.oldest_ms else words("none")
    told = words("questions_open", count=waiting) if waiting else words("fine")
    rows.append((words("sales_open"), f"{unfinished.sales} · {since}", not waiting, told))
    rows.append((words("folder"), found.folder, fits, words("is_loaded" if fits else "is_not_loaded")))
    return rows


def _draw_parts(visit: Visit, found: Health) -> None:
    words, names = visit.words, {True: visit.words("is_there"), False: visit.words("is_missing")}
    with parts.card(words("skills_there")):
        parts.text(words("weights_at", place=found.weights, size=words.number(found.weights_size / MIB, 1)))
        skills = [[name, _badge(names[there], there)] for name, there in found.skills.items()]
        parts.table([words("skill"), words("state")], skills)
    with parts.card(words("voices_there")):
        voices = [[words.name_of(code), voice or words("nobody_speaks")] for code, voice in found.voices.items()]
        parts.table([words("language"), words("voice")], voices)
    with parts.card(words("versions")):
        versions = {**found.versions, "schema": found.database.revision}
        parts.table([words("part"), words("version")], [[name, version] for name, version in versions.items()])


def _badge(said: str, fine: bool) -> parts.Cell:
    return lambda: parts.badge(said, "good" if fine else "bad")


def _room(visit: Visit, found: Health) -> str:
    words, size = visit.words, found.database.size
    free, whole = (words.number(each / GIB, 1) for each in (found.disk_free, found.disk_size))
    return words("disk_room", free=free, whole=whole, books=words.number((size or 0) / MIB, 1))
