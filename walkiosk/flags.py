"""Flags that several commands of the command line share, and how an operator's mistakes are told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

StoreFlag = Annotated[
    Path | None, typer.Option("--store", help="Folder of the shop; else WALKIOSK_STORE, else the demo.")
]
PlaceFlag = Annotated[
    str | None,
    typer.Option("--store", help="Folder or database URL of the shop; else WALKIOSK_STORE, else the demo."),
]
WeightsFlag = Annotated[Path | None, typer.Option("--weights", help="Folder of the weights; else WALKIOSK_WEIGHTS.")]
DatabaseFlag = Annotated[str | None, typer.Option("--database", help="URL of the shop's books, sqlite or postgresql.")]


def store_folder(flag: Path | None) -> Path:
    """Where the shop is: the flag, WALKIOSK_STORE, the demo shop of the package, that of a checkout."""
    here = Path(__file__).resolve().parent
    told = flag or (Path(os.environ["WALKIOSK_STORE"]) if os.environ.get("WALKIOSK_STORE") else None)
    if told is not None:
        return told
    places = (here / "stores" / "demo", here.parent / "stores" / "demo")
    return next((place for place in places if place.is_dir()), places[0])


def store_place(flag: str | None) -> Path | str:
    """Where the shop is for a command that opens headquarters too: a folder as above, or the URL of a database."""
    told = flag or os.environ.get("WALKIOSK_STORE")
    return told if told and "://" in told else store_folder(Path(told) if told else None)


def fail(message: object) -> NoReturn:
    """One line for the operator, and exit status 2."""
    typer.echo(f"walkiosk: {message}", err=True)
    raise typer.Exit(2)


@contextmanager
def operators_mistakes() -> Iterator[None]:
    """Tells of what an operator can get wrong in a line each, without a traceback."""
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

    from walkiosk.store import FolderError, NoShop

    try:
        yield
    except (FolderError, NoShop, OSError) as error:
        fail(error)
    except (ArgumentError, NoSuchModuleError, OperationalError) as error:
        fail(str(error).splitlines()[0])
