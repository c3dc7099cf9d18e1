"""`walkiosk generate`: a seed → something new like what a user has; the same seed, the same bytes."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
import torch
from typer.testing import CliRunner, Result

from tests.sequence.material import WORDS, make_values
from walkiosk.cli import app
from walkiosk.likeness import Likeness, digest_of, files_of, in_words
from walkiosk.likeness.crossing import crossed, small
from walkiosk.likeness.named import asked_for, at_pace
from walkiosk.likeness.passages import words_of
from walkiosk.likeness.tables import series_of
from walkiosk.modality import audio, image, trend, video
from walkiosk.modality.value import QUANTILES, BadValue, drawn
from walkiosk.model_file import ModelFile
from walkiosk.pairs.pair import PairsError
from walkiosk.sequence import Sequence

STEPS = 3
COUNT = 6
NAMES = [f"{word} shoe" for word in WORDS[:COUNT]]
ENDINGS = {"image": ".png", "audio": ".wav", "video": ".mp4"}
READ: dict[str, Callable[[Path], object]] = {"image": image.read, "audio": audio.read, "video": video.read}


def run(*told: object) -> Result:
    torch.set_num_threads(1)
    return CliRunner().invoke(app, ["generate", *map(str, told)])


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each kind, as users have them."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("material")
    values = make_values(tmp_path_factory.mktemp("values"), COUNT)
    for kind, ending in ENDINGS.items():
        (folder / kind / "more").mkdir(parents=True)
        for number, path in enumerate(values[kind]):
            shutil.copy(path, folder / kind / ("more" if number % 2 else "") / f"{WORDS[number]}_shoe{ending}")
    sentences = [f"The {WORDS[n % 12]} shoe is {WORDS[n % 7]} and {WORDS[n % 5]}." for n in range(60)]
    (folder / "book.txt").write_text("\n".join(sentences), "utf-8")
    weeks = [[str(round(20 + n + 9 * np.sin(week / 2))) for n in range(12)] for week in range(12)]
    (folder / "weeks.csv").write_text("\n".join(map(",".join, [[f"shop {n}" for n in range(12)], *weeks])), "utf-8")
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WALKIOSK_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def models(material: Path) -> dict[str, Path]:
    """A fitted model of each kind."""
    found = {}
    for kind, like in [*((kind, kind) for kind in ENDINGS), ("text", "book.txt"), ("trend", "weeks.csv")]:
        found[kind] = material / f"{kind}.model"
        Likeness.fit(material / like, kind, steps=STEPS, size="tiny").save(found[kind])
    return found


@pytest.mark.parametrize("kind", ENDINGS)
def test_the_same_seed_makes_the_same_file(kind: str, models: dict[str, Path], tmp_path: Path) -> None:
    made = []
    for number, seed in enumerate((1, 1, 2)):
        out = tmp_path / f"{number}{ENDINGS[kind]}"
        told = ["--seed", seed, "--as", kind, "--model", models[kind], "--of", "a Red and the blue_shoe", "--out", out]
        ended = run(*told)
        assert ended.exit_code == 0, ended.output
        assert ended.stdout == f"{out}: red shoe and blue shoe\n"
        READ[kind](out)
        made.append(out.read_bytes())
    assert made[0] == made[1] != made[2]


def test_what_a_seed_asks_for_is_there(models: dict[str, Path], tmp_path: Path) -> None:
    """Nobody tells a file: it is named by kind and seed, and what it shows is printed and is one of the names."""
    names = set()
    for seed in range(4):
        ended = run("--seed", seed, "--as", "image", "--model", models["image"])
        file, name = ended.stdout.strip().split(": ")
        assert file == f"image-{seed}.png" and Path(file).is_file()
        names.add(name)
    assert len(names) > 1 and {each for name in names for each in name.split(" and ")} <= set(NAMES)


def test_text_goes_on_for_so_many_words(models: dict[str, Path]) -> None:
    told = ("--as", "text", "--model", models["text"], "--length", 30)
    first, again, other = (run("--seed", seed, *told).stdout for seed in (1, 1, 2))
    assert first == again != other and len(first.split()) <= 30
    begun = json.loads(run("--seed", 1, *told, "--of", "The new shoe", "--json").stdout)
    assert begun["answer"].startswith("The new shoe") and begun["of"] == "The new shoe" and begun["file"] is None
    ended = run("--seed", 1, *told, "--out", "page.txt")
    assert ended.stdout.startswith("page.txt: ") and Path("page.txt").read_text("utf-8") == first.rstrip("\n")


def test_a_series_is_a_new_one_of_the_same_range(models: dict[str, Path], material: Path) -> None:
    there = series_of(material / "weeks.csv")
    told = ("--as", "trend", "--model", models["trend"], "--out")
    files = [Path(f"{number}.csv") for number in range(3)]
    assert all(run("--seed", seed, *told, file).exit_code == 0 for seed, file in zip((1, 1, 2), files, strict=True))
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()
    made = trend.read(files[0])
    assert len(made) == 12 and (made == np.rint(made)).all()
    assert min(map(min, there)) <= made.min() and made.max() <= max(map(max, there))
    begun = json.loads(run("--seed", 1, *told, "0.csv", "--of", "30, 31 32", "--length", 9, "--json").stdout)
    assert begun["answer"][:3] == [30, 31, 32] and len(begun["answer"]) == 9
    assert "'high'" in run("--seed", 1, *told, "0.csv", "--of", "high").stderr


def test_a_second_one_is_not_fitted_again(material: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was fitted to the same files is kept, and told other steps it is fitted anew."""
    told = ("--as", "image", "--like", material / "image")
    ended = run("--seed", 1, *told, "--steps", STEPS)
    assert ended.exit_code == 0, ended.output
    (kept,) = (cache / "likeness").iterdir()
    monkeypatch.setitem(sys.modules, "torch", None)  # an import of it fails
    first = Path("image-1.png").read_bytes()
    for more in ((), ("--steps", STEPS)):
        ended = run("--seed", 1, *told, *more)
        assert ended.exit_code == 0 and ended.stderr == "" and Path("image-1.png").read_bytes() == first
    shutil.copytree(material / "image", "moved")
    assert json.loads(run("--seed", 1, "--as", "image", "--like", "moved", "--json").stdout)["model"] == str(kept)
    for again in ((*told, "--steps", STEPS + 1), ("--as", "image", "--like", material / "image" / "more")):
        ended = run("--seed", 1, *again)
        assert ended.exit_code == 2 and "pip install 'walkiosk[train]'" in ended.stderr


