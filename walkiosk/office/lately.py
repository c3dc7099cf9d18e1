"""What happened lately, as the morning page and the reports tell it: sales against the week before, talk, the watch."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from sqlalchemy import func, select

from walkiosk.office.conversation_report import ConversationReport, conversation_report
from walkiosk.office.desk import Office
from walkiosk.office.digest_value import Period
from walkiosk.office.report_tables import Report
from walkiosk.office.reports import SalesReport, milliseconds_of, sales_report
from walkiosk.office.watch import Finding, names_of_shop, watch
from walkiosk.skill import Untrained
from walkiosk.store import tables
from walkiosk.store.sale_days import came_to_its_end

WEEK = 7


@dataclass(frozen=True)
class Lately:
    """Yesterday, the same day a week ago, the last seven whole days, the seven before, and the last day of any sale.

    Today is in none of the four, and may be the last day of any sale.
    """

    yesterday: SalesReport
    week_ago: SalesReport
    week: SalesReport
    week_before: SalesReport
    last_sale: datetime.date | None


@dataclass(frozen=True)
class Watched:
    """What the watch found; `missing` says which skill it had to do without."""

    findings: tuple[Finding, ...]
    conversations: int
    missing: str = ""


def days_before(office: Office, days: int) -> Period:
    """The last whole days, up to yesterday."""
    return Period(office.today - datetime.timedelta(days), office.today - datetime.timedelta(1))


def sold_lately(office: Office) -> Lately:
    """How sales go."""
    yesterday, week = days_before(office, 1), days_before(office, WEEK)
    a_week = datetime.timedelta(WEEK)
    week_ago = Period(yesterday.since - a_week, yesterday.until - a_week)
    shop = office.store
    return Lately(
        sales_report(shop, yesterday),
        sales_report(shop, week_ago),
        sales_report(shop, week),
        sales_report(shop, week.before),
        _last_sale(office),
    )


def _last_sale(office: Office) -> datetime.date | None:
    """The last day on which anything sold, by the kiosk's books or by sales.csv; a refund is no sale."""
    past, arrow = tables.past_sale, tables.sale_arrow
    filed = select(func.max(past.c.date)).where(past.c.units > 0, past.c.date <= office.today)
    with office.store.engine.connect() as connection:
        day = connection.execute(filed).scalar()
        at_ms = connection.execute(select(func.max(arrow.c.at_ms)).where(came_to_its_end("capture"))).scalar()
    days = (day, office.day_of(at_ms) if at_ms else None)
    return max((each for each in days if each is not None), default=None)


def watched(office: Office, period: Period, kiosk: str | None = None) -> Watched:
    """What somebody should look at in the conversations of a period; in the office's thread.

    Without the skill that reads them, replies are still compared with their facts.
    """
    told = office.store.conversations.between(*milliseconds_of(period, office.store.settings.time_zone), kiosk)
    names = names_of_shop(office.store.engine)
    rests_on = (period, len(told), sum(len(each.turns) for each in told))
    try:
        skills = office.remark_skills()
    except Untrained as error:
        return Watched(watch(told, None, names), len(told), str(error))
    found = office.kept(f"watch {period.days} {kiosk or ''}", rests_on, lambda: watch(told, skills.categorise, names))
    return Watched(found, len(told))


def talk(office: Office, period: Period, kiosk: str | None = None) -> ConversationReport:
    """What came of the conversations of a period; in the office's thread."""
    try:
        vectors = office.remark_skills().vectors
    except Untrained:
        vectors = None
    return conversation_report(office.store, period, office.clock(), vectors, kiosk)


def report_of(office: Office, period: Period, with_talk: bool = True, kiosk: str | None = None) -> Report:
    """All there is to report of a period; in the office's thread. Without talk nothing of it is read by the model."""
    shop = office.store
    sold, zone = sales_report(shop, period, kiosk), shop.settings.time_zone
    name = shop.settings.name if kiosk is None else f"{shop.settings.name} · {kiosk}"
    if not with_talk:
        return Report(name, zone, sold, conversation_report(shop, period, office.clock(), kiosk=kiosk))
    return Report(name, zone, sold, talk(office, period, kiosk), watched(office, period, kiosk).findings)
