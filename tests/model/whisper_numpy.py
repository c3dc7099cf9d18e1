"""Whisper in numpy, straight from the arrays of a CTranslate2 file: what the warm start is checked against.

`python -m tests.model.whisper_numpy MODEL.BIN` checks the real file: the largest difference of a logit.
"""

from __future__ import annotations

import math
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from walkiosk.model.sequence_model import SequenceModel, from_whisper
from walkiosk.model.warm_start import read_ctranslate2

Array = NDArray[np.float64]
Arrays = dict[str, np.ndarray]
TOLERANCE = 2e-3  # of a logit in float32; they reach 50
UNROUNDED_TOLERANCE = 0.1  # our encoder's places are computed, the file's are fp16 and off by 3e-4
ERF = np.vectorize(math.erf)


def tiny_arrays(width: int = 64, layers: int = 2, tokens: int = 300, places: int = 60) -> Arrays:
    """Random arrays under the names of a CTranslate2 Whisper, fp16."""
    draw = np.random.default_rng(0)
    found: Arrays = {}

    def put(name: str, *shape: int, size: float = 0.1, about: float = 0.0) -> None:
        found[name] = (about + size * draw.normal(size=shape)).astype(np.float16)

    def linear(name: str, out: int, inside: int) -> None:
        put(f"{name}/weight", out, inside)
        put(f"{name}/bias", out)

    def norm(name: str) -> None:
        put(f"{name}/gamma", width, about=1.0)
        put(f"{name}/beta", width)

    put("encoder/conv1/weight", width, 80, 3)
    put("encoder/conv1/bias", width)
    put("encoder/conv2/weight", width, width, 3)
    put("encoder/conv2/bias", width)
    rates = np.exp(-math.log(10_000) * np.arange(width // 2) / (width // 2 - 1))
    angles = np.arange(100)[:, None] * rates
    found["encoder/position_encodings/encodings"] = np.concatenate([np.sin(angles), np.cos(angles)], 1)
    put("decoder/position_encodings/encodings", places, width)
    put("decoder/embeddings/weight", tokens, width)
    for side in ("encoder", "decoder"):
        norm(f"{side}/layer_norm")
        for layer in (f"{side}/layer_{number}" for number in range(layers)):
            norm(f"{layer}/self_attention/layer_norm")
            linear(f"{layer}/self_attention/linear_0", 3 * width, width)
            found[f"{layer}/self_attention/linear_0/bias"][width : 2 * width] = 0  # Whisper's keys have none
            linear(f"{layer}/self_attention/linear_1", width, width)
            if side == "decoder":
                norm(f"{layer}/attention/layer_norm")
                linear(f"{layer}/attention/linear_0", width, width)
                linear(f"{layer}/attention/linear_1", 2 * width, width)
                found[f"{layer}/attention/linear_1/bias"][:width] = 0
                linear(f"{layer}/attention/linear_2", width, width)
            norm(f"{layer}/ffn/layer_norm")
            linear(f"{layer}/ffn/linear_0", 4 * width, width)
            linear(f"{layer}/ffn/linear_1", width, 4 * width)
    return found


def write_ctranslate2(path: Path, arrays: Arrays) -> None:
    """Write ``arrays`` in CTranslate2's format, version 6, the projection an alias of the embeddings."""
    kinds = {"float32": 0, "float64": 0, "float16": 4}

    def text(words: str) -> bytes:
        raw = words.encode() + b"\0"
        return struct.pack("<H", len(raw)) + raw

    parts = [struct.pack("<I", 6), text("WhisperSpec"), struct.pack("<I", 3), struct.pack("<I", len(arrays))]
    for name, array in arrays.items():
        kind = kinds[str(array.dtype)]
        raw = array.astype(np.float32 if kind == 0 else np.float16).tobytes()
        shape = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        parts += [text(name), shape, struct.pack("<BI", kind, len(raw)), raw]
    parts += [struct.pack("<I", 1), text("decoder/projection/weight"), text("decoder/embeddings/weight")]
    path.write_bytes(b"".join(parts))


def logits(arrays: Arrays, frames: Array, tokens: list[int], layers: int, heads: int) -> Array:
    """Return tokens × vocabulary for ``frames`` (time × 80) heard and ``tokens`` read."""

    def of(name: str) -> Array:
        return arrays[name].astype(np.float64)

    def norm(x: Array, name: str) -> Array:
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
        return np.asarray(
            (x - x.mean(axis=-1, keepdims=True)) / spread * of(f"{name}/gamma") + of(f"{name}/beta"), np.float64
        )

    def linear(x: Array, name: str) -> Array:
        return x @ of(f"{name}/weight").T + of(f"{name}/bias")

    def gelu(x: Array) -> Array:
        return np.asarray(x * 0.5 * (1 + ERF(x / math.sqrt(2))))

    def convolve(x: Array, name: str, stride: int) -> Array:
        around, weight = np.pad(x, ((1, 1), (0, 0))), of(f"{name}/weight")
        steps = range(0, len(x), stride)
        return np.array([np.einsum("km,dmk->d", around[t : t + 3], weight) for t in steps]) + of(f"{name}/bias")

    def attend(queries: Array, keys: Array, values: Array, causal: bool) -> Array:
        out = []
        for q, k, v in zip(*(np.split(x, heads, axis=1) for x in (queries, keys, values)), strict=True):
            scores = q @ k.T / math.sqrt(q.shape[1])
            if causal:
                scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            out.append(weights / weights.sum(axis=1, keepdims=True) @ v)
        return np.concatenate(out, axis=1)

    def layer(x: Array, name: str, causal: bool, heard: Array | None) -> Array:
        mixed = np.split(linear(norm(x, f"{name}/self_attention/layer_norm"), f"{name}/self_attention/linear_0"), 3, 1)
        x = x + linear(attend(mixed[0], mixed[1], mixed[2], causal), f"{name}/self_attention/linear_1")
        if heard is not None:
            queries = linear(norm(x, f"{name}/attention/layer_norm"), f"{name}/attention/linear_0")
            keys, values = np.split(linear(heard, f"{name}/attention/linear_1"), 2, 1)
            x = x + linear(attend(queries, keys, values, False), f"{name}/attention/linear_2")
        inner = gelu(linear(norm(x, f"{name}/ffn/layer_norm"), f"{name}/ffn/linear_0"))
        return x + linear(inner, f"{name}/ffn/linear_1")

    x = gelu(convolve(gelu(convolve(frames, "encoder/conv1", 1)), "encoder/conv2", 2))
    x = x + of("encoder/position_encodings/encodings")[: len(x)]
    for number in range(layers):
        x = layer(x, f"encoder/layer_{number}", False, None)
    heard = norm(x, "encoder/layer_norm")
    y = of("decoder/embeddings/weight")[tokens] + of("decoder/position_encodings/encodings")[: len(tokens)]
    for number in range(layers):
        y = layer(y, f"decoder/layer_{number}", True, heard)
    return norm(y, "decoder/layer_norm") @ of("decoder/embeddings/weight").T


@torch.no_grad()
def ours(model: SequenceModel, frames: Array, tokens: list[int]) -> Array:
    """The same of our model, Whisper's tokens only."""
    model.eval()
    perceived = model.trunk.perceive(model.hear(torch.from_numpy(frames.astype(np.float32))[None]))
    states, _ = model.read(torch.tensor([tokens]), None, perceived)
    return np.asarray(model.text.head(states)[0, :, : model.config.vocabulary].double())


def main() -> None:
    path = Path(sys.argv[1])
    frames = np.random.default_rng(0).normal(size=(200, 80)) * 0.5
    tokens = [50258, 50259, 50359, 50363, 2425, 11, 577, 366, 291]
    arrays, model = read_ctranslate2(path), from_whisper(path)
    wanted = logits(arrays, frames, tokens, layers=6, heads=8)
    exact = float(np.abs(ours(model, frames, tokens) - wanted).max())
    model.trunk.encoder_places.copy_(
        torch.from_numpy(arrays["encoder/position_encodings/encodings"].astype(np.float32))
    )
    rounded = float(np.abs(ours(model, frames, tokens) - wanted).max())
    print(f"largest difference of a logit (they reach {np.abs(wanted).max():.1f}): {rounded:.1e}")
    print(f"with sinusoids that are not rounded to fp16 as the file's are: {exact:.1e}")
    if rounded > TOLERANCE or exact > UNROUNDED_TOLERANCE:
        sys.exit(f"{path}: the warm start is not what the file says")


if __name__ == "__main__":
    main()
