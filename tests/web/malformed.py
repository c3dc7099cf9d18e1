"""What no page of ours sends, as strategies: malformed messages and sound, for tests and `bench/edge_fuzzing.py`."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import Any, get_args, get_type_hints

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from walkiosk.listening import SAMPLE_RATE
from walkiosk.skill.actions import ACTIONS
from walkiosk.web import messages

MODELS = get_args(get_args(messages.FromPage)[0])
HEADERS = (
    b"RIFF$\x00\x00\x00WAVEfmt ",
    b"ID3\x04\x00\x00\x00\x00\x00\x00",
    b"\xff\xfb\x90\x00",
    b"OggS\x00\x02",
    b"fLaC",
)

_numbers = st.one_of(
    st.integers(), st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**40, -(10**400)]), st.floats(allow_nan=False)
)
_texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["", "\x00", "\u202e" * 40, "a" * 5000, "𝕏" * 400, "\ufffe", "e\u0301" * 300, "% ?;'\"--", "{}" * 200]
    ),
    st.sampled_from(["en", "es", "tlh", "../../etc/passwd", "$(reboot)", "<svg onload=alert(1)>"]),
)
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), _numbers, _texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_texts, inner, max_size=4)),
    max_leaves=12,
)
_slots = st.sampled_from(["1", "2", "99", "-1", "0", "1 2 3", "10" * 30, "size=42", 'size="', "quantity=" + "9" * 50,
                          "quantity=-3", "stars=5", "stars=∞", "words", "=", "PIN=0000", "colour=\x00"])  # fmt: skip
_actions = st.one_of(
    st.builds(
        lambda name, slots: " ".join([name, *slots])[:200],
        st.sampled_from(sorted(ACTIONS)), st.lists(_slots, max_size=4),
    ),
    _texts,
)  # fmt: skip


@st.composite
def _near_misses(draw: st.DrawFn) -> str:
    """A message of one of the models with something in it that does not belong there, or without what does."""
    model = draw(st.sampled_from(MODELS))
    kind = get_args(get_type_hints(model)["kind"])[0]
    message: dict[str, Any] = {"kind": kind}
    for field in fields(model):
        if field.name != "kind" and (field.default is MISSING or draw(st.booleans())):
            message[field.name] = draw(_actions if field.name == "action" else st.one_of(_texts, _json))
    flaw = draw(st.sampled_from(["none", "missing", "extra", "type", "kind", "list", "twice"]))
    if flaw == "missing":
        del message[draw(st.sampled_from(sorted(message)))]
    elif flaw == "extra":
        message[draw(_texts)] = draw(_json)
    elif flaw == "type":
        message[draw(st.sampled_from(sorted(message)))] = draw(_json)
    elif flaw == "kind":
        message["kind"] = draw(st.one_of(_texts, _json))
    said = json.dumps([message] if flaw == "list" else message, ensure_ascii=draw(st.booleans()))
    return said[:-1] + f', "kind": {json.dumps(kind)}}}' if flaw == "twice" else said


_raw = st.sampled_from([
    "", " ", "null", "true", "7", '"', "[]", "{}", "[" * 2000, '{"a":' * 2000, "[" * 2000 + "]" * 2000,
    '{"kind": "text"', '{"kind": "text", "text": "\\ud800"}', '{"kind": "text", "text": "\\udc00\\ud800"}',
    '{"kind": "text", "text": "\\u0000"}', '{"kind": "text", "text": NaN}', '{"kind": "played", "reply": 1e999}',
    '{"kind": "played", "reply": ' + "9" * 5000 + "}", '{"kind": "wake", "kind": "text", "text": "x"}', "\ufeff{}",
    "<?xml version='1.0'?>", "GET / HTTP/1.1\r\n\r\n", "\x00" * 64, '{"__class__": "os.system"}',
    '{"kind": "text", "text": "' + "a" * 100_000 + '"}',
])  # fmt: skip


def malformed_messages() -> SearchStrategy[str]:
    """Text that a socket is sent: most of it is no message, some is one that no page of ours would send."""
    cut = st.builds(lambda said, at: said[: at % (len(said) + 1)], _near_misses(), st.integers(0, 300))
    return st.one_of(_near_misses(), cut, _raw, st.text(max_size=80).map(_encodable), _json.map(json.dumps)).map(
        _encodable
    )


def _encodable(text: str) -> str:
    """Without lone surrogates, which no text frame can carry; as escapes of JSON they are among the raw ones."""
    return text.encode("utf-8", "replace").decode()


def malformed_sound() -> SearchStrategy[bytes]:
    """Binary frames that a socket is sent in place of 16-bit samples of somebody who speaks."""
    seconds = st.sampled_from([0.00007, 0.001, 0.032, 0.5, 1.0])
    made = st.builds(_made, st.sampled_from(["extreme", "noise", "dc", "silence", "nan", "steps", "clipped"]), seconds,
                     st.integers(0, 2**16))  # fmt: skip
    headed = st.builds(lambda head, sound: (head + sound)[: 2 * SAMPLE_RATE], st.sampled_from(HEADERS), made)
    wrong = st.one_of(st.just(b""), made.map(lambda sound: sound[:-1]), st.just(bytes(2 * SAMPLE_RATE + 2)),
                      st.just(bytes(200_000)), st.binary(max_size=300))  # fmt: skip
    return st.one_of(made, made, headed, wrong)


def _made(kind: str, seconds: float, seed: int) -> bytes:
    count = max(1, round(seconds * SAMPLE_RATE))
    draw, at = np.random.default_rng(seed), np.arange(count)
    made = {
        "extreme": np.where(at % 2, 32767, -32768),
        "noise": draw.normal(0, 12000, count).clip(-32768, 32767),
        "dc": np.full(count, seed - 32768),
        "silence": np.zeros(count),
        "nan": np.full(count, 0x7FC0),  # two of them are the bytes of a float that is none
        "steps": np.sign(np.sin(at * (1 + seed % 90) / 40)) * 32767,
        "clipped": (60000 * np.sin(at / 20) * np.sin(at / 900)).clip(-32768, 32767),
    }[kind]
    return made.astype("<i2").tobytes()
