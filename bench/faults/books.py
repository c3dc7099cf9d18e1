"""Whether the books hold: what the shop wrote down against what the bank and the dispenser remember."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, func, select

from walkiosk.store import tables
from walkiosk.store.outbox import read_batch
from walkiosk.store.sale_book import UNFINISHED


@dataclass
class Verdict:
    """What was checked, and every way in which the books do not hold."""

    sales: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    taken_cents: int = 0
    units: int = 0
    faults: list[str] = field(default_factory=list)


def check(engine: Engine, reader: Path, dispenser: Path) -> Verdict:
    """Reads the shop's books and both devices' memories; nobody may be writing."""
    verdict = Verdict()
    holds = _rows(reader, "SELECT key, reference, declined, held, captured, refunded FROM hold")
    drops = _rows(dispenser, "SELECT key, slot, outcome FROM drop_log")
    with engine.connect() as connection:
        sale, arrow, given = tables.sale, tables.sale_arrow, tables.dispense
        sales = connection.execute(select(sale)).mappings().all()
        arrows = connection.execute(select(arrow)).mappings().all()
        units = connection.execute(select(given)).mappings().all()
        prices = {
            (row.sale_id, row.sku): (row.unit_cents, row.quantity)
            for row in connection.execute(select(tables.sale_line))
        }
        stock = connection.execute(
            select(tables.stock_movement.c.reason, func.sum(tables.stock_movement.c.quantity)).group_by(
                tables.stock_movement.c.reason
            )
        )
        moved = {reason: int(total) for reason, total in stock}
    _check_sales(verdict, sales, units, prices)
    _check_money(verdict, sales, arrows, holds)
    _check_goods(verdict, units, drops, moved)
    return verdict


def _rows(path: Path, sql: str) -> list[tuple[str, ...]]:
    memory = sqlite3.connect(path)
    try:
        return memory.execute(sql).fetchall()
    finally:
        memory.close()


def _check_sales(verdict: Verdict, sales, units, prices) -> None:  # type: ignore[no-untyped-def]
    """Every sale has ended, with the price of what fell taken and nothing else."""
    fallen = Counter((unit["sale_id"], unit["sku"]) for unit in units if unit["outcome"] == "dropped")
    for row in sales:
        verdict.sales += 1
        verdict.endings[row["state"]] += 1
        if row["state"] in UNFINISHED:
            verdict.faults.append(f"sale {row['id']} is left {row['state']}")
        own = {key: count for key, count in fallen.items() if key[0] == row["id"]}
        price = sum(prices[key][0] * count for key, count in own.items())
        if row["captured_cents"] != price:
            verdict.faults.append(f"sale {row['id']}: {row['captured_cents']} taken, {price} worth of goods given")
        for key, count in own.items():
            if count > prices[key][1]:
                verdict.faults.append(f"sale {row['id']}: {count} of {key[1]} fell, {prices[key][1]} were bought")
    unanswered = sum(unit["outcome"] is None for unit in units)
    if unanswered:
        verdict.faults.append(f"{unanswered} units without an outcome")


def _check_money(verdict: Verdict, sales, arrows, holds) -> None:  # type: ignore[no-untyped-def]
    """Money that the bank moved is in the book, once and with its sale."""
    known = {row["key"]: row["sale_id"] for row in arrows if row["name"] == "authorise"}
    of_sale = {row["id"]: row for row in sales}
    charged: Counter[str] = Counter()
    for key, reference, declined, held, captured, refunded in holds:
        if key not in known:
            verdict.faults.append(f"the bank has a hold {key} that the book has not")
            continue
        sale = of_sale[known[key]]
        if held:
            verdict.faults.append(f"sale {sale['id']}: {held} are held for ever")
        if captured:
            charged[sale["id"]] += 1
            if (captured, refunded) != (sale["captured_cents"], sale["refunded_cents"]):
                verdict.faults.append(f"sale {sale['id']}: the bank took {captured}, the book says {sale}")
            if reference != sale["authorisation"]:
                verdict.faults.append(f"sale {sale['id']}: charged by a hold that is not its own")
        verdict.taken_cents += captured - refunded
        if declined and (held or captured):
            verdict.faults.append(f"sale {sale['id']}: a declined card was charged")
    verdict.faults += [f"sale {sale_id}: charged {times} times" for sale_id, times in charged.items() if times > 1]
    booked = sum(row["captured_cents"] - row["refunded_cents"] for row in sales)
    if booked != verdict.taken_cents:
        verdict.faults.append(f"the bank took {verdict.taken_cents}, the books say {booked}")


def _check_goods(verdict: Verdict, units, drops, moved: dict[str, int]) -> None:  # type: ignore[no-untyped-def]
    """What fell is in the book once, and out of stock."""
    booked = {unit["key"] for unit in units if unit["outcome"] == "dropped"}
    fell = {key for key, _, outcome in drops if outcome == "Dispensed"}
    verdict.units = len(fell)
    verdict.faults += [f"{key} fell and is not booked" for key in fell - booked]
    verdict.faults += [f"{key} is booked and did not fall" for key in booked - fell]
    if -moved.get("sale", 0) != len(fell):
        verdict.faults.append(f"{len(fell)} units fell, stock went down by {-moved.get('sale', 0)}")


def check_outbox(verdict: Verdict, engine: Engine) -> None:
    """Headquarters, which nothing was shipped to yet, will hear of every row of the books."""
    with engine.connect() as connection:
        batch = read_batch(connection, limit=10**9)
        for table, waiting in batch.rows.items():
            rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
            if rows != len(waiting):
                verdict.faults.append(f"{rows} rows of {table.name}, {len(waiting)} of them in the outbox")
