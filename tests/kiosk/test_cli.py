"""The command line without weights: what an operator gets to read, and the object that `ask --json` prints."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.kiosk.conftest import FILM_SHOP
from tests.kiosk.script import PEOPLE, SHOES, SHOES_SAID, Script
from training.tiny import TINY
from walkiosk import cli
from walkiosk.kiosk import Kiosk
from walkiosk.modality import audio


@pytest.fixture
def run(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs commands in the film shop."""
    monkeypatch.setattr(cli, "open_kiosk", lambda *_: kiosk)
    return CliRunner()


def test_ask_prints_one_object(run: CliRunner, script: Script) -> None:
    script.ask(SHOES_SAID, SHOES, *PEOPLE)
    done = run.invoke(cli.app, ["ask", SHOES_SAID, "--json", "--customer", "c1", "--repeat", "2"])
    assert done.exit_code == 0 and done.stderr == ""
    told = json.loads(done.stdout)
    assert {
        "heard", "language", "english", "entities", "relations", "program", "trace", "answers", "product", "reply",
        "milliseconds",
    } <= told.keys()  # fmt: skip
    assert told["entities"][1] == {"text": "Christopher Nolan", "type": "person", "id": "nolan"}
    assert (told["product"], told["program"], told["english"]) == ("OX-42", SHOES, SHOES_SAID)
    assert told["answers"] == ["OX-41", "OX-42", "OX-43"] and "asks" not in told


def test_ask_says_what_it_asks(run: CliRunner, script: Script) -> None:
    script.ask(SHOES_SAID, SHOES, *PEOPLE)
    told = json.loads(run.invoke(cli.app, ["ask", SHOES_SAID, "--json"]).stdout)
    assert (told["product"], told["asks"]) == ("OX-41", "size")


def test_ask_runs_a_file_line_by_line(run: CliRunner, script: Script, tmp_path: Path) -> None:
    script.actions |= {"hello": "smalltalk", "bye": "smalltalk"}
    script.words["smalltalk"] = "Hi!"
    (tmp_path / "said.txt").write_text("hello\n\nbye\n", "utf-8")
    assert run.invoke(cli.app, ["ask", "--from", str(tmp_path / "said.txt")]).stdout == "Hi!\nHi!\n"


def test_a_file_that_is_no_sound_is_answered(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(b"not a song")
    told = json.loads(run.invoke(cli.app, ["ask", "--audio", str(tmp_path / "song.wav"), "--json"]).stdout)
    assert told["event"] == "unreadable" and told["product"] is None


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["ask"], "give a sentence"),
        (["ask", "--audio", "nowhere.wav"], "nowhere.wav: no such file"),
        (["ask", "hello", "--customer", "nobody"], "'nobody' is not in customers.csv"),
        (["ask", "hello", "--language", "tlh"], "'tlh' is none of en, es"),
        (["score", "juggling", "--data", "x"], "'juggling' is no skill"),
        (["score", "chat", "--data", "nowhere.jsonl"], "nowhere.jsonl: no such file"),
        (["say", "hello", "--out", "a.wav", "--language", "tlh"], "nobody here speaks 'tlh'"),
        (["say", "🙂", "--out", "a.wav", "--weights", str(TINY)], "nothing in it can be spoken"),
        (["say", "hello", "--out", "a.mp3"], "a.mp3: the ending is none of .wav, .opus, .ogg"),
        (["store", "check", "nowhere"], "nowhere"),
    ],
)
def test_mistakes_are_told_in_a_line(run: CliRunner, words: list[str], line: str) -> None:
    done = run.invoke(cli.app, words)
    assert done.exit_code == 2 and done.stdout == ""
    assert line in done.stderr and done.stderr.count("\n") == 1 and done.stderr.startswith("walkiosk: ")


def test_what_the_weights_lack_is_told_in_a_line(run: CliRunner, tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "weights")
    sizes = json.loads((TINY / "model.json").read_text())
    (tmp_path / "weights" / "model.json").write_text(json.dumps(sizes | {"untrained": ["chat", "music"]}))
    for words in (["score", "chat", "--data", "x"], ["generate", "--seed", "1", "--as", "music"]):
        done = run.invoke(cli.app, [*words, "--weights", str(tmp_path / "weights")])
        assert done.exit_code == 2 and done.stdout == ""
        missing = "chat" if words[0] == "score" else "music"
        assert done.stderr == f"walkiosk: {missing} is not trained yet: these weights do not have it\n"


def test_say_speaks_into_a_file_and_tells_whose_voice_it_is(run: CliRunner, tmp_path: Path) -> None:
    words = ["say", "red shoes", "--out", str(tmp_path / "a.opus"), "--weights", str(TINY), "--json"]
    told = json.loads(run.invoke(cli.app, words).stdout)
    assert (told["voice"], told["fallback"]) == ("two", None)
    assert len(audio.read(tmp_path / "a.opus")) / audio.SAMPLE_RATE == pytest.approx(told["seconds"], abs=0.05)
    told = json.loads(run.invoke(cli.app, [*words[:-1], "--language", "hi", "--json"]).stdout)
    assert told["voice"] == "espeak-ng hi" and told["fallback"] == "no voice of our own speaks hi"


def test_a_wrong_column_is_named_with_its_file_and_line(run: CliRunner, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FILM_SHOP, tmp_path / "shop"))
    assert run.invoke(cli.app, ["store", "check", str(folder)]).exit_code == 0
    text = (folder / "customers.csv").read_text("utf-8")
    (folder / "customers.csv").write_text(text.replace("tier", "teir"), "utf-8")
    for command in (["check"], ["load", "--database", "sqlite://"]):
        done = run.invoke(cli.app, ["store", *command, str(folder)])
        assert done.exit_code == 2 and "customers.csv:1" in done.stderr and "teir" in done.stderr


def test_more_types_than_the_model_can_read_are_told_in_a_line(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(FILM_SHOP, folder)
    with (folder / "entities.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"thing{number},kind_{number},Thing {number},,,\n" for number in range(90))
    done = CliRunner().invoke(cli.app, ["ask", "hello", "--store", str(folder), "--weights", str(TINY)])
    assert done.exit_code == 2
    assert f"{folder}: 9" in done.stderr and "types and relation" in done.stderr and "Traceback" not in done.stderr


def test_load_and_wrong_databases(run: CliRunner, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'books.db'}"
    assert run.invoke(cli.app, ["store", "load", str(FILM_SHOP), "--database", url]).exit_code == 0
    for wrong in ("nonsense", "mysql://u@h/d", "sqlite:////nowhere/at/all.db"):
        done = run.invoke(cli.app, ["store", "load", str(FILM_SHOP), "--database", wrong])
        assert done.exit_code == 2 and done.stderr.startswith("walkiosk: "), wrong


def test_the_store_is_looked_for_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WALKIOSK_STORE", raising=False)
    assert cli.store_folder(None).name == "demo"
    monkeypatch.setenv("WALKIOSK_STORE", "/shop")
    assert cli.store_folder(None) == Path("/shop") and cli.store_folder(Path("mine")) == Path("mine")


def test_help_imports_nothing_heavy() -> None:
    program = "import sys, walkiosk.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "onnxruntime", "numpy", "torch"} & set(done.stdout.split())
