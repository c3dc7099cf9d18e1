"""SequenceModel → ONNX, int8: `encoder.onnx`, `decoder.onnx` and `reader.onnx` over one `trunk.bin`, `audio.onnx`, the
port that hears, `image.onnx`, the port that sees where it is trained, and `ports.npz`, what is trained of the other
ports (fp16). Rare tokens are stored in four bits.

The stored weights are the master: `load` reads them back for training. Letters in shapes: B batch, T elements, S
elements perceived, P places of the cache, D width, H heads, K width of a head, V tokens.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import TensorProto

from walkiosk.model.graph import FilterGraph, Graph, Table, parameters, quantised, read_arrays
from walkiosk.model.ports import LATER
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import MODALITIES, TrunkConfig, sinusoid_rates

Arrays = dict[str, NDArray[np.float32]]
EXPERTS = ("decoder", "reader")
TABLE, MODALITY = "ports.text.table.", "trunk.modality.weight"
SEEING = ("ports.image.convolutions.", "ports.image.norms.", "ports.image.recall.")
COARSE = (1_536, 50_257)  # tokens in four bits: Whisper's rarer byte pairs; its special tokens and ours come behind


class Writer:
    """Lays the trunk's layers into a graph."""

    def __init__(self, graph: Graph, config: TrunkConfig, state: Arrays) -> None:
        self.graph, self.config, self.state = graph, config, state
        self.heads = config.heads
        self.head_width = config.width // config.heads

    def norm(self, x: str, name: str) -> str:
        return self.graph.norm(x, name, self.state[name + ".weight"], self.state[name + ".bias"])

    def linear(self, x: str, name: str) -> str:
        return self.graph.linear(x, name, self.state[name + ".weight"].T, self.state.get(name + ".bias"))

    def fused(self, x: str, name: str, parts: tuple[str, ...]) -> list[str]:
        """Several projections of one input in one product; returns them apart."""
        weight = np.concatenate([self.state[f"{name}.{part}.weight"] for part in parts]).T
        zeros = np.zeros(self.config.width, np.float32)
        bias = np.concatenate([self.state.get(f"{name}.{part}.bias", zeros) for part in parts])
        y = self.graph.linear(x, f"{name}.{'_'.join(parts)}", weight, bias)
        return self.graph.ops("Split", y, count=len(parts), axis=2, num_outputs=len(parts))

    def heads_of(self, x: str, order: list[int]) -> str:
        """B T D → a permutation of B T H K."""
        apart = self.graph.reshape(x, [0, 0, self.heads, self.head_width])
        return self.graph.op("Transpose", apart, perm=order)

    def mixed(self, weights: str, values: str) -> str:
        """Attention weights (B H T S) × values (B H S K) → B T D."""
        out = self.graph.op("Transpose", self.graph.op("MatMul", weights, values), perm=[0, 2, 1, 3])
        return self.graph.reshape(out, [0, 0, self.config.width])

    def scaled(self, queries: str) -> str:
        return self.graph.op("Mul", queries, self.graph.constant(np.array(self.head_width**-0.5, np.float32)))

    def among(self, queries: str, keys: str, values: str, bias: str | None = None) -> str:
        """Attention of B H T K to B H K S and B H S K, `bias` added to its scores: B T D."""
        scores = self.graph.op("MatMul", self.scaled(queries), keys)
        if bias is not None:
            scores = self.graph.op("Add", scores, bias)
        return self.mixed(self.graph.op("Softmax", scores, axis=-1), values)

    def crossed(self, x: str, layer: str, number: int) -> str:
        """Cross-attention to what is perceived, which the graph takes from outside."""
        g = self.graph
        keys = g.input(f"crossed_keys_{number}", ["B", self.heads, self.head_width, "S"])
        values = g.input(f"crossed_values_{number}", ["B", self.heads, "S", self.head_width])
        return self.crossing(x, layer, keys, values)

    def crossing(self, x: str, layer: str, keys: str, values: str, bias: str | None = None) -> str:
        """Cross-attention to keys B H K S and values B H S K."""
        name = f"{layer}.cross_attention"
        queries = self.heads_of(self.linear(self.norm(x, f"{layer}.cross_norm"), f"{name}.query"), [0, 2, 1, 3])
        return self.graph.op("Add", x, self.linear(self.among(queries, keys, values, bias), f"{name}.out"))

    def placed(self, x: str, back: bool = False) -> str:
        """B T D and the encoder's fixed positions; they count from the first element, or ``back`` from the last."""
        g = self.graph
        count = g.op("Gather", g.op("Shape", x), g.whole(1))
        places = g.op("Range", g.whole(0), count, g.whole(1))
        if back:
            places = g.op("Sub", g.op("Sub", count, g.whole(1)), places)
        rates = g.constant(sinusoid_rates(self.config.width).numpy()[None])
        angles = g.op("Mul", g.op("Cast", g.op("Unsqueeze", places, g.whole(-1)), to=TensorProto.FLOAT), rates)
        return g.op("Add", x, g.op("Concat", g.op("Sin", angles), g.op("Cos", angles), axis=1))

    def attended(self, x: str, layer: str, bias: str | None = None) -> str:
        """Self-attention over the whole sequence."""
        name = f"{layer}.self_attention"
        parts = self.fused(self.norm(x, f"{layer}.self_norm"), name, ("query", "key", "value"))
        queries, keys = self.heads_of(parts[0], [0, 2, 1, 3]), self.heads_of(parts[1], [0, 2, 3, 1])
        mixed = self.among(queries, keys, self.heads_of(parts[2], [0, 2, 1, 3]), bias)
        return self.graph.op("Add", x, self.linear(mixed, f"{name}.out"))

    def feed_forward(self, x: str, layer: str) -> str:
        g = self.graph
        inner = g.op("Gelu", self.linear(self.norm(x, f"{layer}.mlp_norm"), f"{layer}.mlp_in"))
        return g.op("Add", x, self.linear(inner, f"{layer}.mlp_out"))


