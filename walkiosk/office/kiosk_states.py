"""How the kiosks are, as headquarters sees them."""

from __future__ import annotations

from dataclasses import dataclass

from walkiosk.store import Store
from walkiosk.store.kiosks import KioskState
from walkiosk.store.loading import loaded_fingerprint

HOUR_MILLISECONDS = 3_600_000


@dataclass(frozen=True, slots=True)
class KioskHealth:
    """A kiosk as it told; whether it sells by the latest facts, and whether it was not heard of for too long."""

    state: KioskState
    is_latest: bool
    is_silent: bool


def kiosk_states(store: Store, now_ms: int) -> tuple[KioskHealth, ...]:
    """Every kiosk; nothing where none ships here."""
    latest, longest = loaded_fingerprint(store.engine), store.settings.offline_hours * HOUR_MILLISECONDS
    return tuple(
        KioskHealth(state, state.revision == latest, now_ms - state.seen_ms > longest)
        for state in store.kiosks.states()
    )
