"""A report as files: CSVs that spreadsheets read, a PDF of two pages in nine languages, and the command for both."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from typer.testing import CliRunner

from tests.office.shop_day import FILM_SHOP, ShopDay, at_ms, turn
from tests.office.shop_day import day as day
from walkiosk import cli
from walkiosk.office.conversation_report import conversation_report
from walkiosk.office.digest_value import Period, RemarkSkills
from walkiosk.office.fonts import Fonts
from walkiosk.office.report_command import Order, ReportError, run
from walkiosk.office.report_pdf import as_pdf, words
from walkiosk.office.report_tables import TABLES, Report, as_csv, table, tables
from walkiosk.office.reports import sales_report
from walkiosk.office.watch import WATCHED, Finding
from walkiosk.skill import Untrained

JUNE = Period(datetime.date(2026, 6, 1), datetime.date(2026, 6, 30))
NOON, JULY = at_ms("2026-06-10"), at_ms("2026-07-01")
SAID = {
    "en": "the ghost mask", "es": "la máscara del fantasma, ¿está?", "fr": "le masque du fantôme, où ça ?",
    "de": "Größe für große Füße", "it": "la maschera, c'è?", "pt": "a máscara não há", "ru": "маска призрака есть?",
    "hi": "क्या भूत वाला मुखौटा मिलेगा?", "zh": "有没有鬼面具",
}  # fmt: skip
FINDINGS = (
    Finding("distress", "customer in distress", "我不想活了", "a", 1, NOON, "zh"),
    Finding("promise", "9.99", "It costs €9.99.", "a", 2, NOON, "en"),
)


def report(day: ShopDay, period: Period = JUNE, findings: tuple[Finding, ...] | None = FINDINGS) -> Report:
    sold, talk = sales_report(day.store, period), conversation_report(day.store, period, JULY)
    return Report("Film shop", "Europe/Madrid", sold, talk, findings)


@pytest.fixture
def busy(day: ShopDay) -> ShopDay:
    """A shop that sold in Hindi, gave money back, and was asked in nine languages for what it does not have."""
    sale = day.sell(NOON, "hi", TO_1=2)
    day.refund(at_ms("2026-06-11"), sale, 1250)
    for language, said in SAID.items():
        day.talk(NOON, turn(said, "not_found", answer_ms=500), language=language)
    return day


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def pages(document: bytes) -> list[str]:
    pdf = pypdfium2.PdfDocument(document)
    try:
        return [page.get_textpage().get_text_range() for page in pdf]
    finally:
        pdf.close()


def test_money_is_in_whole_units(busy: ShopDay) -> None:
    made = rows(as_csv(table(report(busy), "sales_by_day")))
    assert len(made) == 30
    assert made[9] == {
        "day": "2026-06-10", "name": "2026-06-10", "units": "2", "takings": "25.00", "refunds": "0.00", "net": "25.00"
    }  # fmt: skip
    assert made[10]["net"] == "-12.50"


def test_every_table_has_as_many_cells_as_columns(busy: ShopDay) -> None:
    made = tables(report(busy))
    assert [each.name for each in made] == list(TABLES)
    assert all(len(row) == len(each.columns) for each in made for row in each.rows)
    assert all(each.rows for each in made)


def test_what_customers_say_is_no_formula(day: ShopDay) -> None:
    day.talk(NOON, turn('=HYPERLINK("http://x")', "not_found"))
    day.talk(NOON, turn("a, b\n-c", "not_found"))
    said = [row["words"] for row in rows(as_csv(table(report(day), "asked_for")))]
    assert said == ['\'=HYPERLINK("http://x")', "a, b\n-c"]


def test_the_watch_is_told_with_its_lines_in_the_shops_time(day: ShopDay) -> None:
    first, second = rows(as_csv(table(report(day), "watch")))
    assert (first["line"], first["at"]) == ("我不想活了", "2026-06-10T12:00:00+02:00")
    assert (second["kind"], second["why"]) == ("promise", "9.99")
    assert table(report(day, findings=None), "watch").rows == ()


def test_all_words_are_there_in_all_languages() -> None:
    assert set(words()) == set(SAID)
    keys = [set(each) for each in words().values()]
    assert all(each == keys[0] for each in keys) and set(WATCHED) <= keys[0]


@pytest.mark.parametrize("language", SAID)
def test_a_pdf_has_two_pages_in_each_language(busy: ShopDay, language: str) -> None:
    sold, talked = pages(as_pdf(report(busy), language))
    assert "Film shop" in sold and "Spinning top" in sold
    assert SAID["en"] in talked and SAID["ru"] in talked and SAID["zh"] in talked and SAID["de"] in talked
    assert words()[language]["watch"].split()[0] in talked or language == "hi"  # its letters are shaped


def test_a_machine_without_fonts_writes_latin_letters_and_says_so(busy: ShopDay, tmp_path: Path) -> None:
    _, talked = pages(as_pdf(report(busy), "en", [tmp_path]))
    assert "maska prizraka est'?" in talked and "You Mei You Gui Mian Ju" in talked and "bhut" in talked
    assert SAID["de"] in talked  # every reader has these letters
    assert words()["en"]["latin"] in talked
    assert words()["en"]["latin"] not in pages(as_pdf(report(busy), "en"))[1]


def test_a_broken_font_is_none(tmp_path: Path) -> None:
    (tmp_path / "NotoSans-Regular.ttf").write_bytes(b"no font")
    assert Fonts.for_texts(["hello"], [tmp_path]).found == ()


def test_fonts_are_read_for_letters_that_are_there() -> None:
    assert [font.script for font in Fonts.for_texts(["hello, Привет"]).found] == ["base"]
    fonts = Fonts.for_texts(["नमस्ते 你好"])
    assert fonts.runs("a नमस्ते, 你好!")[0] == ("base", "a ")
    assert [script for script, _ in fonts.runs("नमस्ते 你好")] == ["hindi", "chinese"]
    assert fonts.write("ⵣ 🙂") == fonts.write("ⵣ 🙂").encode("ascii").decode() and not fonts.lacks("🙂")


def test_an_empty_shop_has_a_report(day: ShopDay) -> None:
    sold, talked = pages(as_pdf(report(day, findings=None), "en"))
    assert words()["en"]["nothing_sold"] in sold
    assert words()["en"]["nothing_missed"] in talked and words()["en"]["not_watched"] in talked


def test_a_long_period_and_a_great_deal_have_room(busy: ShopDay) -> None:
    for place in range(40):
        busy.talk(NOON, turn(f"something {place} " + "very " * 60 + "long", "not_found"))
    years = Period(datetime.date(2023, 1, 1), datetime.date(2026, 6, 30))
    findings = FINDINGS * 30
    for period in (years, Period(datetime.date(2026, 1, 1), JUNE.until)):
        assert len(pages(as_pdf(report(busy, period, findings), "en"))) == 2


def untrained() -> RemarkSkills:
    raise Untrained("summarization is not trained yet")


@pytest.fixture
def order(busy: ShopDay, tmp_path: Path) -> Callable[..., Order]:
    """What is typed for the busy shop."""
    url = busy.engine.url.render_as_string()

    def order(out: str, **typed: object) -> Order:
        return Order(FILM_SHOP, tmp_path / out, url, **typed)  # type: ignore[arg-type]

    return order


def test_the_usual_period_is_four_weeks_up_to_yesterday(order: Callable[..., Order]) -> None:
    (file,), notes = run(order("days.csv", table="sales_by_day"), untrained, lambda: at_ms("2026-06-12", "00:30"))
    days = [row["day"] for row in rows(file.read_text("utf-8"))]
    assert (days[0], days[-1], len(days)) == ("2026-05-15", "2026-06-11", 28)
    assert "summarization is not trained yet" in notes[0]


def test_a_csv_is_one_file_a_table(order: Callable[..., Order]) -> None:
    files, _ = run(order("june.csv", since=JUNE.since, until=JUNE.until), untrained, lambda: JULY)
    assert [file.name for file in files] == [f"june.{name}.csv" for name in TABLES]
    by_language = rows(files[3].read_text("utf-8"))
    assert [(row["language"], row["units"]) for row in by_language] == [("hi", "2")]


def test_a_pdf_is_one_file(order: Callable[..., Order]) -> None:
    (file,), _ = run(order("june.pdf", since=JUNE.since, until=JUNE.until, language="de"), untrained, lambda: JULY)
    assert "Verkäufe" in pages(file.read_bytes())[0]


@pytest.mark.parametrize(
    ("out", "typed", "line"),
    [
        ("a.txt", {}, "'a.txt' ends in none of .pdf, .csv"),
        ("nowhere/a.pdf", {}, "nowhere: no such folder"),
        ("a.csv", {"table": "sales_by_moon"}, "not 'sales_by_moon' as a .csv"),
        ("a.pdf", {"table": "watch"}, "not 'watch' as a .pdf"),
        ("a.pdf", {"language": "tlh"}, "'tlh' is none of en, es"),
        ("a.pdf", {"since": JUNE.until, "until": JUNE.since}, "--since 2026-06-30 is behind --until 2026-06-01"),
    ],
)
def test_mistakes_are_told(order: Callable[..., Order], out: str, typed: dict[str, object], line: str) -> None:
    with pytest.raises(ReportError, match=line):
        run(order(out, **typed), untrained)


def test_the_command(busy: ShopDay, tmp_path: Path) -> None:
    typed = ["report", "--store", str(FILM_SHOP), "--database", busy.engine.url.render_as_string()]
    out = tmp_path / "sold.csv"
    june = ["--since", "2026-05-01", "--until", "2026-05-31"]  # nothing was said then: no model is loaded
    done = CliRunner().invoke(cli.app, [*typed, *june, "--out", str(out), "--table", "sales_by_item"])
    assert done.exit_code == 0 and done.stdout == f"{out}\n" and out.is_file()
    wrong = CliRunner().invoke(cli.app, [*typed, "--out", "sold.doc"])
    assert wrong.exit_code == 2 and wrong.stderr.startswith("walkiosk: --out: 'sold.doc'")
