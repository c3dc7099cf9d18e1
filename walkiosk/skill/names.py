"""Names that may be written, as a tree of their tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class NameTree:
    """What may come behind what: a node holds, for each token that may come, the node behind it."""

    def __init__(self, names: Iterable[Sequence[int]], end: int) -> None:
        self.end = end
        self.root: dict[int, dict] = {}  # type: ignore[type-arg]  # a dict of such dicts
        for tokens in names:
            node = self.root
            for token in (*tokens, end):
                node = node.setdefault(token, {})


class NameConstraint:
    """Walks down a tree from its root: the tokens that may come next are those of its node."""

    def __init__(self, tree: NameTree) -> None:
        self._node = tree.root

    def allowed(self) -> list[int]:
        return list(self._node)

    def advance(self, token: int) -> None:
        self._node = self._node[token]
