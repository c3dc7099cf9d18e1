"""Every trained skill's score on the held-out sets, as the table of the model card: `python -m walkiosk.score.card`.

Sets are files of `scores/`; five lie in the cache: speech recognition's, written by `python -m training.speech_lists`,
music's, by `python -m training.music`, captioning's, by `python -m training.captioning lists`, Debian's descriptions,
by `python -m training.summarization_held_out`, and Complete Journey's sales, by `python bench/forecasting.py
--write-list`. The table goes into `weights/README.md` between its two markers.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from walkiosk.cache_folder import cache_folder
from walkiosk.score.forecasting import Backtest
from walkiosk.score.scoring import score
from walkiosk.score.summary import Score
from walkiosk.skill import Model, Untrained, weights_folder

BEGIN, END = "<!-- scores: written by `make scores` -->", "<!-- end of scores -->"
CACHE = cache_folder()


@dataclass(frozen=True)
class Set:
    """A held-out set of one skill: what it is, and its file beneath ``scores/`` or the cache's folder of lists."""

    title: str
    skill: str
    file: str
    cached: bool = False
    country: str = ""  # of series: whose public holidays are known


SETS = (
    Set("path_query, shops held out", "path_query", "path_query.jsonl"),
    Set("path_query, shapes held out", "path_query", "shapes_path_query.jsonl"),
    Set("entity_extraction, shops held out", "entity_extraction", "entity_extraction.jsonl"),
    Set("relation_classification, shops held out", "relation_classification", "relation_classification.jsonl"),
    Set("chat, dialogues held out", "chat", "chat.jsonl"),
    Set("translation, shop sentences", "translation", "translation.jsonl"),
    Set("speech_recognition, Asterisk prompts", "speech_recognition", "speech_recognition.jsonl", cached=True),
    Set("music, tunes held out", "music", "music.jsonl", cached=True),
    Set("captioning, pictures and things held out", "captioning", "captioning.jsonl", cached=True),
    Set("forecasting, Complete Journey, 28 days", "forecasting", "completejourney.csv", cached=True, country="US"),
    Set("summarization, twelve categories held out", "summarization", "summarization_categories.jsonl"),
    Set("summarization, sentences of themes held out", "summarization", "summarization_digests.jsonl"),
    Set("summarization, Debian descriptions", "summarization", "summarization_debian.jsonl", cached=True),
    Set("speech_generation, shop sentences", "speech_generation", "speech_generation.jsonl"),
)


def table(found: Sequence[tuple[Set, Score | str | None]], capped: int | None) -> str:
    """The scores in Markdown: one row a set, groups and other metrics beneath one another in a cell.

    In a score's place None says that the set's file is not there, words say what else was missing.
    """
    lines = ["| set | metric | score | 95% | n | by | command |", "|---|---|---|---|---|---|---|"]
    for each, scored in found:
        place = f"$CACHE/scores/{each.file}" if each.cached else f"scores/{each.file}"
        command = f"`walkiosk score {each.skill} --data {place}{f' --country {each.country}' if each.country else ''}`"
        if not isinstance(scored, Score):
            lines.append(f"| {each.title} | | not measured: {scored or f'{place} is not there'} | | | | {command} |")
            continue
        by = ", ".join(f"{group} {number(value)}" for group, value in scored.by.items())
        middle = f"{number(scored.low)} – {number(scored.high)}"
        cells = (each.title, scored.metric, number(scored.value), middle, str(scored.n), by, command)
        lines.append(f"| {' | '.join(cells)} |")
    told = f"Measured on {date.today().isoformat()}" + (f", at most {capped} examples a set." if capped else ".")
    return "\n".join((told, "", *lines))


def number(value: float) -> str:
    """A score as the card tells it."""
    return f"{value:.1f}" if value > 1.5 else f"{value:.3f}"  # chrF and BLEU count to 100


def write(card: Path, text: str, markers: tuple[str, str] = (BEGIN, END)) -> None:
    """Put ``text`` between the card's markers, or behind it with new ones; raises ValueError for only one marker."""
    begin, end = markers
    before = card.read_text(encoding="utf-8") if card.is_file() else ""
    if (begin in before) != (end in before):
        raise ValueError(f"{card}: only one of the markers {begin} and {end}")
    if begin not in before:
        before = f"{before.rstrip()}\n\n{begin}\n{end}\n".lstrip()
    head, rest = before.split(begin, 1)
    tail = rest.split(end, 1)[1]
    card.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--weights", type=Path, help="a folder of weights; as `walkiosk serve` finds them if left out")
    parser.add_argument("--scores", type=Path, default=Path("scores"), help="the folder of held-out sets")
    parser.add_argument("--lists", type=Path, default=CACHE / "scores", help="the folder of speech lists")
    parser.add_argument("--card", type=Path, help="the README to write into; the weights' own if left out")
    parser.add_argument("--quick", type=int, metavar="N", help="at most so many examples a set")
    parser.add_argument("--skills", nargs="+", help="only these")
    options = parser.parse_args()
    weights = weights_folder(options.weights)
    model = Model.load(weights)
    found: list[tuple[Set, Score | str | None]] = []
    for each in SETS:
        if options.skills and each.skill not in options.skills:
            continue
        data = (options.lists if each.cached else options.scores) / each.file
        start = time.perf_counter()
        scored: Score | str | None = None
        if data.is_file():
            try:
                scored = score(each.skill, data, None, model, options.quick, Backtest(country=each.country))
            except (FileNotFoundError, Untrained) as error:  # what it is scored with is not installed; not learned yet
                scored = str(error)
        found.append((each, scored))
        said = scored if isinstance(scored, Score) else f"not measured: {scored or f'{data} is not there'}"
        print(f"{each.title}\n{said}", flush=True)
        print(f"  ({time.perf_counter() - start:.0f} s)\n", flush=True)
    if options.skills:
        print(table(found, options.quick))
    else:
        write(options.card or weights / "README.md", table(found, options.quick))


if __name__ == "__main__":
    main()
