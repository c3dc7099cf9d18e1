"""Every wording of its own that the model can say: do numbers or names stand in one that are not among its facts?

    PYTHONPATH=. python bench/own_wordings.py [--weights DIR] [--show]

A wording depends on the situation, the names of its facts and the language, never on their values, and is written
greedily: so all there are can be listed. Prints how many pass the check and are said, how many have a figure
outside a fact, and the words in them that no wording of ours has in that language, where an invented name
would show; with --show, each wording.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from training.chat import material
from walkiosk.kiosk.wording import replies
from walkiosk.skill import Model
from walkiosk.skill.chat import word

WORD = re.compile(r"[^\W\d_]+")
MARKED = re.compile(r"⟨\w+⟩")


def known_words(language: str) -> set[str]:
    """The words of all wordings that people wrote in a language."""
    written = [text for sets in replies()[language].values() for text in sets.values()]
    written += [str(text) for item in material()[language]["replies"] for text in item["w"]]
    return {found.casefold() for text in written for found in WORD.findall(text)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    model = Model.load(options.weights)
    asked = said = figures = 0
    strange: dict[str, list[str]] = {}
    for language, situations in replies().items():
        known = known_words(language)
        for event, names in ((event, names) for event, sets in situations.items() for names in sets):
            asked += 1
            text = word(model, event, {name: f"⟨{name}⟩" for name in names.split(",") if name}, language)
            if text is None:
                continue
            said += 1
            own = MARKED.sub(" ", text)
            figures += any(letter.isnumeric() for letter in own)
            if unknown := [found for found in WORD.findall(own) if found.casefold() not in known]:
                strange[f"{language} {event}: {text}"] = unknown
            if options.show:
                print(f"{language} {event:16} {text}")
    print(f"{asked} situations, {said} in the model's own words, {figures} with a figure of its own")
    print(f"{len(strange)} with a word that nobody wrote:")
    for text, unknown in strange.items():
        print(f"  {', '.join(unknown)}  in  {text}")


if __name__ == "__main__":
    main()
