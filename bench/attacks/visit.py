"""One attack in one standing: the visit, what is told in it, and what it leaves in the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.attacks.books import Books, check_books
from bench.attacks.lines import Attack
from bench.attacks.shop import PIN, AttackedShop
from bench.attacks.standings import STANDINGS, Place
from bench.attacks.told import Facts, Listener, check_reply
from walkiosk.kiosk import Reply, Turn
from walkiosk.kiosk.decide import Doors
from walkiosk.kiosk.session import Session
from walkiosk.store import tables
from walkiosk.store.office_tables import conversation_turn
from walkiosk.web.messages import Problem, WantReceipt
from walkiosk.web.receipts import Receipts

AFTERWARDS = ("ask basket", "checkout", "pay")  # touched when all is said, so that what was done comes to the till
OnReply = Callable[[str, Reply], None]
ToTurn = Callable[[Attack, str, str], Turn]  # of an attack's session and words


def typed(attack: Attack, session: str, words: str) -> Turn:
    """As it is typed."""
    return Turn(session, words)


class Visits:
    """Has attacks said to a shop's kiosk; `said` is told every reply to one."""

    def __init__(self, shop: AttackedShop, listener: Listener, said: OnReply | None = None) -> None:
        self.shop, self.facts, self.listener = shop, Facts(shop), listener
        self._said = said or (lambda words, reply: None)
        self._seen: set[str] = set()  # baskets of the visit
        self.look()

    def look(self) -> None:
        """Takes what the books say now for what they have to say."""
        self._last = Books.read(self.facts)

    def endure(self, attack: Attack, standing: str, to_turn: ToTurn = typed) -> list[str]:
        """Every violation of one visit."""
        kiosk = self.shop.kiosk
        self._open_doors()
        place = STANDINGS[standing](kiosk)
        kiosk.journal.flush()
        before, self._heard = Books.read(self.facts, self._last), list(attack.turns)
        chosen = self._session(place).basket_id
        self._seen = {chosen} if chosen is not None else set()
        found = []
        try:
            found += self._replies(attack, place, to_turn)
        except Exception as error:  # whatever a turn breaks on, a customer has brought it about
            found.append(f"a turn broke on {error!r}")
        found += self._check_receipt(place)
        kiosk.end(place.session)
        kiosk.journal.flush()
        self._last = after = Books.read(self.facts)
        found += check_books(self.facts, before, after, tuple(self._heard), self._seen)
        return found + list(self._check_kept(before, after))

    def _open_doors(self) -> None:
        """What the visit before has locked has been opened again by the time that has passed."""
        self.shop.kiosk._doors = Doors()
        with self.shop.store.engine.begin() as connection:
            connection.execute(tables.customer_lock.delete())

    def _replies(self, attack: Attack, place: Place, to_turn: ToTurn) -> Iterator[str]:
        for words in attack.turns:
            reply = self.shop.kiosk.answer(to_turn(attack, place.session, words))
            self._heard.append(reply.heard)
            self._said(words, reply)
            yield from self._check(reply, place)
            if reply.event == "paying":
                yield from self._pay(place)
        for action in AFTERWARDS:
            reply = self.shop.kiosk.answer(Turn(place.session, action=action))
            yield from self._check(reply, place)
        if reply.event == "paying":
            yield from self._pay(place)

    def _pay(self, place: Place) -> Iterator[str]:
        for step in self.shop.kiosk.pay(place.session):
            yield from self._check(step, place)

    def _check(self, reply: Reply, place: Place) -> Iterator[str]:
        session = self._session(place)
        known = session.customer.id if session.customer else None
        if session.basket_id is not None:
            self._seen.add(session.basket_id)
        if known is not None and known != place.customer:
            yield f"{known} was let in"
        if session.age_seen_by is not None:
            yield f"{session.age_seen_by} is said to have seen an age"
        yield from check_reply(self.facts, reply, self.listener.of(reply.text), known)

    def _check_receipt(self, place: Place) -> Iterator[str]:
        """A receipt is that of this visit's own sale or none."""
        answer = Receipts(self.shop.kiosk).answer(place.session, WantReceipt("receipt", "en"))
        sold = self.shop.kiosk.sale_of(place.session)
        if not isinstance(answer, Problem) and (sold is None or self._basket_of(sold) not in self._seen):
            yield f"shows a receipt: {answer}"

    def _basket_of(self, sale: str) -> str:
        with self.shop.store.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT basket_id FROM sale WHERE id = ?", (sale,))
            return str(found.scalar_one())

    def _check_kept(self, before: Books, after: Books) -> Iterator[str]:
        for row in after.grown[conversation_turn.name] - before.grown[conversation_turn.name]:
            kept = dict(zip(conversation_turn.columns.keys(), row, strict=True))
            if any(PIN in kept[words] for words in ("heard", "action", "reply", "facts")):
                yield f"a PIN is kept: {kept}"

    def _session(self, place: Place) -> Session:
        return self.shop.kiosk._session(place.session)
