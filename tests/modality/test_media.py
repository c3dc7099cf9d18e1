"""Images, sounds and films: real files that the tests make, into sequences and back."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from walkiosk.modality import audio, image, video
from walkiosk.modality.picture_codec import CODES
from walkiosk.modality.text import of_bytes
from walkiosk.modality.value import BadValue


def picture(height: int, width: int, shift: int = 0) -> NDArray[np.uint8]:
    """A gradient with a red box in it."""
    y, x = np.mgrid[:height, :width]
    pixels = np.stack([x * 255 // width, y * 255 // height, np.full_like(x, 90)], axis=-1).astype(np.uint8)
    pixels[height // 4 : height // 2, width // 4 + shift : width // 2 + shift] = (230, 20, 20)
    return pixels


def chirp(seconds: float = 1.0) -> NDArray[np.float32]:
    time = np.arange(int(seconds * audio.SAMPLE_RATE)) / audio.SAMPLE_RATE
    return (0.4 * np.sin(2 * np.pi * (200 + 300 * time) * time)).astype(np.float32)


def signal_to_noise(found: NDArray[np.generic], wanted: NDArray[np.generic]) -> float:
    """Peak signal-to-noise ratio of bytes, dB."""
    error = found.astype(np.float64) - wanted.astype(np.float64)
    return float(10 * np.log10(255**2 / max((error**2).mean(), 1e-9)))


@pytest.mark.parametrize(("ending", "least"), [("png", 90.0), ("jpg", 28.0), ("webp", 28.0)])
def test_image_files(ending: str, least: float, tmp_path: Path) -> None:
    pixels = picture(96, 128)
    image.write(pixels, tmp_path / f"a.{ending}")
    read = image.read(tmp_path / f"a.{ending}")
    assert signal_to_noise(read, pixels) > least
    assert image.to_sequence(read).shape == (8 * 8, image.FEATURES)


@pytest.mark.parametrize(("height", "width"), [(96, 128), (32, 32), (300, 40), (1, 1), (1000, 999)])
def test_image_codes(height: int, width: int) -> None:
    pixels = picture(height, width)
    form = image.fitting([pixels], 128)
    elements = image.to_target(pixels, form=form)
    assert elements.shape == (form.blocks, 2)
    back = image.from_sequence(elements, form=form)
    assert back.shape == (form.height, form.width, 3)
    assert (
        max(back.shape[:2]) <= form.side and abs(width / height - back.shape[1] / back.shape[0]) < 0.2 * width / height
    )
    small = np.asarray(Image.fromarray(pixels).resize((form.width, form.height), Image.Resampling.BOX))
    assert signal_to_noise(back, small) > 17  # dB: twelve bits for a block of 64 pixels


@pytest.mark.parametrize(("height", "width"), [(64, 64), (40, 64), (64, 24), (7, 30)])
def test_a_square_is_undone(height: int, width: int) -> None:
    pixels = picture(height, width)
    square = image.squared(pixels, 64)
    assert square.shape == (64, 64, 3)
    assert signal_to_noise(image.unsquared(square, height, width), pixels) > 24


def test_tiles_lie_row_by_row() -> None:
    square = np.zeros((32, 32, 3), np.uint8)
    square[8:16, 16:24] = 200
    rows = image.to_sequence(square, form=image.Form(32))
    assert rows.shape == (16, image.FEATURES) and rows.dtype == np.uint8
    assert [int(n) for n in np.flatnonzero(rows.max(axis=1))] == [6]


def test_transparency_is_white_and_bytes_are_read(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (image.read((tmp_path / "clear.png").read_bytes()) == 255).all()


@pytest.mark.parametrize("count", [0, 3, 63, 65])
def test_codes_that_fill_no_square(count: int) -> None:
    with pytest.raises(BadValue, match=str(count)):
        image.from_sequence([(5, 0)] * count)


def test_in_a_first_frame_nothing_stays() -> None:
    with pytest.raises(BadValue, match="first frame"):
        video.from_sequence([(CODES, 1)])
    with pytest.raises(BadValue, match="3 codes"):
        video.from_sequence([(7, 1), (8, 2), (9, 3)])


@pytest.mark.parametrize("kind", ["image", "video"])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_head_says_there_is_a_picture(kind: str, seed: int) -> None:
    modality = image if kind == "image" else video
    draw = np.random.default_rng(seed)
    elements: list[image.Element] = []
    last = False
    while not last:
        head = draw.normal(size=image.CHOICES).astype(np.float32)
        head[CODES:] += seed  # the more, the more stays
        step = modality.next(head, elements)
        elements.append(step.element)
        last = step.last
    found = modality.from_sequence(elements)
    assert found.shape == (64, 64, 3) if isinstance(found, np.ndarray) else found.frames.shape == (8, 64, 64, 3)


def test_wav_file_and_sequence(tmp_path: Path) -> None:
    samples = chirp()
    audio.write(samples, tmp_path / "a.wav")
    read = audio.read(tmp_path / "a.wav")
    np.testing.assert_allclose(read, samples, atol=1 / 16_000)
    elements = audio.to_target(read)
    assert elements.shape == (25, audio.WRITTEN + 2)
    back = audio.from_sequence(elements)
    assert len(back) == len(samples)
    heard, again = audio.to_sequence(samples), audio.to_sequence(back)
    assert np.corrcoef(heard.ravel(), again.ravel())[0, 1] > 0.97


def test_ogg_file_of_another_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    sound = np.repeat(chirp(), 3)  # 48 kHz
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound[None], format="flt", layout="mono")
        frame.rate = 48_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    read = audio.read(path)
    assert abs(len(read) - audio.SAMPLE_RATE) < audio.SAMPLE_RATE // 20
    heard, wanted = audio.to_sequence(read)[5:90], audio.to_sequence(chirp())[5:90]
    assert np.corrcoef(heard.ravel(), wanted.ravel())[0, 1] > 0.9


def test_sound_stops_where_the_head_says() -> None:
    assert audio.next(np.append(np.zeros(audio.WRITTEN), 3).astype(np.float32), []).last
    assert not audio.next(np.append(np.zeros(audio.WRITTEN), -3).astype(np.float32), []).last


@pytest.mark.parametrize("ending", ["mp4", "webm"])
def test_video_file_and_codes(ending: str, tmp_path: Path) -> None:
    film = video.Video(np.stack([picture(48, 64, shift) for shift in range(0, 16, 4)]))
    path = tmp_path / f"a.{ending}"
    video.write(film, path)
    read = video.read(path)
    assert read.frames.shape == film.frames.shape
    assert signal_to_noise(read.frames, film.frames) > 24
    form = video.fitting([read])
    assert (form.frames, form.height, form.width) == (4, 48, 64)
    assert video.to_sequence(read, form=form).shape == (4 * 64, image.FEATURES)
    back = video.from_sequence(video.to_target(read, form=form), form=form)
    assert back.frames.shape == film.frames.shape
    assert signal_to_noise(back.frames, read.frames) > 16


def test_what_stays_as_it_was_is_said_in_one() -> None:
    """A film whose last frames are alike has few elements, and comes back whole."""
    still = np.stack([picture(64, 64)] * 5)
    still[1, 20:30, 20:30] = 0
    film, form = video.Video(still), video.Form(5)
    elements = video.to_target(film, form=form)
    assert elements[-1].tolist() == [image.CHOICES - 1, 0]  # all 64 blocks
    assert 64 + 4 <= len(elements) < 3 * 64
    back = video.from_sequence(elements, form=form)
    coded = form.picture.pictures(form.picture.codes(list(still)))
    np.testing.assert_array_equal(back.frames, np.stack(coded))


@pytest.mark.parametrize("stood", [False, True])
@pytest.mark.parametrize("after", [False, True])
def test_a_film_is_told_while_it_is_written_what_it_was_told_while_it_was_learned(after: bool, stood: bool) -> None:
    """What stood there is the frame before's code, what is seen there that of the frame at its time."""
    frames = [picture(64, 64, shift) for shift in (0, 0, 8)]
    form = video.Form(3, after=after, stood=stood).behind(frames[::2])
    elements = video.to_target(video.Video(np.stack(frames)), form=form).tolist()
    for number, element in enumerate(elements):
        head = np.zeros(image.CHOICES, np.float32)
        head[element[0]] = 9.0
        step = video.next(head, elements[:number], form=form, pick=lambda scores: int(scores.argmax()))
        assert list(step.element) == element and step.last == (number == len(elements) - 1)
    codes, others = form.picture.codes(frames), form.picture.codes([frames[0], frames[0], frames[2]])
    told = ([video.NOTHING] if stood else []) + ([int(others[0, 5])] if after else [])
    assert elements[4][2:] == told and len(told) == form.codes_told
    told = ([int(codes[0, 5])] if stood else []) + ([int(others[1, 5])] if after else [])
    assert form.told(codes.ravel().tolist(), 64 + 5) == tuple(told)


