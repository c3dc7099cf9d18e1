"""Pictures ↔ discrete codes, one for each block of 8 × 8 pixels, by two networks (`walkiosk.model.picture_codec`).

Letters in shapes: N pictures, H × W pixels, h × w blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from walkiosk.modality.value import BadValue

BLOCK = 8  # pixels a side
LONGEST = 128  # pixels a side
LEVELS = (7, 5, 5, 5, 5)  # of the five numbers that a code is (Mentzer et al., 2023: finite scalar quantisation)
CODES = 4_375  # their product: 12.1 bits a block
WEIGHTS = np.array([625, 125, 25, 5, 1], np.int64)  # of the five numbers in a code
PIECE = 1 << 20  # pixels that go through a network at once: some 100 MB
ENCODER, DECODER = "picture_encoder.onnx", "picture_decoder.onnx"

Pixels = NDArray[np.uint8]
Codes = NDArray[np.int64]


class PictureCodec:
    """The two networks, each given as the bytes of its file."""

    def __init__(self, encoder: bytes, decoder: bytes, threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.enable_cpu_mem_arena = False  # pieces of many sizes would each keep their own
        self._encoder, self._decoder = (
            ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"]) for graph in (encoder, decoder)
        )

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> PictureCodec:
        """The codec of a folder of weights; raises FileNotFoundError naming the file that is missing."""
        return cls((folder / ENCODER).read_bytes(), (folder / DECODER).read_bytes(), threads)

    def encode(self, pixels: Pixels) -> Codes:
        """N H W 3 → N h w; raises `BadValue` unless the sides are multiples of 8, at most 128."""
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != 3:
            raise BadValue(f"pictures are N × H × W × 3 bytes, not {_shape(pixels)} of {pixels.dtype}")
        height, width = pixels.shape[1:3]
        if height % BLOCK or width % BLOCK or not (0 < height <= LONGEST and 0 < width <= LONGEST):
            raise BadValue(
                f"a picture of {width} × {height} pixels has no codes: sides are multiples of {BLOCK} up to {LONGEST}"
            )
        found = np.zeros((len(pixels), height // BLOCK, width // BLOCK), np.int64)
        _fill(found, lambda part: self._encoder.run(None, {"pixels": pixels[part]})[0])
        return found

    def decode(self, codes: Codes) -> Pixels:
        """N h w → N H W 3; raises `BadValue` for a code that there is not, or more than 16 × 16 of them."""
        _check(codes)
        most = LONGEST // BLOCK
        if codes.ndim != 3 or not (0 < codes.shape[1] <= most and 0 < codes.shape[2] <= most):
            raise BadValue(f"codes of pictures are N × h × w, 1 to {most} a side, not {_shape(codes)}")
        count, rows, columns = codes.shape
        whole = codes.astype(np.int64, copy=False)
        found = np.zeros((count, rows * BLOCK, columns * BLOCK, 3), np.uint8)
        _fill(found, lambda part: self._decoder.run(None, {"codes": whole[part]})[0])
        return found


def levels_of(codes: Codes) -> Codes:
    """… → … × 5, each number from 0 to below its `LEVELS`; raises `BadValue` for a code that there is not."""
    _check(codes)
    levels: Codes = codes[..., None].astype(np.int64) // WEIGHTS % np.array(LEVELS)
    return levels


def _fill(found: NDArray[Any], network: Callable[[slice], NDArray[Any]]) -> None:
    """Fill an array by its first axis, piece by piece."""
    side = BLOCK if found.ndim == 3 else 1  # codes are filled block by block, pixels one by one
    piece = max(1, PIECE // (found.shape[1] * found.shape[2] * side * side))
    for start in range(0, len(found), piece):
        part = slice(start, start + piece)
        found[part] = network(part)


def _check(codes: Codes) -> None:
    if not np.issubdtype(codes.dtype, np.integer):
        raise BadValue(f"codes are whole numbers, not {codes.dtype}")
    wrong = codes[(codes < 0) | (codes >= CODES)]
    if len(wrong):
        raise BadValue(f"code {wrong[0]} is not one of {CODES}")


def _shape(array: NDArray[Any]) -> str:
    return " × ".join(map(str, array.shape))
