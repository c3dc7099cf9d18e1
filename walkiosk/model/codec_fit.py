"""The picture codec fitted to the pictures at hand, before anything is told in its codes.

The one that comes with the weights has seen pictures of many kinds; a shop's charts, labels or plans are of one, and a
minute on them is worth more than a larger codec: of bar charts it gives back 0.97 in place of 0.76 by structural
similarity. Where pictures are like what it knows, little is gained, and it stays as it came: its codes are well spread.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from walkiosk.modality import image, video
from walkiosk.modality.picture_codec import DECODER, ENCODER, PictureCodec
from walkiosk.modality.value import BadValue
from walkiosk.model.picture_codec import GREY, export_picture_codec, load_picture_codec
from walkiosk.model.picture_codec import PictureCodec as Trained
from walkiosk.model.picture_losses import WEIGHTS, codec_losses, ssim
from walkiosk.model.train import multiplies_bf16
from walkiosk.model.workers import Workers
from walkiosk.pairing import Pairing
from walkiosk.pairs.pair import Pair
from walkiosk.weights_folder import weights_folder

SHARE = 0.15  # of a fit's minutes, at most
MOST_STEPS = 600  # more gain little
TIMED = (2, 8)  # steps whose time says how many there is time for
RATE, WARMUP, CLIP, AVERAGED = 1e-3, 20, 1.0, 50
PIXELS = 16 * 64 * 64  # of a batch
SEEN, LEAST = 2_000, 40  # pictures to learn from, at most; of fewer than these nothing is learned
FRAMES = 4  # of a film
HELD_BACK = 8  # every such pair is judged on: frames of one film are much alike
GAIN = 0.15  # of what copies lack: what gains less is not taken
NOTE = "fitted.json"

Squares = NDArray[np.uint8]


@dataclass(frozen=True)
class CodecFit:
    """The two networks as the files hold them, the seconds that were spent on them, and what is said of them."""

    encoder: bytes
    decoder: bytes
    seconds: float
    said: str

    @property
    def codec(self) -> PictureCodec:
        return PictureCodec(self.encoder, self.decoder)


def fit_codec(
    folder: Path,
    fingerprint: str,
    pairing: Pairing,
    pairs: Sequence[Pair],
    minutes: float,
    steps: int | None,
    workers: Workers | None = None,
) -> CodecFit:
    """Fit the codec to the target pictures of ``pairs``, in ``steps`` or a share of ``minutes``.

    What was done for the same ``fingerprint`` in ``folder`` is taken from there. Of several workers the first one fits.
    """
    workers = workers or Workers()
    found = None
    if workers.first:
        note = folder / NOTE
        known = json.loads(note.read_text()) if note.is_file() else {}
        if known.get("fingerprint") != fingerprint:
            note.unlink(missing_ok=True)  # it does not speak for networks that are half written
            began = time.monotonic()
            said = _settled(folder, pairing, pairs, SHARE * 60 * minutes, steps)
            known = {"fingerprint": fingerprint, "seconds": time.monotonic() - began, "said": said}
            note.write_text(json.dumps(known))
        encoder, decoder = ((folder / name).read_bytes() for name in (ENCODER, DECODER))
        found = CodecFit(encoder, decoder, known["seconds"], known["said"])
    told = workers.gathered(found)[0]
    assert isinstance(told, CodecFit)
    return told


def _settled(folder: Path, pairing: Pairing, pairs: Sequence[Pair], seconds: float, steps: int | None) -> str:
    """Put into ``folder`` the networks that suit the pictures, and say which they are and why."""
    learned, seen = _squares(pairing, [pair for number, pair in enumerate(pairs) if number % HELD_BACK])
    judged, _ = _squares(pairing, pairs[::HELD_BACK])
    count = len(learned) + len(judged)
    taken, said = False, f"the picture codec is the shop's: {count} pictures are too few to fit it to"
    if count >= LEAST and len(learned) and len(judged):
        export_picture_codec(_trained(np.concatenate([learned, seen]), seconds, steps), folder)
        before, after = (_likeness(PictureCodec.load(found), judged) for found in (weights_folder(), folder))
        taken = 1 - after < (1 - GAIN) * (1 - before)
        said = f"copies by the shop's picture codec are {before:.3f} like the pictures (SSIM), fitted to them"
        said += f" {after:.3f}: {'fitted it is taken' if taken else 'it stays as it is'}"
    if not taken:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (ENCODER, DECODER):
            (folder / name).write_bytes((weights_folder() / name).read_bytes())
    return said


def _squares(pairing: Pairing, pairs: Sequence[Pair]) -> tuple[Squares, Squares]:
    """Of pairs evenly over all of them: squares that are painted, N S S 3, and those that they are painted after."""
    form = pairing.target_form
    films = isinstance(form, video.Form)
    picture = form.picture if isinstance(form, video.Form) else form
    painted, seen = ([np.zeros((0, picture.painted, picture.painted, 3), np.uint8)] for _ in range(2))
    for pair in pairs[:: max(1, -(-len(pairs) * (FRAMES if films else 1) // SEEN))]:
        with suppress(BadValue):
            values, wanted = pairing.read(pair.inputs), pairing.read_target(pair.target)
            shown = video.sampled(wanted, form) if isinstance(form, video.Form) else [wanted]
            painted.append(picture.squares(image.evenly(shown, min(FRAMES, len(shown)))))
            if form.after:
                before = pairing.frames(values)
                seen.append(picture.squares(image.evenly(before, min(len(before), FRAMES if films else 1))))
    return np.concatenate(painted), np.concatenate(seen)


def _trained(pictures: Squares, seconds: float, steps: int | None) -> Trained:
    """The codec, begun as it came: the mean of its last steps' weights."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    half = device.type == "cuda" or multiplies_bf16()
    codec = load_picture_codec(weights_folder()).to(device)
    moving = list(codec.parameters())
    average = [p.detach().clone() for p in moving]
    optimizer = torch.optim.AdamW(moving, RATE, betas=(0.9, 0.98), eps=1e-7, fused=True)
    draw, there = np.random.default_rng(0), torch.from_numpy(pictures).permute(0, 3, 1, 2)
    size = max(1, PIXELS // pictures.shape[1] ** 2)
    total, taken = min(MOST_STEPS, steps or MOST_STEPS), list[float]()
    step = 0
    while step < total:
        began = time.monotonic()
        rate = RATE * min(1.0, (step + 1) / WARMUP) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * step / total)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch = there[torch.from_numpy(draw.integers(0, len(pictures), size))].to(device).float() / GREY - 1
        found = codec_losses(codec, batch, half)
        torch.stack([w * loss for w, loss in zip(WEIGHTS, found, strict=True)]).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(moving, CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        torch._foreach_lerp_(average, [p.detach() for p in moving], max(1 / step, 1 / AVERAGED))
        taken.append(time.monotonic() - began)
        if steps is None and step == TIMED[1]:
            total = min(total, max(step, int(seconds / float(np.median(taken[TIMED[0] :])))))
    with torch.no_grad():
        for parameter, mean in zip(moving, average, strict=True):
            parameter.copy_(mean)
    return codec.cpu()


def _likeness(codec: PictureCodec, pictures: Squares) -> float:
    """The mean structural similarity of what comes back, in grey."""
    both = (codec.decode(codec.encode(pictures)), pictures)
    made, true = (torch.from_numpy(x).float().mean(dim=-1)[:, None] / 255 for x in both)
    return float(ssim(made, true).mean())
