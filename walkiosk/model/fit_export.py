"""A fitted SequenceModel → the parts of its one file: ONNX graphs, vocabulary, pairing, card.

Letters in shapes: B batch, T tokens, E elements written, S elements perceived, D width, V tokens of the vocabulary.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from onnx import TensorProto

from walkiosk.model.export import COARSE, MODALITY, TABLE, Arrays, Writer, arrays_of, lay_encoder, lay_layers
from walkiosk.model.graph import Graph, HalfGraph, Table
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import MODALITIES
from walkiosk.model_file import ANSWERS
from walkiosk.pairing import Pairing, packed_answers

LARGE = 384  # width from which weights are int8, as those that are shipped


def parts_of(model: SequenceModel, pairing: Pairing, card: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the model's file in parts: what serving opens without torch."""
    state = arrays_of(model)
    sizes = {"config": asdict(model.config), "pairing": pairing.to_json()}
    parts = {
        "model.json": json.dumps(sizes, ensure_ascii=False).encode(),
        "card.json": json.dumps(card, ensure_ascii=False, indent=1).encode(),
        "tokenizer.json.gz": pairing.vocabulary.to_bytes(),
    }
    if pairing.answers:
        parts[ANSWERS] = packed_answers(pairing.answers)
    perceived = sorted({name for name in pairing.sides.inputs if name != "text"})
    for name in perceived:
        parts[f"{name}.onnx"] = _port(model, state, name)
    expert = "decoder" if perceived else "reader"
    if perceived:
        encoder = _graph(model, "encoder")
        lay_encoder(encoder, model.config, state)
        parts["encoder.onnx"] = encoder.to_bytes()
    parts[f"{expert}.onnx"] = _decoder(model, state, expert, pairing.writes)
    return parts


def _graph(model: SequenceModel, name: str) -> Graph:
    return Graph(name) if model.config.width >= LARGE else HalfGraph(name)


def _port(model: SequenceModel, state: Arrays, name: str) -> bytes:
    """`sequence` 1 T features, `part` 1 → `embedded` 1 S D with places and marks: what the encoder takes."""
    g = _graph(model, name)
    x = model.port(name).lay_embed(g, g.input("sequence", [1, "T", "F"]))
    x = Writer(g, model.config, state).placed(x)
    x = g.op("Add", x, g.constant(state[MODALITY][MODALITIES.index(name)]))
    if model.config.parts:
        part = g.input("part", [1], TensorProto.INT64)
        x = g.op("Add", x, g.op("Gather", g.array("trunk.part.weight", state["trunk.part.weight"]), part))
    g.output(x, "embedded", [1, "S", model.config.width])
    return g.to_bytes()


def _decoder(model: SequenceModel, state: Arrays, expert: str, writes: str) -> bytes:
    """`tokens` B T, behind them `elements` B E features where not text is written → `head`, B outputs of the last."""
    g = _graph(model, expert)
    config = model.config
    vectors = np.concatenate([state["ports.text.tokens"], state["ports.text.own"]])
    tokens = g.input("tokens", ["B", "T"], TensorProto.INT64)
    table = None
    if isinstance(g, HalfGraph):
        x = g.looked_up("ports.text.table", vectors, tokens)
    else:
        first, behind = (min(place, config.vocabulary) for place in COARSE)
        table = Table.of(vectors, (first, behind), model.text.stored)
        laid = table.lay(g, TABLE)
        x = table.looked_up(g, laid, tokens)
    port = model.port(writes)
    if writes != "text":
        x = g.op("Concat", x, port.lay_written(g, g.input("elements", ["B", "E", port.features])), axis=1)
    last = lay_layers(Writer(g, config, state), x, expert)
    if writes != "text":
        found = port.lay_head(g, last)
    elif table is not None:
        found = table.scored(g, laid, last)
    else:
        found = g.op("MatMul", last, g.op("Transpose", g.numbers("ports.text.table", vectors), perm=[1, 0]))
    g.output(found, "head", ["B", "V"])
    return g.to_bytes()
