"""Images, sounds and films: real files that the tests make, into sequences and back."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from walkiosk.modality import audio, blocks, image, video
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
    assert image.to_sequence(read).shape == (6 * 8, image.FEATURES)


@pytest.mark.parametrize(("height", "width"), [(96, 128), (32, 32), (300, 40), (1, 1), (1000, 999)])
def test_image_codes(height: int, width: int) -> None:
    pixels = picture(height, width)
    back = image.from_sequence(image.to_target(pixels))
    fitted = image.fitted(pixels, blocks.BLOCK)
    assert back.shape == fitted.shape
    assert max(back.shape) <= image.LONGEST
    assert signal_to_noise(back, fitted) > 20  # dB; six levels a channel


def test_a_coded_image_codes_to_itself() -> None:
    once = image.from_sequence(image.to_target(picture(64, 64)))
    assert signal_to_noise(image.from_sequence(image.to_target(once)), once) > 35


def test_transparency_is_white_and_bytes_are_read(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (image.read((tmp_path / "clear.png").read_bytes()) == 255).all()


@pytest.mark.parametrize(
    "codes", [[], [(0, 0, 3)], [(1, 1, blocks.SIZE), (0, 0, 0)], [(0, 0, blocks.SIZE), (0, 0, 99)]]
)
def test_codes_that_paint_nothing(codes: list[blocks.Element]) -> None:
    with pytest.raises(BadValue):
        image.from_sequence(codes)


@pytest.mark.parametrize("kind", ["image", "video"])
def test_whatever_a_head_says_there_is_a_picture(kind: str) -> None:
    modality = image if kind == "image" else video
    draw = np.random.default_rng(0)
    elements: list[blocks.Element] = []
    last = False
    while not last:
        step = modality.next(draw.normal(size=sum(blocks.CODES)).astype(np.float32), elements)
        elements.append(step.element)
        last = step.last
    modality.from_sequence(elements)


def test_wav_file_and_sequence(tmp_path: Path) -> None:
    samples = chirp()
    audio.write(samples, tmp_path / "a.wav")
    read = audio.read(tmp_path / "a.wav")
    np.testing.assert_allclose(read, samples, atol=1 / 16_000)
    elements = audio.to_target(read)
    assert elements.shape == (25, audio.WRITTEN + 1)
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
    assert video.to_sequence(read).shape == (4 * 3 * 4, image.FEATURES)
    back = video.from_sequence(video.to_target(read))
    assert back.frames.shape == film.frames.shape
    assert signal_to_noise(back.frames, read.frames) > 20
    assert video.read(path.read_bytes()).frames.shape == film.frames.shape


def test_video_of_another_rate_is_sampled() -> None:
    film = video.Video(np.stack([picture(16, 16, shift % 8) for shift in range(50)]), 25.0)
    assert len(video.to_sequence(film)) == 8  # two seconds at four frames, one patch each
    assert len(video.from_sequence(video.to_target(film)).frames) == video.MOST_WRITTEN


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
