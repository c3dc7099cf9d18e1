"""Serving: ONNX Runtime, key–value cache, search, constraints, streaming. Knows no skill and no shop.

Letters in shapes: B rows, T elements, S elements perceived, P places of a cache, D width, H heads, K width of a head.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from walkiosk.graphs import opened
from walkiosk.modality import MODALITIES
from walkiosk.modality.value import Step, largest
from walkiosk.model_file import ModelFile
from walkiosk.pausing import way

Floats = NDArray[np.float32]
HIDDEN = np.float32(-1e9)  # added to scores of places that hold nothing
Next = Callable[[Floats, list[Any]], Step]  # a head's outputs, and the elements before → the next one
LEFT_OUT = np.float32(-np.inf)
GRAPHS = ("encoder", "decoder", "reader", *MODALITIES)  # those that are there are opened
ROWS_HELD = 16  # texts of one length that are read together


class Constraint(Protocol):
    """Says which tokens may come next; built from data that is loaded at run time."""

    def allowed(self) -> Sequence[int] | None:
        """Tokens that may come next, or None for any."""

    def advance(self, token: int) -> None:
        """Take note of the token that was written."""


@dataclass(frozen=True)
class Perceived:
    """What each decoder layer crosses to: keys B H K S and values B H S K."""

    keys: tuple[Floats, ...]
    values: tuple[Floats, ...]


@dataclass
class State:
    """A decoder that has read ``length`` elements: buffers of P places a layer, and the logits behind the last."""

    keys: list[Floats]  # B H K P
    values: list[Floats]  # B H P K
    length: int
    logits: Floats  # B V
    perceived: Perceived | None = None

    @property
    def capacity(self) -> int:
        return int(self.values[0].shape[2])

    def fork(self, capacity: int) -> State:
        """Return a copy with room for ``capacity`` places; what was read stays."""

        def grown(buffer: Floats, axis: int) -> Floats:
            shape = list(buffer.shape)
            shape[axis] = capacity
            wider = np.zeros(shape, np.float32)
            at = [slice(None)] * 4
            at[axis] = slice(0, self.length)
            wider[tuple(at)] = buffer[tuple(at)]
            return wider

        keys, values = [grown(k, 3) for k in self.keys], [grown(v, 2) for v in self.values]
        return State(keys, values, self.length, self.logits, self.perceived)

    def rows(self, order: Sequence[int]) -> State:
        """Return the state with its rows in a new order, some repeated: what beam search keeps."""
        pick = np.asarray(order)
        keys, values = [k[pick] for k in self.keys], [v[pick] for v in self.values]
        perceived = self.perceived
        if perceived is not None and perceived.keys[0].shape[0] != len(order):
            width = len(order)
            perceived = Perceived(
                tuple(np.repeat(k[:1], width, 0) for k in perceived.keys),
                tuple(np.repeat(v[:1], width, 0) for v in perceived.values),
            )
        return State(keys, values, self.length, self.logits[pick], perceived)


@dataclass(frozen=True)
class Fork:
    """Where another token was nearly as likely: its place among those written, and how likely (log) all is with it."""

    place: int
    token: int
    likelihood: float  # of the tokens before it and of itself: nothing that begins so can be likelier


@dataclass(frozen=True)
class Written:
    """Tokens that the model wrote, the mean log-probability of those it had to choose, and of them together."""

    tokens: list[int]
    confidence: float
    finished: bool  # wrote an end, rather than ran out of room
    likelihood: float
    forks: tuple[Fork, ...] = ()


class Engine:
    """One model in one folder, ready to perceive, read and write."""

    def __init__(self, source: Path | ModelFile, threads: int = 2) -> None:
        """Open the graphs of a folder or of a model's one file."""
        sizes, self._sessions = opened(source, GRAPHS, threads)
        config = sizes["config"]
        self.layers: int = config["decoder_layers"]
        self.heads: int = config["heads"]
        self.head_width: int = config["width"] // config["heads"]
        self.places: int = config["decoder_positions"]
        self._inputs = {
            name: {each.name: each.shape for each in session.get_inputs()} for name, session in self._sessions.items()
        }
        outputs = {name: [each.name for each in session.get_outputs()] for name, session in self._sessions.items()}
        self._head = {name: "head" if "head" in names else "logits" for name, names in outputs.items()}

    def perceive(self, parts: Sequence[tuple[str, NDArray[Any]]], numbers: Sequence[int] = ()) -> Perceived:
        """Encode parts, each (modality, S × features), laid end to end.

        ``numbers`` are the parts' places in the input, where the weights tell them apart; else they count from zero.
        """
        way.get().give()
        embedded = []
        for number, (modality, x) in zip(numbers or range(len(parts)), parts, strict=True):
            first, *others = self._inputs[modality]
            feed = {first: np.asarray(x, np.float32)[None]} | {name: np.array([number], np.int64) for name in others}
            embedded.append(self._sessions[modality].run(["embedded"], feed)[0])
        names = [f"keys_{n}" for n in range(self.layers)] + [f"values_{n}" for n in range(self.layers)]
        found = self._sessions["encoder"].run(names, {"embedded": np.concatenate(embedded, axis=1)})
        return Perceived(tuple(found[: self.layers]), tuple(found[self.layers :]))

    def read(
        self, tokens: Sequence[int], past: State | None = None, perceived: Perceived | None = None, room: int = 0
    ) -> State:
        """Read ``tokens`` behind ``past`` (which stays as it was) with ``room`` more places to write in.

        Raises ValueError when there are more elements than the decoder has places.
        """
        before = 0 if past is None else past.length
        if before + len(tokens) > self.places:
            raise ValueError(f"{before + len(tokens)} elements, but the decoder has {self.places} places")
        capacity = min(self.places, before + len(tokens) + room)
        if past is None:
            shape = (1, self.heads, self.head_width, capacity)
            keys = [np.zeros(shape, np.float32) for _ in range(self.layers)]
            values = [np.zeros((1, self.heads, capacity, self.head_width), np.float32) for _ in range(self.layers)]
            state = State(keys, values, 0, np.zeros((1, 0), np.float32), perceived)
        else:
            state = past.fork(capacity)
            state.perceived = perceived if perceived is not None else past.perceived
        self.extend(state, np.asarray([tokens], np.int64))
        return state

    def hold(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Read each of ``texts`` (tokens) by itself and return the reader's state behind its last, N D.

        Texts of one length are read together. Raises ValueError for one that is empty or too long, or for weights
        whose reader does not tell its state.
        """
        if not any(output.name == "state" for output in self._sessions["reader"].get_outputs()):
            raise ValueError("these weights' reader.onnx does not tell its state: export them anew")
        found = np.zeros((len(texts), self.heads * self.head_width), np.float32)
        by_length: dict[int, list[int]] = {}
        for number, tokens in enumerate(texts):
            by_length.setdefault(len(tokens), []).append(number)
        for length, numbers in by_length.items():
            if not 0 < length <= self.places:
                raise ValueError(f"{length} elements, but the decoder has {self.places} places")
            for at in range(0, len(numbers), ROWS_HELD):
                rows = numbers[at : at + ROWS_HELD]
                found[rows] = self._held(np.asarray([texts[number] for number in rows], np.int64))
        return found

    def _held(self, tokens: NDArray[np.int64]) -> Floats:
        """The reader's state behind the last of ``tokens`` (B T), B D."""
        rows, count = tokens.shape
        mask = np.triu(np.full((count, count), HIDDEN, np.float32), 1)
        feed: dict[str, Any] = {"tokens": tokens, "places": np.arange(count, dtype=np.int64), "mask": mask}
        for n in range(self.layers):
            feed[f"past_keys_{n}"] = np.zeros((rows, self.heads, self.head_width, 0), np.float32)
            feed[f"past_values_{n}"] = np.zeros((rows, self.heads, 0, self.head_width), np.float32)
        way.get().give()
        states: Floats = self._sessions["reader"].run(["state"], feed)[0]
        return states

    def extend(self, state: State, tokens: NDArray[np.int64], elements: Floats | None = None) -> None:
        """Read ``tokens`` (B T) and behind them ``elements`` (B E features), of weights that write such, in place.

        The buffers of ``state`` must have room for them.
        """
        perceived = state.perceived
        expert = "reader" if perceived is None else "decoder"
        feed: dict[str, Any] = {"tokens": tokens}
        if "elements" in self._inputs[expert]:
            features = self._inputs[expert]["elements"][2]
            feed["elements"] = np.zeros((len(tokens), 0, features), np.float32) if elements is None else elements
        rows, count = len(tokens), sum(each.shape[1] for each in feed.values())
        capacity, length = state.capacity, state.length
        mask = np.zeros((count, capacity + count), np.float32)
        mask[:, length:capacity] = HIDDEN
        mask[:, capacity:] = np.triu(np.full((count, count), HIDDEN, np.float32), 1)
        feed |= {"places": np.arange(length, length + count, dtype=np.int64), "mask": mask}
        for n in range(self.layers):
            feed[f"past_keys_{n}"], feed[f"past_values_{n}"] = state.keys[n], state.values[n]
            if perceived is not None:
                crossed_keys, crossed_values = perceived.keys[n], perceived.values[n]
                if crossed_keys.shape[0] != rows:
                    crossed_keys, crossed_values = np.repeat(crossed_keys, rows, 0), np.repeat(crossed_values, rows, 0)
                feed[f"crossed_keys_{n}"], feed[f"crossed_values_{n}"] = crossed_keys, crossed_values
        names = [self._head[expert], *(f"{kind}_{n}" for n in range(self.layers) for kind in ("keys", "values"))]
        way.get().give()
        logits, *new = self._sessions[expert].run(names, feed)
        for n in range(self.layers):
            state.keys[n][:, :, :, length : length + count] = new[2 * n]
            state.values[n][:, :, length : length + count, :] = new[2 * n + 1]
        state.length, state.logits = length + count, logits

    def compose(self, state: State, next: Next, longest: int) -> list[Any]:
        """Write element after element as ``next`` makes them of the head's outputs, to the last or to ``longest``."""
        return self.compose_rows(state, [next], longest)[0]

    def compose_rows(self, state: State, nexts: Sequence[Next], longest: int) -> list[list[Any]]:
        """Write as many rows behind one ``state`` as there are ``nexts``, each to its last element, side by side."""
        live = state.rows([0] * len(nexts)) if len(nexts) > 1 else state
        written: list[list[Any]] = [[] for _ in nexts]
        ended = [False] * len(nexts)
        while True:
            for row, next in enumerate(nexts):
                if not ended[row]:
                    step = next(live.logits[row], written[row])
                    written[row].append(step.element)
                    ended[row] = step.last
            if all(ended) or max(map(len, written)) >= longest or live.length >= live.capacity:
                return written
            last = np.asarray([row[-1] for row in written])  # a row that has ended reads its end again
            if last.ndim > 1:
                self.extend(live, np.zeros((len(last), 0), np.int64), last[:, None].astype(np.float32))
            else:
                self.extend(live, last[:, None].astype(np.int64))

    def write(
        self,
        state: State,
        end: int,
        longest: int,
        constraint: Constraint | None = None,
        forbidden: Sequence[int] = (),
        on_token: Callable[[int], bool] | None = None,
        choose: Callable[[Floats], int] = largest,
    ) -> Written:
        """Write until ``end``; a run of tokens that the constraint forces is read in one step.

        ``on_token`` is called with each token as it comes and stops the writing by returning False. ``choose`` picks
        from the logits of the tokens that may come; greedy if it is not given.
        """
        tokens: list[int] = []
        waiting: list[int] = []
        summed, judged = 0.0, 0
        forks: list[Fork] = []
        while len(tokens) < longest and state.length + len(waiting) < state.capacity:
            allowed = constraint.allowed() if constraint is not None else None
            if allowed is not None and not allowed:
                break  # a dead end: unfinished, and the caller knows
            if allowed is not None and len(allowed) == 1:
                token = allowed[0]
            else:
                if waiting:
                    self.extend(state, np.asarray([waiting], np.int64))
                    waiting = []
                token, score, second, margin = _chosen(state.logits[0], allowed, forbidden, choose)
                forks.append(Fork(len(tokens), second, summed + score - margin))
                summed, judged = summed + score, judged + 1
            if token == end:
                return Written(tokens, summed / max(1, judged), True, summed, tuple(forks))
            tokens.append(token)
            waiting.append(token)
            if constraint is not None:
                constraint.advance(token)
            if on_token is not None and not on_token(token):
                break
        return Written(tokens, summed / max(1, judged), False, summed, tuple(forks))

    def search(self, state: State, end: int, longest: int, beams: int = 4, forbidden: Sequence[int] = ()) -> Written:
        """Write by beam search, scores divided by length (Wu et al., 2016, α = 1)."""
        live = state.rows([0] * beams)
        rows: list[list[int]] = [[] for _ in range(beams)]
        scores = np.array([0.0] + [-1e9] * (beams - 1))
        done: list[tuple[float, list[int]]] = []
        for _ in range(min(longest, live.capacity - live.length)):
            logits = live.logits.astype(np.float64)
            logits[:, list(forbidden)] = -np.inf
            logits -= logits.max(axis=1, keepdims=True)
            logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)) + scores[:, None]
            flat = np.argpartition(logs.ravel(), -2 * beams)[-2 * beams :]
            order: list[tuple[int, int]] = []
            for place in flat[np.argsort(-logs.ravel()[flat])]:
                row, token = divmod(int(place), logs.shape[1])
                if token == end:
                    done.append((float(logs[row, token]) / (len(rows[row]) + 1), rows[row]))
                elif len(order) < beams:
                    order.append((row, token))
            if len(done) >= beams:
                break
            scores = np.array([logs[row, token] for row, token in order])
            rows = [[*rows[row], token] for row, token in order]
            live = live.rows([row for row, _ in order])
            self.extend(live, np.array([[token] for _, token in order], np.int64))
        if not done:
            return Written(rows[0], float(scores[0]) / max(1, len(rows[0])), False, float(scores[0]))
        best = max(done)
        return Written(best[1], best[0], True, best[0] * (len(best[1]) + 1))


def _chosen(
    logits: Floats, allowed: Sequence[int] | None, forbidden: Sequence[int], choose: Callable[[Floats], int]
) -> tuple[int, float, int, float]:
    """The chosen of the allowed tokens, its log-probability among them, the best other, and how far behind that is."""
    if allowed is not None:
        names = np.asarray(allowed)
        among = logits[names]
    else:
        names, among = None, logits
        if forbidden:
            among = logits.copy()
            among[np.asarray(forbidden)] = LEFT_OUT
    at = choose(among)
    shifted = among - among[at]
    score = float(-np.log(np.exp(shifted.astype(np.float64)).sum()))
    shifted[at] = LEFT_OUT
    next_ = int(shifted.argmax())
    margin = -float(shifted[next_])
    return (at, score, next_, margin) if names is None else (int(names[at]), score, int(names[next_]), margin)
