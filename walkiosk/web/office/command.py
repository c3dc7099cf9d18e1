"""`walkiosk office`: the operator's pages by themselves, and who may see them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from walkiosk.flags import DatabaseFlag, PlaceFlag, WeightsFlag, fail, operators_mistakes, store_place

if TYPE_CHECKING:
    from walkiosk.kiosk import Kiosk
    from walkiosk.store import Store

PORT = 8090
office_app = typer.Typer(help="The operator's pages, and who may see them.", invoke_without_command=True)


@office_app.callback()
def office(
    context: typer.Context,
    store: PlaceFlag = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = PORT,
    host: str = "127.0.0.1",
    weights: WeightsFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Serves the operator's pages by themselves."""
    if context.invoked_subcommand is not None:
        return
    from walkiosk.office.desk import Office

    if problem := unserved(host, port):
        fail(problem)
    with operators_mistakes():
        opened = Office.open(store_place(store), database, weights)
    import uvicorn

    from walkiosk import logs
    from walkiosk.web.office.app import create_app

    logs.set_up()
    typer.echo(f"{opened.store.settings.name}, office: http://{host}:{port}", err=True)
    try:
        uvicorn.run(create_app(opened), host=host, port=port, log_config=None)
    finally:
        opened.close()


@office_app.command("add-account")
def add_account(
    name: Annotated[str, typer.Argument(help="Who it is for.")],
    role: Annotated[str, typer.Option(help="owner or clerk.")] = "clerk",
    store: PlaceFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Makes an account; the password is asked for, or read from the standard input."""
    with _store(store, database) as shop:
        shop.accounts.add(name, _password(), role)  # type: ignore[arg-type]
    typer.echo(f"{name}: {role}")


@office_app.command("set-password")
def set_password(
    name: Annotated[str, typer.Argument(help="Whose it is.")],
    store: PlaceFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Changes a password, ends the account's logins and takes its lock off."""
    with _store(store, database) as shop:
        shop.accounts.set_password(name, _password())
    typer.echo(f"{name}: the password is changed")


@office_app.command("clerk-code")
def clerk_code(
    name: Annotated[str, typer.Argument(help="Whose it is.")],
    store: PlaceFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Makes the code that a clerk types at the kiosk when they have seen a customer's age; the one before ends."""
    with _store(store, database) as shop:
        typer.echo(f"{name}: {shop.clerk_codes.make(name)}")


@contextmanager
def _store(store: str | None, database: str | None) -> Iterator[Store]:
    from walkiosk.store import Store

    with operators_mistakes():
        opened = Store.open(store_place(store), database)
    try:
        yield opened
    except ValueError as error:
        fail(error)
    finally:
        opened.close()


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def taken(host: str, port: int) -> str:
    """Why nothing can be served there, or nothing."""
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"{host}:{port}: {error.strerror}"
    return ""


def unserved(host: str, port: int) -> str:
    """Why the office's pages cannot be served there, or nothing: a kiosk alone is installed without their library."""
    if find_spec("nicegui") is None:
        return "the pages want their library: pip install 'walkiosk[office]'"
    return taken(host, port)


@contextmanager
def beside(kiosk: Kiosk, host: str, port: int, weights: Path | None) -> Iterator[None]:
    """The office of a kiosk, served in a thread with a loop of its own; they share the shop and the model.

    A kiosk whose office cannot be served (its port is taken, its library not installed) serves its customers all the
    same. Port 0 is no office.
    """
    problem = unserved(host, port) if port else ""
    if problem:
        typer.echo(f"office: {problem}; the kiosk is served without it", err=True)
    if problem or not port:
        yield
        return
    import uvicorn

    from walkiosk.office.desk import Office, OfficeSkills
    from walkiosk.skill import Model
    from walkiosk.web.office.app import create_app

    skills = OfficeSkills.of(lambda: kiosk.model or Model.load(weights), weights)
    office = Office(kiosk.shop.store, skills, give_way=kiosk.counter.wait_until_free)
    office.on_renewed = kiosk.renew
    server = uvicorn.Server(uvicorn.Config(create_app(office), host=host, port=port, log_config=None))
    thread = threading.Thread(target=server.run, name="office")
    thread.start()
    typer.echo(f"office: http://{host}:{port}", err=True)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        office.close()
