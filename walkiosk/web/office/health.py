"""How the machine is: what a clerk looks at when something does not work, and what to tell who comes to mend it."""

from __future__ import annotations

from walkiosk.office.health import Health, look
from walkiosk.web.office import parts
from walkiosk.web.office.frame import loaded, page
from walkiosk.web.office.visit import Visit

GIB, MIB = 1 << 30, 1 << 20


@page("/health")
async def health(visit: Visit) -> None:
    """Everything at a glance, then in detail."""
    await loaded(visit, lambda: look(visit.store), lambda found: _draw(visit, found))


def _draw(visit: Visit, found: Health) -> None:
    words, database, unfinished = visit.words, found.database, found.unfinished
    rows: list[tuple[str, str, bool, str]] = [
        (words(device.kind), device.name, device.answers, words("answers" if device.answers else "no_answer"))
        for device in found.devices
    ]
    rows.append((words("database"), database.address, database.sound, database.said))
    rows.append(
        (words("disk"), _room(visit, found), not found.disk_is_full, words("low" if found.disk_is_full else "fine"))
    )
    told = words("sales_open_since", at=words.time(unfinished.oldest_ms)) if unfinished.oldest_ms else words("none")
    waiting = unfinished.questions == 0
    rows.append(
        (
            words("sales_open"),
            f"{unfinished.sales} · {told}",
            waiting,
            words("fine") if waiting else words("questions_open", count=unfinished.questions),
        )
    )
    fits = found.folder_is_loaded
    rows.append((words("folder"), found.folder, fits, words("is_loaded" if fits else "is_not_loaded")))
    if all(fine for _, _, fine, _ in rows):
        parts.note(words("all_well"), "good")
    with parts.card():
        parts.table(
            [words("part"), words("value"), words("state")],
            [[name, value, _badge(said, fine)] for name, value, fine, said in rows],
        )
        at = unfinished.reconciled_ms
        parts.text(words("reconciled_at", at=words.time(at)) if at else words("reconciled_on_start")).classes(
            "soft small"
        )
    with parts.box("grid"):
        with parts.card(words("skills_there")):
            parts.text(words("weights_at", place=found.weights, size=words.number(found.weights_size / MIB, 1)))
            names = {True: words("is_there"), False: words("is_missing")}
            parts.table(
                [words("skill"), words("state")],
                [[name, _badge(names[there], there)] for name, there in found.skills.items()],
            )
        with parts.card(words("voices_there")):
            parts.table(
                [words("language"), words("voice")],
                [[words.name_of(code), voice or words("nobody_speaks")] for code, voice in found.voices.items()],
            )
        with parts.card(words("versions")):
            rows_of = [[name, version] for name, version in {**found.versions, "schema": database.revision}.items()]
            parts.table([words("part"), words("version")], rows_of)


def _badge(said: str, fine: bool) -> parts.Cell:
    return lambda: parts.badge(said, "good" if fine else "bad")


def _room(visit: Visit, found: Health) -> str:
    words, size = visit.words, found.database.size
    free, whole = (words.number(each / GIB, 1) for each in (found.disk_free, found.disk_size))
    return words("disk_room", free=free, whole=whole, books=words.number((size or 0) / MIB, 1))