def test_a_picture_is_told_what_is_seen_at_the_next_place() -> None:
    frames = [picture(64, 64, shift) for shift in (0, 4, 8, 12)]
    form = image.Form(after=2).behind(frames)
    seen, elements = form.codes([frames[0], frames[2]]), image.to_target(frames[3], form=form).tolist()
    assert [element[2:] for element in elements] == [seen[:, (n + 1) % 64].tolist() for n in range(64)]
    for number, element in enumerate(elements):
        head = np.zeros(image.CHOICES, np.float32)
        step = image.next(head, elements[:number], form=form, pick=lambda scores, code=element[0]: code)
        assert list(step.element) == element and step.last == (number == 63)
    for empty in (image.Form(after=1), video.Form(after=True)):
        with pytest.raises(ValueError, match="given"):
            empty.told(0) if isinstance(empty, image.Form) else empty.told([0], 0)


def test_frames_are_taken_evenly() -> None:
    film = video.Video(np.stack([np.full((16, 16, 3), n, np.uint8) for n in range(12)]))
    rows = video.to_sequence(film, form=video.Form(4))
    assert rows[::64, 0].tolist() == [0, 3, 6, 9]
    assert video.to_sequence(film, form=video.Form(24)).shape == (24 * 64, image.FEATURES)


def test_a_sound_is_no_film(tmp_path: Path) -> None:
    audio.write(chirp(), tmp_path / "a.wav")
    with pytest.raises(BadValue, match="no pictures"):
        video.read(tmp_path / "a.wav")
    with pytest.raises(BadValue, match=r"a\.wav"):
        image.read(tmp_path / "a.wav")


def test_text_in_any_script(tmp_path: Path) -> None:
    vocabulary = of_bytes()
    for text in ("quiero zapatos", "привет", "नमस्ते", "你好", "<|endoftext|>", "👞"):
        vocabulary.write(text, tmp_path / "a.txt")
        tokens = vocabulary.to_target(vocabulary.read(tmp_path / "a.txt"))
        assert vocabulary.from_sequence(tokens) == text
        assert vocabulary.next(np.eye(vocabulary.size, dtype=np.float32)[tokens[-1]], tokens).last
