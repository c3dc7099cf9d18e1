"""Which payment provider a shop uses: what store.toml says, set up by the environment, which alone knows secrets."""

import os
from pathlib import Path

from walkiosk.store.payment import PaymentProvider, SimulatedReader
from walkiosk.store.settings import Settings
from walkiosk.store.stripe_line import StripeConfig
from walkiosk.store.stripe_terminal import StripeTerminal


def provider_of(settings: Settings, memory: Path | str) -> PaymentProvider:
    """The shop's provider; `memory` is where the simulated reader remembers. Raises `PaymentMisconfigured`."""
    if settings.payment == "stripe":
        return StripeTerminal(StripeConfig.of_environment(os.environ), settings.currency)
    return SimulatedReader(memory)
