"""Programs are looked for best first, and those that the graph answers come before those that it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log
from types import SimpleNamespace
from typing import Any

import pytest

from walkiosk.engine import Fork, Written
from walkiosk.skill import semantic_parsing
from walkiosk.skill.semantic_parsing import write_understood
from walkiosk.skill.understanding import Mention, Understood
from walkiosk.store.knowledge_graph import PathProgram

LANGUAGE, END = 0, 9
NOTHING = (5,)
# what may follow a beginning, and how likely each is: going with 1 looks best and is not
SCRIPT: dict[tuple[int, ...], dict[int, float]] = {
    (LANGUAGE,): {1: 0.5, 2: 0.4, 5: 0.1},
    (LANGUAGE, 1): {3: 0.5, 4: 0.4, END: 0.1},
    (LANGUAGE, 2): {END: 0.98, 4: 0.02},
}


class Scripted:
    """A reading that writes by the script, the likeliest token first."""

    def __init__(self, *_: Any) -> None:
        self.began: list[tuple[int, ...]] = []

    def write(self, forced: Sequence[int]) -> tuple[Understood, Written]:
        tokens, likelihood = list(forced) or [LANGUAGE], 0.0
        forks = []
        while choices := SCRIPT.get(tuple(tokens), {}):
            ordered = sorted(choices, key=lambda token: -choices[token])
            forks.append(Fork(len(tokens), ordered[1], likelihood + log(choices[ordered[1]])))
            likelihood += log(choices[ordered[0]])
            if ordered[0] == END:
                break
            tokens.append(ordered[0])
        spelled = " ".join(f">r{token}" for token in tokens[1:])
        program = None if tuple(tokens[1:]) == NOTHING else PathProgram.parse(f"1 {spelled}")
        mentions = tuple(Mention(f"r{token}", "thing") for token in tokens[1:])
        return Understood("en", mentions, program, likelihood), Written(tokens, 0.0, True, likelihood, tuple(forks))


def understood(monkeypatch: pytest.MonkeyPatch, answers: Callable[[Understood], bool] | None) -> str | None:
    monkeypatch.setattr(semantic_parsing, "_Reading", Scripted)
    graph: Any = SimpleNamespace(parts=(None,), answers=answers, types_of=None)
    found = write_understood(SimpleNamespace(), graph, "any", "path_query", "en")  # type: ignore[arg-type]
    return None if found.program is None else str(found.program)


def program(text: str) -> str:
    return str(PathProgram.parse(text))


def test_the_likeliest_as_a_whole_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.4 × 0.98 is more than 0.5 × 0.5, which greedy writing takes."""
    assert str(Scripted().write(())[0].program) == program("1 >r1 >r3")
    assert understood(monkeypatch, None) == program("1 >r2")
    assert understood(monkeypatch, lambda found: True) == program("1 >r2")


def test_what_the_graph_does_not_answer_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert understood(monkeypatch, lambda found: str(found.program) != program("1 >r2")) == program("1 >r1 >r3")
    assert understood(monkeypatch, lambda found: str(found.program) == program("1 >r1 >r4")) == program("1 >r1 >r4")
    assert understood(monkeypatch, lambda found: False) == program("1 >r1 >r3")  # none has: the first stays


def test_a_sentence_that_asks_nothing_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlikely programs with an answer are no reason to answer."""
    monkeypatch.setitem(SCRIPT, (LANGUAGE,), {5: 0.6, 2: 0.4})
    assert understood(monkeypatch, lambda found: True) is None


def test_names_that_the_graph_does_not_know_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic_parsing, "_Reading", Scripted)

    def names(known: str) -> list[str]:
        def types_of(name: str) -> set[str]:
            return {"thing"} if name in known else set()

        graph: Any = SimpleNamespace(parts=(None,), answers=None, types_of=types_of)
        found = write_understood(SimpleNamespace(), graph, "any", "entity_extraction", "en")  # type: ignore[arg-type]
        return [mention.text for mention in found.mentions]

    assert names("r1 r2 r3 r4") == ["r2"]
    assert names("r1 r3 r4") == ["r1", "r3"]
    assert names("r1 r4") == ["r1", "r4"]
    assert names("") == ["r1", "r3"]  # no other is better: names that a shop does not know are names
