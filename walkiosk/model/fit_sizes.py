"""How large a fitted model is: from how much there is to learn, what goes in and out, and the machine."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from walkiosk.model.trunk import TrunkConfig
from walkiosk.pairing import Pairing


@dataclass(frozen=True)
class Size:
    """Of the trunk, and the learning rate that suits it."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    dropout: float
    rate: float

    @property
    def weights(self) -> int:
        """About how many the layers have that an element goes through."""
        return 14 * self.width**2 * max(self.encoder_layers, self.decoder_layers)


SIZES = {
    "tiny": Size(64, 2, 1, 1, 0.0, 3e-3),  # for tests
    "small": Size(128, 4, 2, 2, 0.05, 2e-3),
    "medium": Size(192, 4, 3, 3, 0.1, 1.4e-3),
    "large": Size(256, 4, 4, 4, 0.1, 1e-3),
    "base": Size(512, 8, 6, 6, 0.1, 5e-4),  # Whisper base's
}
ENOUGH = 20  # times that every pair is seen: a larger model that sees them less often is worse
EACH = 300  # weights that a pair teaches; a larger model learns them by heart
THREAD, GPU = 50e9, 50e12  # multiplications and additions a second that training gets
MOST_PLACES = 4_096  # of a decoder: what needs more to be read and written is a fault
MOST_READ = 1_024  # tokens of an input's texts; what is longer is read so far


def size_name(pairs: int, positions: int, minutes: float) -> str:
    """The largest size that sees ``pairs`` with ``positions`` elements often enough in the minutes on this machine."""
    speed = GPU * torch.cuda.device_count() if torch.cuda.is_available() else THREAD * torch.get_num_threads()
    names = list(SIZES)[1:]
    found = names[0]
    for name in names[1:]:
        weights = SIZES[name].weights
        if 60 * minutes * speed >= ENOUGH * 6 * weights * positions and weights <= EACH * pairs:
            found = name
    return found


def config_of(size: Size, pairing: Pairing, heard: int, decoded: int) -> TrunkConfig:
    """The config of a model that perceives up to ``heard`` elements and decodes up to ``decoded``.

    What writes one element needs few layers to write it.
    """
    perceives = any(name != "text" for name in pairing.sides.inputs)
    single = (pairing.aim == "quantiles" or bool(pairing.labels)) and perceives
    classes = max(1, len(pairing.labels))
    return TrunkConfig(
        width=size.width,
        heads=size.heads,
        encoder_layers=size.encoder_layers if perceives else 0,
        decoder_layers=max(1, size.decoder_layers - 1) if single else size.decoder_layers + (not perceives),
        vocabulary=pairing.vocabulary.size - classes,
        own_tokens=classes,
        encoder_positions=max(1, heard),
        decoder_positions=decoded,
        parts=len(pairing.sides.inputs) if len(pairing.sides.inputs) > 1 else 0,
        experts=("decoder",) if perceives else ("reader",),
        ports=tuple(dict.fromkeys([name for name in pairing.sides.inputs if name != "text"] + [pairing.sides.target])),
        codes_told=pairing.target_form.codes_told if pairing.paints else 0,
        dropout=size.dropout,
    )
