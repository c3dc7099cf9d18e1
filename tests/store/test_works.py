"""What the attract screen may show of a shop's folder `attract/`, and how what it may not is named."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.store.conftest import FILM_SHOP
from tests.store.works import VALUES, WORDS, generate
from walkiosk import cli
from walkiosk.generate_command import WRITTEN
from walkiosk.modality import video
from walkiosk.store import FolderError, check_folder, read_folder, works
from walkiosk.store.works import FORMS, LARGEST, LONGEST_TEXT, MOST, Work, read_works

SHOWN = [f"a{ending}" for ending in FORMS]
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The film shop, whose attract screen has what a test puts there."""
    folder = Path(shutil.copytree(FILM_SHOP, tmp_path / "shop"))
    (folder / "attract").mkdir()
    return folder


def told(shop: Path) -> list[str]:
    return [str(problem) for problem in read_works(shop).problems]


def test_a_shop_without_works_is_quite_normal(tmp_path: Path) -> None:
    assert read_works(tmp_path) == works.Works()
    assert read_works(FILM_SHOP) == works.Works()


def test_everything_that_generate_writes_is_shown(shop: Path) -> None:
    for name in SHOWN:
        generate(shop / "attract" / name)
    (shop / "attract" / ".DS_Store").write_text("of the operator's file browser")
    read = read_works(shop)
    assert read.problems == () and {work.file for work in read.shown} == set(SHOWN)
    assert [work.file for work in read.shown] == sorted(work.file for work in read.shown)
    by_file = {work.file: work for work in read.shown}
    assert by_file["a.txt"] == Work("text", "a.txt", WORDS) and by_file["a.csv"].values == VALUES
    assert {work.kind for work in read.shown} == {"text", *WRITTEN}
    check_folder(shop)


def test_a_film_that_browsers_do_not_play_is_told(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "_mpeg4", lambda: "mpeg4")  # as FFmpeg has it that was built without H.264
    generate(shop / "attract/week.mp4")
    assert told(shop) == ["attract/week.mp4: 'mpeg4': browsers do not play that; make it .webm"]


def test_a_long_text_is_cut_between_words(shop: Path) -> None:
    (shop / "attract/book.txt").write_text("whale\n" * 200, "utf-8")
    (shop / "attract/shu.txt").write_text("鲸" * 1_000, "utf-8")
    book, shu = read_works(shop).shown
    assert re.fullmatch(r"(whale )+…", book.text) and len(book.text) <= LONGEST_TEXT + 2
    assert shu.text == "鲸" * LONGEST_TEXT + " …"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.docx", b"x", "'.docx': unknown type; known are .txt, .csv, .png"),
        ("drawing.svg", b"<svg/>", "'.svg': unknown type"),
        ("README", b"x", "unknown type"),
        ("empty.png", b"", "is empty"),
        ("blank.txt", b" \n", "is empty"),
        ("latin.txt", b"caf\xe9", "byte 0xe9"),
        ("no.png", b"not a picture", "is no whole PNG picture"),
        ("no.wav", b"not a sound", "is no audio of the form that it ends in"),
        ("no.mp4", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "is no video of the form that it ends in"),
        ("one.csv", b"y\n1\n", "y: '1 values': 2 to 2000 expected"),
        ("words.csv", b"y\n1\nmany\n", "attract/words.csv:3: y: 'many': a number expected"),
        ("endless.csv", b"y\n1\ninf\n", "attract/endless.csv:3: y: 'inf': a number expected"),
        ("others.csv", b"sku\n1\n2\n", "attract/others.csv:1: sku: unknown column; known are y"),
        ("a\nb.txt", b"x", "attract/a\\nb.txt: a name of printable letters expected"),
    ],
)
def test_what_cannot_be_shown_is_named(shop: Path, name: str, content: bytes, said: str) -> None:
    (shop / "attract" / name).write_bytes(content)
    found = told(shop)
    assert found and said in found[0] and "\n" not in found[0]
    if name.isprintable():
        assert found[0].startswith(f"attract/{name}")
    assert read_works(shop).shown == ()


def test_a_name_that_is_no_text_is_told_too(shop: Path) -> None:
    (shop / "attract" / os.fsdecode(b"\xff.txt")).write_text("x")
    assert told(shop) == ["attract/\\udcff.txt: a name of printable letters expected"]


