"""Forecaster → ONNX, int8: `forecaster.onnx`. The int8 weights are the master: `load_forecaster` reads them back.

Letters in shapes: B series, P patches of a past, S of these and the item, F patches of a future, D width, Q quantiles.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto

from walkiosk.modality.history import AHEAD_FEATURES, ITEM_FEATURES, PAST_FEATURES
from walkiosk.modality.value import QUANTILES
from walkiosk.model.export import Arrays, Writer
from walkiosk.model.forecaster import Forecaster, ForecasterConfig
from walkiosk.model.graph import Graph, parameters, read_arrays

FILE, SIZES = "forecaster.onnx", "walkiosk.sizes"  # the sizes are metadata of the graph
HIDDEN = -1e9  # added to scores of places that hold nothing


class _Exact(Graph):
    """Weights are stored in int8 and multiplied as numbers: what a series is told must not hang on its batch."""

    def product(self, x: str, weight: str, scale: str) -> str:
        unpacked = self.op("Mul", self.op("Cast", weight, to=TensorProto.FLOAT), scale)  # once, when it is loaded
        return self.op("MatMul", x, unpacked)


def export_forecaster(model: Forecaster, folder: Path) -> None:
    """Write `forecaster.onnx` into ``folder``: `past` B P features, `hidden` B S, `item` B features, `ahead` B F
    features, `base` B F·`PATCH` → `quantiles` B F·`PATCH` Q on the model's scale.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = model.config
    state: Arrays = {name: value.detach().float().cpu().numpy() for name, value in model.state_dict().items()}
    g = _Exact("forecaster")
    w = Writer(g, config.layer, state)
    past, ahead = g.input("past", ["B", "P", PAST_FEATURES]), g.input("ahead", ["B", "F", AHEAD_FEATURES])
    item, hidden = g.input("item", ["B", ITEM_FEATURES]), g.input("hidden", ["B", "S"], TensorProto.BOOL)
    base = g.input("base", ["B", "N"])
    away = g.op("Mul", g.op("Cast", hidden, to=TensorProto.FLOAT), g.constant(np.array(HIDDEN, np.float32)))
    bias = g.op("Unsqueeze", away, g.whole([1, 2]))
    first = g.op("Unsqueeze", w.linear(item, "item"), g.whole([1]))
    x = g.op("Concat", first, w.placed(w.linear(past, "past"), back=True), axis=1)
    for number in range(config.encoder_layers):
        x = w.feed_forward(w.attended(x, f"encoder.{number}", bias), f"encoder.{number}")
    x = w.norm(x, "encoder_norm")
    y = w.placed(w.linear(ahead, "ahead"))
    for number in range(config.decoder_layers):
        layer = f"decoder.{number}"
        keys, values = w.fused(x, f"{layer}.cross_attention", ("key", "value"))
        crossed = w.heads_of(keys, [0, 2, 3, 1]), w.heads_of(values, [0, 2, 1, 3])
        y = w.feed_forward(w.crossing(w.attended(y, layer), layer, *crossed, bias), layer)
    levels = len(QUANTILES)
    written = g.reshape(w.linear(w.norm(y, "decoder_norm"), "out"), [0, -1, levels])
    g.output(g.op("Add", written, g.op("Unsqueeze", base, g.whole([-1]))), "quantiles", ["B", "N", levels])
    g.about[SIZES] = json.dumps(asdict(config))
    g.save(folder / FILE)


def load_forecaster(folder: Path) -> Forecaster:
    """Return the forecaster of ``folder`` for training, int8 weights dequantised; raises FileNotFoundError."""
    path = folder / FILE
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no forecaster there")
    sizes = next(entry.value for entry in onnx.load(path).metadata_props if entry.key == SIZES)
    model = Forecaster(ForecasterConfig(**json.loads(sizes)))
    state = parameters(read_arrays(path))
    model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in state.items()})
    return model
