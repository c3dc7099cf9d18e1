"""The port that sees: written out and read back, in the few convolutions of small models and the many of wide ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from walkiosk.engine import Engine
from walkiosk.modality import image
from walkiosk.model.export import SEEING, export, load
from walkiosk.model.ports.image import FEW, FILMED, MANY, WIDE, ImagePort, VideoPort, _moved, _shifted
from walkiosk.model.ports.recall import MEMORIES, VECTORS, Recall, spread_over
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import MODALITIES, TrunkConfig

SMALL = TrunkConfig(
    width=64, heads=2, encoder_layers=1, decoder_layers=1, vocabulary=300, encoder_positions=256, decoder_positions=32
)
LARGE = TrunkConfig(
    width=WIDE, heads=6, encoder_layers=1, decoder_layers=1, vocabulary=300, encoder_positions=256, decoder_positions=32
)


def pictures(count: int, side: int = 64) -> torch.Tensor:
    drawn = np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    return torch.from_numpy(np.stack([image.tiles(square) for square in drawn]))


def trained(config: TrunkConfig) -> SequenceModel:
    """A model whose port has seen something: its norms and its mark are not as they start."""
    torch.manual_seed(1)
    model = SequenceModel(config)
    port = model.port("image").train()
    for _ in range(3):
        port.embed(pictures(8))
    with torch.no_grad():
        model.trunk.modality.weight[MODALITIES.index("image")] = torch.randn(config.width) * 0.1
        for norm in port.get_submodule("norms").children():
            assert isinstance(norm, nn.BatchNorm2d)
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, std=0.2)
        if (recall := model.port("image").recall) is not None:
            assert isinstance(recall, Recall)
            nn.init.normal_(recall.tell.weight, std=0.1)
            nn.init.normal_(recall.keys.weight)  # one memory is clearly the likeliest
    return model.eval()


@pytest.mark.parametrize("config", [SMALL, LARGE])
def test_the_port_comes_back_and_sees_the_same(config: TrunkConfig, tmp_path: Path) -> None:
    model = trained(config)
    export(model, tmp_path)
    again = load(tmp_path).eval()
    engine = Engine(tmp_path, threads=1)
    for side in image.SIDES:
        shown = pictures(1, side)
        with torch.no_grad():
            before, after = (each.port("image").embed(shown) for each in (model, again))
            encoded = again.trunk.encode(again.trunk.marked("image", after))
            keys, _ = again.trunk.perceive(encoded)[0]
        assert torch.linalg.norm(after - before) < 0.03 * torch.linalg.norm(before)  # int8
        found = engine.perceive([("image", shown[0].numpy())]).keys[0]
        np.testing.assert_allclose(found, keys.transpose(2, 3).numpy(), atol=0.1)
    export(again, tmp_path / "again")
    twice = load(tmp_path / "again").state_dict()
    for name, value in again.state_dict().items():
        if name.startswith(SEEING):
            torch.testing.assert_close(twice[name], value, rtol=1e-5, atol=1e-6, msg=name)


def test_a_port_that_has_seen_nothing_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "image.onnx").write_bytes(b"of older weights")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = SequenceModel(SMALL)
    export(model, tmp_path)
    assert not (tmp_path / "image.onnx").exists()


def test_wide_models_look_longer_and_make_fewer_elements() -> None:
    small, large = ImagePort(SMALL), ImagePort(LARGE)
    assert small.looks[:-1] == FEW and large.looks[:-1] == MANY
    assert VideoPort(LARGE).looks[:-1] == FILMED
    for port in (small, large, VideoPort(LARGE)):
        seen = port.eval().embed(pictures(2))
        assert seen.shape[1] == port.elements(64)
    assert small.recall is None and isinstance(large.recall, Recall)


def test_what_is_recalled_is_that_of_the_likeliest_memory() -> None:
    recall = Recall(8, 16)
    nn.init.normal_(recall.tell.weight)
    scores = torch.zeros(1, MEMORIES)
    scores[0, 3] = 20
    vectors = recall.told(recall.values.weight[3:4])[0]
    torch.testing.assert_close(recall(scores)[0], vectors, rtol=1e-4, atol=1e-4)
    elements = torch.randn(1, 3 * VECTORS, 16)
    told = spread_over(elements, recall(scores)) - elements
    torch.testing.assert_close(told[0], vectors.repeat(3, 1), rtol=1e-4, atol=1e-4)
    few = spread_over(elements[:, :3], recall(scores)) - elements[:, :3]
    torch.testing.assert_close(few[0], vectors[:3], rtol=1e-4, atol=1e-4)


def test_a_frozen_trunk_is_told_what_a_picture_shows() -> None:
    """Only the port learns: red is written as one token, blue as another."""
    torch.manual_seed(0)
    model = SequenceModel(SMALL)
    rested = model.trunk.requires_grad_(False)
    red, blue = (torch.zeros(64, 64, 3, dtype=torch.uint8) for _ in range(2))
    red[..., 0], blue[..., 2] = 255, 255
    shown = torch.from_numpy(np.stack([image.tiles(square.numpy()) for square in (red, blue)]))
    begin, wanted = torch.tensor([[1], [1]]), torch.tensor([7, 8])
    port = model.port("image")
    optimizer = torch.optim.Adam(port.parameters(), 3e-3)
    before = {name: value.clone() for name, value in rested.state_dict().items()}
    for _ in range(60):
        perceived = rested.perceive(rested.encode(rested.marked("image", port.embed(shown))))
        logits = model.text.head(model.read(begin, None, perceived)[0][:, -1])
        loss = nn.functional.cross_entropy(logits, wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert logits.argmax(dim=1).tolist() == [7, 8]
    assert all(torch.equal(value, before[name]) for name, value in rested.state_dict().items())


def test_what_moves_is_seen_in_a_film() -> None:
    """Between frames that are alike there is nothing; a film's own frames alone are compared."""
    still = torch.full((2, 3, 4, 8, 8), 0.5)
    moving = still.clone()
    moving[1, :, :, 3, 3] = torch.tensor([0.5, 0.9, 0.1, 0.1])
    frames = moving.permute(0, 2, 1, 3, 4).reshape(8, 3, 8, 8)
    found = _moved(frames, 2).reshape(2, 4, 3, 8, 8)
    assert not found[0].any() and not found[:, 0].any()
    torch.testing.assert_close(found[1, 1:, 0, 3, 3], torch.tensor([0.4, -0.8, 0.0]))
    assert found[1].count_nonzero() == 6


def test_pictures_are_moved_about_only_while_they_are_learned_from() -> None:
    """A film's frames are moved alike, and what was at the border goes on."""
    port = VideoPort(SMALL)
    sequences = pictures(2)
    port.eval().shifts = 3
    still = port.look(sequences)
    torch.testing.assert_close(port.look(sequences), still)
    port.train()
    assert not torch.equal(port.look(sequences), port.look(sequences))
    frames = torch.arange(4 * 3 * 16 * 16).reshape(4, 3, 16, 16)
    around = torch.nn.functional.pad(frames.float(), (2, 2, 2, 2), mode="replicate").long()
    places = [(down, across) for down in range(5) for across in range(5)]
    seen = set()
    for _ in range(60):
        moved = _shifted(frames, 2, 2)
        for film in (0, 2):
            both = [
                [at for at in places if torch.equal(around[n, :, at[0] :, at[1] :][:, :16, :16], moved[n])]
                for n in (film, film + 1)
            ]
            assert both[0] == both[1] and len(both[0]) == 1
            seen.update(both[0])
    assert len(seen) > 20  # of 25
