"""Remarks: what they say together, and each word for word, by theme, category, language, period and stars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from walkiosk.office import opinions
from walkiosk.office.digest_value import Digest, Theme
from walkiosk.office.remarks import Remark
from walkiosk.skill import Untrained
from walkiosk.web.office import kiosks, parts
from walkiosk.web.office.frame import loaded, page
from walkiosk.web.office.visit import Visit

PERIODS = (7, 28, 91, 365)  # days
USUAL_DAYS = 28
MOST_DAYS = 3660  # that can be looked back
A_PAGE = 40  # remarks
FEELING_KINDS: dict[str, parts.Kind] = {"praise": "good", "complaint": "bad", "wish": "warn"}
Member = TypeVar("Member")


@dataclass(frozen=True)
class Found:
    """What is there to be shown; without a digest and the model's categories where the skill is missing, and why."""

    remarks: Sequence[Remark]
    digest: Digest | None
    categories: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    kiosks: tuple[str, ...] = ()


@page("/remarks")
async def remarks(visit: Visit) -> None:
    """The filters, the themes, the remarks."""
    days = min(visit.number("days", USUAL_DAYS), MOST_DAYS)
    await loaded(visit, lambda: _find(visit, days), lambda found: _draw(visit, found, days))


def _find(visit: Visit, days: int) -> Found:
    office = visit.office
    period = opinions.last_days(office, days)
    own, known = [remark for remark in opinions.remarks(office) if remark.day in period], visit.store.kiosks.names()
    try:
        made = opinions.digest_of(office, visit.words.language, days)
        return Found(own, made, opinions.categories_of(office, own), kiosks=known)
    except Untrained as error:
        names = visit.store.settings.remark_categories
        filed = {each.id: each.filed for each in own if each.filed and each.filed in names}
        return Found(own, None, filed, str(error), known)


def _draw(visit: Visit, found: Found, days: int) -> None:
    words = visit.words
    shown = [remark for remark in found.remarks if _fits(visit, found, remark)]
    _filters(visit, found, days)
    if found.missing:
        parts.note(words("no_themes", what=found.missing))
    elif found.digest is None and found.remarks:
        parts.note(words("too_few_remarks"))
    if found.digest is not None:
        with parts.box("grid halves"):
            _themes(visit, found.digest, days)
            _verbatim(visit, found, shown)
    else:
        _verbatim(visit, found, shown)


def _fits(visit: Visit, found: Found, remark: Remark) -> bool:
    asked = visit.query
    theme = _place(visit.number("theme", -1), found.digest.themes if found.digest else ())
    sentence = _place(visit.number("sentence", -1), found.digest.sentences if found.digest else ())
    return (
        (not asked.get("language") or remark.language == asked["language"])
        and kiosks.chosen(visit) in (None, remark.kiosk)
        and (not asked.get("stars") or str(remark.stars) == asked["stars"])
        and (not asked.get("category") or found.categories.get(remark.id) == asked["category"])
        and (theme is None or remark.id in theme.ids)
        and (sentence is None or remark.id in sentence.ids)
    )


def _filters(visit: Visit, found: Found, days: int) -> None:
    words, asked = visit.words, visit.query
    every = {"": words("all")}
    spoken = sorted({remark.language for remark in found.remarks if remark.language})
    with parts.asking("/remarks", words("show")):
        parts.asked("days", words("period"), {str(each): words("last_days", days=each) for each in PERIODS}, str(days))
        if found.digest is not None:
            themes = {str(n): _name(visit, theme) for n, theme in enumerate(found.digest.themes[:A_PAGE])}
            parts.asked("theme", words("theme"), every | themes, asked.get("theme", ""))
        if found.categories:
            names = {name: name for name in visit.store.settings.remark_categories}
            parts.asked("category", words("category"), every | names, asked.get("category", ""))
        parts.asked(
            "language", words("language"), every | {c: words.name_of(c) for c in spoken}, asked.get("language", "")
        )
        kiosks.asked(visit, found.kiosks)
        parts.asked("stars", words("stars"), every | {str(n): "★" * n for n in range(5, 0, -1)}, asked.get("stars", ""))


