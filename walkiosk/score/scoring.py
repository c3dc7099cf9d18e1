"""One skill, one file of examples, one score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from walkiosk.score import (
    asking,
    captioning,
    chatting,
    composing,
    forecasting,
    hearing,
    reading,
    speaking,
    summing_up,
    translating,
)
from walkiosk.score.data import Row, read_rows
from walkiosk.score.forecasting import USUAL, Backtest, read_series
from walkiosk.score.graphs import Graphs
from walkiosk.score.summary import Judged, Measure, Score, summarise
from walkiosk.skill import Model
from walkiosk.skill import skill as trained
from walkiosk.skill.forecasting import load as load_forecaster
from walkiosk.skill.speech_generation import Speaker

Judge = Callable[[Sequence[Row], Graphs], tuple[list[Judged], tuple[Measure, ...]]]
JUDGES: dict[str, Judge] = {
    "speech_recognition": lambda rows, graphs: (hearing.judge(rows, hearing.hearing(graphs.model)), hearing.MEASURES),
    "translation": lambda rows, graphs: translating.judge(rows, graphs.model),
    "entity_extraction": lambda rows, graphs: (reading.judge_entities(rows, graphs), reading.ENTITY_MEASURES),
    "relation_classification": reading.judge_relations,
    "path_query": lambda rows, graphs: (asking.judge(rows, graphs), asking.MEASURES),
    "chat": chatting.judge,
    "forecasting": lambda rows, graphs: (
        forecasting.judge(rows, load_forecaster(graphs.model.folder)),
        forecasting.MEASURES,
    ),
    "summarization": lambda rows, graphs: summing_up.judge(rows, graphs.model),
    "music": lambda rows, graphs: (composing.judge(rows, graphs.model), composing.MEASURES),
    "captioning": lambda rows, graphs: captioning.judge(rows, graphs.model),
    "speech_generation": lambda rows, graphs: (
        speaking.judge(rows, Speaker.load(graphs.model.folder).say, speaking.whisper(), speaking.dnsmos()),
        speaking.MEASURES,
    ),
}


def score(
    skill: str,
    data: Path,
    store: Path | None,
    model: Model,
    limit: int | None = None,
    backtest: Backtest = USUAL,
) -> Score:
    """Score ``skill`` on the examples of ``data`` (JSONL; forecasting: a long CSV), or on ``limit`` of them.

    ``store`` is a store folder, for rows that name none of their own; ``backtest`` is how series are cut. Raises
    KeyError for an unknown skill, `Untrained` for one that the weights do not have, `DataError` naming file, line and
    field, `FolderError` for a faulty store, FileNotFoundError where what speech is scored with is not installed.
    """
    name = trained(skill, model.folder).name
    graphs = Graphs(model, store)
    try:
        rows = read_series(data, backtest, limit) if name == "forecasting" else read_rows(data, limit)
        judged, measures = JUDGES[name](rows, graphs)
    finally:
        graphs.close()
    return summarise(name, judged, measures)
