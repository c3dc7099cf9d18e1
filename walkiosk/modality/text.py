"""Text ↔ tokens: Whisper's byte-level BPE, and our own tokens behind it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from walkiosk.modality.value import BadValue, Floats, Step

WHISPER_TOKENS = 51_865
OWN_TOKENS = 64
END, START = "<|endoftext|>", "<|startoftranscript|>"
LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ru", "hi", "zh")
TASKS = ("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>")
OWN = (
    "<|schema|>",  # the loaded graph follows
    "<|input|>",  # what is read follows
    "<|output|>",  # what is written follows
    "<|is|>",  # between an entity's words and its type
    "<|next|>",  # between items of a list
    "<|program|>",  # a path program follows
    "<|head|>",
    "<|tail|>",
    "<|screen|>",  # what the customer sees
    "<|basket|>",
    "<|customer|>",  # a turn of the customer
    "<|kiosk|>",  # a turn of the kiosk
    "<|facts|>",  # names of the facts at hand
    "<|other|>",  # a language outside ours
    "<|translation|>",
    "<|entity_extraction|>",
    "<|relation_classification|>",
    "<|path_query|>",
    "<|chat|>",
    "<|speech_generation|>",
    "<|summarization|>",
    "<|forecasting|>",
)


class Vocabulary:
    """The tokens of a model: encodes what people write, never letting them write a special token."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.encode_special_tokens = True  # "<|chat|>" typed by a customer is eight letters, not a token
        self.size = tokenizer.get_vocab_size(with_added_tokens=True)

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read a `tokenizer.json`; raises FileNotFoundError naming the path."""
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no tokenizer there")
        return cls(Tokenizer.from_file(str(path)))

    @lru_cache(maxsize=4096)  # noqa: B019 - one vocabulary lives as long as its model
    def special(self, name: str) -> int:
        """Return the number of a special token such as ``<|chat|>``; raises KeyError for an unknown one."""
        number = self._tokenizer.token_to_id(name)
        if number is None:
            raise KeyError(f"no token {name}")
        return int(number)

    def language(self, code: str) -> int:
        return self.special(f"<|{code}|>")

    def encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, tokens: list[int]) -> str:
        """Return the text of ``tokens``, special ones left out."""
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))

    def piece(self, token: int) -> str | None:
        """Return the byte-level spelling of a token."""
        piece: str | None = self._tokenizer.id_to_token(token)
        return piece

    def read(self, source: object, /) -> str:
        """Return a text given as such or in a UTF-8 file (a `Path`)."""
        if isinstance(source, Path):
            try:
                source = source.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise BadValue(f"{source}: {error}") from error
        if not isinstance(source, str):
            raise BadValue(f"{source!r} is not a text")
        if not source.strip():
            raise BadValue(f"{source!r} holds no words")
        return source

    def to_sequence(self, value: str, /) -> list[int]:
        return self.encode(self.read(value))

    def to_target(self, value: str, /, like: str | None = None) -> list[int]:
        """Return the tokens of ``value`` and the end."""
        return [*self.encode(value), self.special(END)]

    def next(self, head: Floats, before: Sequence[int], /) -> Step:
        """A score for each token → the likeliest; the end is the last."""
        token = int(head.argmax())
        return Step(token, token == self.special(END))

    def from_sequence(self, elements: Sequence[int], /, like: str | None = None) -> str:
        return self.decode([int(token) for token in elements])

    def write(self, value: str, path: Path, /) -> None:
        path.write_text(value, encoding="utf-8")

    def save(self, path: Path) -> None:
        self._tokenizer.save(str(path), pretty=False)


def with_own_tokens(whisper_tokenizer: Path) -> Vocabulary:
    """Return Whisper's vocabulary with our tokens behind it, spare ones up to `OWN_TOKENS` included."""
    tokenizer = Tokenizer.from_file(str(whisper_tokenizer))
    if tokenizer.get_vocab_size(with_added_tokens=True) != WHISPER_TOKENS:
        raise ValueError(f"{whisper_tokenizer}: {tokenizer.get_vocab_size()} tokens, expected {WHISPER_TOKENS}")
    return _with_own(tokenizer)


def of_bytes() -> Vocabulary:
    """Return a vocabulary of the 256 bytes, Whisper's special tokens for our languages, and ours: for tiny models."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    languages = [f"<|{code}|>" for code in LANGUAGES]
    tokenizer.add_special_tokens([_special(name) for name in (END, START, *languages, *TASKS)])
    return _with_own(tokenizer)


def _with_own(tokenizer: Tokenizer) -> Vocabulary:
    spare = [f"<|own_{number}|>" for number in range(len(OWN), OWN_TOKENS)]
    tokenizer.add_special_tokens([_special(name) for name in (*OWN, *spare)])
    return Vocabulary(tokenizer)


def _special(name: str) -> AddedToken:
    return AddedToken(name, special=True, normalized=False)
