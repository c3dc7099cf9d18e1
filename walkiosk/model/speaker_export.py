"""Speaker and vocoder → ONNX, int8: `pronouncer.onnx`, `timer.onnx`, `sounder.onnx`, `vocoder.onnx`, and
`speaker.json`, what they read and write by number.

The int8 weights are the master: `load` reads them back for training. Letters in shapes: L letters, N phones, F frames,
T elements, D width, K bins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnx import TensorProto

from walkiosk.modality.audio import FRAMES_A_STEP, MELS
from walkiosk.model.export import Arrays, Writer
from walkiosk.model.graph import Graph, parameters, read_arrays
from walkiosk.model.speaker import AROUND, SLOTS, Speaker, SpeakerConfig
from walkiosk.model.vocoder import Vocoder, VocoderConfig

GRAPHS = ("pronouncer", "timer", "sounder")


class _Stacks(Writer):
    """Lays stacks that see a whole sequence into a graph; one sequence at a time, so nothing is masked."""

    def table(self, name: str, index: str) -> str:
        half = self.graph.array(f"{name}.weight", self.state[f"{name}.weight"].astype(np.float16))
        return self.graph.op("Cast", self.graph.op("Gather", half, index), to=TensorProto.FLOAT)

    def product32(self, x: str, name: str) -> str:
        """A few columns of numbers that int8 would be too coarse for."""
        g = self.graph
        weight = g.array(f"{name}.weight", np.ascontiguousarray(self.state[f"{name}.weight"]))
        y = g.op("MatMul", x, g.op("Transpose", weight, perm=[1, 0]))
        return g.op("Add", y, g.array(f"{name}.bias", self.state[f"{name}.bias"]))

    def stack(self, x: str, name: str, layers: int) -> str:
        x = self.placed(x)
        for number in range(layers):
            layer = f"{name}.layers.{number}"
            x = self.feed_forward(self.attended(x, layer), layer)
        return self.norm(x, f"{name}.norm")


def _pronouncer(config: SpeakerConfig, state: Arrays) -> Graph:
    """`letters` 1 L and `language` → `scores` 1 L 3·P."""
    g = Graph("pronouncer")
    w = _Stacks(g, config.layer, state)
    letters = g.input("letters", [1, "L"], TensorProto.INT64)
    language = g.input("language", [1, 1], TensorProto.INT64)
    x = g.op("Add", w.table("pronouncer.letter", letters), w.table("pronouncer.language", language))
    x = w.stack(x, "pronouncer.stack", config.pronouncing_layers)
    g.output(w.linear(x, "pronouncer.out"), "scores", [1, "L", SLOTS * config.spoken])
    return g


def _timer(config: SpeakerConfig, state: Arrays) -> Graph:
    """`phones`, `stresses` 1 N and `voice` → `states` 1 N D, `timing` 1 N 2."""
    g = Graph("timer")
    w = _Stacks(g, config.layer, state)
    phones = g.input("phones", [1, "N"], TensorProto.INT64)
    stresses = g.input("stresses", [1, "N"], TensorProto.INT64)
    voice = g.input("voice", [1, 1], TensorProto.INT64)
    x = g.op("Add", w.table("timer.phone", phones), w.table("timer.stress", stresses))
    x = w.stack(g.op("Add", x, w.table("timer.voice", voice)), "timer.stack", config.timing_layers)
    g.output(x, "states", [1, "N", config.width])
    g.output(w.linear(x, "timer.out"), "timing", [1, "N", 2])
    return g


def _sounder(config: SpeakerConfig, state: Arrays) -> Graph:
    """`states` 1 N D, `pitch` 1 N 1, `owner` F, `inside` 1 F 2 and `voice` → `frames` 1 F 80."""
    g = Graph("sounder")
    w = _Stacks(g, config.layer, state)
    states = g.input("states", [1, "N", config.width])
    pitch = g.input("pitch", [1, "N", 1])
    owner = g.input("owner", ["F"], TensorProto.INT64)
    inside = g.input("inside", [1, "F", 2])
    voice = g.input("voice", [1, 1], TensorProto.INT64)
    states = g.op("Add", states, w.product32(pitch, "timer.pitch"))
    x = g.op("Add", g.op("Gather", states, owner, axis=1), w.product32(inside, "sounder.inside"))
    quiet = g.constant(np.zeros((1, AROUND, config.width), np.float32))
    groups = g.reshape(g.op("Concat", quiet, x, quiet, axis=1), [1, -1, FRAMES_A_STEP * config.width])
    axis = g.constant(np.array([1], np.int64))
    first, last = g.constant(np.array([0], np.int64)), g.constant(np.array([-1], np.int64))
    second, end = g.constant(np.array([1], np.int64)), g.constant(np.array([2**31], np.int64))
    here, there = g.op("Slice", groups, first, last, axis), g.op("Slice", groups, second, end, axis)
    x = w.linear(g.op("Concat", here, there, axis=2), "sounder.laid")
    x = w.stack(g.op("Add", x, w.table("sounder.voice", voice)), "sounder.stack", config.sounding_layers)
    g.output(g.reshape(w.linear(x, "sounder.out"), [1, -1, MELS]), "frames", [1, "F", MELS])
    return g


def _vocoder(config: VocoderConfig, state: Arrays) -> Graph:
    """`frames` 1 F 80 → `tone` 1 F 2 (log pitch over 100 Hz, log-odds of a voice) and `parts` 1 F 5·K."""
    g = Graph("vocoder")

    def conv(x: str, name: str, groups: int) -> str:
        half = g.array(f"{name}.weight", state[f"{name}.weight"].astype(np.float16))
        bias = g.array(f"{name}.bias", state[f"{name}.bias"])
        weight = g.op("Cast", half, to=TensorProto.FLOAT)
        turned = g.op("Transpose", x, perm=[0, 2, 1])
        return g.op(
            "Transpose", g.op("Conv", turned, weight, bias, kernel_shape=[7], pads=[3, 3], group=groups), perm=[0, 2, 1]
        )

    def norm(x: str, name: str) -> str:
        return g.norm(x, name, state[f"{name}.weight"], state[f"{name}.bias"])

    def linear(x: str, name: str) -> str:
        return g.linear(x, name, state[f"{name}.weight"].T, state[f"{name}.bias"])

    x = norm(conv(g.input("frames", [1, "F", MELS]), "first", 1), "first_norm")
    for number in range(config.blocks):
        block = f"blocks.{number}"
        y = g.op("Gelu", linear(norm(conv(x, f"{block}.conv", config.width), f"{block}.norm"), f"{block}.inner"))
        scale = g.array(f"{block}.scale", state[f"{block}.scale"])
        x = g.op("Add", x, g.op("Mul", linear(y, f"{block}.outer"), scale))
    y = linear(norm(x, "norm"), "out")
    sizes = g.constant(np.array([len(state["out.bias"]) - 2, 2], np.int64))
    parts, tone = g.ops("Split", y, sizes, count=2, axis=2)
    g.output(parts, "parts", [1, "F", "K"])
    g.output(tone, "tone", [1, "F", 2])
    return g


def _arrays(module: torch.nn.Module) -> Arrays:
    return {name: value.detach().float().cpu().numpy() for name, value in module.state_dict().items()}


def export_speaker(speaker: Speaker, vocoder: Vocoder, about: Mapping[str, Any], folder: Path) -> None:
    """Write both into ``folder``; ``about`` is what serving has to know of letters, languages, phones and voices."""
    folder.mkdir(parents=True, exist_ok=True)
    state = _arrays(speaker)
    for name, lay in zip(GRAPHS, (_pronouncer, _timer, _sounder), strict=True):
        lay(speaker.config, state).save(folder / f"{name}.onnx")
    _vocoder(vocoder.config, _arrays(vocoder)).save(folder / "vocoder.onnx")
    kept = {
        "speaker": asdict(speaker.config),
        "vocoder": asdict(vocoder.config),
        "reach": vocoder.config.reach,
        **about,
    }
    (folder / "speaker.json").write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")


def load_speaker(folder: Path) -> tuple[Speaker, Vocoder, dict[str, Any]]:
    """Return speaker, vocoder and what is known about them, int8 weights dequantised; raises FileNotFoundError."""
    about = json.loads((folder / "speaker.json").read_text(encoding="utf-8"))
    speaker = Speaker(SpeakerConfig(**about.pop("speaker")))
    vocoder = Vocoder(VocoderConfig(**about.pop("vocoder")))
    state: dict[str, torch.Tensor] = {}
    for name in GRAPHS:
        state |= _weights(folder / f"{name}.onnx")
    speaker.load_state_dict(state)
    vocoder.load_state_dict(_weights(folder / "vocoder.onnx"))
    return speaker, vocoder, about


def _weights(path: Path) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(np.array(value)) for name, value in parameters(read_arrays(path)).items()}
