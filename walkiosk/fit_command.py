"""`walkiosk fit`, `walkiosk predict`: the black box on the command line."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from walkiosk.flags import fail

if TYPE_CHECKING:
    from walkiosk.fit_score import Scored
    from walkiosk.model.fit import Told
    from walkiosk.sequence import Sequence

SPREAD = ("classes", "quantiles", "trend")  # aims whose answers have one
app = typer.Typer()
INPUT = "Kinds of the input's parts, such as image or image,text; else guessed."


@app.command(name="fit")
def fit_command(
    pairs: Annotated[Path, typer.Argument(help="A line a pair: JSON with input and target, or CSV.")],
    out: Annotated[Path, typer.Option(help="The model's file that is written.")],
    input: Annotated[str, typer.Option(help=INPUT)] = "",
    target: Annotated[str, typer.Option(help="Kind of the target; else guessed.")] = "",
    group: Annotated[str | None, typer.Option(help="Key of a line: pairs that share it stay together.")] = None,
    minutes: Annotated[float, typer.Option(min=0.01, help="Of training, at most.")] = 10.0,
    steps: Annotated[int | None, typer.Option(min=1, help="So many steps instead of minutes.")] = None,
    size: Annotated[
        str | None, typer.Option(help="small, medium, large or base; else it follows from the data.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="walkiosk: begin with the shop's own weights.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, data and steps make the same model.")] = 0,
    report: Annotated[Path | None, typer.Option(help="The HTML report; else beside the model.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object at the end, and nothing else.")] = False,
) -> None:
    """Fits a model to pairs of any of the six kinds and says how good it is. A fit that was stopped goes on."""
    from walkiosk.fit_progress import progress
    from walkiosk.fit_score import score_model
    from walkiosk.pairs.pair import PairsError
    from walkiosk.sequence import Sequence

    page = report or out.with_suffix(".html")
    for path in (out, page):
        if not path.parent.is_dir():
            fail(f"{path}: no folder {path.parent}")
    need_torch()
    work, rank = out.with_name(out.name + ".fit"), int(os.environ.get("RANK", "0"))
    kinds = [kind.strip() for kind in input.split(",") if kind.strip()]
    settings = {"minutes": minutes, "steps": steps, "group": group, "size": size, "start": start, "seed": seed}
    try:
        with progress(quiet=as_json or rank > 0) as told:
            model = Sequence(kinds, target)
            model.fit(pairs, told=told, work=work, **settings)
            assert model.fitted is not None
            if rank:  # the first of the processes that torchrun started judges and writes
                return
            with told.timed("judging"):
                scored = score_model(model, model.fitted.training, model.fitted.held_out, told.on_judged)
    except (PairsError, ValueError, FileNotFoundError) as error:
        fail(error)
    except KeyboardInterrupt:
        fail(f"stopped; the same command goes on with what lies in {work}")
    model.save(out)
    _write_page(page, pairs, model, scored, told)
    shutil.rmtree(work, ignore_errors=True)
    typer.echo(_told(model, scored, told, out, page, as_json))


def need_torch() -> None:
    """End where PyTorch is missing, before the minutes that come to nothing."""
    try:
        import torch  # noqa: F401
    except ImportError:
        fail("fitting needs PyTorch: pip install 'walkiosk[train]'")


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="A file that `walkiosk fit` wrote.")],
    parts: Annotated[list[str], typer.Argument(help="The input's parts: values, or files.")],
    out: Annotated[Path | None, typer.Option(help="The file that the answer goes into.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object, with how sure it is.")] = False,
) -> None:
    """Asks a fitted model. Needs no torch."""
    from walkiosk.modality.value import BadValue
    from walkiosk.model_file import NoModel
    from walkiosk.sequence import Sequence

    try:
        opened = Sequence.load(model)
        complete = len(parts) == len(opened.inputs)  # else the model says what is missing
        given = list(map(_given, opened.inputs, parts)) if complete else parts
        answer = opened(*given)
        if out is not None:
            opened.write(answer, out)
        plain = answer.tolist() if opened.pairing.aim == "trend" else answer
        told = {
            "answer": plain if opened.pairing.aim in SPREAD or opened.target == "text" else None,
            "file": out and str(out),
        }
        if as_json and opened.pairing.aim in SPREAD:
            spread = opened.spread(*given)
            told["spread"] = spread if isinstance(spread, dict) else spread.tolist()
    except (BadValue, NoModel, OSError) as error:
        fail(error)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif told["answer"] is not None:
        typer.echo(plain)
    elif out is None:
        fail(f"--out: an answer of the kind {opened.target} goes into a file")


def _given(kind: str, part: str) -> Any:
    """A part as it is typed: a path of a file that is there, numbers, or words."""
    from walkiosk.pairs.aims import number_of

    path = Path(part)
    if kind in ("image", "audio", "video"):
        return path
    if kind == "scalar" and part in ("true", "false"):
        return float(number_of(part))
    if kind == "trend" and not path.is_file():
        return part.replace(",", " ").split()
    return path if kind == "trend" or (kind == "text" and len(part) < 200 and path.is_file()) else part


def _write_page(page: Path, pairs: Path, model: Sequence, scored: Scored, told: Told) -> None:
    from walkiosk.pairs.report import Curves, Report, write_report

    fitted = model.fitted
    assert fitted is not None
    looks = fitted.looks
    best = min(looks, key=lambda look: look.judged).step if looks else None
    curves = Curves([(x.step, x.training) for x in looks], [(x.step, x.validation) for x in looks], best)
    card = {
        "data": json.dumps(model.card["data"], ensure_ascii=False),
        "weights": model.card["model"]["weights"],
        "steps": f"{model.card['training']['steps']} of {model.card['training']['of']}",
        "an answer": f"{scored.milliseconds:.1f} ms on {model.card['threads']} threads",
        "version": model.card["version"],
        "command": " ".join(["walkiosk", *sys.argv[1:]]),
    }
    told_all = Report(
        pairs.name,
        model.pairing.sides,
        model.pairing.aim,
        scored.judgement,
        curves,
        scored.shown,
        told.seconds,
        fitted.problems,
        fitted.faults,
        told.said,
        card,
    )
    write_report(page, told_all)


def _told(model: Sequence, scored: Scored, told: Told, out: Path, page: Path, as_json: bool) -> str:
    """What goes to standard output: one object, or the score in a sentence."""
    found = scored.judgement
    if as_json:
        named = {"metric": found.metric, "value": found.value, "baseline": found.baseline, "better": found.better}
        more = {
            "low": found.low,
            "high": found.high,
            "baseline_name": found.baseline_name,
            "baselines": found.baselines,
            "others": found.others,
            "sides": str(model.pairing.sides),
            "seconds": {name: round(seconds, 1) for name, seconds in told.seconds.items()},
            "model": str(out),
            "report": str(page),
        }
        return json.dumps({**named, "n": found.n, **more}, ensure_ascii=False)
    return f"{found}\n{out}: the model; {page}: the report"
