"""One fit of Ludwig in a process of its own Python; `bench/ludwig_pairs.py` starts it, and it imports nothing of ours.

    PEER/bin/python bench/ludwig_worker.py JOB.json

JOB.json says the table of pairs, which of `CONFIGURATIONS`, the seconds of training and where the answers go. Only
steps count, as ours are counted: from the fetching of a batch to the end of its step, without looks at what is held
back and checkpoints. When the time is over, Ludwig stops at its next look and takes the best weights, as its early stop
does.
"""

from __future__ import annotations

import json
import math
import sys
import time
import types
import wave
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from PIL import Image

PARTS = {"training": "0", "validation": "1", "held_out": "2"}  # as Ludwig numbers them
START, END, PAD, UNKNOWN = "<SOS>", "<EOS>", "<PAD>", "<UNK>"
LOUDEST = 32_768  # of 16 bits
Config = dict[str, Any]
BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def _config(given: Config, wanted: Config, **trainer: Any) -> Config:
    """A configuration of one input and one output; the time ends the training, and nothing else."""
    return {
        "input_features": [{"name": "input", **given}],
        "output_features": [{"name": "target", **wanted}],
        "trainer": {"epochs": 100_000, "early_stop": -1, **trainer},
    }


def _heard(filters: int, size: int, pool: int, dropout: float = 0.0) -> Config:
    """A convolution over frames."""
    return {"num_filters": filters, "filter_size": size, "pool_size": pool, "pool_strides": pool, "dropout": dropout}


def _seen(channels: int, dropout: float = 0.0) -> Config:
    """A convolution over a picture, in this version's words: Ludwig drops those of its own example in silence."""
    return {"out_channels": channels, "kernel_size": 3, "pool_kernel_size": 2, "pool_stride": 2, "dropout": dropout}


# The loss of held-back texts is reckoned while Ludwig writes freely, against tokens that may stand one place on, and
# says little of how good they are: the best weights are those with most of the tokens right.
BY_TOKENS = {"validation_metric": "token_accuracy"}
LSTM_WRITES = {"type": "text", "decoder": {"type": "generator", "cell_type": "lstm"}}
LSTM_READS = {"type": "text", "encoder": {"type": "rnn", "cell_type": "lstm", "reduce_output": None}}
BY_ABSOLUTE = {"type": "timeseries", "loss": {"type": "mean_absolute_error"}}  # as WAPE counts
FBANK = {
    "type": "fbank",
    "window_length_in_s": 0.025,
    "window_shift_in_s": 0.01,
    "num_filter_bands": 80,
    "norm": "per_file",
}
DENSE = {"fc_layers": [{"output_size": 128, "dropout": 0.4}]}
MNIST = {"type": "stacked_cnn", "conv_layers": [_seen(32), _seen(64, 0.4)], **DENSE}
DEEPER = {"conv_layers": [_seen(32), _seen(64), _seen(128)], "conv_norm": "batch", "padding": "same", **DENSE}
DIGITS = {
    "type": "stacked_cnn",
    "reduce_output": "concat",
    "conv_layers": [_heard(16, 6, 4, 0.4), _heard(32, 3, 2, 0.4)],
    "fc_layers": [{"output_size": 64, "dropout": 0.4}],
}
CNN_RNN = {
    "type": "cnnrnn",
    "conv_layers": [_heard(64, 5, 2), _heard(64, 5, 2)],
    "cell_type": "lstm",
    "state_size": 128,
}
AUDIO = {"type": "audio", "preprocessing": FBANK}

# Two a pair, the likelier first: of its documentation's example of such a task, of its defaults, of what did better in
# short trials. Ludwig looks at what is held back after each epoch, at pictures more often: one of their epochs is long.
# fmt: off
CONFIGURATIONS: dict[str, dict[str, Config]] = {
    "text-text": {
        "defaults, small batches":
            _config({"type": "text"}, {"type": "text"}, batch_size=32, **BY_TOKENS),
        "its translation example":
            _config(LSTM_READS, LSTM_WRITES, batch_size=96, **BY_TOKENS),
    },
    "image-scalar": {
        "three convolutions, normalised by batch":
            _config({"type": "image", "encoder": {"type": "stacked_cnn", **DEEPER}}, {"type": "category"},
                    batch_size=128, steps_per_checkpoint=75),
        "its MNIST example":
            _config({"type": "image", "encoder": MNIST}, {"type": "category"}, batch_size=128,
                    steps_per_checkpoint=150),
    },
    "trend-trend": {
        "dense encoder":
            _config({"type": "timeseries", "encoder": {"type": "dense"}}, BY_ABSOLUTE, batch_size=128),
        "defaults":
            _config({"type": "timeseries"}, BY_ABSOLUTE, batch_size=128),
    },
    "audio-text": {
        "its spoken digits example":
            _config(AUDIO | {"encoder": DIGITS}, LSTM_WRITES, batch_size=64, **BY_TOKENS),
        "convolutions and LSTM":
            _config(AUDIO | {"encoder": CNN_RNN}, LSTM_WRITES, batch_size=64, **BY_TOKENS),
    },
}
# fmt: on


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    torch.set_num_threads(job["threads"])
    stand_in()
    Path(job["answers"]).write_text(json.dumps(fitted(job), ensure_ascii=False), encoding="utf-8")


