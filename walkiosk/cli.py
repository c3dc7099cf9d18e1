"""The command line: walkiosk serve | ask | say | fit | predict | caption | subtitle | generate | … (see README).

Heavy things are imported by the command that needs them, so that help and mistakes come at once.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from walkiosk.customer_command import customer_app, ship, tidy, to_delete
from walkiosk.fit_command import app as fit_app
from walkiosk.flags import DatabaseFlag, StoreFlag, WeightsFlag, fail, operators_mistakes, store_folder
from walkiosk.generate_command import app as generate_app
from walkiosk.media_command import app as media_app
from walkiosk.office import command_line as office_commands
from walkiosk.series import command_line as series_commands
from walkiosk.web.office.command import PORT as OFFICE_PORT
from walkiosk.web.office.command import office_app

if TYPE_CHECKING:
    from walkiosk.kiosk import Kiosk

app = typer.Typer(
    help="A shop that serves people by itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
store_app = typer.Typer(help="Checks and loads the folder of a shop.", no_args_is_help=True)
app.add_typer(series_commands.app)  # without a name: its commands stand beside these
app.add_typer(store_app, name="store")
app.add_typer(office_commands.app)
app.add_typer(fit_app)
app.add_typer(media_app)
app.add_typer(generate_app)
app.add_typer(office_app, name="office")
app.add_typer(customer_app, name="customer")
store_app.command()(tidy)
store_app.command()(ship)


def main() -> None:
    """Runs the command line."""
    app()


def open_kiosk(store: Path | None, weights: Path | None, database: str | None) -> Kiosk:
    """The kiosk of a shop, or the line that says why it does not open."""
    with operators_mistakes():
        from walkiosk.kiosk import Kiosk

        try:
            return Kiosk.open(store_folder(store), weights, database)
        except ValueError as error:  # another kind of database
            fail(error)


@app.command()
def serve(
    store: StoreFlag = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8080,
    host: str = "127.0.0.1",
    office_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the operator's pages; 0 for none.")
    ] = OFFICE_PORT,
    office_host: Annotated[str, typer.Option(help="Where the office's pages are served.")] = "127.0.0.1",
    weights: WeightsFlag = None,
    database: DatabaseFlag = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "warning",
    access_log: Annotated[bool, typer.Option(help="Log every request, without its query.")] = False,
    telemetry: Annotated[bool, typer.Option(help="Send spans; also with OTEL_EXPORTER_OTLP_ENDPOINT.")] = False,
    inspect_from: Annotated[
        list[str] | None, typer.Option(help="A network beside this machine that may read /metrics.")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds after which hearing and understanding are begun anew.")
    ] = 30.0,
    limit: Annotated[
        list[str] | None, typer.Option(help="NAME=NUMBER, how much a visitor may have: see docs/deployment.md.")
    ] = None,
) -> None:
    """Serves the kiosk's page, and the operator's beside it."""
    from walkiosk.memory import bound_arenas
    from walkiosk.web.office.command import taken

    bound_arenas()

    with operators_mistakes():
        if problem := taken(host, port):  # before the model is loaded
            fail(problem)
    from walkiosk import logs
    from walkiosk.web.limits import Limits

    try:
        limits = Limits().changed(limit or ())
        level = logs.level(log_level)
        inspectors = tuple(ipaddress.ip_network(each) for each in inspect_from or ())
    except ValueError as error:
        fail(error)
    kiosk = open_kiosk(store, weights, database)
    from walkiosk.store.dispenser import DispenserMisconfigured
    from walkiosk.store.headquarters import HeadquartersMisconfigured
    from walkiosk.store.payment import PaymentMisconfigured
    from walkiosk.web import serving
    from walkiosk.web.telemetry import NoTelemetry

    how = serving.Serving(
        host, port, office_host, office_port, weights, level, access_log, telemetry, inspectors, patience, limits
    )
    try:
        serving.run(kiosk, how)
    except (NoTelemetry, DispenserMisconfigured, PaymentMisconfigured, HeadquartersMisconfigured) as error:
        fail(error)


@app.command()
def ask(
    sentence: Annotated[str | None, typer.Argument(help="What the customer types.")] = None,
    audio: Annotated[Path | None, typer.Option(help="A recording of what the customer says.")] = None,
    store: StoreFlag = None,
    customer: Annotated[str | None, typer.Option(help="Id of a known customer.")] = None,
    language: Annotated[str | None, typer.Option(help="Language that the customer chose; else it is heard.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print how the answer came about.")] = False,
    repeat: Annotated[int, typer.Option(min=1, help="Warm up once, then give the median times of so many.")] = 1,
    file: Annotated[Path | None, typer.Option("--from", help="A file with one customer's sentence a line.")] = None,
    weights: WeightsFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Answers a customer without the page; each sentence is a new customer's."""
    if sum(each is not None for each in (sentence, audio, file)) != 1:
        fail("ask: give a sentence, --audio FILE or --from FILE")
    for path in (audio, file):
        if path is not None and not path.is_file():
            fail(f"{path}: no such file")
    kiosk = open_kiosk(store, weights, database)
    from walkiosk.asking import Customer, ask_each

    _check_customer(kiosk, customer, language)
    asked = Customer(customer, language, as_json, repeat)
    lines = _lines(file) if file else [sentence or ""]
    for output in ask_each(kiosk, asked, lines, audio):
        typer.echo(output)
        sys.stdout.flush()


