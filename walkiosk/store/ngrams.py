"""An index of names by the groups of three letters in them: which share most with a query, in about a millisecond.

N names, G groups. Postings (int32 [sum of groups over names]) list the names of each group, one group after the other.
"""

import numpy as np
import numpy.typing as npt

ALPHABET = " abcdefghijklmnopqrstuvwxyz0123456789"
BASE = len(ALPHABET)
GROUPS = BASE**3
LEAST_SHARE = 0.15  # of what the best name shares; the rest is not ranked
_CODES = np.zeros(256, np.int64)
_CODES[np.frombuffer(ALPHABET.encode(), np.uint8)] = np.arange(BASE)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


class NgramIndex:
    """Ranks names by the weight of the groups they share with a query; rare groups weigh more."""

    def __init__(self, forms: list[list[str]]) -> None:
        """`forms` has the names in several spellings, each a list of N; groups of different spellings do not mix."""
        self.names = len(forms[0])
        pairs = []
        for kind, texts in enumerate(forms):
            groups, owners = _groups(texts)
            pairs.append((groups + kind * GROUPS) * max(self.names, 1) + owners)
        unique = np.unique(np.concatenate(pairs))
        groups, owners = np.divmod(unique, max(self.names, 1))
        self.postings = owners.astype(np.int32)
        counts = np.bincount(groups, minlength=GROUPS * len(forms))
        self.ends = np.concatenate([[0], np.cumsum(counts)])
        self.weights = np.log1p(self.names / np.maximum(counts, 1)).astype(np.float32)
        squares = np.bincount(owners, weights=self.weights[groups] ** 2, minlength=self.names)
        self.lengths = np.sqrt(np.maximum(squares, 1e-6)).astype(np.float32)

    def nearest(self, forms: list[str], allowed: npt.NDArray[np.bool_] | None, count: int) -> Ints:
        """Up to 2 · `count` names: those most like the whole query, and those that contain most of it."""
        found = [_groups([form])[0] + kind * GROUPS for kind, form in enumerate(forms)]
        shared = np.zeros(self.names, np.float32)
        for group in np.unique(np.concatenate(found)):
            weight = self.weights[group]
            shared[self.postings[self.ends[group] : self.ends[group + 1]]] += weight * weight
        if allowed is not None:
            shared[~allowed] = 0
        best = float(shared.max()) if self.names else 0.0
        near = np.flatnonzero(shared > best * LEAST_SHARE)
        if best == 0 or not near.size:
            return np.zeros(0, np.int64)
        likeness = shared[near] / self.lengths[near]
        whole = near[_largest(likeness, count)]
        part = near[_largest(shared[near] - 0.01 * self.lengths[near], count)]
        return np.unique(np.concatenate([whole, part]))


def _largest(values: Floats, count: int) -> Ints:
    return np.argpartition(-values, count)[:count] if values.size > count else np.arange(values.size)


def _groups(texts: list[str]) -> tuple[Ints, Ints]:
    """The groups of three in each text, a space before and after it, and the number of the text they are of."""
    codes = _CODES[np.frombuffer("".join(f" {text} " for text in texts).encode("ascii", "replace"), np.uint8)]
    if codes.size < 3:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    sizes = np.fromiter((len(text) + 2 for text in texts), np.int64, len(texts))
    owners = np.repeat(np.arange(len(texts)), sizes)
    groups = codes[:-2] * BASE * BASE + codes[1:-1] * BASE + codes[2:]
    inside = owners[:-2] == owners[2:]
    return groups[inside], owners[:-2][inside]
