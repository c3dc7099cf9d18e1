"""One life of a till: it settles what the life before left, then serves customers until it is stopped or done."""

from __future__ import annotations

import random
import resource
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from bench.faults.line import FarDispenser, FarReader, Line, Weather
from bench.faults.points import Points
from walkiosk.store import tables
from walkiosk.store.basket import Baskets
from walkiosk.store.database import open_database
from walkiosk.store.dispenser import SimulatedDispenser
from walkiosk.store.inventory import Inventory
from walkiosk.store.loading import load_folder, read_loaded_settings
from walkiosk.store.offers import Offers
from walkiosk.store.outbox import watch
from walkiosk.store.outcome import OutOfStock, PaymentUnavailable
from walkiosk.store.payment import SimulatedReader
from walkiosk.store.sale import Sales
from walkiosk.store.sale_book import UNFINISHED, Sale

HOUR = 3_600_000  # milliseconds
YEAR = 365 * 24 * HOUR
JUMPS = (0, HOUR, -HOUR, YEAR, -YEAR)
SKUS = ("TEA-1", "MUG-1", "PEN-1", "CAP-1")
SHOP = {
    "store.toml": 'name = "Till"\nwake_phrase = "hello till"\ncurrency = "EUR"\ntime_zone = "Europe/Madrid"\n'
    'languages = ["en"]\ntax_percent = 21\nitem_cap = 4\nsale_cap = 8\n',
    "products.csv": "sku,name,category,price,stock,slot\nTEA-1,Tea,tea,3.49,1000000,A1\n"
    "MUG-1,Mug,mugs,12.00,1000000,A2\nPEN-1,Pen,pens,0.99,1000000,B1\nCAP-1,Cap,caps,19.95,1000000,B2\n",
    "entities.csv": "id,type,name\n",
    "relations.csv": "relation,subject_type,object_type,phrase\n",
    "edges.csv": "subject,relation,object\n",
}


@dataclass(frozen=True)
class Place:
    """Where a till and its devices keep what they know."""

    folder: Path
    database: str  # URL

    @property
    def reader(self) -> Path:
        return self.folder / "reader.db"

    @property
    def dispenser(self) -> Path:
        return self.folder / "dispenser.db"

    @classmethod
    def made(cls, folder: Path, database: str | None = None) -> Place:
        """An empty shop whose goods are there, in SQLite beside it unless a database is given."""
        shop = folder / "shop"
        shop.mkdir(parents=True)
        for name, text in SHOP.items():
            (shop / name).write_text(text)
        place = cls(folder, database or f"sqlite:///{folder / 'books.db'}")
        engine = open_database(place.database)
        if engine.dialect.name == "sqlite":
            watch(engine)  # as a kiosk of several: every transaction writes into the outbox too
        load_folder(engine, shop)
        engine.dispose()
        return place


@dataclass(frozen=True)
class Life:
    """What one life is like; `sales` is how many the books are to hold in the end."""

    sales: int
    seed: int
    customers: int = 6  # at once
    kill_at: int = 0
    kill_only: str = ""
    weather: Weather = field(default_factory=Weather)
    clock_jumps: bool = False
    disk_fills: bool = False
    trouble: float = 0.1  # how often a card is declined, a slot jams or is empty, a customer gives up


class Clock:
    """The wall clock, which somebody sets now and then."""

    def __init__(self, jumps: bool, seed: int) -> None:
        self._jumps, self._draw, self._offset = jumps, random.Random(seed), 0

    def __call__(self) -> int:
        if self._jumps and self._draw.random() < 0.2:
            self._offset = self._draw.choice(JUMPS)
        return time.time_ns() // 1_000_000 + self._offset


