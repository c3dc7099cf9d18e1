"""THE conversation: hear → understand → look up → decide → word → speak."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from walkiosk.kiosk.counter import Counter
from walkiosk.kiosk.decide import Doors, decide
from walkiosk.kiosk.goods import Shop, language_of, redraw
from walkiosk.kiosk.hearing import LONGEST_TEXT, Hearing, hear, readable
from walkiosk.kiosk.identifying import as_touch
from walkiosk.kiosk.journal import Journal
from walkiosk.kiosk.observing import Observer
from walkiosk.kiosk.outcome import Outcome
from walkiosk.kiosk.question import look_up
from walkiosk.kiosk.replying import Watch, account_of, reply_to, with_language_told
from walkiosk.kiosk.selling import sell
from walkiosk.kiosk.session import Session
from walkiosk.kiosk.turn import Account, Reply, Turn
from walkiosk.kiosk.understand import touch, understand
from walkiosk.kiosk.watchdog import Failed
from walkiosk.kiosk.wording import ENGLISH, Telling, say
from walkiosk.modality.audio import Samples
from walkiosk.skill.speech_generation import Speaker
from walkiosk.skill.understanding import TooLong
from walkiosk.store.customers import Customer
from walkiosk.store.revision import loaded_state

if TYPE_CHECKING:
    from walkiosk.kiosk.guarding import Guards
    from walkiosk.kiosk.skills import Skills
    from walkiosk.skill import Model
    from walkiosk.store import Store

OnHeard = Callable[[str], None]
log = logging.getLogger(__name__)


class Kiosk:
    """One shop's kiosk; serves any number of customers, each in a session of their own."""

    def __init__(
        self, store: Store, skills: Skills, speaker: Speaker | None = None, model: Model | None = None
    ) -> None:
        self.shop = Shop.of(store, skills)
        self.store_folder = store.folder or Path()
        self.speaker = speaker or Speaker()
        self.journal = Journal()  # of a kiosk that only answers: nothing is kept
        self.model = model  # for what else is done in this process
        self.counter = Counter()
        self.observer = Observer()
        self.guards: Guards | None = None  # of a kiosk that only answers: what hangs hangs
        self._sessions: dict[str, Session] = {}
        self._doors = Doors()
        self._renewing = threading.Lock()
        self._loaded = loaded_state(store.engine)

    @classmethod
    def open(cls, store: Path, weights: Path | None = None, database: str | None = None) -> Kiosk:
        """Opens a store folder; raises what `Store.open` raises, and `FileNotFoundError` without weights."""
        from walkiosk.kiosk.skills import Skills
        from walkiosk.skill import Model
        from walkiosk.store import Store

        opened = Store.open(store, database)
        model = Model.load(weights)
        return cls(opened, Skills.of(model, opened), Speaker.load(weights), model)

    def renew(self) -> None:
        """Takes over what was loaded into the shop's database since; who is here has it from the next turn on.

        A sale under way keeps its prices. A shop that the model has no room for is not taken over, and is logged.
        """
        from walkiosk.kiosk.skills import Skills

        if not self._renewing.acquire(blocking=False):
            return
        try:
            loaded = loaded_state(self.shop.store.engine)
            if loaded == self._loaded:
                return
            self._loaded = loaded
            store, known = self.shop.store.renewed(), self.shop.skills
            skills = known if self.model is None else self._watched(Skills.of(self.model, store, known))
            _ = store.linker  # built now, not in a customer's turn
            self.shop = Shop.of(store, skills, self.shop.number + 1)
            self.journal.follow(store.conversations, self.wake_phrases)
        except ValueError as error:  # the operator's: it speaks of their files
            log.error("the shop that was loaded cannot be served; the one of before goes on: %s", error)
        finally:
            self._renewing.release()

    def guard(self, guards: Guards) -> None:
        """From now on what can hang is under these guards."""
        self.guards = guards
        self.take(self.shop.skills)

    def take(self, skills: Skills) -> None:
        """Goes on with these skills; a turn under way ends with those of before."""
        with self._renewing:
            self.shop = replace(self.shop, skills=self._watched(skills))

    def _watched(self, skills: Skills) -> Skills:
        return skills if self.guards is None else self.guards.skills(skills)

    @property
    def name(self) -> str:
        """The shop's."""
        return self.shop.store.settings.name

    @property
    def currency(self) -> str:
        """Of all prices."""
        return self.shop.store.settings.currency

    @property
    def wake_phrases(self) -> tuple[str, ...]:
        """What calls the kiosk."""
        return self.shop.store.settings.wake_phrases

    @property
    def languages(self) -> tuple[str, ...]:
        """Those of the shop's that there are replies in."""
        return self.shop.languages

    @property
    def voices(self) -> dict[str, str]:
        """Who speaks each of the shop's languages: a voice of the model's, espeak-ng, or nobody."""
        return {language: self.speaker.voice(language) or "nobody" for language in self.languages}

    @property
    def plays_jingle(self) -> bool:
        """Whether the shop wants a tune when nobody is there."""
        return self.shop.store.settings.jingle_seed is not None

    @property
    def keeps_conversations(self) -> bool:
        """Whether what is said is kept, as text."""
        return self.journal.keeps

    @property
    def jingle(self) -> Samples | None:
        """The tune for when nobody is there, composed when first asked for; None where the shop wants silence."""
        return self.shop.jingle

    def keep_conversations(self) -> None:
        """From now on writes down what is said, for as long as the shop keeps it, and forgets what is older."""
        self.journal = Journal(self.shop.store.conversations, self.wake_phrases)
        self.journal.start()

    def start(self, customer: str | None = None) -> str:
        """Begins a session, for a customer whose id the caller knows or for anybody; returns its id."""
        self.renew()
        known = self.shop.store.customers.customer(customer) if customer else None
        session = Session(secrets.token_hex(16), known if isinstance(known, Customer) else None)
        self._sessions[session.id] = session
        return session.id

    def greet(self, session: str, language: str | None = None) -> Reply:
        """Welcomes the customer, in a language or in their own."""
        known = self._session(session)
        with known.lock:
            if language in self.languages:
                known.choose_language(language)
            self.journal.meet(known)
            name = {"name": known.customer.name} if known.customer else {}
            return reply_to(self.shop, known, Outcome("greeting", {"shop": self.name, **name}), "", self._stopwatch())

    def answer(self, turn: Turn, on_heard: OnHeard | None = None) -> Reply:
        """The reply to a turn; whatever a customer says or does gets one.

        `on_heard` gets the words that were said or typed before the reply is worked out; it is called in the thread of
        the caller, at most once, and must not block.
        """
        return self.account(turn, on_heard).reply

    def account(self, turn: Turn, on_heard: OnHeard | None = None) -> Account:
        """The reply to a turn, and how it came about; `on_heard` as for `answer`."""
        turn, session = as_touch(turn), self._session(turn.session)
        if self.guards is not None:
            self.guards.wait()
        with self.counter, session.lock:
            session.choose_language(turn.language if turn.language in self.languages else None)
            account = self._answer(session, turn, self._stopwatch(), on_heard)
            self.journal.turn(session, turn, account)
            return account

    def _answer(self, session: Session, turn: Turn, watch: Watch, on_heard: OnHeard | None) -> Account:
        """hear → understand → look up → decide → word."""
        heard, finding = Hearing(), None
        shop = self.shop  # one shop in a turn, whatever is loaded meanwhile
        try:
            with watch.step("understand" if turn.action else "hear"):
                if turn.action:
                    wish = touch(readable(turn.action), readable((turn.text or "")[:LONGEST_TEXT]), session)
                else:
                    heard = self._hear(shop, session, turn, on_heard)
            if heard.trouble:
                return Account(reply_to(shop, session, Outcome(heard.trouble), heard.written, watch))
            if not turn.action:
                with watch.step("understand"):
                    wish, heard = understand(shop, session, heard)
                session.say("customer", heard.text)
            if wish.question is not None:
                with watch.step("look_up"):
                    language = language_of(shop, session)
                    finding = look_up(shop, session, wish.question, language, wish.picked)
        except TooLong:
            return Account(reply_to(shop, session, Outcome("too_long"), f"{heard.written[:120]}…", watch))
        except Failed:  # it is built anew meanwhile; the visit and its sale stay as they were
            return Account(reply_to(shop, session, Outcome("not_understood"), heard.written, watch))
        if wish.action == "repeat" and session.last is not None:
            again = replace(session.last, heard=heard.written, milliseconds=watch.milliseconds)
            return Account(again, wish.said)
        with watch.step("decide"):
            redraw(shop, session)
            outcome = decide(shop, session, wish, finding, self._doors)
            redraw(shop, session)
        outcome = with_language_told(session, outcome, heard)
        reply = reply_to(shop, session, outcome, heard.written, watch)
        return account_of(session, reply, wish, finding)

    def _hear(self, shop: Shop, session: Session, turn: Turn, on_heard: OnHeard | None) -> Hearing:
        """The words of a turn, told at once to who wants to show them."""
        heard = hear(shop.skills, session, turn, shop.languages, shop.store.settings.wake_phrases)
        if on_heard is not None and heard.written:
            on_heard(heard.written)
        return heard

    def without_voice(self, session: str, reply: Reply) -> Reply:
        """The reply where its language cannot be spoken: it is written only, and says so once in a session."""
        known = self._session(session)
        with known.lock:
            if known.told_no_voice:
                return replace(reply, spoken=False)
            known.told_no_voice = True
            told = say(self.shop.skills, (Telling("no_voice"),), reply.language)
        return replace(reply, text=f"{told} {reply.text}", spoken=False)

    def refuse(self, session: str, situation: str) -> Reply:
        """The reply to input that the caller could not make a turn of: `unreadable` or `too_long`."""
        known = self._session(session)
        with known.lock:
            return reply_to(self.shop, known, Outcome(situation), "", self._stopwatch())

    def pay(self, session: str) -> Iterator[Reply]:
        """Replies as the sale goes on: paying → dispensing → thanks, or declined or jammed. Each step blocks."""
        known = self._session(session)
        if known.sale_id is not None and known.last is not None and known.last.event == "paying":
            yield known.last
        steps = sell(self.shop, known)
        while True:
            with known.lock:
                outcome = next(steps, None)
                if outcome is None:
                    return
                known.stage = outcome.stage or known.stage
                reply = reply_to(self.shop, known, outcome, "", self._stopwatch())
                self.journal.step(known, reply)
            yield reply

    def sale_of(self, session: str) -> str | None:
        """The id of the last sale that went through in a session; None for one that has ended."""
        known = self._sessions.get(session)
        return known.sold_id if known is not None else None

    def end(self, session: str) -> None:
        """Forgets a customer; goods held for them are free again."""
        known = self._sessions.pop(session, None)
        if known is None:
            return
        if known.sale_id is not None:
            self.shop.store.sales.cancel(known.sale_id)
        self.journal.end(known)

    def english(self, turn: Turn, account: Account) -> str:
        """What was heard, in English; not needed to answer, so it is made only when somebody wants to read it."""
        heard = account.reply.heard
        if not heard or account.reply.language == ENGLISH:
            return heard
        if turn.audio is not None:
            return self.shop.skills.to_english(turn.audio[: 30 * 16_000], account.reply.language).text
        return self.shop.skills.translate(heard, account.reply.language, ENGLISH)

    def _stopwatch(self) -> Watch:
        return Watch(observer=self.observer)

    def _session(self, session: str) -> Session:
        """The session of that id; one that has ended begins anew rather than failing a customer who is still there."""
        return self._sessions.setdefault(session, Session(session))
