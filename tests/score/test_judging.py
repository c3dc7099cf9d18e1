"""Judging with scripted skills: what counts as right, on a real store."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from walkiosk.engine import Engine
from walkiosk.kiosk.goods import Shop
from walkiosk.kiosk.skills import Skills
from walkiosk.modality.text import Vocabulary
from walkiosk.score import DataError, Score, asking, chatting, reading, score
from walkiosk.score.data import Row
from walkiosk.score.graphs import Graphs
from walkiosk.score.scoring import JUDGES
from walkiosk.score.summary import summarise
from walkiosk.skill import SKILLS, Model, Untrained
from walkiosk.skill.chat import Decision
from walkiosk.skill.conversation import Said, Shown
from walkiosk.skill.graph import Graph
from walkiosk.skill.understanding import Mention, Understood
from walkiosk.store.knowledge_graph import PathProgram

SCORES = Path(__file__).parents[2] / "scores"
DEMO = Path(__file__).parents[2] / "stores" / "demo"
MODEL = Model(cast(Engine, None), cast(Vocabulary, None))
NAMES = (Mention("Leo Dicaprio", "person"), Mention("nolan", "person"))
FILMS = "1 >acted_in and ( 2 >directed )"


class Scripted(Graphs):
    """Graphs whose model is a script: every question is understood as told."""

    def __init__(self, store: Path) -> None:
        super().__init__(MODEL, store)
        self.read = understood(None)

    def shop(self, row: Row) -> Shop | None:
        store = self.store(row)
        skills = Skills(*[cast(Any, None)] * 3, lambda text, language: self.read, *[cast(Any, None)] * 3)
        return Shop(store, skills, ("en",)) if store else None


def rows(*found: dict[str, Any]) -> list[Row]:
    return [Row(fields, Path("data.jsonl"), line) for line, fields in enumerate(found, 1)]


def understood(program: str | None, mentions: tuple[Mention, ...] = NAMES) -> Understood:
    return Understood("en", mentions, PathProgram.parse(program) if program else None, 0.0)


@pytest.fixture(scope="module")
def demo() -> Iterator[Scripted]:
    graphs = Scripted(DEMO)
    yield graphs
    graphs.close()


def judged(graphs: Scripted, program: str | None, answers: list[Any]) -> tuple[float, ...]:
    graphs.read = understood(program)
    found = asking.judge(rows({"question": "?", "answers": answers, "language": "en", "hops": 5}), graphs)
    assert found[0].groups == ("en", "hops 4+")
    return found[0].counts


@pytest.mark.parametrize(
    ("program", "answers", "hit", "exact"),
    [
        (f"{FILMS} first", ["film:inception"], 1, 1),
        (f"{FILMS} first", ["Inception"], 1, 1),
        (f"{FILMS} first", ["film:inception", "film:tenet"], 1, 0),
        (f"{FILMS} first", ["film:tenet"], 0, 0),
        (f"{FILMS} first >released", [2010], 1, 1),
        (f"{FILMS} first >released", ["2010"], 1, 1),
        (f"{FILMS} released > 2020", [], 1, 1),
        (f"{FILMS} first", [], 0, 0),
        (None, [], 1, 1),
        (None, ["film:inception"], 0, 0),
    ],
)
def test_hits_at_1_and_exact_set(demo: Scripted, program: str | None, answers: list[Any], hit: int, exact: int) -> None:
    assert judged(demo, program, answers) == (hit, exact, 1)


def test_path_query_needs_a_store() -> None:
    with pytest.raises(DataError, match="line 1, field store: path_query needs a store"):
        asking.judge(rows({"question": "?", "answers": []}), Graphs(MODEL))


def test_entities_need_types_or_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Graphs, "of", lambda self, schema: schema)
    monkeypatch.setattr(
        reading, "extract", lambda model, graph, text, language: understood(None, (Mention(text, graph.types[0]),))
    )
    expected = {"text": "Nolan", "type": "person"}
    found = reading.judge_entities(rows({"text": "Nolan", "entities": [expected], "types": ["person"]}), Graphs(MODEL))
    assert found[0].counts == (1, 0, 0)
    with pytest.raises(DataError, match="field types: is missing"):
        reading.judge_entities(rows({"text": "Nolan", "entities": []}), Graphs(MODEL))


def test_relations_come_from_the_row_or_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Graph] = []

    def classify(model: Model, graph: Graph, text: str, head: str, tail: str) -> str | None:
        seen.append(graph)
        return "actedIn" if "in" in text else None

    monkeypatch.setattr(Graphs, "of", lambda self, schema: schema)
    monkeypatch.setattr(reading, "classify", classify)
    pair = {"head": "a", "tail": "b", "relations": ["actedIn", {"name": "directed", "phrase": "made"}]}
    found, measures = reading.judge_relations(
        rows({**pair, "text": "a in b", "relation": "actedIn"}, {**pair, "text": "a, b", "relation": "none"}),
        Graphs(MODEL),
    )
    schema = cast(Any, seen[0])
    assert [relation.phrase for relation in schema.relations] == ["acted in", "made"]
    assert [judged.counts[0] for judged in found] == [1.0, 1.0]
    assert measures[0].name == "macro-F1"


SCREEN = [["Dino poncho", "green", "116"], ["Rain coat", "red", None, 34]]
TURNS: list[tuple[Decision, dict[str, Any], tuple[bool, bool]]] = [
    (
        Decision("en", "choose", "", (2,), {"size": "128"}),
        {"action": "choose", "slots": {"product": "rain coat", "size": 128}},
        (True, True),
    ),
    (Decision("en", "choose", "", (1,)), {"action": "choose", "slots": {"product": 1, "quantity": 2}}, (True, False)),
    (Decision("en", "choose", "", (1,)), {"action": "choose", "slots": {"position": 1, "quantity": 1}}, (True, True)),
    (Decision("en", "choose", "", (1, 2)), {"action": "choose", "slots": {"position": 1}}, (True, False)),
    (Decision("en", "choose", "", (1, 2)), {"action": "choose", "slots": {"positions": [1, 2]}}, (True, True)),
    (Decision("en", "choose", "", (2, 1)), {"action": "choose", "slots": {"positions": [1, 2]}}, (True, True)),
    (Decision("en", "choose", "", (2,)), {"action": "choose", "slots": {"positions": [1, 2]}}, (True, False)),
    (Decision("en", "remove", ""), {"action": "remove", "slots": {"position": 1}}, (True, True)),
    (Decision("en", "remove", ""), {"action": "remove", "slots": {"quantity": 1}}, (True, False)),
    (Decision("en", "ask", "", words=("price",)), {"action": "ask", "slots": {"what": "price"}}, (True, True)),
    (
        Decision("en", "feedback", "", slots={"stars": "4"}, words=("words",)),
        {"action": "feedback", "slots": {"stars": 4, "words": True}},
        (True, True),
    ),
    (Decision("en", "pay", ""), {"action": "cancel"}, (False, False)),
]


def test_a_turn_needs_its_action_and_the_expected_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter(TURNS)
    monkeypatch.setattr(chatting, "decide", lambda *situation: next(told)[0])
    turns = [{"customer": "…", "expect": expected} for _, expected, _ in TURNS]
    turns[0] |= {"screen": SCREEN, "basket": [["Dino poncho", 2]]}
    (row,) = rows({"turns": turns, "language": "en"})
    assert chatting.play(row, Graphs(MODEL), "en") == [right for _, _, right in TURNS]


def test_the_model_sees_what_the_dialogue_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Any, ...]] = []

    def decide(*situation: Any) -> Decision:
        seen.append((*situation[1:3], list(situation[3])))
        return Decision("en", "pay", "pay")

    monkeypatch.setattr(chatting, "decide", decide)
    first = {"customer": "hm", "screen": SCREEN, "kiosk": "Two.", "basket": [["Cap", 2]], "expect": {"action": "pay"}}
    (row,) = rows({"turns": [first, {"customer": "go on", "screen": [], "expect": {"action": "pay"}}]})
    chatting.judge([row], Graphs(MODEL))
    said = [Said("kiosk", "Two."), Said("customer", "hm")]
    assert seen == [
        ([Shown("Dino poncho", "green", "116"), Shown("Rain coat", "red")], [Shown("Cap")], said),
        ([], [Shown("Cap")], [*said, Said("customer", "go on")]),
    ]


def test_unseen_goods_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    languages: list[str | None] = []

    def decide(*situation: Any) -> Decision:
        languages.append(situation[4])
        return Decision("en", "pay", "pay")

    monkeypatch.setattr(chatting, "decide", decide)
    pay, leave = ({"customer": "go on", "expect": {"action": action}} for action in ("pay", "cancel"))
    lines = (
        {"language": "en", "kind": "lures", "unseen": True, "turns": [pay, {**leave, "language": "es"}, pay]},
        {"language": "en", "kind": "hats", "unseen": False, "turns": [pay]},
        {"language": "en", "turns": [leave]},
    )
    told = summarise("chat", *chatting.judge(rows(*lines), Graphs(MODEL)))
    assert languages == ["en", "es", "en", "en", "en"]
    assert told.value == pytest.approx(1 / 3, abs=1e-4) and told.by[chatting.UNSEEN] == 0
    assert told.by["action accuracy"] == pytest.approx(3 / 5)
    assert told.by["action accuracy, unseen goods"] == pytest.approx(2 / 3, abs=1e-4)
    known = summarise("chat", *chatting.judge(rows(*lines[1:]), Graphs(MODEL)))
    assert not any(chatting.UNSEEN in name for name in known.by)
    with pytest.raises(DataError, match='field unseen: true or false expected, found "yes"'):
        chatting.judge(rows({"unseen": "yes", "turns": [pay]}), Graphs(MODEL))


def test_untrained_and_unknown_skills_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(JUDGES) == set(SKILLS)
    monkeypatch.setenv("WALKIOSK_WEIGHTS", str(tmp_path))
    (tmp_path / "model.json").write_text('{"untrained": ["chat"]}')
    with pytest.raises(Untrained):
        score("chat", tmp_path / "a.jsonl", None, MODEL)
    with pytest.raises(KeyError, match="no skill 'juggling'"):
        score("juggling", tmp_path / "a.jsonl", None, MODEL)


def test_a_score_reads_as_text() -> None:
    assert str(Score("chat", "task success", 0.5, 0.4, 0.6, 10, {"en": 0.5})).startswith(
        "chat: task success 0.500 (95% 0.400 to 0.600), n 10\n  en"
    )


def test_held_out_answers_are_what_the_stores_answer() -> None:
    graphs = Graphs(MODEL)
    with (SCORES / "path_query.jsonl").open(encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    counts = {language: sum(line["language"] == language for line in lines) for language in ("en", "pt", "zh")}
    assert len(lines) >= 600 and min(counts.values()) >= 40
    for line in lines[::11]:
        row = Row(line, SCORES / "path_query.jsonl", 1)
        store = graphs.store(row)
        assert store is not None
        if line["program"] is not None:
            assert list(store.graph.run(line["program"], line["starts"]).ids) == line["answers"]
    graphs.close()