def test_a_model_of_other_files_is_not_written_over(models: dict[str, Path], material: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copy(models["image"], tmp_path / "mine.model"))
    like = ("--like", material / "image" / "more")
    for told, said in (
        (("--as", "image", *like, "--model", mine), "mine.model: fitted to something else"),
        (("--as", "video", "--model", mine), "mine.model: makes what is told by --as image"),
        (("--as", "image", "--model", material / "book.txt"), "book.txt"),
        (("--as", "image", "--model", tmp_path / "none.model"), "none.model: no such file"),
        (("--as", "image", "--model", mine, "--minutes", 1), "--minutes: nothing is fitted"),
        (("--as", "image", *like, "--model", tmp_path / "no" / "my.model"), "no folder"),
    ):
        ended = run("--seed", 1, *told)
        assert ended.exit_code == 2 and said in ended.stderr and "Traceback" not in ended.stderr, ended.output
    assert mine.read_bytes() == models["image"].read_bytes()
    file = ModelFile.open(mine)
    del file.parts["likeness.json"]
    file.save(mine)
    assert "mine.model: not a model that" in run("--seed", 1, "--as", "image", "--model", mine).stderr


def test_mistakes_are_told_in_a_line(material: Path, tmp_path: Path) -> None:
    (tmp_path / "empty" / ".hidden").mkdir(parents=True)
    shutil.copy(material / "image" / "red_shoe.png", tmp_path / "empty" / ".hidden")
    (tmp_path / "short.txt").write_text("Call me.", "utf-8")
    (tmp_path / "short.csv").write_text("y\n1\n2\n", "utf-8")
    for told, said in (
        (("--as", "poem"), "--as: 'poem' is none of music, text"),
        (("--as", "image"), "tell --like: a folder of pictures"),
        (("--as", "music", "--like", material), "--like: it says nothing of --as music; tunes are made by"),
        (("--as", "image", "--like", material, "--jingle"), "--jingle"),
        (("--as", "image", "--like", material, "--length", 3), "--length"),
        (("--as", "image", "--like", tmp_path / "nowhere"), "nowhere: no such file or folder"),
        (("--as", "image", "--like", tmp_path / "empty"), "empty: nothing in it ends like a picture"),
        (("--as", "image", "--like", material / "book.txt"), "book.txt: does not end like a picture"),
        (("--as", "image", "--like", material / "image" / "red_shoe.png"), "at least two"),
        (("--as", "image", "--like", material / "image", "--out", "a.png", "--steps", 1, "--of", "ship"), "'ship'"),
        (("--as", "text", "--like", tmp_path / "short.txt"), "short.txt: too little to learn from"),
        (("--as", "trend", "--like", tmp_path / "short.csv"), "short.csv: no series in it has more than"),
        (("--as", "image", "--like", material / "image", "--out", "a.wav"), "--out: a.wav: the ending is none of"),
        (("--as", "audio", "--like", material / "audio", "--out", "a.mp3"), "none of .wav, .ogg, .opus"),
        (("--as", "image", "--like", material / "image", "--out", "no/a.png"), "no folder no"),
    ):
        ended = run("--seed", 1, *told)
        assert ended.exit_code == 2 and ended.stdout == "" and said in ended.stderr, (told, ended.output)
        line = ended.stderr.strip()
        assert "\n" not in line and line.startswith("walkiosk: ")