def _name(visit: Visit, theme: Theme) -> str:
    told = theme.sentence or (f"“{theme.quotes[0].words}”" if theme.quotes else visit.words("theme"))
    return told if len(told) <= 48 else told[:47] + "…"


def _themes(visit: Visit, made: Digest, days: int) -> None:
    words = visit.words
    with parts.card(words("themes")):
        told = words("themes_told", remarks=made.remarks, alone=made.alone, unclear=len(made.unclear))
        parts.text(told).classes("soft small")
        for number, theme in enumerate(made.themes):
            with parts.box("theme", "article"):
                parts.link(
                    theme.sentence or _name(visit, theme), f"/remarks?{urlencode({'days': days, 'theme': number})}"
                )
                with parts.box("facts"):
                    parts.badge(words(f"feeling_{theme.feeling}"), FEELING_KINDS.get(theme.feeling, "plain"))
                    if theme.category:
                        parts.badge(theme.category)
                    parts.text(words("times_share", count=theme.count, share=words.percent(theme.share)), "span")
                    parts.text(_trend(visit, theme), "span").classes("soft")
                for quote in theme.quotes:
                    parts.said(quote.words, quote.language, "blockquote")


def _trend(visit: Visit, theme: Theme) -> str:
    if theme.before is None:
        return ""
    return visit.words("before_count", count=theme.before)


def _verbatim(visit: Visit, found: Found, shown: Sequence[Remark]) -> None:
    words = visit.words
    number = visit.page
    with parts.card(words("verbatim", count=len(shown))):
        if not shown:
            parts.note(words("no_remarks"))
        for remark in shown[(number - 1) * A_PAGE : number * A_PAGE]:
            _remark(visit, remark, found.categories.get(remark.id, ""))
        rest = {key: value for key, value in visit.query.items() if key != "page"}
        parts.pages(visit, number, -(-len(shown) // A_PAGE), lambda n: f"/remarks?{urlencode({**rest, 'page': n})}")


def _remark(visit: Visit, remark: Remark, category: str) -> None:
    words = visit.words
    with parts.box("remark", "article"):
        with parts.box("facts"):
            if remark.stars:
                parts.text("★" * remark.stars + "☆" * (5 - remark.stars), "span").classes("stars").props(
                    f'role=img aria-label="{words("of_five", stars=remark.stars)}"'
                )
            if remark.day:
                parts.text(words.date(remark.day), "span").classes("soft")
            if remark.language:
                parts.text(words.name_of(remark.language), "span").classes("soft")
            if remark.kiosk:
                parts.text(remark.kiosk, "span").classes("soft")
            if remark.words and visit.store.settings.remark_categories:
                _category(visit, remark, category)
        if remark.words:
            parts.said(remark.words, remark.language)


def _category(visit: Visit, remark: Remark, category: str) -> None:
    """The category, to be put right by hand; what is filed so teaches the model where the others go."""
    words, names = visit.words, visit.store.settings.remark_categories
    by_hand = remark.filed in names

    async def file(chosen: str) -> None:
        if chosen and chosen not in names:
            return
        try:
            await visit.office.write(lambda: visit.store.feedback.file(int(remark.id), chosen or None))
        except KeyError:
            parts.say(words("remark_is_gone"), "negative")
            return
        parts.say(words("filed", category=chosen) if chosen else words("not_filed"), "positive")

    other = {"": words("by_itself")} if by_hand else {} if category else {"": "–"}
    parts.chooser(words("category"), other | {name: name for name in names}, category, file)
    if by_hand:
        parts.text(words("by_hand"), "span").classes("soft small")


def _place(place: int, of: Sequence[Member]) -> Member | None:
    return of[place] if 0 <= place < len(of) else None
