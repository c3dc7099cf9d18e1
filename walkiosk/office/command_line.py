"""The office's commands: walkiosk digest | report. What they do is imported when they run."""

from __future__ import annotations

from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from walkiosk.flags import DatabaseFlag, PlaceFlag, WeightsFlag, fail, operators_mistakes, store_place

app = typer.Typer()
DAY = ["%Y-%m-%d"]


@app.command()
def digest(
    file: Annotated[Path | None, typer.Argument(help="A CSV: text, and language, date, stars, id, category.")] = None,
    store: Annotated[Path | None, typer.Option(help="Folder of the shop: goods and, without a file, remarks.")] = None,
    language: Annotated[str | None, typer.Option(help="What it is written in; else the shop's first, else en.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=DAY, help="First day; else all of a file, 7 days.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="Last day.")] = None,
    categories: Annotated[str, typer.Option(help="With commas between; else remark_categories of the shop.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write: .md, .json or .csv.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
    weights: WeightsFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Sums up what customers say, with the remarks that each sentence rests on."""
    with operators_mistakes():
        from walkiosk.office import digest_command as command
        from walkiosk.office import digest_page as page
        from walkiosk.office.digest_value import RemarkSkills
        from walkiosk.office.remarks_file import RemarksError
        from walkiosk.skill import Untrained

        named = tuple(name.strip() for name in categories.split(",") if name.strip())
        order = command.Order(file, store, database, language, _day(since), _day(until), named, out)
        try:
            made, notes = command.run(order, lambda: RemarkSkills.trained(weights))
        except (command.DigestError, RemarksError, Untrained) as error:
            fail(error)
        except ValueError as error:  # another kind of database; weights that tell no state
            fail(error)
    for note in notes:
        typer.echo(note, err=True)
    if as_json:
        typer.echo(page.as_json(made))
    elif out is None:
        typer.echo(page.as_markdown(made), nl=False)


@app.command()
def train(
    out: Annotated[Path, typer.Option(help="New folder: a copy of the weights with what was learned.")],
    skills: Annotated[str, typer.Option(help="What is learned from the shop: forecasting.")] = "forecasting",
    store: PlaceFlag = None,
    minutes: Annotated[float, typer.Option(min=0.1, help="At most; it ends early when nothing is gained.")] = 5,
    horizon: Annotated[int, typer.Option(min=1, max=182, help="Days ahead that it learns to tell.")] = 28,
    weights: WeightsFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Makes the forecaster at home in a shop, by the shop's own sales; then: walkiosk serve --weights OUT."""
    if skills != "forecasting":
        fail(f"--skills: {skills!r} is not learned from a shop's own data yet; forecasting is")
    if find_spec("torch") is None or find_spec("onnx") is None:
        fail("training wants torch: pip install 'walkiosk[train]'")
    from rich.console import Console
    from rich.progress import Progress

    from walkiosk.model.adapt import TooLittle
    from walkiosk.model.at_home import adapt_forecaster
    from walkiosk.office.desk import Office
    from walkiosk.office.outlook import shop_histories
    from walkiosk.skill import weights_folder

    with operators_mistakes():
        histories = shop_histories(Office.open(store_place(store), database))
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("learning", total=1.0)
            try:
                found = adapt_forecaster(
                    histories,
                    weights_folder(weights),
                    out,
                    horizon,
                    minutes,
                    lambda share: progress.update(task, completed=share),
                )
            except TooLittle as error:
                fail(error)
    gained = "nothing was gained, the weights are as they were" if found.after >= found.before else "kept"
    typer.echo(
        f"{out}: loss of the last {horizon} days {found.before:.4f} before, {found.after:.4f} after "
        f"{found.steps} steps: {gained}"
    )


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="File to write: .pdf, or .csv, of which there is one a table.")],
    store: PlaceFlag = None,
    since: Annotated[datetime | None, typer.Option(formats=DAY, help="First day; else 27 days before.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="Last day; else yesterday.")] = None,
    table: Annotated[str | None, typer.Option(help="The one table to write as .csv, such as sales_by_day.")] = None,
    language: Annotated[str | None, typer.Option(help="What it is written in; else the shop's first, else en.")] = None,
    weights: WeightsFlag = None,
    database: DatabaseFlag = None,
) -> None:
    """Reports what sold and what was said: a PDF that can be mailed, or CSVs."""
    if find_spec("fpdf") is None:
        fail("reports want their library: pip install 'walkiosk[office]'")
    with operators_mistakes():
        from walkiosk.office import report_command as command
        from walkiosk.office.digest_value import RemarkSkills

        order = command.Order(store_place(store), out, database, _day(since), _day(until), table, language)
        try:
            files, notes = command.run(order, lambda: RemarkSkills.trained(weights))
        except ValueError as error:  # what was typed; another kind of database
            fail(error)
    for note in notes:
        typer.echo(note, err=True)
    for file in files:
        typer.echo(file)


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
