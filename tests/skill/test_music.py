"""Tunes from random weights: the constraint alone makes them valid, the seed makes them the same."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from walkiosk import cli
from walkiosk.modality import abc_notation
from walkiosk.modality.text import END, of_bytes
from walkiosk.score import DataError, score
from walkiosk.skill import Model, music
from walkiosk.skill.tune_constraint import NEAR, SLACK, TuneConstraint, heading, spelled
from walkiosk.skill.tune_grammar import JINGLE, KEYS, METRES, STOP, TUNE, Body, Form

TINY = Path(__file__).parents[1] / "tiny"
VOCABULARY = of_bytes()
JIG = heading("6/8", "G") + "|:d|gfgdBG|gfgecA|BdgdBG|AGGG2:|\nd|g>fgd2B|(3gfg(3g/f/g/dcA|Bdz=fBG|AGGG2|]"
WALTZ = heading("3/4", "Am") + "A2B2c2|d3cB2|A,6|^G4G2||\n|:A2B2c2|d3cB2|c'6|A6:|"


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(TINY, threads=1)


def walked(constraint: TuneConstraint, tokens: list[int]) -> bool:
    """Whether each of ``tokens`` may come behind those before it."""
    for token in tokens[:-1]:
        if token not in constraint.allowed():
            return False
        constraint.advance(token)
    return tokens[-1] in constraint.allowed()


def drawn_at_random(form: Form, room: int, seed: int) -> str:
    """What somebody writes who knows nothing but the constraint."""
    constraint, draw, end = TuneConstraint(VOCABULARY, form, room), random.Random(seed), VOCABULARY.special(END)
    tokens: list[int] = []
    while len(tokens) < room:
        token = draw.choice(constraint.allowed())
        if token == end:
            return VOCABULARY.decode(tokens)
        tokens.append(token)
        constraint.advance(token)
    raise AssertionError(f"no end in {room}: {VOCABULARY.decode(tokens)}")


def test_a_jingle_is_valid_and_sounds(model: Model) -> None:
    tune = music.jingle(model, 7)
    assert [len([bar for bar in part.bars if bar.beats > 1]) in (2, 4, 5) for part in tune.score.parts] == [True]
    assert tune.abc.startswith("X:1\nT:Jingle 7\nM:") and tune.abc.endswith("|]\n")
    assert tune.samples.dtype == np.float32 and 1 < tune.seconds < 30


def test_a_seed_is_a_tune(model: Model) -> None:
    one, same, other = music.jingle(model, 1), music.jingle(model, 1), music.jingle(model, 2)
    assert one.abc == same.abc and np.array_equal(one.samples, same.samples)
    assert one.abc.splitlines()[2:] != other.abc.splitlines()[2:]


def test_a_whole_tune_is_valid(model: Model) -> None:
    tune = music.compose(model, 3)
    assert TUNE.least <= len(tune.score.parts) <= TUNE.most
    assert all(55 <= note.pitch <= 88 for note in tune.score.notes)


@pytest.mark.parametrize("text", [JIG, WALTZ])
def test_tunes_of_the_books_are_allowed(text: str) -> None:
    assert walked(TuneConstraint(VOCABULARY, TUNE, 200), [*spelled(VOCABULARY, text), VOCABULARY.special(END)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gfgecA|", "gfgecAB|"),  # a bar too long
        ("gfgecA|", "gfgec|"),  # and too short
        ("BdgdBG", "B,,dgdBG"),  # below the fiddle
        ("BdgdBG", "^Bdgd_BG"),  # an accidental that the key does not have
        ("AGGG2:|", "AGGG3:|"),  # the upbeat is not left out
        ("AGGG2:|", "AGGG2||"),  # a repeat that does not end
        ("AGGG2|]", "AGGG2||"),  # no final bar
        ("BdgdBG|AGGG2:|", "AGGG2:|"),  # three bars are no phrase
    ],
)
def test_what_is_no_tune_is_not_allowed(old: str, new: str) -> None:
    text = JIG.replace(old, new, 1) if old in JIG.split("\n")[2] else new.join(JIG.rsplit(old, 1))
    tokens = [*spelled(VOCABULARY, text), VOCABULARY.special(END)]
    assert not walked(TuneConstraint(VOCABULARY, TUNE, 300), tokens)


@pytest.mark.parametrize(("form", "room"), [(JINGLE, 60), (JINGLE, 200), (TUNE, 150), (TUNE, 400)])
def test_random_tunes_are_valid_and_end_in_their_room(form: Form, room: int) -> None:
    for seed in range(4):
        text = drawn_at_random(form, room, seed)
        score = abc_notation.read(music.laid_out(text, "Random"))
        assert form.least <= len(score.parts) <= form.most


def test_the_way_to_the_end_is_as_long_as_it_says() -> None:
    draw = random.Random(5)
    for form in (TUNE, JINGLE):
        body = Body(form, METRES["9/8"], KEYS["Edor"])
        for _ in range(300):
            costs = {x: 1 if x == STOP else 1 + body.after(x).least() for x in body.next()}
            assert min(costs.values()) == body.least() <= NEAR - SLACK, body
            if set(costs) <= {STOP}:
                break
            body = body.after(draw.choice([x for x in costs if x != STOP]))


def test_a_tune_is_laid_out_in_beats_and_lines() -> None:
    lines = music.laid_out(JIG, "Try").splitlines()
    assert lines[:6] == ["X:1", "T:Try", "M:6/8", "L:1/8", "Q:3/8=104", "K:G"]
    assert lines[6:] == [
        "|:d|gfg dBG| gfg ecA| Bdg dBG| AGG G2:|",
        "d|g>fg d2B| (3gfg(3g/f/g/ dcA| Bdz =fBG| AGG G2|]",
    ]


def test_the_surprise_of_a_tune_is_that_of_writing_it(model: Model) -> None:
    vocabulary, chosen = model.vocabulary, list[int]()

    def least(logits: NDArray[np.float32]) -> int:  # not what greedy writing would choose
        chosen.append(int(logits.argmin()))
        return chosen[-1]

    state = model.engine.read(music.prefix(vocabulary, JINGLE), room=music.LONGEST)
    constraint = TuneConstraint(vocabulary, JINGLE, music.LONGEST)
    written = model.engine.write(state, vocabulary.special(END), music.LONGEST, constraint, choose=least)
    nats, choices = music.surprise(model, vocabulary.decode(written.tokens), JINGLE)
    assert choices == len(chosen)
    assert nats == pytest.approx(-written.likelihood, rel=1e-3)


@pytest.mark.parametrize("tune", [heading("6/8", "G") + "|:d|gfg", heading("6/8", "G") + "xyz", "la la la"])
def test_what_is_no_tune_has_no_surprise(model: Model, tune: str) -> None:
    with pytest.raises(ValueError, match=r"no letter of ours|not a tune"):
        music.surprise(model, tune, TUNE)


def test_perplexity_of_tunes(model: Model, tmp_path: Path) -> None:
    data = tmp_path / "tunes.jsonl"
    data.write_text(json.dumps({"tune": JIG}) + "\n" + json.dumps({"tune": WALTZ, "form": "tune"}) + "\n")
    found = score("music", data, None, model)
    counts = [music.surprise(model, tune, TUNE) for tune in (JIG, WALTZ)]
    assert found.metric == "perplexity" and found.n == 2
    assert found.value == pytest.approx(np.exp(sum(n for n, _ in counts) / sum(c for _, c in counts)), rel=1e-3)
    data.write_text(json.dumps({"tune": JIG, "form": "opera"}) + "\n")
    with pytest.raises(DataError, match=r"tunes.jsonl.*line 1.*form.*'opera' is none of tune, jingle"):
        score("music", data, None, model)
    data.write_text(json.dumps({"tune": "M:6/8\nK:G\nπ"}) + "\n")
    with pytest.raises(DataError, match=r"tune.*'π' is no letter of ours"):
        score("music", data, None, model)


def test_the_command_writes_what_it_says(tmp_path: Path) -> None:
    told = ["generate", "--seed", "42", "--as", "music", "--jingle", "--weights", str(TINY)]
    done = CliRunner().invoke(cli.app, [*told, "--json", "--out", str(tmp_path / "tune.wav")])
    assert done.exit_code == 0 and done.stderr == ""
    row = json.loads(done.stdout)
    assert (row["as"], row["seed"], row["file"]) == ("music", 42, str(tmp_path / "tune.wav"))
    assert row["abc"] == CliRunner().invoke(cli.app, told).stdout
    assert (tmp_path / "tune.wav").stat().st_size == pytest.approx(2 * 16_000 * row["seconds"], rel=0.01)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (["--as", "poems"], "--as: 'poems' is none of music"),
        (["--as", "music", "--out", "tune.mp9", "--jingle"], "the ending is none of .wav, .opus"),
    ],
)
def test_mistakes_are_told_in_a_line(more: list[str], line: str) -> None:
    done = CliRunner().invoke(cli.app, ["generate", "--seed", "42", *more, "--weights", str(TINY)])
    assert done.exit_code == 2 and done.stdout == ""
    assert line in done.stderr and done.stderr.count("\n") == 1 and done.stderr.startswith("walkiosk: ")