def fitted(job: dict[str, Any]) -> dict[str, Any]:
    """Train as the job says, and answer what is held out, together and some of it one by one."""
    from ludwig.api import LudwigModel

    table = pd.read_csv(job["pairs"], dtype=str, keep_default_na=False)
    parts = {
        name: table[table["split"] == number].drop(columns="split").reset_index(drop=True)
        for name, number in PARTS.items()
    }
    how, config = list(CONFIGURATIONS[job["pair"]].items())[job["configuration"]]
    if config["input_features"][0]["type"] == "audio":
        config["input_features"][0]["preprocessing"]["audio_file_length_limit_in_s"] = longest(table["input"])
    clock = clock_of(job["seconds"])
    model = LudwigModel(config, callbacks=[clock])
    began = time.monotonic()
    model.train(
        training_set=parts["training"],
        validation_set=parts["validation"],
        output_directory=job["folder"],
        skip_save_processed_input=True,
        skip_save_log=True,
        skip_save_progress=True,  # of all looks, after each of them; the best weights are kept all the same
    )
    whole = time.monotonic() - began
    began = time.monotonic()
    held_out = answers(model, parts["held_out"])
    together = time.monotonic() - began
    few = [parts["held_out"].iloc[at : at + 1].reset_index(drop=True) for at in range(job["singly"])]
    began = time.monotonic()
    for row in few:
        answers(model, row)
    singly = time.monotonic() - began
    return {
        "how": how,
        "held_out": held_out,
        "validation": answers(model, parts["validation"]),
        "seconds": clock.seconds,
        "seconds_in_all": whole,
        "steps": clock.steps,
        "weights": sum(parameter.numel() for parameter in model.model.parameters()),
        "milliseconds": 1_000 * singly / len(few),
        "milliseconds_together": 1_000 * together / len(held_out),
        "version": version("ludwig"),
    }


def clock_of(limit: float) -> Any:
    """A callback that counts the seconds of steps, and stops the training at the first look after ``limit`` of them."""
    from ludwig.callbacks import Callback

    class Clock(Callback):  # type: ignore[misc]
        seconds, steps, began = 0.0, 0, 0.0

        def on_batch_start(self, trainer: Any, progress_tracker: Any, save_path: str) -> None:
            self.began = time.monotonic()

        def on_batch_end(self, trainer: Any, progress_tracker: Any, save_path: str, sync_step: bool = True) -> None:
            self.seconds += time.monotonic() - self.began
            self.steps += 1

        def should_early_stop(self, trainer: Any, progress_tracker: Any, is_coordinator: bool) -> bool:
            return self.seconds >= limit

    return Clock()


def answers(model: Any, rows: pd.DataFrame) -> list[Any]:
    """A text, a class or a list of numbers of each row."""
    found, _ = model.predict(dataset=rows[["input"]], skip_save_predictions=True)
    values: list[Any] = found["target_predictions"].tolist()
    return [written(value) for value in values] if model.config["output_features"][0]["type"] == "text" else values


def written(tokens: list[str]) -> str:
    """The text before its end; a word that it does not know is none."""
    until = tokens.index(END) if END in tokens else len(tokens)
    return " ".join(token for token in tokens[:until] if token not in (START, PAD, UNKNOWN))


def stand_in() -> None:
    """Take the place of compiled code that PyPI has for CUDA only: reading PNG and WAVE, and a filter.

    torchvision describes two operators for boxes as it is imported, which nobody calls here: they are named only.
    """
    for name in ("nms", "qnms"):
        torch.library.define(f"torchvision::{name}", BOXES)
    audio, functional = types.ModuleType("torchaudio"), types.ModuleType("torchaudio.functional")
    vars(functional)["lfilter"] = filtered
    vars(audio).update(__spec__=ModuleSpec("torchaudio", None), __version__="2.11.0", load=heard, functional=functional)
    sys.modules.update({"torchaudio": audio, "torchaudio.functional": functional})
    from ludwig.utils import image_utils

    image_utils.decode_image = seen


def heard(path: str, **_: Any) -> tuple[torch.Tensor, int]:
    """Samples, 1 × N, of a WAVE file of one channel and 16 bits, and how many are a second."""
    with wave.open(path) as opened:
        samples = np.frombuffer(opened.readframes(opened.getnframes()), "<i2").astype(np.float32) / LOUDEST
        return torch.from_numpy(samples)[None], opened.getframerate()


def longest(files: Iterable[str]) -> float:
    """Seconds, in halves, that no file is longer than: Ludwig cuts off what is beyond, and pads what is below."""
    lengths = [samples.shape[1] / rate for samples, rate in map(heard, files)]
    return math.ceil(2 * max(lengths)) / 2


def filtered(samples: torch.Tensor, a: torch.Tensor, b: torch.Tensor, **_: Any) -> torch.Tensor:
    from scipy.signal import lfilter

    return torch.from_numpy(lfilter(b.numpy(), a.numpy(), samples.numpy()))


def seen(packed: torch.Tensor, mode: Any = None) -> torch.Tensor:
    """Pixels of a picture's bytes, channels × height × width."""
    with Image.open(BytesIO(packed.numpy().tobytes())) as opened:
        pixels = np.array(opened)
    return torch.from_numpy(pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1).copy())


if __name__ == "__main__":
    main()
