"""Whose day a sale is, and who tells of a day: the kiosk's own books, or sales.csv. One rule, for reports and demand.

A day is counted once. A day on which the kiosk took money is told by its books alone: they know it to the unit and the
cent, what was taken has to be in the reports, and what fell is what the stock here lost. Every other day is told by
sales.csv where that has rows. So neither does a file that reaches into the kiosk's time hide money that was taken, nor
one sale, tried out before the shop opened, put away the months of the file behind it. The two are never added up: rows
of a day that both know may well be the same sales.
"""

from __future__ import annotations

import datetime
import zoneinfo

from sqlalchemy import ColumnElement, Connection, select

from walkiosk.store import tables


def midnight_ms(day: datetime.date, zone: zoneinfo.ZoneInfo) -> int:
    """A day's first millisecond since 1970."""
    return round(datetime.datetime.combine(day, datetime.time(), zone).timestamp() * 1000)


def day_of(at_ms: int, zone: zoneinfo.ZoneInfo) -> datetime.date:
    """The day of an instant in milliseconds since 1970."""
    return datetime.datetime.fromtimestamp(at_ms / 1000, zone).date()


def came_to_its_end(arrow: str) -> ColumnElement[bool]:
    """Of `sale_arrow`: the captures or refunds that the provider has answered; a sale's day is that of its capture."""
    return (tables.sale_arrow.c.name == arrow) & tables.sale_arrow.c.outcome.is_not(None)


def kiosk_days(
    connection: Connection, zone: zoneinfo.ZoneInfo, since: datetime.date, until: datetime.date
) -> frozenset[datetime.date]:
    """The days, both ends included, that the kiosk's books tell; rows of sales.csv of these days are left out."""
    at = tables.sale_arrow.c.at_ms
    within = (at >= midnight_ms(since, zone)) & (at < midnight_ms(until + datetime.timedelta(1), zone))
    instants = connection.execute(select(at).where(came_to_its_end("capture"), within)).scalars()
    return frozenset(day_of(at_ms, zone) for at_ms in instants)
