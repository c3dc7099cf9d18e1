"""Whisper base → SequenceModel: read the CTranslate2 file and lay its arrays in the trunk and the ports.

Layout of the file (CTranslate2, version 6) and the fusion of q, k, v: OpenNMT/CTranslate2, model specification.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import torch

SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"  # Whisper base, fp16, MIT
DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def read_ctranslate2(path: Path, sha256: str | None = SHA256) -> dict[str, np.ndarray]:
    """Return the named arrays of a CTranslate2 model file; raises ValueError when its hash is not ``sha256``."""
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256:
        raise ValueError(f"{path}: SHA-256 is {found}, expected {sha256}")
    at = 0

    def take(form: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize(form)
        return int(value)

    def text() -> str:
        nonlocal at
        length = take("H")
        raw = data[at : at + length]
        at += length
        return raw.rstrip(b"\0").decode()

    take("I"), text(), take("I")
    arrays: dict[str, np.ndarray] = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        dtype = DTYPES[take("B")]
        size = take("I")
        arrays[name] = np.frombuffer(data, dtype, size // np.dtype(dtype).itemsize, at).reshape(shape)
        at += size
    for _ in range(take("I")):
        alias, name = text(), text()
        arrays[alias] = arrays[name]
    return arrays


def to_state(arrays: dict[str, np.ndarray], width: int = 512, layers: int = 6) -> dict[str, torch.Tensor]:
    """Return the arrays under the names of `SequenceModel`, float32; the token table holds Whisper's tokens only."""
    state: dict[str, np.ndarray] = {}

    def put(name: str, source: str, biased: bool = True) -> None:
        state[f"{name}.weight"] = arrays[f"{source}/weight"]
        if biased:
            state[f"{name}.bias"] = arrays[f"{source}/bias"]

    def norm(name: str, source: str) -> None:
        state[f"{name}.weight"], state[f"{name}.bias"] = arrays[f"{source}/gamma"], arrays[f"{source}/beta"]

    def projections(name: str, source: str, names: tuple[str, ...]) -> None:
        weight, bias = arrays[f"{source}/weight"], arrays[f"{source}/bias"]
        for number, part in enumerate(names):
            rows = slice(number * width, (number + 1) * width)
            state[f"{name}.{part}.weight"] = weight[rows]
            if part != "key":  # its bias is zero in Whisper
                state[f"{name}.{part}.bias"] = bias[rows]

    put("ports.audio.conv1", "encoder/conv1")
    put("ports.audio.conv2", "encoder/conv2")
    norm("trunk.encoder_norm", "encoder/layer_norm")
    state["ports.text.tokens"] = arrays["decoder/embeddings/weight"]
    for expert in ("decoder", "reader"):  # both start from the one that Whisper has
        norm(f"trunk.{expert}.norm", "decoder/layer_norm")
        state[f"trunk.{expert}.places"] = arrays["decoder/position_encodings/encodings"]
    for side, place in (("encoder", "encoder"), ("decoder", "decoder.layers"), ("decoder", "reader.layers")):
        for number in range(layers):
            ours, theirs = f"trunk.{place}.{number}", f"{side}/layer_{number}"
            norm(f"{ours}.self_norm", f"{theirs}/self_attention/layer_norm")
            projections(f"{ours}.self_attention", f"{theirs}/self_attention/linear_0", ("query", "key", "value"))
            put(f"{ours}.self_attention.out", f"{theirs}/self_attention/linear_1")
            if place == "decoder.layers":
                norm(f"{ours}.cross_norm", f"{theirs}/attention/layer_norm")
                projections(f"{ours}.cross_attention", f"{theirs}/attention/linear_0", ("query",))
                projections(f"{ours}.cross_attention", f"{theirs}/attention/linear_1", ("key", "value"))
                put(f"{ours}.cross_attention.out", f"{theirs}/attention/linear_2")
            norm(f"{ours}.mlp_norm", f"{theirs}/ffn/layer_norm")
            put(f"{ours}.mlp_in", f"{theirs}/ffn/linear_0")
            put(f"{ours}.mlp_out", f"{theirs}/ffn/linear_1")
    return {name: torch.from_numpy(array.astype(np.float32)) for name, array in state.items()}
