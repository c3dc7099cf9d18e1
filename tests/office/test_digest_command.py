"""`walkiosk digest` with scripted skills: files and shops in, pages, tables and objects out, mistakes in a line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.kiosk.conftest import FILM_SHOP
from tests.office.remarks import Script
from walkiosk import cli
from walkiosk.office.digest_value import RemarkSkills
from walkiosk.office.items import MARK
from walkiosk.store import Store


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def run(script: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    """Runs the command with scripted skills, where nothing lies about."""
    monkeypatch.setattr(RemarkSkills, "trained", lambda weights: script.skills())
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def lines(way: str, count: int) -> str:
    return "".join(f"number {chr(97 + n)} says the {way} here,2026-03-1{n}\n" for n in range(count))


def test_a_file_becomes_a_page_a_table_or_an_object(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "said.csv").write_text("text,date\n" + lines("queue", 4) + "the coffee,soon\n", "utf-8")
    done = run.invoke(cli.app, ["digest", "said.csv", "--language", "de"])
    assert done.exit_code == 0 and done.stdout.startswith("# Was Kunden sagen")
    assert "said.csv:6: date: 'soon': a day such as" in done.stderr
    told = json.loads(run.invoke(cli.app, ["digest", "said.csv", "--json", "--since", "2026-03-12"]).stdout)
    assert (told["themes"][0]["count"], told["themes"][0]["before"], told["undated"]) == (2, 2, 1)
    assert run.invoke(cli.app, ["digest", "said.csv", "--out", "themes.csv"]).stdout == ""
    assert (tmp_path / "themes.csv").read_text("utf-8").count("\n") == 2


def test_a_category_by_hand_that_is_none_of_those_asked_for_is_told(run: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "remarks.csv"
    path.write_text("text,category\nthe queue again,speed\nthat queue,sped\nlong queue,\n", "utf-8")
    told = run.invoke(cli.app, ["digest", str(path), "--categories", "speed, price"])
    assert told.exit_code == 0, told.output
    assert "category: 'sped' is none of the categories (speed, price); its remarks, 1, are left" in told.stderr
    assert "'speed' is none" not in told.stderr


def test_a_shop_reads_its_own_remarks_and_names_its_goods(run: CliRunner, script: Script, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    shop = Store.open(FILM_SHOP, url)
    name = "Brown oxford"
    for number in range(3):
        shop.feedback.add(2, f"{chr(97 + number)}: the sizes of {name.upper()}", "en")
    shop.feedback.add(5)
    shop.close()
    script.sentences["sizes"] = f"Several customers find the sizes of {MARK} odd."
    done = run.invoke(cli.app, ["digest", "--store", str(FILM_SHOP), "--database", url, "--json"])
    told = json.loads(done.stdout)
    assert told["stars_only"] == 1 and told["stars"]["counts"] == [0, 3, 0, 0, 1]
    assert name in told["text"] and told["themes"][0]["items"][0]["count"] == 3


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([], "a file of remarks or --store DIR expected"),
        (["gone.csv"], "gone.csv: no such file"),
        (["said.csv", "--language", "xx"], "--language: 'xx' is none of en, es"),
        (["said.csv", "--out", "digest.pdf"], "'digest.pdf' ends in none of .md, .json, .csv"),
        (["said.csv", "--since", "2026-03-12", "--until", "2026-03-01"], "--since 2026-03-12 is behind --until"),
        (["said.csv", "--since", "2027-01-01"], "no remark between 2027-01-01 and 2026-03-11; there are some from"),
        (["latin.csv"], "latin.csv:1: 'byte 0xe9': is not UTF-8"),
    ],
)
def test_an_operators_mistakes_are_told_in_a_line(
    run: CliRunner, tmp_path: Path, asked: list[str], message: str
) -> None:
    (tmp_path / "said.csv").write_text("text,date\n" + lines("queue", 2), "utf-8")
    (tmp_path / "latin.csv").write_bytes("text,café\n".encode("latin-1"))
    done = run.invoke(cli.app, ["digest", *asked])
    assert done.exit_code == 2 and message in done.stderr and done.stdout == ""
