"""Captions by small weights: held to names, in each language, and faults told in a line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from walkiosk.cli import app
from walkiosk.modality.text import LANGUAGES, OWN, SPARE, Vocabulary, of_bytes
from walkiosk.modality.value import BadValue
from walkiosk.model.export import export, load
from walkiosk.score import DataError, score
from walkiosk.score.captioning import others
from walkiosk.skill import Model, Untrained
from walkiosk.skill.captioning import TASK, THINGS, caption, likelihood
from walkiosk.skill.copying import Choice

TINY = Path(__file__).parents[1] / "tiny"
NAMES = {
    "en": ["red apple", "red hat", "sock"],
    "es": ["manzana roja", "sombrero", "calcetín"],
    "zh": ["苹果", "帽子", "袜子"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with a port that has seen a little, and names of three things."""
    made = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    model = load(TINY)
    for _ in range(2):
        model.port("image").train().embed(torch.randint(0, 256, (4, 64, 192)))
    export(model.eval(), made)
    of_bytes().save(made / "tokenizer.json")
    (made / THINGS).write_bytes(gzip.compress(json.dumps(NAMES).encode()))
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return Model.load(folder, threads=1)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "apple.png"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_the_new_token_takes_the_first_spare_place() -> None:
    before = Vocabulary.load(TINY / "tokenizer.json")
    now = of_bytes()
    assert now.special(TASK) == before.special("<|tag_0|>") and now.size == before.size
    assert all(now.special(token) == before.special(token) for token in OWN if token != TASK)
    assert len(set(OWN) | set(SPARE)) == len(OWN) + len(SPARE)


def test_a_caption_is_a_known_thing_in_each_language(model: Model, picture: Path) -> None:
    for language, names in NAMES.items():
        found = caption(model, picture, language)
        assert found.text in names and found.confidence <= 0
    assert caption(model, np.zeros((9, 9, 3), np.uint8), "en").text in NAMES["en"]


def test_likelihoods_are_those_of_the_writing(model: Model, picture: Path) -> None:
    for language, names in NAMES.items():
        found = likelihood(model, picture, language, names)
        assert np.exp(found).sum() == pytest.approx(1, abs=1e-4)  # nothing else may be written
    found = likelihood(model, picture, "es", NAMES["es"])  # told apart by their first letter
    assert NAMES["es"][int(found.argmax())] == caption(model, picture, "es").text
    more = likelihood(model, picture, "en", [*NAMES["en"], "red apples", "a chair"])
    assert np.exp(more).sum() == pytest.approx(1, abs=1e-4)
    (long,) = likelihood(model, picture, "en", ["a very long name of a thing that nobody has ever seen anywhere"])
    assert long < 0


def test_a_tree_holds_names_that_begin_other_names() -> None:
    walk = Choice({"12": [1, 2, 0], "123": [1, 2, 3, 0], "4": [4, 0]}).anew()
    assert sorted(walk.allowed()) == [1, 4]
    walk.advance(1)
    walk.advance(2)
    assert sorted(walk.allowed()) == [0, 3]


def test_bad_pictures_and_languages_are_named(model: Model, folder: Path, tmp_path: Path, picture: Path) -> None:
    with pytest.raises(ValueError, match="no language 'xx'"):
        caption(model, picture, "xx")
    words = tmp_path / "words.png"
    words.write_text("no picture")
    with pytest.raises(BadValue, match=r"words\.png"):
        caption(model, words, "en")
    for arguments, told in (
        ([str(picture), "--language", "xx"], f"no language 'xx'; there are {', '.join(LANGUAGES)}"),
        ([str(words)], "words.png"),
        ([str(tmp_path / "nothing.png")], "nothing.png"),
        ([str(tmp_path)], str(tmp_path)),
    ):
        found = CliRunner().invoke(app, ["caption", *arguments, "--weights", str(folder)])
        assert found.exit_code == 2 and told in found.stderr and found.stderr.count("\n") == 1, found.output
        assert not found.stdout
    found = CliRunner().invoke(app, ["caption", str(picture), "--weights", str(tmp_path)])
    assert found.exit_code == 2 and "no weights at" in found.stderr


def test_the_command_prints_a_name_or_an_object(folder: Path, picture: Path) -> None:
    found = CliRunner().invoke(app, ["caption", str(picture), "--language", "es", "--weights", str(folder)])
    assert found.exit_code == 0 and found.stdout.strip() in NAMES["es"]
    told = json.loads(CliRunner().invoke(app, ["caption", str(picture), "--json", "--weights", str(folder)]).stdout)
    assert told["text"] in NAMES["en"] and told["language"] == "en" and told["confidence"] <= 0


def test_weights_that_see_nothing_say_so(picture: Path, tmp_path: Path) -> None:
    with pytest.raises(Untrained, match="captioning"):
        caption(Model.load(TINY, threads=1), picture, "en")


def test_captions_are_scored(model: Model, picture: Path, tmp_path: Path) -> None:
    lines = [
        {"image": str(picture), "text": name, "language": language, "set": "unseen picture"}
        for language, names in NAMES.items()
        for name in names
    ]
    data = tmp_path / "captioning.jsonl"
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = score("captioning", data, None, model)
    assert found.metric == "chrF" and found.n == 9 and set(NAMES) < set(found.by)
    assert found.by["exact"] == pytest.approx(1 / 3, abs=1e-3)  # one picture: one of three names in each language
    assert found.by["name_of_twenty"] in (0, 1)  # of one picture
    for fault in ({"language": "xx"}, {"image": str(tmp_path / "no.png")}):
        data.write_text(json.dumps(lines[0] | fault))
        with pytest.raises(DataError, match=f"field {next(iter(fault))}"):
            score("captioning", data, None, model)


def test_names_beside_the_right_one_are_always_the_same() -> None:
    names = [f"thing {number}" for number in range(50)]
    assert others("thing 3", names) == others("thing 3", names)
    assert len(set(others("thing 3", names))) == 19 and "thing 3" not in others("thing 3", names)
    assert others("a", ["a", "b"]) == ["b"]
