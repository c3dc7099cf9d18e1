"""A provider's callbacks, shuffled and doubled, over worker processes that share one database: one sale each?

    python bench/callbacks.py [--callbacks 10000] [--workers 2] [--database postgresql://…] [--seed 1] [--json]

So many customers have paid at a reader and the till's answer was lost; one callback of Stripe's tells of each. Every
callback comes twice, in any order, to either of the workers, each with a web server of its own, over HTTP and signed.
In between customers come back and press "pay" again, some of them twice, at either worker. Of the customers

    half       have paid and come back: one charge, one product;
    a quarter  have paid and are gone: their money is let go of;
    a fifth    were declined and are gone;
    the rest   are still at the reader: their card may not be taken out of their hands. They pay in the end.

What a worker cannot answer is told again, as Stripe does. Stripe is the tests' own server, in this process. The
database has to be empty; without one it is SQLite's, in a temporary folder. Exit status 1 unless every sale is right.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, func, insert, select

from tests.store.conftest import FILM_SHOP
from tests.store.fake_stripe import KEY, SECRET, FakeStripe, signed
from tests.store.stripe_account import PAYS, READER
from walkiosk.store import tables
from walkiosk.store.basket import Basket, Baskets
from walkiosk.store.customers import now_ms
from walkiosk.store.database import open_database, writing
from walkiosk.store.dispenser import SimulatedDispenser
from walkiosk.store.inventory import Inventory
from walkiosk.store.loading import load_folder, read_loaded_settings
from walkiosk.store.offers import Offers
from walkiosk.store.sale import HOLD_MILLISECONDS, Sales
from walkiosk.store.sale_book import Sale, open_sale, read_sale, write_arrow
from walkiosk.store.stripe_line import KEY as OURS
from walkiosk.store.stripe_line import StripeConfig, StripeLine
from walkiosk.store.stripe_terminal import StripeTerminal

SKU, CENTS = "CA-1", 300  # of which the film shop has any number
NO_ANSWER = 599
ROUNDS = 10  # in which all that is delivered finds an answer
LATER = 2 * HOLD_MILLISECONDS
CLIENTS = 6  # requests that are under way at once
KINDS = ("paid", "paid", "paid", "gone", "declined", "waiting")
SHARES = (20, 15, 15, 25, 20, 5)
Request = tuple[str, dict[str, Any]]  # path and event
EVENTS = {"paid": "amount_capturable_updated", "gone": "amount_capturable_updated", "declined": "canceled"}


@dataclass
class Customer:
    """One sale, the key it asked with, and the intent of it at Stripe."""

    kind: str
    sale_id: str
    key: str
    intent: dict[str, Any] = field(default_factory=dict)


def till(engine: Engine, stripe: str, memory: str, clock: Callable[[], int]) -> Sales:
    """The film shop's till on this database, with Stripe's reader and a dispenser that remembers in a file."""
    settings = read_loaded_settings(engine)
    assert settings is not None
    baskets = Baskets(engine, settings, Offers(engine, settings.time_zone, clock), Inventory(engine, clock), clock)
    provider = StripeTerminal(StripeConfig(KEY, READER, stripe), settings.currency)
    return Sales(engine, settings, baskets, provider, SimulatedDispenser(memory), clock)


def work(database: str, stripe: str, memory: str, now: int) -> None:
    """A worker: takes callbacks, and customers who come back, at a moment that lasts; prints its port."""
    import uvicorn
    from fastapi import FastAPI

    from walkiosk.web import callbacks

    os.environ[callbacks.SECRET] = SECRET
    sales = till(open_database(database), stripe, memory, lambda: now)
    app = FastAPI()
    app.include_router(callbacks.router(lambda: sales))

    @app.post("/again/{sale_id}")
    def again(sale_id: str) -> str:
        sales.pay(sale_id)
        sales.dispense(sale_id)
        return sale_id

    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_keep_alive=600)).run(sockets=[listening])


def write_sales(sales: Sales, kinds: Iterable[str]) -> list[Customer]:
    """Writes sales whose question to the provider was asked and not answered."""
    basket = sales.baskets.add(sales.baskets.create().id, SKU)
    assert isinstance(basket, Basket)
    now, customers = sales.clock(), []
    with writing(sales.engine).begin() as connection:
        for kind in kinds:
            own = replace(basket, id=secrets.token_hex(16))
            connection.execute(insert(tables.basket).values(id=own.id, customer_id=None, open=True, created_ms=now))
            until = now - 1 if kind == "gone" else now + HOLD_MILLISECONDS
            sale = read_sale(connection, open_sale(connection, own, "EUR", 0, now, until))
            assert isinstance(sale, Sale)
            customers.append(Customer(kind, sale.id, write_arrow(connection, sale, "authorise", CENTS, now).key))
    return customers


def pay_at_reader(stripe: FakeStripe, customers: list[Customer]) -> None:
    """What became of each question at Stripe."""
    line = StripeLine(StripeConfig(KEY, READER, stripe.url))

    def one(customer: Customer) -> None:
        customer.intent = stripe.intents[line.open(customer.key, CENTS, "EUR", {OURS: customer.key}).id]
        if customer.kind in ("paid", "gone"):
            stripe.act(customer.intent, PAYS)
        elif customer.kind == "declined":
            line.cancel(customer.intent["id"])

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, customers))


def requests_of(customers: list[Customer], dice: random.Random) -> list[Request]:
    """All that comes: each callback twice, and customers who come back once or twice."""
    asked: list[Request] = []
    for customer in customers:
        event = {"object": "event", "type": f"payment_intent.{EVENTS.get(customer.kind, 'created')}"}
        asked += [("/callbacks/stripe", event | {"data": {"object": dict(customer.intent)}})] * 2
        if customer.kind == "paid":
            asked += [(f"/again/{customer.sale_id}", {})] * dice.choice((1, 1, 2))
    dice.shuffle(asked)
    return asked


def deliver(asked: list[Request], ports: list[int], dice: random.Random) -> Counter[int]:
    """Signs and sends all of it to any of the workers, what they could not answer again; statuses by number."""
    local, statuses = threading.local(), Counter[int]()
    chosen = [dice.choice(ports) for _ in asked]

    def send(place: int) -> int:
        path, event = asked[place]
        body, signature = signed(event)
        if not hasattr(local, "session"):
            local.session = requests.Session()
            local.session.trust_env = False
        address = f"http://127.0.0.1:{chosen[place]}{path}"
        try:
            return int(local.session.post(address, body, headers={"Stripe-Signature": signature}).status_code)
        except requests.ConnectionError:
            return NO_ANSWER

    waiting = list(range(len(asked)))
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(ROUNDS):
            found = list(pool.map(send, waiting))
            statuses.update(found)
            waiting = [place for place, status in zip(waiting, found, strict=True) if status >= 500]
            assert statuses[500] < 100 and not statuses[400], f"workers fail: {statuses}"
    return statuses


def wrong(sales: Sales, stripe: FakeStripe, customers: list[Customer], ends: dict[str, str]) -> dict[str, int]:
    """How many sales are not as they should be; `ends` is the state that each kind of customer should be in."""
    with sales.engine.connect() as connection:
        states = dict(connection.execute(select(tables.sale.c.id, tables.sale.c.state)).all())
        captured = connection.execute(select(func.sum(tables.sale.c.captured_cents))).scalar()
    charged = Counter[str]()
    for intent in stripe.intents.values():
        charged[intent["metadata"].get(OURS, "").partition("-")[0]] += intent["status"] in (
            "succeeded",
            "requires_capture",
        )
    dropped = sum(sales.dispenser.dropped().values())
    sold = sum(state == "captured" for state in states.values())
    return {
        "double_charges": sum(count > 1 for count in charged.values()),
        "double_dispenses": max(0, dropped - sold),
        "lost": sum(states.get(each.sale_id) != ends[each.kind] for each in customers)
        + abs(stripe.taken() - (captured or 0)) // CENTS,
        "cut_short": sum(each.kind == "waiting" and each.intent["status"] == "canceled" for each in customers),
    }


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The whole of it; what came of it."""
    database = options.database or f"sqlite:///{folder / 'shop.db'}"
    dice, memory, now = random.Random(options.seed), str(folder / "dispenser.db"), now_ms()
    engine = open_database(database)
    load_folder(engine, FILM_SHOP)
    command = [sys.executable, __file__, "--database", database, "--memory", memory, "--now", str(now), "--stripe"]
    with FakeStripe() as stripe:
        sales = till(engine, stripe.url, memory, lambda: now)
        customers = write_sales(sales, dice.choices(KINDS, SHARES, k=options.callbacks))
        pay_at_reader(stripe, customers)
        asked = requests_of(customers, dice)
        workers = [subprocess.Popen([*command, stripe.url], stdout=subprocess.PIPE) for _ in range(options.workers)]
        try:
            ports = [int(worker.stdout.readline()) for worker in workers if worker.stdout]
            begun = time.perf_counter()
            statuses = deliver(asked, ports, dice)
            seconds = time.perf_counter() - begun
            soon = {"paid": "captured", "gone": "released", "declined": "reserved", "waiting": "reserved"}
            moved = wrong(sales, stripe, customers, soon)
            stayed = [customer for customer in customers if customer.kind == "waiting"]
            for customer in stayed:
                stripe.act(customer.intent, PAYS)
            statuses += deliver(requests_of([replace(each, kind="paid") for each in stayed], dice), ports, dice)
        finally:
            for worker in workers:
                worker.terminate()
                worker.wait()
        late = till(engine, stripe.url, memory, lambda: now + LATER)
        late.expire()
        late.reconcile()
        end = wrong(late, stripe, customers, soon | {"declined": "released", "waiting": "captured"})
        end = {name: max(moved[name], count) for name, count in end.items()} | {"held_cents": stripe.held()}
    engine.dispose()
    counts = Counter(customer.kind for customer in customers)
    return {
        "database": engine.url.get_backend_name(), "callbacks": options.callbacks, "delivered": 2 * options.callbacks,
        "requests": len(asked), "workers": options.workers, "sales": len(customers), "customers": dict(counts),
        **end, "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "seconds": round(seconds, 1),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callbacks", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", help="URL of an empty database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--stripe", help=argparse.SUPPRESS)  # a worker's
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    parser.add_argument("--now", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stripe:
        work(options.database, options.stripe, options.memory, options.now)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        found = run(options, Path(folder))
    told = json.dumps(found) if options.json else "\n".join(f"{name:17} {value}" for name, value in found.items())
    print(told)
    return int(any(found[name] for name in ("double_charges", "double_dispenses", "lost", "cut_short", "held_cents")))


if __name__ == "__main__":
    sys.exit(main())