def lay_encoder(g: Graph, config: TrunkConfig, state: Arrays) -> None:
    """`embedded` B S D (places and modality already added) → `keys_n` B H K S, `values_n` B H S K of each crossing."""
    w = Writer(g, config, state)
    x = g.input("embedded", ["B", "S", config.width])
    for number in range(config.encoder_layers):
        layer = f"trunk.encoder.{number}"
        x = w.feed_forward(w.attended(x, layer), layer)
    x = w.norm(x, "trunk.encoder_norm")
    shape: list[int | str] = ["B", config.heads, w.head_width, "S"]
    for number in range(config.decoder_layers):
        keys, values = w.fused(x, f"trunk.decoder.layers.{number}.cross_attention", ("key", "value"))
        g.output(w.heads_of(keys, [0, 2, 3, 1]), f"keys_{number}", shape)
        g.output(w.heads_of(values, [0, 2, 1, 3]), f"values_{number}", ["B", config.heads, "S", w.head_width])


def lay_layers(w: Writer, x: str, expert: str) -> str:
    """Lay the layers of a decoder over embedded elements `x` (B T D) behind a cache of P places.

    Adds the inputs `places` T, `mask` T × P+T, which is added to the scores, and the cache, and as outputs the keys and
    values of the T new elements; returns the last one's state, B D. The ``expert`` is `decoder`, which crosses to what
    is perceived, or `reader`, which does not.
    """
    g, config = w.graph, w.config
    heads, width = config.heads, w.head_width
    places = g.input("places", ["T"], TensorProto.INT64)
    mask = g.input("mask", ["T", "P_T"])
    new_count = g.op("Shape", x, start=1, end=2)
    x = g.op("Add", x, g.looked_up(f"trunk.{expert}.places", w.state[f"trunk.{expert}.places"], places))
    for number in range(config.decoder_layers):
        layer = f"trunk.{expert}.layers.{number}"
        past_keys = g.input(f"past_keys_{number}", ["B", heads, width, "P"])
        past_values = g.input(f"past_values_{number}", ["B", heads, "P", width])
        parts = w.fused(w.norm(x, f"{layer}.self_norm"), f"{layer}.self_attention", ("query", "key", "value"))
        queries = w.scaled(w.heads_of(parts[0], [0, 2, 1, 3]))
        keys, values = w.heads_of(parts[1], [0, 2, 3, 1]), w.heads_of(parts[2], [0, 2, 1, 3])
        scores = g.op("Concat", g.op("MatMul", queries, past_keys), g.op("MatMul", queries, keys), axis=3)
        weights = g.op("Softmax", g.op("Add", scores, mask), axis=-1)
        lengths = g.op("Concat", g.op("Shape", past_keys, start=3, end=4), new_count, axis=0)
        old, new = g.ops("Split", weights, lengths, count=2, axis=3)
        mixed = g.op("Add", w.mixed(old, past_values), w.mixed(new, values))
        x = g.op("Add", x, w.linear(mixed, f"{layer}.self_attention.out"))
        g.output(keys, f"keys_{number}", ["B", heads, width, "T"])
        g.output(values, f"values_{number}", ["B", heads, "T", width])
        if expert == "decoder":
            x = w.crossed(x, layer, number)
        x = w.feed_forward(x, layer)
    return g.op("Gather", w.norm(x, f"trunk.{expert}.norm"), g.constant(np.array(-1, np.int64)), axis=1)


