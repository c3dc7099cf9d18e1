"""The round trip with a scripted voice and listener, and the set of sentences that it is scored on."""

import json
import sys
from collections import Counter
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, cast

import jiwer
import numpy as np
import pytest

from walkiosk.engine import Engine
from walkiosk.kiosk.wording import replies
from walkiosk.modality import audio
from walkiosk.modality.text import Vocabulary
from walkiosk.score import DataError, scoring, speaking
from walkiosk.score.data import Row, read_rows
from walkiosk.score.graphs import Graphs
from walkiosk.score.summary import summarise
from walkiosk.skill import Model
from walkiosk.skill.speech_generation import Speaker, Utterance

SCORES = Path(__file__).parents[2] / "scores"
SECOND = np.zeros(audio.SAMPLE_RATE, np.float32)
HEARD = {"en": "the red shoos are hear", "es": "buenos días"}


def rows(*found: dict[str, Any]) -> list[Row]:
    return [Row(fields, Path("data.jsonl"), line) for line, fields in enumerate(found, 1)]


def say(text: str, language: str) -> Utterance:
    return Utterance(SECOND, "ours", None if language == "en" else "unsure of itself")


def hear(samples: audio.Samples, language: str) -> str:
    return HEARD[language]


def test_the_round_trip_is_counted_over_all_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walkiosk.score.speaking.time.perf_counter", partial(next, count(0.0, 0.25)))
    told = [
        {"text": "The red shoes are here!", "language": "en", "kind": "reply"},
        {"text": "¿Buenos dias?", "language": "es"},
    ]
    judged = speaking.judge(rows(*told), say, hear, lambda samples: 3.0)
    assert [each.groups for each in judged] == [("en", "reply"), ("es",)]
    score = summarise("speech_generation", judged, speaking.MEASURES)
    assert score.metric == "WER"
    assert score.value == pytest.approx(
        jiwer.wer(["the red shoes are here", "buenos dias"], list(HEARD.values())), abs=1e-4
    )
    assert score.by == {
        "en": 0.4, "es": 0.5, "reply": 0.4, "WER": score.value, "WER without accents": 0.2857,
        "WER, loops capped": score.value,
        "dnsmos": 3.0, "real_time_factor": 0.25, "fallback": 0.5,
    }  # fmt: skip


def test_a_voice_that_stays_silent_misses_every_word() -> None:
    def mute(text: str, language: str) -> Utterance:
        return Utterance(SECOND[:0], "ours", None)

    def never(samples: audio.Samples, *language: str) -> Any:
        raise AssertionError("silence needs no listener")

    score = summarise(
        "speech_generation",
        speaking.judge(rows({"text": "Thank you", "language": "en"}), mute, never, never),
        speaking.MEASURES,
    )
    assert (score.value, score.by["dnsmos"], score.by["real_time_factor"] > 0) == (1.0, speaking.WORST, True)


def test_nothing_to_say_is_told_by_its_line() -> None:
    told = rows({"text": "Hello", "language": "en"}, {"text": "…", "language": "en"})
    with pytest.raises(DataError, match="line 2, field text: nothing in it can be heard"):
        speaking.judge(told, say, hear, lambda samples: 3.0)


@pytest.mark.parametrize(
    ("text", "heard", "language"),
    [
        ("We still have 12.", "we still have twelve", "en"),
        ("The album is called Группа крови.", "The album is called Gruppa krovi.", "en"),
        ("C'est l'été, déjà !", "c’est l'été déjà", "fr"),
        ("Ещё один шлем", "ещё один шлем", "ru"),
        ("It opened at 9:30 AM.", "It opened at 9.30am.", "en"),
        ("A ticket is €27.50.", "A ticket is 27.50 euros.", "en"),
        ("Abrimos a las 10:30 y son 1.109,50 €.", "Abrimos a las 10.30 y son 1.109,50 euros.", "es"),
        ("Das macht 96,95 €.", "Das macht 96.95 Euro.", "de"),
        ("Раньше это стоило 19,95 €", "Раньше это стоило 19,95 евро", "ru"),
    ],
)
def test_what_sounds_the_same_is_no_error(text: str, heard: str, language: str) -> None:
    assert speaking.compare(text, heard, language)[0] == 0


def test_accents_are_heard() -> None:
    errors = speaking.compare("Mañana habrá más", "Manana habra mas", "es")
    assert (errors[0], errors[4]) == (3, 0)


def test_whisper_is_where_it_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALKIOSK_WHISPER", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"no Whisper there.*python -m training\.whisper"):
        speaking.whisper()
    (tmp_path / "model.bin").touch()
    assert speaking.whisper_folder() == tmp_path
    with pytest.raises(FileNotFoundError, match="elsewhere"):
        speaking.whisper_folder(tmp_path / "elsewhere")


def test_missing_packages_are_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.bin").touch()
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(FileNotFoundError, match=r"faster-whisper is not installed: pip install 'walkiosk\[score\]'"):
        speaking.whisper(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"speechmos is not installed"):
        speaking.dnsmos()


def test_the_skill_is_scored_with_its_own_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path | None] = []

    def load(folder: Path | None = None) -> Any:
        asked.append(folder)
        return type("Scripted", (), {"say": staticmethod(say)})

    monkeypatch.setattr(Speaker, "load", load)
    monkeypatch.setattr(speaking, "whisper", lambda: hear)
    monkeypatch.setattr(speaking, "dnsmos", lambda: lambda samples: 3.0)
    graphs = Graphs(Model(cast(Engine, None), cast(Vocabulary, None), Path("weights")))
    told = rows({"text": "The red shoes are here", "language": "en"})
    judged, measures = scoring.JUDGES["speech_generation"](told, graphs)
    assert (len(judged), measures, asked) == (1, speaking.MEASURES, [Path("weights")])


def test_the_set_has_every_language_and_kind_and_none_of_the_kiosks_wordings() -> None:
    found = read_rows(SCORES / "speech_generation.jsonl")
    languages = Counter(row.text("language") for row in found)
    assert languages == {"en": 200, **dict.fromkeys(("es", "fr", "it", "ru", "de", "pt"), 60)}
    kinds = {(row.text("language"), row.text("kind")) for row in found}
    assert len(kinds) == 7 * len(languages)
    assert len({(row.text("language"), row.text("text")) for row in found}) == len(found)
    for row in found:
        length = len(row.text("text").split())
        assert {"long": length >= 39, "word": length == 1, "digits": row.text("text").isdigit()}.get(
            row.text("kind"), "{" not in row.text("text")
        ), row.text("text")
    said = {wording for own in replies().values() for sets in own.values() for wording in sets.values()}
    assert not said & {row.text("text") for row in found}


def test_the_same_seed_writes_the_same_set() -> None:
    from training.speech_sentences import SIZES, sentences

    made = [row for language in SIZES for row in sentences(language, 3, SCORES / "shops")]
    with (SCORES / "speech_generation.jsonl").open(encoding="utf-8") as file:
        assert made == [json.loads(line) for line in file]
