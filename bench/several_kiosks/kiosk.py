"""One life of a kiosk in its namespace: `python -m bench.several_kiosks.kiosk FOLDER ADDRESS SALES SEED`.

It sells until its books hold so many sales and ships beside it; then it only ships, until somebody ends it. Nobody
talks to it where there is a file `quiet`. What its customers do is the till's of `bench.faults`: they are declined,
give up, meet jams, and bring things back.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from pathlib import Path

from sqlalchemy import func, select

from bench.faults.till import Life, Place, Till
from walkiosk.store import Store, shipping, tables
from walkiosk.store.conversations import Conversation, KeptTurn
from walkiosk.store.customers import now_ms
from walkiosk.store.shipping import Courier, shipper_of

CUSTOMERS = 2  # at once
TALK_SECONDS = 0.3


def main() -> None:
    folder, address, sales, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    os.environ[shipping.ADDRESS] = address
    shipping.OFTEN_SECONDS, shipping.RARELY_SECONDS = 0.2, 2.0  # so that minutes stand for days
    shipping.PUT_OFF_MILLISECONDS = 1_000  # somebody is always buying here
    place = Place(folder, f"sqlite:///{folder / 'books.db'}")
    store = Store.open(folder, place.database)
    shipper = shipper_of(store)
    assert shipper is not None
    over = threading.Event()
    threading.Thread(target=_ship, args=(Courier(shipper, random.Random(seed)), over), daemon=True).start()
    if not (folder / "quiet").exists():
        threading.Thread(target=_talk, args=(store, random.Random(seed), over), daemon=True).start()
    while shipping.line_of(store.engine).revision is None:  # nothing to sell yet
        over.wait(0.1)
    Till(place, Life(sales, seed, customers=CUSTOMERS)).run()
    (folder / "sold").touch()
    threading.Event().wait()


def _ship(courier: Courier, over: threading.Event) -> None:
    while not over.wait(courier.turn()):
        pass


def _talk(store: Store, draw: random.Random, over: threading.Event) -> None:
    """What customers say, of the sale before or of none, and what is deleted of it later."""
    while not over.wait(TALK_SECONDS * draw.random()):
        with store.engine.connect() as connection:
            own = tables.sale.c.id
            sale_id = connection.execute(select(own).order_by(func.random()).limit(1)).scalar()
        store.feedback.add(draw.randint(1, 5), draw.choice(["", "it is loud", "quick"]), "en", sale_id)
        now, name = now_ms(), f"{draw.getrandbits(128):032x}"
        turn = KeptTurn(1, now, "tea please", "show", "found", "Here is tea", 200, ("TEA-1",), (), sale_id)
        told = Conversation(name, now, None, "en", False, (turn,))
        store.conversations.write(told)
        if draw.random() < 0.05:
            type(store.conversations)(store.engine, 1, lambda: now_ms() + 86_400_000).purge()


if __name__ == "__main__":
    main()
