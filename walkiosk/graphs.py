"""ONNX graphs of a folder of weights or of a model's one file, opened by ONNX Runtime."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnxruntime as ort

from walkiosk.model_file import ModelFile

SIZES = "model.json"


def sessions(folder: Path, names: Sequence[str], threads: int) -> dict[str, ort.InferenceSession]:
    """Open the graphs of ``folder`` by their names."""
    return {name: _opened(str(folder / f"{name}.onnx"), threads) for name in names}


def opened(
    source: Path | ModelFile, names: Sequence[str], threads: int
) -> tuple[dict[str, Any], dict[str, ort.InferenceSession]]:
    """Return the sizes that ``source`` tells and those of the graphs ``names`` that it has.

    Raises FileNotFoundError for a folder that holds no model.
    """
    if isinstance(source, ModelFile):
        there = [name for name in names if f"{name}.onnx" in source]
        return source.json(SIZES), {name: _opened(source.read(f"{name}.onnx"), threads) for name in there}
    if not (source / SIZES).is_file():
        raise FileNotFoundError(f"{source}: no model there ({SIZES} is missing)")
    there = [name for name in names if (source / f"{name}.onnx").is_file()]
    return json.loads((source / SIZES).read_text(encoding="utf-8")), sessions(source, there, threads)


def _opened(graph: str | bytes, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # it gives nothing back, and nothing is slower without it
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
