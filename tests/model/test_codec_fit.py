"""The picture codec fitted to pictures of one kind: taken where copies become better, kept in the fit's folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.pairs.charts import drawn, growing
from walkiosk.modality import image, video
from walkiosk.modality.picture_codec import DECODER, ENCODER
from walkiosk.modality.text import of_bytes
from walkiosk.model import codec_fit
from walkiosk.model.codec_fit import CodecFit, fit_codec
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


def test_a_time_instead_of_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec_fit, "SHARE", 0.02)  # of a minute
    assert fitted(tmp_path, charts(64), steps=None).seconds < 20


def test_frames_of_films_that_can_be_read(tmp_path: Path) -> None:
    dice = np.random.default_rng(0)
    films = [video.Video(growing(dice.gamma(3.0, 6.0, 24), 8)) for _ in range(12)]
    broken = Pair(99, (1.0,), tmp_path / "missing.mp4", None)
    pairs = [broken, *(Pair(number, (1.0,), film, None) for number, film in enumerate(films))]
    found = fit_codec(tmp_path, "films", pairing_of("video", video.Form()), pairs, 1.0, STEPS)
    assert "(SSIM)" in found.said
    assert (
        "0 pictures are too few" in fit_codec(tmp_path, "none", pairing_of("video", video.Form()), [broken], 1, 1).said
    )


def test_a_models_file_paints_by_its_own_codec(tmp_path: Path) -> None:
    pairs = [(float(number), picture) for number, picture in enumerate(charts(80))]
    model = Sequence("scalar", "image").fit(pairs, steps=STEPS, size="tiny", work=tmp_path / "work")
    model.save(tmp_path / "my.model")
    file = ModelFile.open(tmp_path / "my.model")
    assert file.read(ENCODER) == (tmp_path / "work" / "codec" / ENCODER).read_bytes()
    assert file.read(ENCODER) != (weights_folder() / ENCODER).read_bytes()
    assert (Sequence.load(tmp_path / "my.model")(3.0) == model(3.0)).all()
