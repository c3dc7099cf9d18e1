"""Hearing, understanding and speaking under the watchdog: the same skills and the same voices, their calls bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from walkiosk import espeak
from walkiosk.espeak import NoVoice
from walkiosk.kiosk.observing import Observer
from walkiosk.kiosk.skills import Skills
from walkiosk.kiosk.watchdog import Bounds, Failed, Part, Restart
from walkiosk.modality.audio import Samples
from walkiosk.skill.speech_generation import Speaker, Utterance
from walkiosk.skill.understanding import TooLong

if TYPE_CHECKING:
    from walkiosk.kiosk.kiosk import Kiosk

Asked = ParamSpec("Asked")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Guards:
    """The parts of a kiosk that are watched; hearing, understanding and wording are one model's."""

    hearing: Part
    understanding: Part
    wording: Part
    speaking: Part

    @classmethod
    def of(
        cls, model: Callable[[], None], speaker: Callable[[], None], bounds: Bounds, observer: Callable[[], Observer]
    ) -> Guards:
        """Watches with these ways to put a new model and a new speaker in the places of the old ones."""
        anew = Restart("the model", model)
        return cls(
            Part("hearing", anew, bounds.hear, observer, TooLong),
            Part("understanding", anew, bounds.understand, observer, TooLong),
            Part("wording", anew, bounds.word, observer, TooLong),
            Part("speaking", Restart("the speaker", speaker), bounds.speak, observer, NoVoice),
        )

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of them."""
        return (self.hearing, self.understanding, self.wording, self.speaking)

    def wait(self) -> None:
        """Returns when no model is being built anew, or when a customer has waited long enough."""
        self.hearing.restart.wait(self.hearing.seconds)

    def skills(self, skills: Skills) -> Skills:
        """The same skills, watched; a wording that does not come is none, and ours takes its place."""

        def word(event: str, facts: Mapping[str, str], language: str) -> str | None:
            if self.wording.restart.condition == "restarting":
                return None
            try:
                return self.wording.call(partial(skills.word, event, facts, language))
            except Failed:
                return None

        return replace(
            skills,
            transcribe=_watched(self.hearing, skills.transcribe),
            to_english=_watched(self.hearing, skills.to_english),
            translate=_watched(self.understanding, skills.translate),
            understand=_watched(self.understanding, skills.understand),
            decide=_watched(self.understanding, skills.decide),
            word=word,
        )


def _watched(part: Part, skill: Callable[Asked, Result]) -> Callable[Asked, Result]:
    def call(*asked: Asked.args, **named: Asked.kwargs) -> Result:
        return part.call(partial(skill, *asked, **named))

    return call


class GuardedSpeaker(Speaker):
    """A speaker under watch: what it cannot say espeak-ng says, or nobody; `speaker` is who speaks at present."""

    def __init__(self, speaker: Speaker, part: Part, observer: Callable[[], Observer]) -> None:
        super().__init__(None)
        self.speaker = speaker
        self._part, self._observer = part, observer

    def voice(self, language: str) -> str | None:
        return self.speaker.voice(language)

    def say(self, text: str, language: str, pace: float = 1.0) -> Utterance:
        return self.speaker.say(text, language, pace)

    def sentence(self, sentence: str, language: str, pace: float = 1.0) -> Iterator[Samples]:
        """Yield one sentence's samples as they are ready; what is left when the speaker fails is left out."""
        said = False
        try:
            pieces = self._part.call(lambda: self.speaker.sentence(sentence, language, pace))
            while (piece := self._part.call(lambda: next(pieces, None))) is not None:
                yield piece
                said = True
        except Failed:
            if not said and espeak.has_voice(language):
                yield espeak.speak(sentence, language, pace)
        except espeak.Hung:  # that process is ended; one more may do better
            self._observer().restarted(espeak.PROGRAM)
            yield espeak.speak(sentence, language, pace)


def watch_over(
    kiosk: Kiosk,
    bounds: Bounds | None = None,
    skills: Callable[[], Skills] | None = None,
    speaker: Callable[[], Speaker] | None = None,
) -> Guards:
    """Puts a kiosk under watch; `skills` and `speaker` make new ones, else they are loaded from its own weights."""

    def observer() -> Observer:
        return kiosk.observer

    def new_skills() -> None:
        kiosk.take((skills or (lambda: _loaded(kiosk)))())

    def new_speaker() -> None:
        spoken.speaker = speaker() if speaker else Speaker.load(kiosk.model.folder if kiosk.model else None)

    guards = Guards.of(new_skills, new_speaker, bounds or Bounds(), observer)
    spoken = GuardedSpeaker(kiosk.speaker, guards.speaking, observer)
    kiosk.speaker = spoken
    kiosk.guard(guards)
    return guards


def _loaded(kiosk: Kiosk) -> Skills:
    from walkiosk.skill import Model

    kiosk.model = Model.load(kiosk.model.folder if kiosk.model else None)
    return Skills.of(kiosk.model, kiosk.shop.store)
