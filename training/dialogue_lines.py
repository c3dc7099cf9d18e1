"""Dialogues as plain text → lines of `scores/chat.jsonl`: `python -m training.dialogue_lines FILE …` writes them out.

Held-out dialogues are written and read over as the text of `training/dialogues.py`; once their labels stand they become
lines, and the lines alone are kept. A kind of goods that no dialogue of `material/dialogues/` is about is written
`--- unseen: KIND`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from training.dialogues import Dialogue, Spoken, read
from walkiosk.skill.actions import parse_action

UNSEEN = "unseen:"
WORD_OF = {"ask": "what", "help": "topic", "clerk": "reason", "language": "language", "other": "criterion"}  # slots
COUNTED = ("quantity", "stars")


def line(dialogue: Dialogue) -> dict[str, Any]:
    """One line; what stands on the screen and in the basket is told where it changes."""
    kind = dialogue.kind.removeprefix(UNSEEN)
    turns: list[dict[str, Any]] = []
    screen: list[list[str]] = []
    basket: list[list[str | int]] = []
    for spoken in dialogue.turns:
        turn: dict[str, Any] = {}
        seen = [[item.name, item.colour, item.size] for item in spoken.screen]
        held: list[list[str | int]] = [
            [item.name, many] for item, many in zip(spoken.basket, spoken.quantities, strict=True)
        ]
        if seen != screen:
            turn["screen"] = screen = seen
        if spoken.kiosk:
            turn["kiosk"] = spoken.kiosk
        if held != basket:
            turn["basket"] = basket = held
        if spoken.language != dialogue.language:
            turn["language"] = spoken.language
        turns.append({**turn, "customer": spoken.text, "expect": expected(spoken)})
    return {
        "language": dialogue.language,
        "kind": kind.strip(),
        "unseen": kind != dialogue.kind,
        "turns": turns,
    }


def expected(spoken: Spoken) -> dict[str, Any]:
    """The action as the score reads it: each slot by its name."""
    name, places, slots, words = parse_action(spoken.action)
    found: dict[str, Any] = {}
    if name == "choose" and len(places) > 1:
        found["positions"] = places
    else:
        found |= dict(zip(("position", "second"), places, strict=False))
    found |= {slot: int(value) if slot in COUNTED else value for slot, value in slots.items()}
    for word in words:
        if name == "feedback":
            found["words"] = True
        else:
            found[WORD_OF.get(name, "which")] = word
    return {"action": name, "slots": found}


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("usage: python -m training.dialogue_lines FILE …")
    for name in sys.argv[1:]:
        for dialogue in read(Path(name)):
            print(json.dumps(line(dialogue), ensure_ascii=False))


if __name__ == "__main__":
    main()
