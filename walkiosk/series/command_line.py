"""The command walkiosk forecast. What it does is imported when it runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from walkiosk.flags import WeightsFlag, fail, operators_mistakes

app = typer.Typer()


@app.command()
def forecast(
    file: Annotated[Path, typer.Argument(help="A long CSV: unique_id, ds, y, and price, promotion, category, name.")],
    horizon: Annotated[int, typer.Option(min=1, help="Steps ahead.")] = 28,
    out: Annotated[Path | None, typer.Option(help="CSV to write: unique_id, ds, q10 to q90.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Picture to draw of the first sixteen series.")] = None,
    frequency: Annotated[
        Literal["D", "W", "M", "Q", "Y"] | None, typer.Option(help="Else read from the dates.")
    ] = None,
    gaps: Annotated[Literal["unknown", "zero"], typer.Option(help="What a step without a row means.")] = "unknown",
    duplicates: Annotated[Literal["error", "sum"], typer.Option(help="What becomes of two rows of a step.")] = "error",
    negative: Annotated[
        Literal["error", "zero", "keep"], typer.Option(help="What becomes of values below 0.")
    ] = "error",
    today: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="No value is later; else today.")] = None,
    country: Annotated[str, typer.Option(help="Whose public holidays count, such as US.")] = "",
    ray: Annotated[str | None, typer.Option(help="Address of a Ray cluster; local starts one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
    weights: WeightsFlag = None,
) -> None:
    """Forecasts every series of a file, as nine quantiles a step."""
    import json

    with operators_mistakes():
        from walkiosk.modality.season import UnknownCountry
        from walkiosk.series import forecast_command
        from walkiosk.series.fault import SeriesError
        from walkiosk.series.picture import NoPlot
        from walkiosk.series.rules import Rules
        from walkiosk.series.spread import NoCluster

        day = (today or datetime.now()).date()
        rules = Rules(frequency, gaps, duplicates, negative, day, country)
        order = forecast_command.Order(file, horizon, out, plot, rules, ray, weights)
        try:
            told = forecast_command.run(order)
        except (SeriesError, NoPlot, NoCluster, UnknownCountry) as error:
            fail(error)
    for line in told.lines:
        typer.echo(line, err=True)
    places = " and ".join(str(path) for path in (out, plot) if path)
    said = f"{file}: {told.series:,} series, {horizon} steps ahead, into {places}"
    typer.echo(json.dumps(told.plain(), ensure_ascii=False) if as_json else said)