class Disk:
    """A disk that is full from time to time: no file may grow beyond what the write-ahead log has, and a little."""

    def __init__(self, place: Place, seed: int) -> None:
        self._log = place.folder / "books.db-wal"
        self._draw = random.Random(seed)
        self._lock = threading.Lock()

    def breathe(self) -> None:
        """Fills up or is emptied."""
        with self._lock:
            full = self._draw.random() < 0.3 and self._log.is_file()
            room = self._log.stat().st_size + self._draw.randrange(12_000) if full else resource.RLIM_INFINITY
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    def empty(self) -> None:
        """There is room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Till:
    """A shop's parts on one database, at the end of lines to its devices."""

    def __init__(self, place: Place, life: Life) -> None:
        self.life = life
        self.points = Points(life.kill_at, life.kill_only)
        self.engine: Engine = open_database(place.database)
        self.points.watch(self.engine)
        self.clock = Clock(life.clock_jumps, life.seed)
        self.disk = Disk(place, life.seed) if life.disk_fills else None
        self.line = Line(self.points, life.weather, life.seed, place.folder / "late.jsonl")
        self.reader, self.dispenser = SimulatedReader(place.reader), SimulatedDispenser(place.dispenser)
        self.line.devices |= {"reader": self.reader, "dispenser": self.dispenser}
        settings = read_loaded_settings(self.engine)
        assert settings is not None
        inventory = Inventory(self.engine, self.clock)
        offers = Offers(self.engine, settings.time_zone, self.clock)
        self.baskets = Baskets(self.engine, settings, offers, inventory, self.clock)
        self.sales = Sales(
            self.engine, settings, self.baskets, FarReader(self.line), FarDispenser(self.line), self.clock
        )
        self.broken = Counter[str]()  # what the database refused
        self._tickets = threading.Semaphore(max(0, life.sales - self.sold()))

    def sold(self) -> int:
        """How many sales the books hold."""
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(tables.sale)).scalar() or 0

    def run(self) -> None:
        """Settles, serves, and settles again."""
        self.settle(once=True)
        threads = [
            threading.Thread(target=self._serve, args=(self.life.seed * 1000 + n,)) for n in range(self.life.customers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.disk:
            self.disk.empty()
        self.settle()

    def settle(self, once: bool = False) -> None:
        """Brings every sale to its end; once, as at a start, or until devices have answered for all of them."""
        for _ in range(1 if once else 200):
            self._try(self.sales.reconcile)
            if not once and not self._unfinished():
                break
        if not once:
            self.line.quiet()
            self._try(self.sales.reconcile)

    def _unfinished(self) -> int:
        asked = select(tables.sale_arrow.c.sale_id).where(tables.sale_arrow.c.outcome.is_(None))
        own = tables.sale.c.state.in_(UNFINISHED) | tables.sale.c.id.in_(asked)
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(tables.sale).where(own)).scalar() or 0

    def _serve(self, seed: int) -> None:
        draw = random.Random(seed)
        while self._tickets.acquire(blocking=False):
            if self.disk:
                self.disk.breathe()
            self._try(lambda: self._customer(draw))

    def _try(self, step):  # type: ignore[no-untyped-def]
        """What a broken disk or database does to a customer: they get no answer, and leave."""
        try:
            return step()
        except (DBAPIError, OSError) as error:
            self.broken[f"{type(error).__name__} {str(error)[:60]}"] += 1
            return None

    def _customer(self, draw: random.Random) -> None:
        basket = self.baskets.create().id
        for sku in draw.sample(SKUS, draw.randint(1, 2)):
            if isinstance(self.baskets.add(basket, sku, draw.randint(1, 2)), OutOfStock):
                self.baskets.inventory.book(secrets.token_hex(8), sku, 1_000_000, "arrival")  # somebody fills it up
                self.baskets.add(basket, sku)
        sale = self.sales.reserve(basket)
        if isinstance(sale, OutOfStock):  # a slot was empty, and the ledger with it: somebody fills it up
            self.baskets.inventory.book(secrets.token_hex(8), sale.sku, 1_000_000, "arrival")
            sale = self.sales.reserve(basket)
        if not isinstance(sale, Sale):
            return
        if draw.random() < self.life.trouble:
            self.reader.decline_next()
        if draw.random() < self.life.trouble / 2:
            self.sales.cancel(sale.id)
            return
        canceller = None
        if draw.random() < self.life.trouble:  # cancelled on another screen while the card is in the reader
            canceller = threading.Thread(target=self._try, args=(lambda: self.sales.cancel(sale.id),))
            canceller.start()
        for _ in range(3):
            paid = self.sales.pay(sale.id)
            if not isinstance(paid, PaymentUnavailable):
                break
        if canceller:
            canceller.join()
        for line in sale.lines:
            if draw.random() < self.life.trouble:
                self.dispenser.jam_next(line.slot)
        self.dispenser.set_empty([draw.choice(sale.lines).slot] if draw.random() < self.life.trouble else [])
        leaver = None
        if draw.random() < self.life.trouble:  # cancelled while the goods fall
            leaver = threading.Thread(target=self._try, args=(lambda: self.sales.cancel(sale.id),))
            leaver.start()
        self.sales.dispense(sale.id)
        if leaver:
            leaver.join()
        if draw.random() < self.life.trouble:
            now = self.sales.sale(sale.id)
            if isinstance(now, Sale) and now.state == "captured" and now.captured_cents > now.refunded_cents:
                self.sales.refund(sale.id, draw.randint(1, now.captured_cents - now.refunded_cents))
