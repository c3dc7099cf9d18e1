"""The vocabulary of a fitted model: byte pairs of the texts that it is fitted to, and a token for each class."""

from __future__ import annotations

import json
from collections.abc import Sequence

from walkiosk.modality.text import Vocabulary, of_bytes
from walkiosk.pairing import label_token

LETTERS_A_PIECE = 60  # of the texts, at least: a piece that is seldom seen is not learned
MOST = 4_096  # pieces
FEWEST = 100  # pieces worth learning; below, bytes are enough


def vocabulary_of(texts: Sequence[str], classes: int) -> Vocabulary:
    """Return a vocabulary for ``texts`` with a token for each of ``classes``.

    Pieces are learned by byte-pair encoding (Sennrich et al., 2016; Hugging Face's `tokenizers`).
    """
    pieces = min(MOST, sum(map(len, texts)) // LETTERS_A_PIECE)
    found = of_bytes() if pieces < FEWEST else of_bytes(_pieces(texts, 256 + pieces))
    return found.with_tokens([label_token(number) for number in range(max(1, classes))])


def _pieces(texts: Sequence[str], size: int) -> dict[str, int]:
    """Pieces by rank, the 256 bytes first."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, min_frequency=3, show_progress=False)
    made.train_from_iterator(texts, trainer)
    found: dict[str, int] = json.loads(made.to_str())["model"]["vocab"]
    return found
