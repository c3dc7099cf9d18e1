"""A film shop's kiosk whose skills follow a script."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kiosk.script import Script
from walkiosk.kiosk import Kiosk, Reply, Turn
from walkiosk.store import Store
from walkiosk.store.dispenser import SimulatedDispenser
from walkiosk.store.payment import SimulatedReader
from walkiosk.store.sale import Sales

FILM_SHOP = Path(__file__).parents[1] / "store" / "film_shop"
Say = Callable[..., Reply]


@pytest.fixture
def script() -> Script:
    """What customers' sentences mean; tests add to it."""
    return Script()


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the film shop, from which each test's own is copied."""
    path = tmp_path_factory.mktemp("shop") / "loaded.db"
    Store.open(FILM_SHOP, f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Iterator[Store]:
    """The film shop, with books of its own."""
    opened = Store.open(FILM_SHOP, f"sqlite:///{shutil.copy(loaded, tmp_path / 'shop.db')}")
    yield opened
    opened.close()


@pytest.fixture
def kiosk(store: Store, script: Script) -> Kiosk:
    """A kiosk of that shop."""
    return Kiosk(store, script.skills())


@pytest.fixture
def say(kiosk: Kiosk) -> Say:
    """Says or touches something as one customer whom nobody knows."""
    session = kiosk.start()

    def say(text: str | None = None, **more: object) -> Reply:
        return kiosk.answer(Turn(session, text, **more))  # type: ignore[arg-type]

    say.session = session  # type: ignore[attr-defined]
    return say


@pytest.fixture
def reader(kiosk: Kiosk) -> SimulatedReader:
    """The kiosk's card reader."""
    provider = _sales(kiosk).provider
    assert isinstance(provider, SimulatedReader)
    return provider


@pytest.fixture
def dispenser(kiosk: Kiosk) -> SimulatedDispenser:
    """The kiosk's dispenser."""
    dispenser = _sales(kiosk).dispenser
    assert isinstance(dispenser, SimulatedDispenser)
    return dispenser


def _sales(kiosk: Kiosk) -> Sales:
    return kiosk.shop.store.sales