def _decoder(config: TrunkConfig, state: Arrays, table: Table, expert: str) -> Graph:
    """`tokens` B T behind a cache → `logits` B V of the last, and of the reader its `state` B D too."""
    g = Graph(expert)
    tokens = g.input("tokens", ["B", "T"], TensorProto.INT64)
    laid = table.lay(g, TABLE)
    last = lay_layers(Writer(g, config, state), table.looked_up(g, laid, tokens), expert)
    g.output(table.scored(g, laid, last), "logits", ["B", "V"])
    if expert == "reader":
        g.output(last, "state", ["B", config.width])
    return g


def _audio_port(config: TrunkConfig, state: Arrays) -> Graph:
    """`frames` B T 80 → `embedded` B T/2 D, places and modality added: what the encoder takes."""
    g = Graph("audio")
    x = g.op("Transpose", g.input("frames", ["B", "T", "M"]), perm=[0, 2, 1])
    for name, stride in (("conv1", 1), ("conv2", 2)):
        filters = state[f"ports.audio.{name}.weight"]
        columns, scales = quantised(filters.reshape(len(filters), -1).T)
        stored = g.array(f"ports.audio.{name}.weight", columns)
        flat = g.op("Mul", g.op("Cast", stored, to=TensorProto.FLOAT), g.array(f"ports.audio.{name}.scale", scales))
        weight = g.reshape(g.op("Transpose", flat, perm=[1, 0]), list(filters.shape))
        bias = g.array(f"ports.audio.{name}.bias", state[f"ports.audio.{name}.bias"])
        x = g.op("Gelu", g.op("Conv", x, weight, bias, kernel_shape=[3], pads=[1, 1], strides=[stride]))
    x = g.op("Transpose", x, perm=[0, 2, 1])
    x = Writer(g, config, state).placed(x)
    x = g.op("Add", x, g.constant(state[MODALITY][MODALITIES.index("audio")]))
    g.output(x, "embedded", ["B", "S", config.width])
    return g


def export_image(model: SequenceModel, folder: Path) -> None:
    """Write `image.onnx`: `sequence` 1 T features → `embedded` 1 S D, places and modality added."""
    state = arrays_of(model)
    g = FilterGraph("image")
    x = model.port("image").lay_embed(g, g.input("sequence", [1, "T", "F"]))
    x = Writer(g, model.config, state).placed(x)
    x = g.op("Add", x, g.constant(state[MODALITY][MODALITIES.index("image")]))
    g.output(x, "embedded", [1, "S", model.config.width])
    g.save(folder / "image.onnx")


def _seeing(model: SequenceModel, path: Path) -> Arrays:
    """What `image.onnx` holds: filters with their norms in them, so that these do nothing but shift."""
    found: Arrays = {}
    read = parameters(read_arrays(path))
    found |= {f"ports.image.{name}": value for name, value in read.items() if name.startswith("recall.")}
    for number, norm in enumerate(model.port("image").get_submodule("norms").children()):
        assert isinstance(norm, torch.nn.BatchNorm2d)
        found[f"{SEEING[0]}{number}.weight"] = read[f"seen.{number}.weight"]
        shift = read[f"seen.{number}.bias"]
        found[f"{SEEING[1]}{number}.bias"] = shift
        found[f"{SEEING[1]}{number}.running_mean"] = np.zeros_like(shift)
        found[f"{SEEING[1]}{number}.running_var"] = np.full_like(shift, 1 - norm.eps)
    return found


