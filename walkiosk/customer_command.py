"""`walkiosk customer`: what is known of somebody, to be handed to them, and to be forgotten; `walkiosk store tidy`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from walkiosk.flags import DatabaseFlag, PlaceFlag, StoreFlag, fail, operators_mistakes, store_place

if TYPE_CHECKING:
    from walkiosk.store import Store
    from walkiosk.store.outcome import NotFound

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The customer's id, as in customers.csv.")]
PictureOption = Annotated[Path, typer.Option(help="The picture to write, .svg or .png.")]
customer_app = typer.Typer(help="What is known of a customer: to hand out, and to forget.", no_args_is_help=True)


@customer_app.command()
def export(customer_id: IdArgument, store: PlaceFlag = None, database: DatabaseFlag = None) -> None:
    """Prints everything that is held about a customer, as one JSON object."""
    import json

    with _opened(store, database) as shop:
        from walkiosk.store.customer_record import record_of
        from walkiosk.store.outcome import NotFound

        found = record_of(shop.engine, customer_id)
        if isinstance(found, NotFound):
            fail(f"{customer_id!r}: nothing is held about such a customer")
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


@customer_app.command()
def forget(customer_id: IdArgument, store: PlaceFlag = None, database: DatabaseFlag = None) -> None:
    """Deletes what is held about a customer, for good; the amounts of their sales stay in the books."""
    with _opened(store, database) as shop:
        from walkiosk.store.customers import now_ms
        from walkiosk.store.forgetting import forget as forget_them

        gone = forget_them(shop.engine, customer_id, now_ms())
        lines = to_delete(shop, [customer_id])
        if not gone.anything and not lines:
            typer.echo(f"{customer_id}: nothing was held; no file will bring in such a customer from now on")
            return
        profile = "the profile deleted" if gone.profile else "no profile"
        typer.echo(
            f"{customer_id}: {profile}, {gone.sales} sales without a customer now, {gone.remarks} remarks without "
            f"words, {gone.conversations} conversations and {gone.edits} lines of the office's journal deleted"
        )
    for line in lines:
        typer.echo(line)


@customer_app.command()
def card(
    customer_id: IdArgument,
    out: PictureOption,
    store: PlaceFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Draws a customer's card as a QR code that opens their account; the card before it is none any more."""
    with _opened(store, database) as shop:
        _draw(shop.customer_keys.make_card(customer_id), out)


@customer_app.command()
def phone(
    customer_id: IdArgument,
    out: PictureOption,
    store: PlaceFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Draws the QR code with which a customer's phone shows a new code every half minute (TOTP)."""
    with _opened(store, database) as shop:
        _draw(shop.customer_keys.make_phone(customer_id, shop.settings.name), out)


def _draw(text: str | NotFound, out: Path) -> None:
    import segno

    if not isinstance(text, str):
        fail(f"{text.value!r}: there is no such customer")
    if out.suffix not in (".svg", ".png"):
        fail(f"{out}: .svg or .png expected")
    try:
        segno.make(text, error="m").save(str(out), scale=8)
    except OSError as error:
        fail(error)
    typer.echo(f"{out}: whoever has this picture comes in as the customer; hand it over and keep no copy")


def tidy(store: PlaceFlag = None, database: DatabaseFlag = None) -> None:
    """Deletes what the shop no longer wants to keep, as store.toml says; `serve` does so every day."""
    with _opened(store, database) as shop:
        from walkiosk.store.retention import Retention

        done = Retention(shop.engine, shop.settings).tidy()
        lines = to_delete(shop, done.customers)
    told = f"{done.conversations} conversations, the words of {done.remarks} remarks, {len(done.customers)} customers"
    typer.echo(f"deleted: {told}")
    for line in lines:
        typer.echo(line)


def ship(store: StoreFlag = None, database: DatabaseFlag = None) -> None:
    """Sends what headquarters has not heard yet, and takes what it has decided; `serve` does so by itself."""
    from sqlalchemy.exc import DBAPIError

    with _opened(None if store is None else str(store), database) as shop, operators_mistakes():
        from walkiosk.store.headquarters import HeadquartersMisconfigured, HeadquartersRefuses
        from walkiosk.store.shipping import shipper_of

        try:
            shipper = shipper_of(shop)
        except HeadquartersMisconfigured as error:
            fail(error)
        if shipper is None:
            fail("this shop has no headquarters: store.toml wants `kiosk`, and `headquarters` or WALKIOSK_HEADQUARTERS")
        try:
            done = shipper.ship()
        except (DBAPIError, HeadquartersRefuses) as error:
            fail(f"headquarters: {str(error).splitlines()[0]}")
    told = f"{done.applied.new} events shipped, {done.applied.repeated} were there before, {done.waiting} wait"
    typer.echo(f"{told}; {done.deliveries} deliveries, facts {'loaded' if done.revision else 'as they were'}")
    if done.refused is not None:
        fail(f"headquarters' facts are not loaded: {done.refused}")


def to_delete(shop: Store, customer_ids: list[str] | tuple[str, ...] | None = None) -> list[str]:
    """What an operator is told of lines in customers.csv whose customers were forgotten; None tells of all of them."""
    from walkiosk.store.forgetting import FILE, forgotten_lines

    place = (shop.folder or Path()) / FILE
    return [
        f"{place}:{line}: delete this line too: the file is yours, and the line is not loaded any more"
        for line, each in forgotten_lines(shop.engine, shop.folder)
        if customer_ids is None or each in customer_ids
    ]


@contextmanager
def _opened(store: str | None, database: str | None) -> Iterator[Store]:
    with operators_mistakes():
        from walkiosk.store import Store

        try:
            opened = Store.open(store_place(store), database)
        except ValueError as error:  # another kind of database
            fail(error)
    try:
        yield opened
    finally:
        opened.close()
