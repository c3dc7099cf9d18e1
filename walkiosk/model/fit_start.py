"""`fit --from walkiosk`: a fit that begins with the shop's own weights, their size and all that they know."""

from __future__ import annotations

import json
from dataclasses import replace

import torch

from walkiosk.modality.text import Vocabulary
from walkiosk.model.export import load
from walkiosk.model.ports import LATER
from walkiosk.model.sequence_model import SequenceModel
from walkiosk.model.trunk import TrunkConfig
from walkiosk.pairing import Pairing, label_token
from walkiosk.weights_folder import weights_folder

LONGEST_READ = 360  # tokens of an input's texts: the shipped decoder has places for 448 with the answer
DROPOUT = 0.05


def shipped_vocabulary(classes: int) -> Vocabulary:
    """The vocabulary of the shipped weights with a token for each of ``classes`` behind its last."""
    found = Vocabulary.load(weights_folder() / "tokenizer.json")
    return found.with_tokens([label_token(number) for number in range(classes)])


def shipped_places() -> int:
    """How many elements the shipped decoder reads and writes."""
    sizes = json.loads((weights_folder() / "model.json").read_text(encoding="utf-8"))
    return TrunkConfig.from_json(sizes["config"]).decoder_positions


def shipped_model(pairing: Pairing, heard: int) -> tuple[SequenceModel, frozenset[str]]:
    """Return the shipped model with the ports of ``pairing``, and the names of what in it begins from nothing."""
    shipped = load(weights_folder())
    state = shipped.state_dict()
    perceives = any(name != "text" for name in pairing.sides.inputs)
    several = len(pairing.sides.inputs) > 1
    config = replace(
        shipped.config,
        own_tokens=shipped.config.own_tokens + len(pairing.labels),
        encoder_positions=max(shipped.config.encoder_positions, heard),
        experts=("decoder",) if perceives else ("reader",),
        ports=tuple(dict.fromkeys([name for name in (*pairing.sides.inputs, pairing.sides.target) if name != "text"])),
        parts=len(pairing.sides.inputs) if several else 0,
        codes_told=pairing.target_form.codes_told if pairing.paints else 0,
        dropout=DROPOUT,
    )
    if not perceives:
        config = replace(config, encoder_layers=0)
    model = SequenceModel(config)
    fresh = model.state_dict()
    known = len(state["ports.text.own"])
    with torch.no_grad():
        state["ports.text.own"] = torch.cat([state["ports.text.own"], fresh["ports.text.own"][known:]])
        if several:  # parts are told apart by a mark that begins small: what came with the weights stays as it was
            model.trunk.part.weight.mul_(0.01)
    taken = {name: value for name, value in state.items() if name in fresh and fresh[name].shape == value.shape}
    model.load_state_dict(taken, strict=False)
    trained = {name for name in taken if not name.startswith(LATER) or not torch.equal(taken[name], fresh[name])}
    model.text.tokens.requires_grad_(False)
    model.text.stored = shipped.text.stored
    return model, frozenset(fresh) - trained
