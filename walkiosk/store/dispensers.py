"""Which dispenser a shop uses: what store.toml says."""

from pathlib import Path

from walkiosk.store.dispenser import Dispenser, SimulatedDispenser
from walkiosk.store.serial_dispenser import SerialDispenser
from walkiosk.store.settings import Settings


def dispenser_of(settings: Settings, memory: Path | str) -> Dispenser:
    """The shop's dispenser; `memory` is where the kiosk's end of it remembers. Raises `DispenserMisconfigured`."""
    kind, _, place = settings.dispenser.partition(":")
    return SerialDispenser(place, memory) if kind == "serial" else SimulatedDispenser(memory)
