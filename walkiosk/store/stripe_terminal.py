"""Stripe as payment provider, with a card reader of Stripe's that its servers drive (docs.stripe.com/terminal).

A hold is a PaymentIntent that is captured by hand. Our key is its idempotency key and stands in its metadata, by which
it is found again: the intents of the last week are listed, since Stripe's search lags behind. Stripe remembers
idempotency keys for a day at least; goods are held for minutes.

Set up by the environment: WALKIOSK_STRIPE_KEY (a secret or restricted key), WALKIOSK_STRIPE_READER (tmr_…),
WALKIOSK_STRIPE_SIMULATED (true for Stripe's simulated reader), WALKIOSK_STRIPE_API (another address, for tests), and
WALKIOSK_STRIPE_WEBHOOK_SECRET for its callbacks.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from walkiosk.store.outcome import Declined
from walkiosk.store.payment import Authorised, ProviderUnreachable
from walkiosk.store.stripe_line import KEY, Intent, Refused, StripeConfig, StripeLine, minor_units

LOOK_SECONDS = 0.7  # from one look at the reader to the next
LOST_LOOKS = 4  # one after the other, and the customer is told that there is no answer
AUTHORISING_SECONDS = 30.0  # that a card presented at the last moment may take
WEEK_SECONDS = 7 * 24 * 3600  # older holds have been let go of by Stripe itself
CLOSED = "walkiosk_closed"  # the metadata of an intent that only uses up the key of one that never arrived
PLACEHOLDER = 10_000_000  # units of such an intent: above every currency's least amount, below the greatest
UNKNOWN, IN_PROGRESS, BUSY = "resource_missing", "in_progress", "terminal_reader_busy"
TAKEN, HELD, CANCELED = "succeeded", "requires_capture", "canceled"
TIMEOUT, INTERRUPTED = "timeout", "interrupted"
AMOUNTS = ("amount_too_small", "amount_too_large")  # what a customer can bring about with a basket
RETRY_SHOWING = (BUSY, "terminal_reader_timeout", "intent_invalid_state")  # the next look tells how it stands
AWAY = ("terminal_reader_offline", "terminal_reader_hardware_fault")


class StripeTerminal:
    """A `PaymentProvider`; one reader, at which the customer who came last is served.

    Besides `ProviderUnreachable`, calls raise `PaymentMisconfigured` or `ValueError` for what an operator has to mend.
    `pause` and `clock` count in seconds.
    """

    def __init__(
        self,
        config: StripeConfig,
        currency: str,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self._currency = currency
        self._line = StripeLine(config)
        self._pause = pause
        self._clock = clock

    def authorise(self, key: str, amount_cents: int, currency: str) -> Authorised | Declined:
        """Holds an amount on the card that the customer presents within their time; else `Declined("timeout")`.

        A card that was declined is not asked for again under the same key: its intent is cancelled.
        """
        amount = minor_units(amount_cents, currency)
        try:
            intent: Intent | None = self._line.open(key, amount, currency, {KEY: key})
        except Refused as refusal:
            if refusal.code in AMOUNTS:
                return Declined(refusal.code)
            if refusal.code != "idempotency_error":
                raise
            intent = self._search(key)  # opened by another version of this program, else closed by `find`
        return Declined(CANCELED) if intent is None else self._at_reader(intent.id)

    def capture(self, key: str, reference: str, amount_cents: int) -> None:
        """Takes up to what is held; raises `ValueError` when nothing is held any more, or less."""
        intent = self._line.intent(reference)
        amount = minor_units(amount_cents, intent.currency)
        if intent.status == HELD:
            try:
                return self._line.take(key, reference, amount)
            except Refused:
                intent = self._line.intent(reference)  # taken meanwhile by another process?
                if intent.status == HELD:
                    raise
        if intent.status != TAKEN or intent.received not in (None, amount):
            had = "" if intent.received is None else f", {intent.received} taken"
            raise ValueError(f"{reference} is {intent.status}{had}: {amount} cannot be taken of it")

    def release(self, key: str, reference: str) -> None:
        """Lets go of what is held; raises `ValueError` when it was taken."""
        try:
            self._line.cancel(reference)
        except Refused:
            if self._line.intent(reference).status != CANCELED:
                raise

    def refund(self, key: str, reference: str, amount_cents: int) -> None:
        """Gives back up to what was taken; raises `ValueError` for more, and when Stripe could not give it back."""
        amount = minor_units(amount_cents, self._line.intent(reference).currency)
        for repaid in self._line.repaid(reference):  # also when Stripe has forgotten the idempotency key
            if repaid.key == key:
                if repaid.status in ("failed", CANCELED):
                    raise ValueError(f"{repaid.id} of {reference} is {repaid.status}: give this money back by hand")
                return
        self._line.repay(key, reference, amount)

    def find(self, key: str) -> Authorised | Declined | None:
        """What became of `authorise`; None when it never arrived. What is not authorised is cancelled for good.

        The key of what never arrived is used up, so that it opens nothing should it still arrive.
        """
        intent = self._search(key)
        if intent is None:
            self._use_up(key)
            return None
        answer = _answer(intent) or self._stop(intent.id, CANCELED)
        if answer is None:
            raise ProviderUnreachable(f"{intent.id}: a card is being authorised")
        return answer

    def look(self, key: str, reference: str | None = None) -> Authorised | Declined | None:
        """What is known by now of `authorise`; a reference that belongs to another key is not believed."""
        intent = None
        try:
            intent = self._line.intent(reference) if reference else None
        except Refused as refusal:
            if refusal.code != UNKNOWN:
                raise
        if intent is None or intent.key != key:
            intent = self._search(key)
        return None if intent is None else _answer(intent)

    def _at_reader(self, intent_id: str) -> Authorised | Declined:
        """Shows the intent on the reader, and looks until there is an answer or the customer's time is over."""
        deadline = self._clock() + self.config.customer_seconds
        shown, lost = False, 0
        while True:
            over = self._clock() >= deadline
            try:
                answer, shown = self._step(intent_id, shown, over)
                lost = 0
            except ProviderUnreachable:
                answer, lost = None, lost + 1
                if lost == LOST_LOOKS:
                    raise
            if answer is not None:
                return answer
            if self._clock() >= deadline + AUTHORISING_SECONDS:
                raise ProviderUnreachable(f"{intent_id}: the reader is still at it")
            self._pause(LOOK_SECONDS)

    def _step(self, intent_id: str, shown: bool, over: bool) -> tuple[Authorised | Declined | None, bool]:
        """One look: an answer if there is one, and whether the reader has taken the intent up."""
        if answer := _answer(self._line.intent(intent_id)):
            return answer, shown
        if over:
            return self._stop(intent_id, TIMEOUT), shown
        action = self._line.action()
        if action is None or action.intent != intent_id:
            if shown:  # somebody else was served, or cancelled it
                return self._close(intent_id, INTERRUPTED), shown
            return None, self._show(intent_id)
        if action.status == "failed":
            return self._close(intent_id, action.refusal or INTERRUPTED), True
        if action.status == IN_PROGRESS and self.config.simulated:
            self._line.present()
        return None, True

    def _show(self, intent_id: str) -> bool:
        """Has the reader ask for a card; False when it did not say that it does."""
        try:
            self._line.show(intent_id)
        except Refused as refusal:
            if refusal.code in AWAY:
                raise ProviderUnreachable(f"the reader {self.config.reader} is away: {refusal.code}") from None
            if refusal.code not in RETRY_SHOWING:
                raise
            if refusal.code == BUSY:  # with a card, or with what was never finished
                self._reset()
            return False
        return True

    def _stop(self, intent_id: str, reason: str) -> Authorised | Declined | None:
        """Ends the waiting for a card and closes the intent; None while a card is being authorised."""
        action = self._line.action()
        waiting = action is not None and action.intent == intent_id and action.status == IN_PROGRESS
        return None if waiting and not self._reset() else self._close(intent_id, reason)

    def _reset(self) -> bool:
        """Has the reader stop; False while it authorises a card. One that is away loses its intent all the same."""
        try:
            self._line.reset()
        except Refused as refusal:
            return refusal.code != BUSY
        return True

    def _close(self, intent_id: str, reason: str) -> Authorised | Declined:
        """The answer to an intent that is at its end; without one it is cancelled, and never authorised later."""
        intent = self._line.intent(intent_id)
        if answer := _answer(intent):
            return answer
        try:
            self._line.cancel(intent_id)
        except Refused:
            if (answer := _answer(self._line.intent(intent_id))) is None:
                raise ProviderUnreachable(f"{intent_id} can be neither taken nor cancelled by now") from None
            return answer
        return Declined(intent.refusal or reason)

    def _search(self, key: str) -> Intent | None:
        newest: int | None = None
        for intent in self._line.intents():
            newest = intent.created if newest is None else newest  # by Stripe's clock; ours may be wrong
            if intent.key == key:
                return intent
            if intent.created < newest - WEEK_SECONDS:
                break
        return None

    def _use_up(self, key: str) -> None:
        """Opens an intent of no use under the key, and cancels it: another request under it is refused from now on."""
        try:
            intent = self._line.open(key, PLACEHOLDER, self._currency, {CLOSED: key})
        except Refused as refusal:
            if refusal.code != "idempotency_error":
                raise
            raise ProviderUnreachable(f"{key} has arrived, and is not listed yet") from None
        self._close(intent.id, CANCELED)


def _answer(intent: Intent) -> Authorised | Declined | None:
    """What an intent's state says; None while it waits for a card."""
    if intent.status in (HELD, TAKEN):
        return Authorised(intent.id)
    return Declined(intent.refusal or CANCELED) if intent.status == CANCELED else None