def _start(config: TrunkConfig) -> SequenceModel:
    """A model before any training, the same one every time: later ports that are still so are not stored."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return SequenceModel(config)


def export(model: SequenceModel, folder: Path, coarse: tuple[int, int] = COARSE, untrained: Sequence[str] = ()) -> None:
    """Write the model's graphs, weights and sizes into ``folder``; tokens from ``coarse[0]`` to below ``coarse[1]``, as
    far as there are so many, are stored in four bits. ``untrained`` are the skills that it does not have yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = arrays_of(model)
    data = folder / "trunk.bin"
    data.unlink(missing_ok=True)
    laid: dict[str, int] = {}  # the experts share one table of tokens
    encoder = Graph("encoder")
    lay_encoder(encoder, model.config, state)
    encoder.save(folder / "encoder.onnx", data, laid)
    first, behind = (min(place, model.config.vocabulary) for place in coarse)
    vectors = np.concatenate([state["ports.text.tokens"], state["ports.text.own"]])
    table = Table.of(vectors, (first, behind), model.text.stored)
    for expert in EXPERTS:
        _decoder(model.config, state, table, expert).save(folder / f"{expert}.onnx", data, laid)
    _audio_port(model.config, state).save(folder / "audio.onnx")
    trained = _trained(model.config, state)
    (folder / "image.onnx").unlink(missing_ok=True)
    if any(name.startswith(SEEING) for name in trained):
        export_image(model, folder)
    _save_later_ports({name: x for name, x in trained.items() if not name.startswith(SEEING)}, folder / "ports.npz")
    marks = [[float(f"{x:.9g}") for x in row] for row in state[MODALITY]]  # nine digits tell every fp32 from the next
    sizes = {"config": asdict(model.config), "coarse": table.coarse, "modality": marks}
    (folder / "model.json").write_text(json.dumps(sizes | {"untrained": sorted(untrained)}) + "\n")


def arrays_of(model: SequenceModel) -> Arrays:
    return {name: value.detach().float().cpu().numpy() for name, value in model.state_dict().items()}


def _trained(config: TrunkConfig, state: Arrays) -> Arrays:
    """What is not as it starts of the ports that `load` makes anew."""
    begun = _start(config).state_dict()
    later = {name: value for name, value in state.items() if name.startswith(LATER)}
    return {name: x for name, x in later.items() if not np.allclose(x, begun[name].float(), atol=1e-6)}


def _save_later_ports(trained: Arrays, path: Path) -> None:
    """Write them, if there are any."""
    path.unlink(missing_ok=True)
    if trained:
        halves: dict[str, Any] = {name: value.astype(np.float16) for name, value in trained.items()}
        np.savez(path, **halves)


def stored_table(folder: Path) -> Table:
    """Return the table of tokens of ``folder``; raises FileNotFoundError."""
    first, behind = json.loads((folder / "model.json").read_text())["coarse"]
    arrays = read_arrays(folder / f"{EXPERTS[0]}.onnx")
    stored = {name.removeprefix(TABLE): value for name, value in arrays.items() if name.startswith(TABLE)}
    return Table.restored(stored, first, behind)


def load(folder: Path) -> SequenceModel:
    """Return the model of ``folder`` for training, its stored weights dequantised; raises FileNotFoundError."""
    sizes = json.loads((folder / "model.json").read_text())
    model = _start(TrunkConfig.from_json(sizes["config"]))
    state: dict[str, NDArray[np.float32]] = {MODALITY: np.array(sizes["modality"], np.float32)}
    tokens = model.config.vocabulary
    for name in ("encoder", *EXPERTS, "audio"):
        arrays = read_arrays(folder / f"{name}.onnx")
        state |= parameters({key: value for key, value in arrays.items() if not key.startswith(TABLE)})
    model.text.stored = stored_table(folder)
    vectors = model.text.stored.vectors()
    if (folder / "ports.npz").is_file():
        with np.load(folder / "ports.npz") as later:
            state |= {name: later[name].astype(np.float32) for name in later.files}
    if (folder / "image.onnx").is_file():
        state |= _seeing(model, folder / "image.onnx")
    state["ports.text.tokens"], state["ports.text.own"] = vectors[:tokens], vectors[tokens:]
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    model.load_state_dict({name: torch.from_numpy(np.array(v)).reshape(shapes[name]) for name, v in state.items()})
    return model
