"""Understand: what the customer wishes, as the model reads their words or as they touched it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from walkiosk.kiosk.goods import Shop, basket_of, language_of, shown
from walkiosk.kiosk.hearing import Hearing
from walkiosk.kiosk.question import option_names, option_said
from walkiosk.kiosk.session import Session, WantedSize, Which
from walkiosk.kiosk.wording import ENGLISH
from walkiosk.skill.actions import ABOUT_SCREEN, ACTIONS, parse_action
from walkiosk.skill.chat import Decision
from walkiosk.skill.conversation import Said, Shown
from walkiosk.skill.understanding import Understood
from walkiosk.store.folding import fold
from walkiosk.store.linking import Link

SURE, UNSURE = -0.35, -0.7  # mean log-probability of a token


@dataclass(frozen=True)
class Wish:
    """An action with its slots, not yet bounded by the shop; `question` is what to look up for it, if anything."""

    action: str
    places: tuple[int, ...] = ()  # 1-based, on the screen or in the basket
    slots: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    said: str = ""  # the action as the model wrote it
    text: str = ""  # the customer's own words
    touched: bool = False
    question: Understood | None = None
    picked: tuple[int, Link] | None = None  # of the question's mentions (0-based), and for what the customer took it

    @property
    def position(self) -> int | None:
        """The first thing that was singled out."""
        return self.places[0] if self.places else None


def touch(action: str, text: str, session: Session) -> Wish:
    """A touch as a wish; what is no action of ours is not understood."""
    name, _, rest = action.strip().partition(" ")
    if name == "size":
        slots = {"size": rest.strip().strip('"')}
        places = (session.pending.card + 1,) if isinstance(session.pending, WantedSize) else ()
        return Wish("choose", places, slots, said=action, text=text, touched=True)
    name, positions, slots, words = parse_action(action)
    if name not in ACTIONS:
        return Wish("not_understood", said=action[:40], touched=True)
    slots = {key: value.strip('"') for key, value in slots.items()}
    wish = Wish(name, tuple(positions), slots, words, action, text, touched=True)
    which, first = session.pending, wish.position
    if isinstance(which, Which) and name == "choose" and first and first <= len(which.options):
        return _pick(which, first - 1, wish)
    return wish


def understand(shop: Shop, session: Session, heard: Hearing) -> tuple[Wish, Hearing]:
    """The wish of an utterance, and the utterance with its language; sets the session's language."""
    if isinstance(session.pending, Which) and (picked := _picked(shop, session, session.pending, heard)) is not None:
        return picked, heard
    understood: Understood | None = None
    decision: Decision | None = None
    if session.fresh:
        understood = shop.skills.understand(heard.text, _told(session, heard))
        detected = understood.language
    else:
        decision = _decide(shop, session, heard, shown(session.cards))
        detected = decision.language
    before, heard = heard, _settle(shop, session, heard, detected)
    if heard.text != before.text:  # translated: read anew, in English
        understood = shop.skills.understand(heard.text, ENGLISH)
        decision = None
    if understood is not None and understood.program is not None and understood.confidence >= SURE:
        return Wish("answer", said="answer", text=heard.text, question=understood), heard
    decision = decision or _decide(shop, session, heard, shown(session.cards))
    return _wish(shop, session, heard, decision, understood), heard


def _wish(shop: Shop, session: Session, heard: Hearing, decision: Decision, understood: Understood | None) -> Wish:
    wish = Wish(decision.action, decision.places, decision.slots, decision.words, decision.text, heard.text)
    homeless = not session.cards and wish.action in ABOUT_SCREEN and not {"total", "basket"} & set(wish.words)
    unsure = decision.confidence < UNSURE and wish.action in ("not_understood", "smalltalk", "show")
    wanted = session.pending if wish.action in ("answer", "not_understood") else None
    if isinstance(wanted, WantedSize) and (size := _size_said(session, heard.text)):
        return replace(wish, action="choose", places=(wanted.card + 1,), slots={"size": size})
    if wish.action != "answer" and not homeless and not unsure:
        return wish
    question = understood or shop.skills.understand(heard.text, language_of(shop, session))
    if wish.action == "answer" or (question.program is not None and (homeless or question.confidence >= SURE)):
        return replace(wish, action="answer", question=question)
    return wish


def _told(session: Session, heard: Hearing) -> str | None:
    """The language that the text skills are told; None where they find it."""
    return session.forced or (ENGLISH if heard.foreign else heard.language)


def _decide(shop: Shop, session: Session, heard: Hearing, screen: list[Shown]) -> Decision:
    basket = basket_of(shop, session)
    lines = (
        [Shown(line.product.name, line.product.colour or "", line.product.size or "") for line in basket.lines]
        if (basket)
        else []
    )
    history = [*session.history[-2:], Said("customer", heard.text)]
    return shop.skills.decide(screen, lines, history, _told(session, heard))


def _settle(shop: Shop, session: Session, heard: Hearing, detected: str) -> Hearing:
    """Sets the session's language; words in none of the shop's languages are put into English where we can."""
    if session.forced:
        return heard
    language = heard.language or detected
    if heard.foreign or language not in shop.languages:
        typed_few = heard.language is None and len(heard.text.split()) < 3
        if typed_few or (
            session.language is not None and session.hear_language(language, heard.text, True) != language
        ):
            return heard  # a name, or a slip: no other language
        session.language = ENGLISH
        english = heard.text
        if not heard.foreign and language != "other":
            english = shop.skills.translate(heard.text, language, ENGLISH) or heard.text
        return replace(heard, text=english, foreign=True)
    session.language = session.hear_language(language, heard.text, heard.sure or heard.language is None)
    return heard


def _picked(shop: Shop, session: Session, which: Which, heard: Hearing) -> Wish | None:
    """The wish to which an utterance picks one of the things we asked about; None when it does not."""
    names = option_names(shop, which, language_of(shop, session))
    place = option_said(heard.text, names)
    if place is None:
        decision = _decide(shop, session, heard, [Shown(name) for name in names])
        if decision.action != "choose" or not decision.places or not 0 < decision.places[0] <= len(names):
            return None
        place = decision.places[0] - 1
    return _pick(which, place, Wish("answer", said=f"choose {place + 1}", text=heard.text))


def _pick(which: Which, place: int, wish: Wish) -> Wish:
    return replace(wish, action="answer", question=which.question, picked=(which.mention, which.options[place]))


def _size_said(session: Session, text: str) -> str | None:
    """The only size of the card we asked about that stands in a text."""
    assert isinstance(session.pending, WantedSize)
    if session.pending.card >= len(session.cards):
        return None
    words = f" {fold(text)} "
    said = [size for size in session.cards[session.pending.card].sizes if f" {fold(size)} " in words]
    return said[0] if len(said) == 1 else None
