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
from onnx import TensorProto, numpy_helper

from walkiosk.modality.history import AHEAD_FEATURES, ITEM_FEATURES, PAST_FEATURES
from walkiosk.modality.value import QUANTILES
from walkiosk.model.export import Arrays, Writer
from walkiosk.model.forecaster import Forecaster, ForecasterConfig
from walkiosk.model.graph import Graph
from walkiosk.model.trunk import sinusoid_rates

FILE, SIZES = "forecaster.onnx", "walkiosk.sizes"  # the sizes are metadata of the graph
COARSE = 1e9  # added to scores of places that hold nothing, turned


class _Exact(Graph):
    """Weights are stored in int8 and multiplied as numbers: what a series is told must not hang on its batch."""

    def product(self, x: str, weight: str, scale: str) -> str:
        unpacked = self.op("Mul", self.op("Cast", weight, to=TensorProto.FLOAT), scale)  # once, when it is loaded
        return self.op("MatMul", x, unpacked)


class _Layers(Writer):
    """Lays the forecaster's layers into a graph; `hidden` (B S) is true where nothing is."""

    def counted(self, x: str, back: bool) -> str:
        """B T D and places that count ahead from the first element, or back from the last."""
        g = self.graph
        count = g.op("Gather", g.op("Shape", x), g.whole(1))
        places = g.op("Range", g.whole(0), count, g.whole(1))
        if back:
            places = g.op("Sub", g.op("Sub", count, g.whole(1)), places)
        rates = g.constant(sinusoid_rates(self.config.width).numpy()[None])
        angles = g.op("Mul", g.op("Cast", g.op("Unsqueeze", places, g.whole(-1)), to=TensorProto.FLOAT), rates)
        return g.op("Add", x, g.op("Concat", g.op("Sin", angles), g.op("Cos", angles), axis=1))

    def among(self, queries: str, keys: str, values: str, bias: str | None) -> str:
        """Attention of B H T K to B H K S, B H S K."""
        scores = self.graph.op("MatMul", self.scaled(queries), keys)
        if bias is not None:
            scores = self.graph.op("Add", scores, bias)
        return self.mixed(self.graph.op("Softmax", scores, axis=-1), values)

    def attending(self, x: str, layer: str, bias: str | None) -> str:
        name = f"{layer}.self_attention"
        parts = self.fused(self.norm(x, f"{layer}.self_norm"), name, ("query", "key", "value"))
        heads = [
            self.heads_of(p, order) for p, order in zip(parts, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
        ]
        return self.graph.op("Add", x, self.linear(self.among(heads[0], heads[1], heads[2], bias), f"{name}.out"))

    def crossing(self, y: str, x: str, layer: str, bias: str) -> str:
        name = f"{layer}.cross_attention"
        keys, values = self.fused(x, name, ("key", "value"))
        queries = self.heads_of(self.linear(self.norm(y, f"{layer}.cross_norm"), f"{name}.query"), [0, 2, 1, 3])
        mixed = self.among(queries, self.heads_of(keys, [0, 2, 3, 1]), self.heads_of(values, [0, 2, 1, 3]), bias)
        return self.graph.op("Add", y, self.linear(mixed, f"{name}.out"))


def export_forecaster(model: Forecaster, folder: Path) -> None:
    """Write `forecaster.onnx` into ``folder``: `past` B P features, `hidden` B S, `item` B features, `ahead` B F
    features, `base` B F·`PATCH` → `quantiles` B F·`PATCH` Q on the model's scale.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = model.config
    state: Arrays = {name: value.detach().float().cpu().numpy() for name, value in model.state_dict().items()}
    g = _Exact("forecaster")
    w = _Layers(g, config.layer, state)
    past, ahead = g.input("past", ["B", "P", PAST_FEATURES]), g.input("ahead", ["B", "F", AHEAD_FEATURES])
    item, hidden = g.input("item", ["B", ITEM_FEATURES]), g.input("hidden", ["B", "S"], TensorProto.BOOL)
    base = g.input("base", ["B", "N"])
    away = g.op("Mul", g.op("Cast", hidden, to=TensorProto.FLOAT), g.constant(np.array(-COARSE, np.float32)))
    bias = g.op("Unsqueeze", away, g.whole([1, 2]))
    first = g.op("Unsqueeze", w.linear(item, "item"), g.whole([1]))
    x = g.op("Concat", first, w.counted(w.linear(past, "past"), back=True), axis=1)
    for number in range(config.encoder_layers):
        x = w.feed_forward(w.attending(x, f"encoder.{number}", bias), f"encoder.{number}")
    x = w.norm(x, "encoder_norm")
    y = w.counted(w.linear(ahead, "ahead"), back=False)
    for number in range(config.decoder_layers):
        layer = f"decoder.{number}"
        y = w.feed_forward(w.crossing(w.attending(y, layer, None), x, layer, bias), layer)
    levels = len(QUANTILES)
    written = g.reshape(w.linear(w.norm(y, "decoder_norm"), "out"), [0, -1, levels])
    g.output(g.op("Add", written, g.op("Unsqueeze", base, g.whole([-1]))), "quantiles", ["B", "N", levels])
    path = folder / FILE
    g.save(path)
    made = onnx.load(path)
    made.metadata_props.add(key=SIZES, value=json.dumps(asdict(config)))
    path.write_bytes(made.SerializeToString())


def load_forecaster(folder: Path) -> Forecaster:
    """Return the forecaster of ``folder`` for training, int8 weights dequantised; raises FileNotFoundError."""
    path = folder / FILE
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no forecaster there")
    made = onnx.load(path)
    sizes = next(entry.value for entry in made.metadata_props if entry.key == SIZES)
    model = Forecaster(ForecasterConfig(**json.loads(sizes)))
    width = model.config.width
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in made.graph.initializer}
    state: dict[str, torch.Tensor] = {}
    for name, value in arrays.items():
        base, _, kind = name.rpartition(".")
        if not base or (kind == "scale" and f"{base}.weight" in arrays):
            continue
        array = value.astype(np.float32)
        if value.dtype == np.int8:
            array = array * arrays[f"{base}.scale"]
        if kind == "weight" and value.ndim == 2:
            array = array.T
        parts = base.rpartition(".")[2].split("_")
        if set(parts) <= {"query", "key", "value"}:
            for number, part in enumerate(parts):
                if not (part == "key" and kind == "bias"):
                    rows = np.array(array[number * width : (number + 1) * width])
                    state[f"{base.rpartition('.')[0]}.{part}.{kind}"] = torch.from_numpy(rows)
        else:
            state[name] = torch.from_numpy(np.array(array))
    model.load_state_dict(state)
    return model
