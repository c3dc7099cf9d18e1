"""What a model may copy: the bytes of each token, and the spans of a text that tokens can spell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from functools import lru_cache

from walkiosk.modality.text import Vocabulary

LONGEST_TOKEN = 48  # bytes


@lru_cache(maxsize=1)
def _bytes_of_letters() -> dict[str, int]:
    """The byte that each letter of byte-level BPE stands for (Radford et al., 2019)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters = {chr(byte): byte for byte in plain}
    letters |= {chr(256 + n): byte for n, byte in enumerate(b for b in range(256) if b not in plain)}
    return letters


class Spelling:
    """Tokens by their bytes; made once a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        letters = _bytes_of_letters()
        self.token: dict[bytes, int] = {}
        self.bytes: dict[int, bytes] = {}
        for number in range(vocabulary.size):
            piece = vocabulary.piece(number)
            if piece is None or (piece.startswith("<|") and piece.endswith("|>")):
                continue
            if all(letter in letters for letter in piece):
                raw = bytes(letters[letter] for letter in piece)
                self.bytes[number] = raw
                self.token.setdefault(raw, number)
        self.first_digits = self._matching(rb" -?\d*")  # a byte vocabulary spells the space alone
        self.digits = self._matching(rb"[\d.:-]+")

    def _matching(self, pattern: bytes) -> list[int]:
        return [number for number, raw in self.bytes.items() if re.fullmatch(pattern, raw)]


class Copy:
    """Walks along spans of a text: allows the tokens that go on spelling some part of it, a space before the first."""

    def __init__(self, spelling: Spelling, text: str) -> None:
        self.spelling = spelling
        self.text = text.encode()
        self.starts = [at for at in range(len(self.text)) if self.text[at] & 0xC0 != 0x80]
        self.ends: set[int] | None = None  # where what was written may end in the text; None: nothing written yet

    @property
    def begun(self) -> bool:
        return bool(self.ends)

    def _from(self, raw: bytes) -> Iterable[tuple[int, int]]:
        """(token, bytes of it) that begin ``raw``."""
        for size in range(1, min(LONGEST_TOKEN, len(raw)) + 1):
            token = self.spelling.token.get(raw[:size])
            if token is not None:
                yield token, size

    def allowed(self) -> list[int]:
        found: set[int] = set()
        if self.ends is None:
            for start in self.starts:
                if self.text[start : start + 1].isspace():
                    continue
                window = b" " + self.text[start : start + LONGEST_TOKEN]
                found.update(token for token, _ in self._from(window))
        else:
            for end in self.ends:
                found.update(token for token, _ in self._from(self.text[end : end + LONGEST_TOKEN]))
        return sorted(found)

    def advance(self, token: int) -> None:
        raw = self.spelling.bytes[token]
        if self.ends is None:
            bare = raw[1:]
            self.ends = {start + len(bare) for start in self.starts if self.text.startswith(bare, start)}
        else:
            self.ends = {end + len(raw) for end in self.ends if self.text.startswith(raw, end)}


class Choice:
    """A trie over word spellings: the words that may come next, token by token."""

    def __init__(self, words: dict[str, Sequence[int]]) -> None:
        self.tree: dict[int, dict] = {}  # type: ignore[type-arg]
        for word, tokens in words.items():
            node = self.tree
            for token in tokens:
                node = node.setdefault(token, {})
            node[-1] = word  # type: ignore[assignment]
        self.node = self.tree

    def anew(self) -> Choice:
        """Another walk over the same tree, from its root."""
        walk = copy(self)
        walk.node = walk.tree
        return walk

    @property
    def begun(self) -> bool:
        return self.node is not self.tree

    @property
    def whole(self) -> str | None:
        """The word that is spelled so far, when it is one."""
        word = self.node.get(-1)
        return word if isinstance(word, str) else None

    def allowed(self) -> list[int]:
        return [token for token in self.node if token >= 0]

    def advance(self, token: int) -> None:
        self.node = self.node[token]
