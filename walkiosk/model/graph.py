"""A small writer of ONNX graphs: nodes one after another, weights int8 by column in one file beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
ALIGNMENT = 64  # bytes; ONNX Runtime maps external data


def quantised(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return ``weight`` (in × out) as int8 and a scale for each column, symmetric."""
    scale = np.maximum(np.abs(weight).max(axis=0), 1e-8).astype(np.float32) / 127
    return np.clip(np.rint(weight / scale), -127, 127).astype(np.int8), scale


@dataclass
class Graph:
    """Collects nodes and initializers; every method returns the name of its output."""

    name: str
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    arrays: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    inputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    outputs: list[onnx.ValueInfoProto] = field(default_factory=list)

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

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self.ops(kind, *inputs, count=1, **attributes)[0]

    def ops(self, kind: str, *inputs: str, count: int, **attributes: Any) -> list[str]:
        outputs = [f"n{len(self.nodes)}_{index}" for index in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, **attributes))
        return outputs

    def reshape(self, x: str, shape: list[int]) -> str:
        return self.op("Reshape", x, self.constant(np.array(shape, np.int64)))

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
        initializers = []
        for name, value in self.arrays.items():
            tensor = numpy_helper.from_array(np.asarray(value, order="C"), name)
            if data is not None and value.nbytes > 1024:
                raw = tensor.raw_data
                if name not in laid:
                    with data.open("ab") as file:
                        file.write(b"\0" * (-file.tell() % ALIGNMENT))
                        laid[name] = file.tell()
                        file.write(raw)
                tensor.ClearField("raw_data")
                tensor.data_location = TensorProto.EXTERNAL
                for key, text in (("location", data.name), ("offset", laid[name]), ("length", len(raw))):
                    entry = tensor.external_data.add()
                    entry.key, entry.value = key, str(text)
            initializers.append(tensor)
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="walkiosk")
        model.ir_version = 9  # ONNX Runtime 1.17 and later read it
        path.write_bytes(model.SerializeToString())
