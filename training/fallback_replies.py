"""Chat material → walkiosk/replies.json: the first wording of every situation and set of facts, in every language.

`python -m training.fallback_replies`
"""

from __future__ import annotations

import json

import yaml

from training.paths import MATERIAL
from walkiosk.kiosk.wording import REPLIES
from walkiosk.modality.text import LANGUAGES


def replies(language: str) -> dict[str, dict[str, str]]:
    """By situation and by the names of its facts joined by commas."""
    bank = yaml.safe_load((MATERIAL / "chat" / f"{language}.yaml").read_text("utf-8"))
    found: dict[str, dict[str, str]] = {}
    for item in bank["replies"]:
        found.setdefault(str(item["s"]), {})[",".join(map(str, item["facts"]))] = str(item["w"][0])
    return found


def main() -> None:
    every = {language: replies(language) for language in LANGUAGES}
    situations = {language: {(s, f) for s, sets in own.items() for f in sets} for language, own in every.items()}
    for language, own in situations.items():
        if missing := situations["en"] ^ own:
            raise SystemExit(f"{language}.yaml and en.yaml differ in {sorted(missing)}")
    REPLIES.write_text(json.dumps(every, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
