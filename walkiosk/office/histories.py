"""Days of demand as the forecaster reads them: one `History` a product, whatever they are asked for."""

from __future__ import annotations

from collections.abc import Mapping

from walkiosk.modality.history import History
from walkiosk.store import Store
from walkiosk.store.demand import DailyDemand


def histories_of(store: Store, days: Mapping[str, DailyDemand]) -> dict[str, History]:
    """Each product's days with its price, promotions and public holidays, by sku, in the order of ``days``."""
    settings = store.settings
    products = store.catalogue.products(days, settings.languages[0])
    return {
        sku: History(
            one.units,
            one.first,
            "D",
            one.price_cents,
            one.promotion,
            products[sku].category,
            full_name(products[sku].name, products[sku].size),
            settings.country,
        )
        for sku, one in days.items()
    }


def full_name(name: str, size: str | None) -> str:
    """What tells a product from its other sizes."""
    return f"{name}, {size}" if size else name
