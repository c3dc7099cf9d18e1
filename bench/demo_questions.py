"""Short English questions about the demo's films, as they are written and in small letters: is the first answer right?

    PYTHONPATH=. python bench/demo_questions.py [--store stores/demo] [--weights DIR] [--films 12]

The demo's schema is trained on, so nothing here is held out: it is what somebody who tries the demo asks first, and it
shows when a run has paid for other things with it. What is right is what the graph's own program finds. Prints both
shares, and each wrong one with the program that was written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from walkiosk.kiosk import Kiosk, Turn

QUESTIONS = {  # wording: the program that answers it
    "Who directed {}?": "1 <directed",
    "who directed {}": "1 <directed",
    "In which year did {} come out?": "1 >released",
    "when did {} come out": "1 >released",
    "Who acted in {}?": "1 <acted_in",
    "who is in {}": "1 <acted_in",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, default=Path("stores/demo"))
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--films", type=int, default=12, help="those with all three facts, in the graph's order")
    options = parser.parse_args()
    kiosk = Kiosk.open(options.store, options.weights, "sqlite://")
    graph = kiosk.shop.store.graph
    films = graph.run("*film", ()).answers
    right = {film: {each: graph.run(each, [film.node]).ids for each in QUESTIONS.values()} for film in films}
    asked = [film for film in films if all(right[film].values())][: options.films]
    for way, spelled in (("as written", str), ("in small letters", str.lower)):
        good, wrong = 0, list[str]()
        for film in asked:
            for wording, program in QUESTIONS.items():
                text = wording.format(spelled(film.name))
                session = kiosk.start()
                account = kiosk.account(Turn(session, text, language="en"))
                kiosk.end(session)
                is_right = account.answers[:1] and account.answers[0] in right[film][program]
                good += bool(is_right)
                wrong += [] if is_right else [f"  {text}  {account.program}"]
        print(f"{way}: {good} of {len(asked) * len(QUESTIONS)} right", *wrong, sep="\n", flush=True)


if __name__ == "__main__":
    main()
