"""What customers say, for the operator's pages: the digest of the last days, and each remark under its category."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from walkiosk.modality.text import LANGUAGES
from walkiosk.office.desk import Office
from walkiosk.office.digest import Asked, digest
from walkiosk.office.digest_value import Digest, Period
from walkiosk.office.items import Items
from walkiosk.office.remarks import Remark, filed_by_hand, of_feedback
from walkiosk.store.feedback import Remark as Kept

FEWEST = 3  # remarks with words that can be summed up


def last_days(office: Office, days: int) -> Period:
    """The last so many days, today among them."""
    return Period(office.today - datetime.timedelta(days - 1), office.today)


def remarks(office: Office) -> list[Remark]:
    """Every remark, newest first."""
    return of_feedback(_kept(office), office.store.settings.time_zone)[::-1]


def digest_of(office: Office, language: str, days: int) -> Digest | None:
    """The digest of the last days, or None where there is too little to sum up; in the office's thread.

    Raises `Untrained`.
    """
    kept = _kept(office)
    period = last_days(office, days)
    found = of_feedback(kept, office.store.settings.time_zone)
    if sum(bool(remark.words) for remark in found if remark.day in period) < FEWEST:
        return None
    shop_categories = office.store.settings.remark_categories
    written_in = language if language in LANGUAGES else "en"

    def made() -> Digest:
        shop = office.store
        asked = Asked(written_in, period, shop_categories)
        return digest(office.remark_skills(), found, asked, Items.of_shop(shop.engine, shop.linker))

    return office.kept(f"digest {written_in} {days}", (len(kept), tuple(filed_by_hand(found)), shop_categories), made)


def categories_of(office: Office, found: Sequence[Remark]) -> dict[str, str]:
    """The category of each remark with words, by its id, by hand where it is filed; in the office's thread.

    What is filed by hand teaches where the others go. Raises `Untrained`.
    """
    names = office.store.settings.remark_categories
    kept = remarks(office)
    filed = tuple(filed_by_hand(kept[::-1]))
    known: dict[str, str] = office.kept("categories", (names, filed), dict)
    new = [remark for remark in found if remark.words and remark.id not in known]
    if names and new:
        texts = [remark.words for remark in new]
        under = office.remark_skills().categorise(texts, names, filed)
        known.update(zip((remark.id for remark in new), under, strict=True))
    return known | {remark.id: remark.filed for remark in kept if remark.filed and remark.filed in names}


def _kept(office: Office) -> tuple[Kept, ...]:
    return office.store.feedback.remarks()
