"""The picture codec fitted to pictures of one kind: taken where copies become better, kept in the fit's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from training.pairs.charts import drawn, growing
from walkiosk.modality import image, video
from walkiosk.modality.picture_codec import DECODER, ENCODER
from walkiosk.modality.text import of_bytes
from walkiosk.model import codec_fit
from walkiosk.model.codec_fit import CodecFit, fit_codec
from walkiosk.model.picture_codec import load_picture_codec
from walkiosk.model.picture_losses import codec_losses
from walkiosk.model_file import ModelFile
from walkiosk.pairing import Pairing
from walkiosk.pairs.pair import Pair, Sides
from walkiosk.sequence import Sequence
from walkiosk.weights_folder import weights_folder

STEPS = 40  # a second each ten


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def charts(count: int) -> list[np.ndarray]:
    dice = np.random.default_rng(3)
    return [drawn(dice.gamma(3.0, 6.0, 24)) for _ in range(count)]


def pairing_of(name: str, form: object) -> Pairing:
    return Pairing(Sides(("scalar",), name), name, of_bytes(), (None,), form)


def fitted(folder: Path, pictures: list[np.ndarray], fingerprint: str = "first", steps: int | None = STEPS) -> CodecFit:
    pairs = [Pair(number, (1.0,), picture, None) for number, picture in enumerate(pictures)]
    return fit_codec(folder, fingerprint, pairing_of("image", image.Form()), pairs, 1.0, steps)


@pytest.fixture(scope="module")
def of_charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("codec")
    fitted(folder, charts(64))
    return folder


def test_copies_of_pictures_that_were_not_learned_from_are_better(of_charts: Path) -> None:
    taken = fitted(of_charts, charts(64))
    seen = np.stack(charts(96)[64:])
    shop = image.shipped_codec()
    ours, theirs = (np.abs(c.decode(c.encode(seen)).astype(float) - seen).mean() for c in (taken.codec, shop))
    assert ours < 0.8 * theirs
    assert "fitted it is taken" in taken.said and taken.seconds > 0


def test_what_was_fitted_for_the_same_data_is_taken(of_charts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(*_: object) -> None:
        raise AssertionError("fitted again")

    before = (of_charts / ENCODER).read_bytes()
    monkeypatch.setattr(codec_fit, "_trained", again)
    assert fitted(of_charts, charts(64)).encoder == before
    with pytest.raises(AssertionError, match="fitted again"):
        fitted(of_charts, charts(64), "other data")


def test_the_same_pictures_give_the_same_codec(of_charts: Path, tmp_path: Path) -> None:
    again = fitted(tmp_path, charts(64))
    assert (again.encoder, again.decoder) == ((of_charts / ENCODER).read_bytes(), (of_charts / DECODER).read_bytes())


@pytest.mark.parametrize(("count", "steps", "said"), [(64, 1, "it stays as it is"), (39, STEPS, "39 pictures are too")])
def test_what_gains_nothing_is_the_shops(count: int, steps: int, said: str, tmp_path: Path) -> None:
    found = fitted(tmp_path, charts(count), steps=steps)
    assert (found.encoder, found.decoder) == tuple((weights_folder() / n).read_bytes() for n in (ENCODER, DECODER))
    assert said in found.said


@pytest.mark.parametrize(("share", "steps"), [(0.0, codec_fit.TIMED[1]), (1e9, 12)])
def test_a_time_instead_of_steps(share: float, steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any time it takes as many steps as tell how long one is, with all of it the most that there are."""
    taken: list[int] = []

    def counted(*args: Any) -> Any:
        taken.append(1)
        return codec_losses(*args)

    monkeypatch.setattr(codec_fit, "codec_losses", counted)
    monkeypatch.setattr(codec_fit, "SHARE", share)
    monkeypatch.setattr(codec_fit, "MOST_STEPS", 12)
    fitted(tmp_path, charts(64), steps=None)
    assert len(taken) == steps


def test_one_that_was_stopped_is_fitted_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note of earlier data does not speak for networks that a stopped fit left half written."""
    first = fitted(tmp_path, charts(64), steps=8)

    def stopped(codec: object, folder: Path) -> None:
        (folder / ENCODER).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(codec_fit, "export_picture_codec", stopped)
        with pytest.raises(KeyboardInterrupt):
            fitted(tmp_path, charts(64), "other data", steps=8)
    assert fitted(tmp_path, charts(64), steps=8).encoder == first.encoder


def test_what_is_judged_on_is_not_learned_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[np.ndarray] = []
    judged: list[np.ndarray] = []

    def noted(pictures: np.ndarray, *_: object) -> Any:
        learned.append(pictures)
        return load_picture_codec(weights_folder())

    def likeness(_: object, pictures: np.ndarray) -> float:
        judged.append(pictures)
        return 0.5

    monkeypatch.setattr(codec_fit, "_trained", noted)
    monkeypatch.setattr(codec_fit, "_likeness", likeness)
    films = [video.Video(np.full((8, 16, 16, 3), 10 * number, np.uint8)) for number in range(20)]
    pairs = [Pair(number, (film,), film, None) for number, film in enumerate(films)]
    form = video.Form(after=True)
    pairing = Pairing(Sides(("video",), "video"), "video", of_bytes(), (video.Form(),), form)
    fit_codec(tmp_path, "films", pairing, pairs, 1.0, 1)
    seen, held = set(np.unique(learned[0])), set(np.unique(judged[0]))
    assert held == {0, 80, 160} and not seen & held and len(seen) == 17


def test_frames_of_films_that_can_be_read(tmp_path: Path) -> None:
    dice = np.random.default_rng(0)
    films = [video.Video(growing(dice.gamma(3.0, 6.0, 24), 8)) for _ in range(12)]
    broken = Pair(99, (1.0,), tmp_path / "missing.mp4", None)
    pairs = [broken, *(Pair(number, (1.0,), film, None) for number, film in enumerate(films))]
    found = fit_codec(tmp_path, "films", pairing_of("video", video.Form()), pairs, 1.0, STEPS)
    assert "(SSIM)" in found.said
    none = fit_codec(tmp_path, "none", pairing_of("video", video.Form()), [broken], 1.0, 1)
    assert "0 pictures are too few" in none.said


def test_a_models_file_paints_by_its_own_codec(tmp_path: Path) -> None:
    pairs = [(float(number), picture) for number, picture in enumerate(charts(80))]
    model = Sequence("scalar", "image").fit(pairs, steps=STEPS, size="tiny", work=tmp_path / "work")
    model.save(tmp_path / "my.model")
    file = ModelFile.open(tmp_path / "my.model")
    assert file.read(ENCODER) == (tmp_path / "work" / "codec" / ENCODER).read_bytes()
    assert file.read(ENCODER) != (weights_folder() / ENCODER).read_bytes()
    assert (Sequence.load(tmp_path / "my.model")(3.0) == model(3.0)).all()
