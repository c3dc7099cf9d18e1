"""Text ↔ tokens: Whisper's byte-level BPE, and our own tokens behind it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tiktoken

from walkiosk.modality.value import BadValue, Floats, Pick, Step, largest

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
    "<|music|>",
    "<|captioning|>",
)
SPARE = tuple(f"<|tag_{number}|>" for number in range(OWN_TOKENS - len(OWN)))  # for skills to come

PACKED = ".gz"
WORDS = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"  # as GPT-2 and Whisper split
ANYTHING = r"[\s\S]+"
_PRINTED = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
LETTERS = {  # how a vocabulary file spells each byte: printable ones as themselves, the others from U+0100 on
    **{byte: chr(byte) for byte in _PRINTED},
    **{byte: chr(0x100 + place) for place, byte in enumerate(sorted(set(range(256)) - set(_PRINTED)))},
}


class Vocabulary:
    """The tokens of a model: encodes what people write, never letting them write a special token.

    ``spec`` is a `tokenizer.json` whose vocabulary's numbers are its merge ranks, as in OpenAI's byte-level BPEs.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec
        vocabulary: dict[str, int] = spec["model"]["vocab"]
        self._special = {str(item["content"]): int(item["id"]) for item in spec["added_tokens"]}
        self._pieces = {number: piece for piece, number in {**vocabulary, **self._special}.items()}
        byte_of = {letter: byte for byte, letter in LETTERS.items()}
        self._encoding = tiktoken.Encoding(
            "walkiosk",
            pat_str=WORDS if spec["pre_tokenizer"]["use_regex"] else ANYTHING,
            mergeable_ranks={
                bytes(byte_of[letter] for letter in piece): number
                for piece, number in vocabulary.items()
                if piece not in self._special
            },
            special_tokens=self._special,
        )
        self._special_numbers = frozenset(self._special.values())
        self.size = len(self._pieces)

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read a `tokenizer.json`, plain or with `.gz` behind its name; raises FileNotFoundError naming the path."""
        packed = path.with_name(path.name + PACKED)
        if packed.is_file():
            return cls.from_bytes(packed.read_bytes())
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no tokenizer there")
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def from_bytes(cls, packed: bytes) -> Vocabulary:
        """Read what `to_bytes` made."""
        return cls(json.loads(gzip.decompress(packed)))

    def to_bytes(self) -> bytes:
        """The packed `tokenizer.json`; merges are left out, because a token's number is its rank."""
        spec = {**self._spec, "model": {**self._spec["model"], "merges": []}}
        return gzip.compress(json.dumps(spec, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)

    def with_tokens(self, names: Sequence[str]) -> Vocabulary:
        """Return the vocabulary with special tokens ``names`` behind its last."""
        return Vocabulary(_with(self._spec, names))

    def special(self, name: str) -> int:
        """Return the number of a special token such as ``<|chat|>``; raises KeyError for an unknown one."""
        if name not in self._special:
            raise KeyError(f"no token {name}")
        return self._special[name]

    def language(self, code: str) -> int:
        return self.special(f"<|{code}|>")

    def encode(self, text: str) -> list[int]:
        """Return the tokens of ``text``: "<|chat|>" typed by a customer is eight letters, not a token."""
        return self._encoding.encode_ordinary(text)

    def decode(self, tokens: list[int]) -> str:
        """Return the text of ``tokens``, special ones left out."""
        return self._encoding.decode([token for token in tokens if token not in self._special_numbers])

    def piece(self, token: int) -> str | None:
        """Return the byte-level spelling of a token."""
        return self._pieces.get(token)

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

    def fitting(self, values: Sequence[str], /) -> None:
        """Texts have one form: that of the vocabulary."""

    def to_sequence(self, value: str, /, form: None = None) -> list[int]:
        return self.encode(self.read(value))

    def to_target(self, value: str, /, form: None = None) -> list[int]:
        """Return the tokens of ``value`` and the end."""
        return [*self.encode(value), self.special(END)]

    def next(self, head: Floats, before: Sequence[int], /, form: None = None, pick: Pick | None = None) -> Step:
        """A score for each token → the one that ``pick`` takes, else the likeliest; the end is the last."""
        token = (pick or largest)(head)
        return Step(token, token == self.special(END))

    def from_sequence(self, elements: Sequence[int], /, form: None = None) -> str:
        return self.decode([int(token) for token in elements])

    def write(self, value: str, path: Path, /) -> None:
        path.write_text(value, encoding="utf-8")

    def save(self, path: Path) -> None:
        """Write it with `.gz` behind the name."""
        path.with_name(path.name + PACKED).write_bytes(self.to_bytes())


def with_own_tokens(whisper_tokenizer: Path) -> Vocabulary:
    """Return Whisper's vocabulary with our tokens behind it, spare ones up to `OWN_TOKENS` included."""
    found = Vocabulary.load(whisper_tokenizer)
    if found.size != WHISPER_TOKENS:
        raise ValueError(f"{whisper_tokenizer}: {found.size} tokens, expected {WHISPER_TOKENS}")
    return Vocabulary(_with(found._spec, _own()))


def of_bytes(pieces: Mapping[str, int] | None = None) -> Vocabulary:
    """Return a vocabulary of the 256 bytes, Whisper's special tokens for our languages, and ours: for small models.

    ``pieces`` are more than bytes, by their merge ranks, the bytes first; words are then split as GPT-2 splits them.
    """
    known = dict(pieces or {letter: number for number, letter in enumerate(sorted(LETTERS.values()))})
    form = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True}
    spec = {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {**form, "add_prefix_space": False, "trim_offsets": False, "use_regex": bool(pieces)},
        "decoder": {**form, "use_regex": True},
        "model": {"type": "BPE", "vocab": known, "merges": []},
    }
    languages = [f"<|{code}|>" for code in LANGUAGES]
    return Vocabulary(_with(_with(spec, [END, START, *languages, *TASKS]), _own()))


def _own() -> list[str]:
    return [*OWN, *SPARE]


def _with(spec: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The vocabulary with special tokens ``names`` behind its last; one that is there (Icelandic's `is`) stays."""
    known = {item["content"] for item in spec["added_tokens"]}
    names = [name for name in names if name not in known]
    last = max([*spec["model"]["vocab"].values(), *(item["id"] for item in spec["added_tokens"])])
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    added = [{"id": last + place, "content": name, **flags} for place, name in enumerate(names, 1)]
    return {**spec, "added_tokens": [*spec["added_tokens"], *added]}
