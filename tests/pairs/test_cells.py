"""The table of cells is whole, and what builds them is right on small inputs that need no network."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.abc_books import tune_of
from training.pairs import __main__ as command
from training.pairs import animations, charts, diamonds, emoji, note_lamp, speech, tunes, words
from training.pairs.cells import CELLS, Cell
from training.pairs.lines import NAME, Line, Media, drawn, write_lines
from walkiosk.modality import audio, video

MODALITIES = ("scalar", "trend", "text", "image", "audio", "video")
MUSIC = "d2fd Adfd|e2ge Bege|d2fd Adfd|edcB "  # three bars and a half
TUNE = f"1\nT: The Lad -- REEL\nM: 4/4\nL: 1/8\nK: D\n{MUSIC}A4||\n{MUSIC}d4|]"


def test_every_pair_of_modalities_is_there_once():
    assert sorted((cell.source, cell.target) for cell in CELLS) == sorted(product(MODALITIES, MODALITIES))


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_a_cell_says_what_it_is_for_and_what_it_is_made_of(cell: Cell):
    assert cell.use.strip()[-1] in ".?" and cell.data.strip() and cell.licence.strip()
    assert callable(cell.build)
    assert not (cell.shown and ("GPL" in cell.licence or "-SA" in cell.licence))


def test_lines_are_written_with_paths_and_rounded_numbers(tmp_path: Path):
    picture = Media(tmp_path, "input").picture("1", np.zeros((8, 8, 3), np.uint8))
    lines = [Line(picture, [1.0, 0.12345678], "a"), Line(2.5, "zwei\nhalb")]
    assert write_lines(tmp_path, lines) == 2
    found = [json.loads(line) for line in (tmp_path / NAME).read_text(encoding="utf-8").splitlines()]
    assert {"input": "input/1.png", "target": [1, 0.123457], "group": "a"} in found
    assert {"input": 2.5, "target": "zwei\nhalb"} in found
    assert (tmp_path / picture).is_file()


def test_sounds_and_films_are_read_back_by_the_modalities(tmp_path: Path):
    media = Media(tmp_path, "target")
    heard = audio.read(tmp_path / media.sound("1", np.zeros(1_600, np.float32)))
    shown = video.read(tmp_path / media.film("1", np.zeros((6, 64, 64, 3), np.uint8)))
    assert len(heard) == 1_600 and shown.frames.shape == (6, 64, 64, 3)


def test_a_draw_is_the_same_every_time():
    assert drawn(100, 5) == drawn(100, 5) and drawn(3, 5) == [0, 1, 2]


def test_a_cell_that_fails_leaves_no_folder_and_is_built_the_next_time(tmp_path: Path):
    def fail(folder: Path) -> None:
        (folder / "half").write_text("")
        raise OSError("no network")

    def write(folder: Path) -> None:
        write_lines(folder, [Line("a", "b")])

    with pytest.raises(OSError):
        command.build(Cell("text", "text", "", "", "", False, fail), tmp_path)
    assert not (tmp_path / "text-text").exists()
    command.build(Cell("text", "text", "", "", "", False, write), tmp_path)
    assert command.told(tmp_path / "text-text").startswith("1 pairs") and len(list(tmp_path.iterdir())) == 1


def test_a_chart_is_as_high_as_its_values():
    chart = charts.drawn(np.array([0.0, 30.0, 90.0, 60.0]))
    inked = (chart == charts.INK).all(axis=-1).sum(axis=0)
    assert chart.shape == (64, 64, 3)
    assert [inked[column] for column in (8, 24, 40, 56)] == [0, 30, 60, 60]  # the ground line lies below
    grown = charts.growing(np.array([10.0, 20.0, 30.0, 40.0]), 2)
    assert (grown[0, :, 32:] == charts.drawn(np.zeros(4))[:, 32:]).all() and (grown[1] != grown[0]).any()


def test_skin_tones_and_sexes_of_one_sign_are_a_group():
    codes = ("1f46e", "1f46e-1f3fb", "1f46e-1f3ff-200d-2640", "1f46e-200d-2642")
    assert {emoji.Emoji(code, "", 1, "").stem for code in codes} == {"1f46e"}
    cooks = ("1f468-200d-1f373", "1f469-1f3fb-200d-1f373", "1f9d1-1f3ff-200d-1f373")
    assert {emoji.Emoji(code, "", 1, "").stem for code in cooks} == {"1f373"}
    assert emoji.plain("2764-FE0F") == "2764"


def test_a_sketch_has_ink_at_edges_and_none_on_plain_ground():
    half = np.full((16, 16, 3), 255, np.uint8)
    half[:, 8:] = 40
    drawing = emoji.sketch(half)
    assert (drawing[:, 7] == 0).all() and (np.delete(drawing, 7, axis=1) == 255).all()
    assert emoji.on_white(Image.new("RGBA", (256, 256), (0, 0, 0, 0))).min() == 255


def test_a_still_film_has_no_motion_and_a_moving_one_is_hot_where_it_moves():
    still = np.full((4, 8, 8, 3), 200, np.uint8)
    moving = still.copy()
    moving[::2, 2, 2] = 0
    assert animations.motion(still).tolist() == [0, 0, 0, 0] and (animations.motion(moving) > 0).all()
    assert (animations.heat(still) == 255).all()
    assert [tuple(map(int, place)) for place in np.argwhere((animations.heat(moving) < 255).any(axis=-1))] == [(2, 2)]


def test_a_name_is_translated_once_and_one_that_stays_is_left_out():
    names = {"1": "rat", "2": "rat", "3": "taco", "4": "leg"}
    assert emoji.translated(names, {"1": "rata", "2": "rata", "3": "taco"}) == [Line("rat", "rata")]


def test_spellings_of_one_text_share_their_letters():
    assert words.bare("Sign In") == words.bare("sign-in!") == "signin"


@pytest.mark.parametrize(
    ("cents", "said"),
    [(1, "one cent"), (100, "one dollar"), (1205, "twelve dollars and five cents"), (9999, None)],
)
def test_a_price_is_said(cents: int, said: str | None):
    assert words.said(cents) == (said or "ninety-nine dollars and ninety-nine cents")


def test_a_diamond_is_four_numbers_and_a_price():
    row = {"carat": "0.23", "cut": "Ideal", "color": "E", "clarity": "SI2", "price": "326"}
    assert diamonds.line(row) == Line([0.23, 5, 6, 2], 326, "0.23 5 6 2")


def test_a_sound_fills_its_slot_and_is_trimmed():
    loud = np.concatenate([np.zeros(100), np.full(200, 0.35), np.zeros(300)]).astype(np.float32)
    assert speech.trimmed(loud).tolist() == pytest.approx([speech.PEAK] * 200)
    for length in (10, speech.SLOT, speech.SLOT + 999):
        assert len(speech.slotted(np.ones(max(length, 400), np.float32))) == speech.SLOT
    assert len(set(speech.phrases())) == 648 and len({voice.name for voice in speech.voices()}) == 60


def test_a_tune_becomes_pitches_a_key_and_written_stretches():
    tune = tune_of(TUNE)
    score = tunes.score_of(tune)
    assert score is not None
    assert tunes.pitches(score, Fraction(0), tunes.QUAVER, 8) == [74, 74, 78, 74, 69, 74, 78, 74]
    assert tunes.key_in_words(tune) == "D major, 4/4" and tunes.bare_title(tune.title) == "lad"
    first = next(tunes.fragments(tunes.Setting("lad", tune, score)))
    assert first.input == "D 4/4 d2fdAdfd|e2geBege|]" and first.target[:6] == [74, 74, 74, 74, 78, 78]
    assert tunes.opening(score, 60).beats == 4 and len(tunes.opening(score, 60).notes) == 7


def test_a_melody_sounds_and_shows_as_its_pitches():
    played = (60, 60, 72, 64)
    samples = tunes.sound(played)
    assert len(samples) == 16_000 and np.abs(samples).max() <= 1
    assert np.abs(samples[8_000:8_400]).max() > np.abs(samples[7_600:8_000]).max()  # 72 is struck, 60 not again
    assert tunes.curve(played)[:11] == [60.0] * 10 + [72.0]
    heights = [int(np.argwhere(frame.min(axis=-1) < 128)[:, 0].mean()) for frame in note_lamp.film(played)]
    assert heights[0] == heights[1] > heights[3] > heights[2]