@pytest.mark.parametrize("kind", LARGEST)
def test_what_is_too_large_is_named_and_not_opened(shop: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(f"big{ending}" for ending, form in FORMS.items() if form.kind == kind)
    path = shop / "attract" / name
    path.touch()
    os.truncate(path, LARGEST[kind] + 1)  # type: ignore[index]
    monkeypatch.setattr(works, "READERS", {})
    limit = LARGEST[kind]  # type: ignore[index]
    assert told(shop) == [f"attract/{name}: '{limit + 1} bytes': of a {kind} at most {limit}"]


def test_pictures_that_are_huge_or_move_are_named(shop: Path) -> None:
    Image.new("1", (works.LONGEST_SIDE + 1, 1)).save(shop / "attract/long.png")
    stills = [Image.new("L", (4, 4), grey) for grey in (0, 255)]
    stills[0].save(shop / "attract/moves.gif", save_all=True, append_images=stills[1:])
    assert told(shop) == [
        "attract/long.png: '4097 × 1 pixels': at most 4096 a side",
        "attract/moves.gif: is a picture that moves; a film is .webm or .mp4",
    ]


def test_nothing_outside_is_led_to(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    for name, target in (("out.txt", tmp_path / "secret.txt"), ("in.csv", shop / "customers.csv"), ("no.png", "none")):
        (shop / "attract" / name).symlink_to(target)
    (shop / "attract/sub.png").mkdir()
    os.mkfifo(shop / "attract/pipe.txt")
    read = read_works(shop)
    assert read.shown == ()
    assert [str(problem) for problem in read.problems] == [
        *(f"attract/{name}: is a link; copy what it leads to" for name in ("in.csv", "no.png", "out.txt")),
        "attract/pipe.txt: is not a file",
        "attract/sub.png: is not a file",
    ]


def test_the_folder_is_one_of_the_shop(shop: Path, tmp_path: Path) -> None:
    generate(tmp_path / "elsewhere/a.txt")
    (shop / "attract").rmdir()
    (shop / "attract").symlink_to(tmp_path / "elsewhere")
    assert told(shop) == ["attract: is not a folder"]
    (shop / "attract").unlink()
    (shop / "attract").write_text("x")
    assert told(shop) == ["attract: is not a folder"]


def test_more_than_are_seen_are_told(shop: Path) -> None:
    for number in range(MOST + 2):
        generate(shop / f"attract/{number:03}.txt")
    read = read_works(shop)
    assert len(read.shown) == MOST
    assert [(problem.file, problem.reason[:18]) for problem in read.problems] == [
        ("attract/060.txt", "there are 62 files")
    ]


def test_store_check_tells_all_faults_and_a_shop_opens_all_the_same(shop: Path) -> None:
    check = ["store", "check", str(shop)]
    generate(shop / "attract/a.txt")
    assert CliRunner().invoke(cli.app, check).exit_code == 0
    (shop / "attract/notes.docx").write_text("x")
    done = CliRunner().invoke(cli.app, check)
    assert done.exit_code == 2 and "attract/notes.docx: '.docx': unknown type" in done.stderr
    assert read_folder(shop).products  # what is shown on the side keeps nobody from selling
    (shop / "offers.csv").write_text("percent_of\n10\n")
    with pytest.raises(FolderError) as caught:
        check_folder(shop)
    assert {problem.file for problem in caught.value.problems} == {"offers.csv", "attract/notes.docx"}


def test_the_page_tells_types_and_limits() -> None:
    part = (DOCS / "store-folder.md").read_text("utf-8").split("\n## attract/\n")[1]
    assert set(re.findall(r"`(\.\w+)`", part)) == set(FORMS)
    for number in (*(size // 1_000 for size in LARGEST.values() if size < 1_000_000), MOST, LONGEST_TEXT):
        assert str(number) in part
    for size in (size for size in LARGEST.values() if size >= 1_000_000):
        assert f"{size // 1_000_000} MB" in part


def test_half_a_picture_is_none(shop: Path) -> None:
    picture = generate(shop / "attract/half.png")
    picture.write_bytes(picture.read_bytes()[:60])
    assert told(shop) == ["attract/half.png: is no whole PNG picture"]
