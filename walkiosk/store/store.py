"""The shop behind one door: `Store.open` on a folder or a database, and its parts."""

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from walkiosk.store import outbox, revision
from walkiosk.store.accounts import Accounts
from walkiosk.store.basket import Baskets
from walkiosk.store.catalogue import Catalogue
from walkiosk.store.clerk_codes import ClerkCodes
from walkiosk.store.conversations import Conversations
from walkiosk.store.customer_keys import CustomerKeys
from walkiosk.store.customers import Customers
from walkiosk.store.database import open_database
from walkiosk.store.dispenser import Dispenser
from walkiosk.store.dispensers import dispenser_of
from walkiosk.store.editing.editor import Editor
from walkiosk.store.editing.staging import recover
from walkiosk.store.feedback import Feedback
from walkiosk.store.folder import fingerprint
from walkiosk.store.inventory import Inventory
from walkiosk.store.kiosks import Kiosks
from walkiosk.store.knowledge_graph import KnowledgeGraph, Schema
from walkiosk.store.linking import EntityLinker
from walkiosk.store.loading import load_folder, loaded_fingerprint, read_loaded_settings
from walkiosk.store.offers import Offers
from walkiosk.store.orders import Orders
from walkiosk.store.payment import PaymentProvider
from walkiosk.store.providers import provider_of
from walkiosk.store.sale import Sales
from walkiosk.store.settings import Settings, read_settings


class NoShop(LookupError):
    """A database into which no store folder was loaded yet."""


def state_directory() -> Path:
    """The user's directory for what programs remember, made if it is not there."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "walkiosk"
    state.mkdir(parents=True, exist_ok=True)
    return state


def default_database(folder: Path) -> str:
    """Where a folder's books are kept unless somebody says otherwise: in the user's state directory, by its path."""
    resolved = folder.resolve()
    mark = hashlib.sha256(str(resolved).encode()).hexdigest()[:12]
    return f"sqlite:///{state_directory() / f'{resolved.name}-{mark}.db'}"


def _load(engine: Engine, folder: Path, ships: bool) -> None:
    """Loads a folder; of a kiosk whose facts came from headquarters its store.toml alone, in front of those."""
    known = revision.kept(engine) if ships else None
    if known is None:
        load_folder(engine, folder)
    else:
        revision.take(engine, folder, known)


@dataclass(frozen=True)
class Store:
    """A loaded shop. `folder` is where its pictures and clips lie, None when it was opened by its database alone."""

    engine: Engine
    settings: Settings
    folder: Path | None = None

    @classmethod
    def open(cls, place: str | Path, database: str | None = None) -> "Store":
        """Opens a store folder, loading it when it has changed, or the database URL of a shop that was loaded before.

        A folder's books are kept in `database` (a URL; `sqlite://` forgets them), else in the user's state directory.
        Raises `FolderError` for a folder with faults, `NoShop` for a database without a shop, `ValueError` for books
        that cannot be shipped to headquarters.
        """
        if isinstance(place, str) and "://" in place:
            return cls._of(open_database(place), None)
        folder = Path(place)
        recover(folder)
        mark = fingerprint(folder)
        engine = open_database(database or default_database(folder))
        own, _ = read_settings(folder)
        ships = own is not None and bool(own.kiosk)
        if ships:
            outbox.watch(engine)
        elif engine.dialect.name == "sqlite":
            outbox.unwatch(engine)
        if loaded_fingerprint(engine) != mark:
            _load(engine, folder, ships)
        Editor(engine, folder).settle()
        return cls._of(engine, folder)

    @classmethod
    def _of(cls, engine: Engine, folder: Path | None) -> "Store":
        settings = read_loaded_settings(engine)
        if settings is None:
            raise NoShop(f"{engine.url.render_as_string()}: no store folder was loaded; run walkiosk store load DIR")
        return cls(engine, settings, folder)

    @property
    def schema(self) -> Schema:
        """The types, relations, categories and colours of the loaded graph."""
        return self.graph.schema

    @cached_property
    def graph(self) -> KnowledgeGraph:
        """The knowledge graph."""
        return KnowledgeGraph(self.engine)

    @cached_property
    def linker(self) -> EntityLinker:
        """Names to ids; its index is built on first use."""
        return EntityLinker.of_shop(self.engine)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The goods."""
        return Catalogue(self.engine)

    @cached_property
    def customers(self) -> Customers:
        """The known customers."""
        return Customers(self.engine)

    @cached_property
    def customer_keys(self) -> CustomerKeys:
        """Their cards and phones."""
        return CustomerKeys(self.engine)

    @cached_property
    def clerk_codes(self) -> ClerkCodes:
        """What clerks type at the kiosk when they have seen an age."""
        return ClerkCodes(self.engine)

    @cached_property
    def offers(self) -> Offers:
        """Their deals."""
        return Offers(self.engine, self.settings.time_zone, most_off=self.settings.most_off_basis_points)

    @cached_property
    def inventory(self) -> Inventory:
        """The stock."""
        return Inventory(self.engine)

    @cached_property
    def baskets(self) -> Baskets:
        """The baskets."""
        return Baskets(self.engine, self.settings, self.offers, self.inventory)

    @cached_property
    def feedback(self) -> Feedback:
        """What customers say."""
        return Feedback(self.engine)

    @cached_property
    def conversations(self) -> Conversations:
        """What is said at the kiosk."""
        return Conversations(self.engine, self.settings.keep_conversations_days)

    @cached_property
    def accounts(self) -> Accounts:
        """Who may look behind the counter."""
        return Accounts(self.engine)

    @cached_property
    def kiosks(self) -> Kiosks:
        """The kiosks that ship their books here; none anywhere but at headquarters."""
        return Kiosks(self.engine)

    @cached_property
    def orders(self) -> Orders:
        """Orders at suppliers."""
        return Orders(self.engine, self.settings.currency)

    @cached_property
    def sales(self) -> Sales:
        """The till, with the payment provider and the dispenser that store.toml names."""
        provider = provider_of(self.settings, self._memory_of("reader"))
        dispenser = dispenser_of(self.settings, self._memory_of("dispenser"))
        return self.sales_with(provider, dispenser)

    def sales_with(self, provider: PaymentProvider, dispenser: Dispenser) -> Sales:
        """The till, with these devices."""
        return Sales(self.engine, self.settings, self.baskets, provider, dispenser)

    def _memory_of(self, device: str) -> Path | str:
        """Where a simulated device remembers: beside the books, so that it forgets nothing that they know."""
        url = self.engine.url
        if url.get_backend_name() != "sqlite":
            mark = hashlib.sha256(url.render_as_string().encode()).hexdigest()[:12]
            return state_directory() / f"{mark}.{device}.db"
        if url.database in (None, "", ":memory:"):
            return ":memory:"
        return Path(f"{url.database}.{device}.db")

    def renewed(self) -> "Store":
        """The same shop with what was loaded into its database since, and with the same devices."""
        again = self._of(self.engine, self.folder)
        if "sales" in self.__dict__:
            sales = again.__dict__["sales"] = again.sales_with(self.sales.provider, self.sales.dispenser)
            sales.reconciled_ms = self.sales.reconciled_ms
        if "accounts" in self.__dict__:
            again.__dict__["accounts"] = self.accounts
        return again

    def close(self) -> None:
        """Gives the database back."""
        self.engine.dispose()
