"""A small writer of ONNX graphs: nodes one after another, weights int8 by column, or in four bits by group of columns,
in one file beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
ALIGNMENT = 64  # bytes; ONNX Runtime maps external data
GROUP = 16  # columns that share a scale in four bits
LARGEST = (6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0)  # levels tried for a group's largest number; from 8.5 on it is clipped


def quantised(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return ``weight`` (in × out) as int8 and a scale for each column, symmetric."""
    scale = np.maximum(np.abs(weight).max(axis=0), 1e-8).astype(np.float32) / 127
    return np.clip(np.rint(weight / scale), -127, 127).astype(np.int8), scale


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays that a graph was saved with; raises FileNotFoundError."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}


def parameters(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Return what was laid of a module, by the names of its parameters: int8 (in × out) as numbers (out × in), fused
    projections apart. Constants, which have no module before a dot, are left out.
    """
    small = {name.rpartition(".")[0] for name, value in arrays.items() if value.dtype == np.int8}
    found: dict[str, NDArray[np.float32]] = {}
    for name, value in arrays.items():
        base, _, kind = name.rpartition(".")
        if not base or (kind == "scale" and base in small):
            continue
        array = value.astype(np.float32)
        if value.dtype == np.int8:
            array = (array * arrays[f"{base}.scale"]).T
        above, _, last = base.rpartition(".")
        parts = last.split("_")
        if set(parts) <= {"query", "key", "value"}:
            apart = zip(parts, np.split(array, len(parts)), strict=True)
            found |= {f"{above}.{part}.{kind}": rows for part, rows in apart if (part, kind) != ("key", "bias")}
        else:
            found[name] = array
    return found


@dataclass(frozen=True)
class Nibbles:
    """Rows in four bits: (nibble - 8) × the code of its group × the step of its row."""

    packed: NDArray[np.uint8]  # rows × groups × GROUP / 2, an even column in the low nibble: as MatMulNBits has it
    codes: NDArray[np.int8]  # rows × groups; a negative one turns the longer side, -8, to where the largest number is
    steps: NDArray[np.float32]  # rows × 1

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> Nibbles:
        """Return the rows, each group at the scale, of those tried, that leaves the smallest squared error."""
        groups = rows.reshape(len(rows), rows.shape[1] // GROUP, GROUP)
        parts = np.array_split(groups, len(groups) // 1024 + 1)  # what a cache holds
        scales = np.concatenate([_fitting(part) for part in parts])
        steps = np.maximum(np.abs(scales).max(axis=1, keepdims=True), 1e-8) / 127
        codes = np.rint(scales / steps).astype(np.int8)
        nibbles = (_levels(groups, (codes * steps)[..., None]) + 8).astype(np.uint8)
        return cls(nibbles[..., 0::2] | nibbles[..., 1::2] << np.uint8(4), codes, steps)

    def rows(self) -> NDArray[np.float32]:
        levels = np.stack([self.packed & 15, self.packed >> 4], axis=-1).astype(np.float32) - 8
        scales = self.codes * self.steps
        rows: NDArray[np.float32] = levels.reshape(*scales.shape, GROUP) * scales[..., None]
        return rows.reshape(len(scales), scales.shape[1] * GROUP)


def _levels(groups: NDArray[np.float32], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.clip(np.rint(groups / np.where(scales == 0, 1, scales)), -8, 7)


def _fitting(groups: NDArray[np.float32]) -> NDArray[np.float32]:
    """The best of `LARGEST` for each group, as a scale."""
    at = np.abs(groups).argmax(axis=-1, keepdims=True)
    largest = np.take_along_axis(groups, at, axis=-1)
    tried = np.stack([-largest / level for level in LARGEST])
    errors = [((_levels(groups, scales) * scales - groups) ** 2).sum(axis=-1) for scales in tried]
    best = np.argmin(errors, axis=0)[None, ..., None]
    return np.take_along_axis(tried, best, axis=0)[0, ..., 0]


@dataclass
class Graph:
    """Collects nodes and initializers; every method returns the name of its output."""

    FLOAT: ClassVar[int] = TensorProto.FLOAT
    INT64: ClassVar[int] = TensorProto.INT64

    name: str
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    arrays: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    inputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    outputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)  # what a file has to say of itself

    def input(self, name: str, shape: list[int | str], type_: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, type_, shape))
        return name

    def output(self, source: str, name: str, shape: list[int | str], type_: int = TensorProto.FLOAT) -> None:
        self.nodes.append(helper.make_node("Identity", [source], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, type_, shape))

    def array(self, name: str, value: NDArray[np.generic]) -> str:
        self.arrays[name] = value
        return name

    def constant(self, value: NDArray[np.generic]) -> str:
        return self.array(f"c{len(self.arrays)}", value)

    def whole(self, value: int | list[int]) -> str:
        return self.constant(np.array(value, np.int64))

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def numbers(self, name: str, value: NDArray[np.float32]) -> str:
        """Lay an array that is multiplied by in full precision; of one name once."""
        return self.array(name, value)

    def looked_up(self, name: str, table: NDArray[np.float32], index: str) -> str:
        """Rows of ``table`` (P × D, int8 with a scale for each) at ``index`` (T) → T D."""
        columns, scales = quantised(table.T)
        known, scale = self.array(name, columns), self.array(name.rpartition(".")[0] + ".scale", scales)
        at = self.op("Transpose", self.op("Gather", known, index, axis=1), perm=[1, 0])
        size = self.op("Unsqueeze", self.op("Gather", scale, index), self.whole([-1]))
        return self.op("Mul", self.op("Cast", at, to=TensorProto.FLOAT), size)

    def part(self, x: str, first: int, behind: int) -> str:
        """Take columns of the last axis."""
        return self.op("Slice", x, self.whole([first]), self.whole([behind]), self.whole([-1]))

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self.ops(kind, *inputs, count=1, **attributes)[0]

    def ops(self, kind: str, *inputs: str, count: int, **attributes: Any) -> list[str]:
        outputs = [f"n{len(self.nodes)}_{index}" for index in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, **attributes))
        return outputs

    def reshape(self, x: str, shape: list[int]) -> str:
        return self.op("Reshape", x, self.whole(shape))

    def norm(self, x: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        return self.op(
            "LayerNormalization",
            x,
            self.array(name + ".weight", weight),
            self.array(name + ".bias", bias),
            epsilon=1e-5,
        )

    def product(self, x: str, weight: str, scale: str) -> str:
        """x @ int8 ``weight``, activations quantised on the fly (one scale a tensor), back to float."""
        integer, step, zero = self.ops("DynamicQuantizeLinear", x, count=3)
        summed = self.op("Cast", self.op("MatMulInteger", integer, weight, zero), to=TensorProto.FLOAT)
        return self.op("Mul", summed, self.op("Mul", step, scale))

    def rows(self, packed: str, scales: str, index: str) -> str:
        """`Nibbles.packed`, with a scale for each group, at ``index`` (B T) → B T columns."""
        pairs = self.op("Unsqueeze", self.op("Gather", packed, index), self.whole([-1]))
        apart = self.op("BitShift", pairs, self.constant(np.array([0, 4], np.uint8)), direction="RIGHT")
        nibbles = self.op("BitwiseAnd", apart, self.constant(np.array(15, np.uint8)))
        groups = self.op("Cast", self.reshape(nibbles, [0, 0, -1, GROUP]), to=TensorProto.FLOAT)
        levels = self.op("Sub", groups, self.constant(np.array(8, np.float32)))
        steps = self.op("Unsqueeze", self.op("Gather", scales, index), self.whole([-1]))
        return self.reshape(self.op("Mul", levels, steps), [0, 0, -1])

    def product_by_rows(self, x: str, packed: str, scales: str) -> str:
        """x @ the rows turned; activations quantised on the fly, by group."""
        count, groups, _ = self.arrays[packed].shape
        sizes = {"N": count, "K": groups * GROUP, "bits": 4, "block_size": GROUP, "accuracy_level": 4}
        return self.op("MatMulNBits", x, packed, scales, domain="com.microsoft", **sizes)

    def linear(self, x: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> str:
        """x @ ``weight`` (in × out) + ``bias``, int8."""
        integers, scale = quantised(weight)
        y = self.product(x, self.array(name + ".weight", integers), self.array(name + ".scale", scale))
        return y if bias is None else self.op("Add", y, self.array(name + ".bias", bias))

    def save(self, path: Path, data: Path | None = None, laid: dict[str, int] | None = None) -> None:
        """Write the graph; arrays of some size go behind what ``data`` already holds, or inside without it.

        ``laid`` says where arrays of other graphs lie in ``data``: one of the same name is not written again.
        """
        laid = {} if laid is None else laid
        tensors = [numpy_helper.from_array(np.asarray(value, order="C"), name) for name, value in self.arrays.items()]
        for tensor, value in zip(tensors, self.arrays.values(), strict=True):
            if data is not None and value.nbytes > 1024:
                _put_outside(tensor, data, laid)
        path.write_bytes(self._serialised(tensors))

    def to_bytes(self) -> bytes:
        """The graph with its arrays inside."""
        return self._serialised(
            [numpy_helper.from_array(np.asarray(value, order="C"), name) for name, value in self.arrays.items()]
        )

    def _serialised(self, tensors: list[TensorProto]) -> bytes:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, tensors)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="walkiosk")
        helper.set_model_props(model, self.about)
        model.ir_version = 9  # ONNX Runtime 1.17 and later read it
        written: bytes = model.SerializeToString()
        return written


def _put_outside(tensor: TensorProto, data: Path, laid: dict[str, int]) -> None:
    """Move what ``tensor`` holds behind what ``data`` holds, unless one of its name lies there already."""
    raw = tensor.raw_data
    if tensor.name not in laid:
        with data.open("ab") as file:
            file.write(b"\0" * (-file.tell() % ALIGNMENT))
            laid[tensor.name] = file.tell()
            file.write(raw)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, text in (("location", data.name), ("offset", laid[tensor.name]), ("length", len(raw))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(text)


class HalfGraph(Graph):
    """Keeps weights as fp16 and multiplies in fp32: for small models, which int8 would make worse and no faster."""

    def numbers(self, name: str, value: NDArray[np.float32]) -> str:
        laid = f"{name} as fp32"  # the runtime makes it once, when it opens the file
        if name not in self.arrays:
            self.array(name, value.astype(np.float16))
            self.nodes.append(helper.make_node("Cast", [name], [laid], to=TensorProto.FLOAT))
        return laid

    def looked_up(self, name: str, table: NDArray[np.float32], index: str) -> str:
        return self.op("Gather", self.numbers(name, table), index)

    def linear(self, x: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> str:
        y = self.op("MatMul", x, self.numbers(name + ".weight", weight))
        return y if bias is None else self.op("Add", y, self.array(name + ".bias", bias))


class FilterGraph(Graph):
    """Keeps the filters of convolutions as int8, with a scale for each, and multiplies in fp32."""

    def numbers(self, name: str, value: NDArray[np.float32]) -> str:
        columns, scales = quantised(value.reshape(len(value), -1).T)
        stored = self.op("Cast", self.array(name, columns), to=TensorProto.FLOAT)
        flat = self.op("Mul", stored, self.array(f"{name.rpartition('.')[0]}.scale", scales))
        return self.reshape(self.op("Transpose", flat, perm=[1, 0]), list(value.shape))


@dataclass(frozen=True)
class Table:
    """Vectors (V × D) that are looked up and multiplied by: ``coarse`` ones in four bits, the others in eight.

    Tokens lie around a mean nearly twice as long as what tells them apart, and some columns are ten times wider than
    others: four bits for what is left in spreads lose 3% of the norm in place of 7%. Mean and spread are those of the
    last eight-bit vectors before, or of the table that the vectors were read from: so it is stored again as it is, and
    four bits are lost once.
    """

    coarse: tuple[int, int]  # the first, and the one behind the last
    columns: NDArray[np.int8]  # D × fine
    scales: NDArray[np.float32]  # fine
    nibbles: Nibbles  # coarse × D, less the mean, in spreads
    mean: NDArray[np.float32]  # D
    spread: NDArray[np.float32]  # D

    @classmethod
    def of(cls, vectors: NDArray[np.float32], coarse: tuple[int, int], loaded: Table | None = None) -> Table:
        """Return the table of ``vectors``; ``loaded`` is the one that they were read from, if they were."""
        first, behind = coarse
        columns, scales = quantised(np.concatenate([vectors[:first], vectors[behind:]]).T)
        if loaded is None:
            near = (columns * scales).T[first // 2 : first]
            mean, spread = near.mean(axis=0), np.maximum(near.std(axis=0), 1e-8)
        else:
            mean, spread = loaded.mean, loaded.spread
        return cls(coarse, columns, scales, Nibbles.of((vectors[first:behind] - mean) / spread), mean, spread)

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]], first: int, behind: int) -> Table:
        """Return the table whose arrays were laid, by their names."""
        nibbles = Nibbles(arrays["packed"], arrays["codes"], arrays["steps"])
        return cls((first, behind), arrays["columns"], arrays["scales"], nibbles, arrays["mean"], arrays["spread"])

    def vectors(self) -> NDArray[np.float32]:
        fine, first = (self.columns * self.scales).T, self.coarse[0]
        return np.concatenate([fine[:first], self.nibbles.rows() * self.spread + self.mean, fine[first:]])

    def lay(self, g: Graph, name: str) -> dict[str, str]:
        """Lay the arrays into the graph, their names behind ``name``."""
        nibbles = self.nibbles
        arrays: dict[str, NDArray[Any]] = {"columns": self.columns, "scales": self.scales}
        arrays |= {"mean": self.mean, "spread": self.spread}
        arrays |= {"packed": nibbles.packed, "codes": nibbles.codes, "steps": nibbles.steps}
        laid = {key: g.array(name + key, value) for key, value in arrays.items()}
        codes = g.op("Cast", laid["codes"], to=TensorProto.FLOAT)  # what needs no input is made once, at the start
        return laid | {"groups": g.op("Mul", codes, laid["steps"])}

    def looked_up(self, g: Graph, laid: Mapping[str, str], index: str) -> str:
        """B T → B T D."""
        first, behind = self.coarse
        passed = g.op("Sub", index, g.whole(first))  # how many coarse ones lie before it
        passed = g.op("Clip", passed, g.whole(0), g.whole(behind - first))
        at = g.op("Sub", index, passed)
        columns = g.op("Transpose", g.op("Gather", laid["columns"], at, axis=1), perm=[1, 2, 0])
        scales = g.op("Unsqueeze", g.op("Gather", laid["scales"], at), g.whole([-1]))
        fine = g.op("Mul", g.op("Cast", columns, to=TensorProto.FLOAT), scales)
        if first == behind:
            return fine
        rows = g.rows(laid["packed"], laid["groups"], g.op("Min", passed, g.whole(behind - first - 1)))
        coarse = g.op("Add", g.op("Mul", rows, laid["spread"]), laid["mean"])
        among = g.op("And", g.op("GreaterOrEqual", index, g.whole(first)), g.op("Less", index, g.whole(behind)))
        return g.op("Where", g.op("Unsqueeze", among, g.whole([-1])), coarse, fine)

    def scored(self, g: Graph, laid: Mapping[str, str], states: str) -> str:
        """B D → B V."""
        first, behind = self.coarse
        fine = g.product(states, laid["columns"], laid["scales"])
        if first == behind:
            return fine
        apart = g.product_by_rows(g.op("Mul", states, laid["spread"]), laid["packed"], laid["groups"])
        common = g.op("MatMul", states, g.op("Unsqueeze", laid["mean"], g.whole([1])))
        before, after = g.ops("Split", fine, g.whole([first, len(self.scales) - first]), count=2, axis=1)
        return g.op("Concat", before, g.op("Add", apart, common), after, axis=1)