def _check_customer(kiosk: Kiosk, customer: str | None, language: str | None) -> None:
    from walkiosk.store.customers import Customer

    if language is not None and language not in kiosk.languages:
        fail(f"--language: {language!r} is none of {', '.join(kiosk.languages)}")
    if customer is not None and not isinstance(kiosk.shop.store.customers.customer(customer), Customer):
        fail(f"--customer: {customer!r} is not in customers.csv")


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        fail(f"{file}: not UTF-8 at byte {error.start}")


@app.command()
def say(
    text: Annotated[str, typer.Argument(help="What is spoken.")],
    out: Annotated[Path, typer.Option(help="The file to write: .wav or .opus.")],
    language: Annotated[str, typer.Option(help="Language of the text.")] = "en",
    pace: Annotated[float, typer.Option(min=0.5, max=2.0, help="Times as fast as usual.")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
    weights: WeightsFlag = None,
) -> None:
    """Speaks a text into a file."""
    import json

    from walkiosk.espeak import NoVoice
    from walkiosk.modality import audio
    from walkiosk.skill.speech_generation import Speaker

    with operators_mistakes():
        speaker = Speaker.load(weights)
        if speaker.voice(language) is None:
            fail(f"--language: nobody here speaks {language!r}")
        try:
            made = speaker.say(text, language, pace)
        except NoVoice as error:
            fail(error)
        if not len(made.samples):
            fail(f"{text!r}: nothing in it can be spoken")
        try:
            audio.write(made.samples, out)
        except audio.Unwritable as error:
            fail(error)
    told = {"voice": made.voice, "fallback": made.fallback, "seconds": round(made.seconds, 2), "file": str(out)}
    why = f" ({made.fallback})" if made.fallback else ""
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else f"{out}: {made.voice}{why}, {made.seconds:.1f} s")


@app.command()
def score(
    skill: Annotated[str, typer.Argument(help="Such as path_query.")],
    data: Annotated[Path, typer.Option(help="Examples, one a line.")],
    store: Annotated[Path | None, typer.Option(help="Folder of the shop, for examples that name none.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
    whisper: Annotated[Path | None, typer.Option(help="Who listens to what was spoken; else WALKIOSK_WHISPER.")] = None,
    horizon: Annotated[int, typer.Option(min=1, help="forecasting: steps that are forecast.")] = 28,
    windows: Annotated[int, typer.Option(min=1, help="forecasting: so many horizons, one behind the other.")] = 4,
    season: Annotated[int, typer.Option(min=1, help="forecasting: steps of a season, which MASE scales by.")] = 7,
    country: Annotated[str, typer.Option(help="forecasting: whose public holidays count, such as US.")] = "",
    weights: WeightsFlag = None,
) -> None:
    """Scores a skill on a file of examples."""
    import json
    from dataclasses import asdict

    from walkiosk.skill import SKILLS, Model, Untrained
    from walkiosk.skill import skill as trained

    with operators_mistakes():
        try:
            trained(skill, weights)
        except KeyError:
            fail(f"{skill!r} is no skill; there are {', '.join(SKILLS)}")
        except Untrained as error:
            fail(error)
    if not data.is_file():
        fail(f"{data}: no such file")
    if whisper is not None:
        os.environ["WALKIOSK_WHISPER"] = str(whisper)
    from walkiosk import score as scores

    with operators_mistakes():
        backtest = scores.Backtest(horizon, windows, season, country)
        try:
            found = scores.score(skill, data, store, Model.load(weights), backtest=backtest)
        except scores.DataError as error:
            fail(error)
    typer.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else str(found))


@store_app.command()
def check(folder: Path) -> None:
    """Says what is wrong with a folder."""
    with operators_mistakes():
        from walkiosk.store import check_folder

        read = check_folder(folder)
    counts = {"products": read.products, "entities": read.entities, "facts": read.edges, "customers": read.customers}
    typer.echo(f"{folder}: {', '.join(f'{len(rows)} {name}' for name, rows in counts.items())}; nothing is wrong")


@store_app.command()
def load(folder: Path, database: DatabaseFlag = None) -> None:
    """Loads a folder into the shop's books, if nothing is wrong with it."""
    with operators_mistakes():
        from walkiosk.store import Store

        try:
            opened = Store.open(folder, database)
        except ValueError as error:
            fail(error)
        typer.echo(f"{folder}: loaded into {opened.engine.url.render_as_string()}")
        for line in to_delete(opened):
            typer.echo(line, err=True)
        opened.close()