@pytest.mark.parametrize(("kind", "name"), [("image", "bad.png"), ("text", "bad.txt"), ("trend", "bad.csv")])
def test_files_that_cannot_be_read_are_named(kind: str, name: str, material: Path, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    shutil.copytree(material / "image", folder)
    shutil.copy(material / "book.txt", folder / "book.txt")
    shutil.copy(material / "weeks.csv", folder / "weeks.csv")
    (folder / name).write_bytes({"image": b"none", "text": b"caf\xe9", "trend": b"y\n1\nmany\n"}[kind])
    ended = run("--seed", 1, "--as", kind, "--like", folder, "--steps", STEPS)
    assert ended.exit_code == 2 and name in ended.stderr and "files cannot be read" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_under_one_in_a_hundred_is_left_out(tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / f"{number}.txt").write_text(f"Call me {number}, and you will see.", "utf-8")
    (tmp_path / "7.txt").write_bytes(b"caf\xe9")
    assert run("--seed", 1, "--as", "text", "--like", tmp_path, "--steps", 1).exit_code == 0


def test_names_in_words() -> None:
    for name, words in (
        ("cat_and_dog-2", "cat and dog 2"),
        ("Owl", "owl"),
        ("owl3", "owl 3"),
        ("shoe (4)", "shoe 4"),
        ("1f600", "1f600"),
        ("size.A4__new", "size a4 new"),
        ("Schuhgro\u0308ße", "schuhgröße"),
        ("红鞋", "红鞋"),
        ("---", "---"),
    ):
        assert in_words(name) == words


def test_what_is_asked_for() -> None:
    names = ["cat and dog 2", "cat face", "green apple", "owl", "red apple", "shoe and sock"]
    dice = np.random.default_rng(0)
    for of, asked in (
        ("owl", "owl"),
        ("an Owl", "owl"),
        ("dog", "cat and dog 2"),
        ("a sock and a shoe", "shoe and sock"),
        ("a face and an owl", "cat face and owl"),
        ("owl + red apple", "owl and red apple"),
        ("a green owl", "green owl"),
    ):
        assert asked_for(of, names, dice) == asked
    assert {asked_for("apple", names, dice) for _ in range(20)} == {"green apple", "red apple"}
    for of, said in (("a ship", "none of its words"), ("owl, dog, sock", "no more than two")):
        with pytest.raises(BadValue, match=said):
            asked_for(of, names, dice)


def test_two_made_one() -> None:
    """Of pictures and films each has its part, whole but for the seam; of sounds both are heard."""
    dice = np.random.default_rng(0)
    black, white = np.zeros((96, 128, 3), np.uint8), np.full((40, 40, 3), 255, np.uint8)
    for _ in range(8):
        both = crossed("image", small("image", black), small("image", white), dice)
        assert both.shape == (48, 64, 3) and 0.3 < both.mean() / 255 < 0.7
        assert sorted([both[0, 0, 0], both[-1, -1, 0]]) == [0, 255]
    films = [video.Video(np.stack([each] * count), 4) for each, count in ((black, 5), (white, 3))]
    film = crossed("video", *(small("video", each) for each in films), dice)
    assert film.frames.shape == (3, 48, 64, 3) and np.array_equal(film.frames[0], film.frames[2])
    sound = crossed("audio", np.ones(30, np.float32), np.ones(10, np.float32), dice)
    assert len(sound) == 30 and sound[0] == pytest.approx(2 * sound[20])
    assert len(at_pace(sound, 12)) == 15 and len(at_pace(sound, -12)) == 58


def test_the_digest_is_of_what_is_learned(material: Path, tmp_path: Path) -> None:
    def digest(kind: str, folder: Path) -> str:
        return digest_of(kind, files_of(folder, kind))

    copy = Path(shutil.copytree(material / "image", tmp_path / "copy"))
    (copy / "notes.txt").write_text("nothing of it", "utf-8")
    (copy / ".red.png").write_bytes(b"hidden")
    known = digest("image", material / "image")
    assert digest("image", copy) == known
    (copy / "red_shoe.png").rename(copy / "Red-shoe.png")
    assert digest("image", copy) == known  # which says the same
    (copy / "Red-shoe.png").rename(copy / "pink_shoe.png")
    assert digest("image", copy) != known


@pytest.mark.parametrize(
    ("table", "series"),
    [
        ("y\n1\n2\n4\n", [[1, 2, 4]]),
        ("1\n2\n4\n", [[1, 2, 4]]),
        ("unique_id,ds,y\na,2026-01,1\nb,2026-01,5\na,2026-02,2\n", [[1, 2], [5]]),
        ("date,a,b\n2026-01-01,1,\n2026-01-02,2,7\n", [[1, 2], [7]]),
        ("week,a\n1,5\n2,7\n3,5\n", [[5, 7, 5]]),
        ("item,2026-01,2026-02\na,1,2\nb,3,4\n", [[1, 2], [3, 4]]),
        ("item,1,2,3\na,1,2,2\nb,3,4,\n", [[1, 2, 2], [3, 4]]),
        ("a,1,5,2\nb,3,4,8\n", [[1, 5, 2], [3, 4, 8]]),
    ],
)
def test_tables_of_series(table: str, series: list[list[float]], tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(table, "utf-8")
    assert [found.tolist() for found in series_of(tmp_path / "table.csv")] == series


@pytest.mark.parametrize(
    ("table", "said"),
    [("", "empty"), ("a,b\nx,y\n", "no column of numbers"), ("a\n1\n\nx\n", "row 3: 'x'"), ("y\n1\nnan\n", "nan")],
)
def test_tables_without_series(table: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(table, "utf-8")
    with pytest.raises(BadValue, match=said):
        series_of(tmp_path / "table.csv")


@pytest.mark.parametrize("count", [2, 10, 37, 700])
def test_nothing_is_held_back(count: int) -> None:
    pairs = [(f"shoe {n}", n + 0.5) for n in range(count)]
    model = Sequence("text", "scalar").fit(pairs, steps=1, size="tiny", hold_back=False)
    assert model.fitted is not None and model.fitted.held_out == []
    assert {pair.inputs[0] for pair in model.fitted.training} == {name for name, _ in pairs}
    data = model.card["data"]
    assert data["training"] == count and 0 < data["validation"] <= count


def test_words_keep_their_lines() -> None:
    text = "Call  me\nIshmael.\n\n\nSome years\tago"
    assert words_of(text) == ["Call", " me", "\nIshmael.", "\n\nSome", " years", " ago"]
    assert words_of(" on and on ") == [" on", " and", " on"]  # as what goes on begins
    assert words_of("红色的鞋, ok") == ["红", "色", "的", "鞋", ",", " ok"]


def test_a_way_through_the_quantiles() -> None:
    """What is drawn of a trend lies as its quantiles say, and neighbours lie near each other."""
    levels = [0.01 * NormalDist().inv_cdf(level) for level in QUANTILES]
    spread = np.repeat(np.array(levels)[:, None], trend.PATCH, 1)
    head = np.concatenate([spread.ravel(), np.arange(trend.PATCH + 1)]).astype(np.float32)
    elements = [trend.next(head, [], pick=drawn(seed, 1.0)).element for seed in range(400)]
    ways = np.array([trend.from_sequence([element, element])[: trend.PATCH, 0] for element in elements])
    assert ways.std() == pytest.approx(0.01, rel=0.15) and abs(ways.mean()) < 0.001
    assert 0.5 < np.corrcoef(ways[:, 3], ways[:, 4])[0, 1] < 0.85
    again = trend.next(head, [], pick=drawn(7, 1.0)).element
    assert np.array_equal(again, elements[7]) and not np.array_equal(again, elements[8])


def test_a_trend_is_drawn(models: dict[str, Path]) -> None:
    model = Sequence.load(models["trend"])
    first, again, other = (model.draw([20, 25, 30, 28], seed=seed) for seed in (1, 1, 2))
    assert first.ndim == 1 and np.array_equal(first, again) and not np.array_equal(first, other)


def test_without_torch(models: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    likeness = Likeness.load(models["text"])
    assert likeness.generate(3).value == likeness.generate(3).value
    with pytest.raises(PairsError, match="no such"):
        Likeness.fit("nowhere", "text")
