"""What a small Stripe keeps and does: intents, refunds, a reader and the customers at it, as its API is published."""

from collections import deque
from collections.abc import Callable
from typing import Any

READER = "tmr_walkiosk"
PAYS, LEAVES, CANCELS = "pays", "leaves", "cancels"
UNSEEN, UNTOLD = "unseen", "untold"  # the card is taken, and the reader says that it failed, or says nothing
Json = dict[str, Any]


class Error(Exception):
    """A refusal; `began` when the call had begun, so that its answer is kept under its idempotency key."""

    def __init__(self, status: int, code: str, message: str = "", *, kind: str = "", began: bool = False) -> None:
        super().__init__(code)
        self.status, self.began = status, began
        kind = kind or ("invalid_request_error" if status < 500 else "api_error")
        self.body = {"error": {"type": kind, "code": code, "message": message or code}}
        if kind == "idempotency_error":
            del self.body["error"]["code"]


class Account:
    """An account with one reader. Nothing waits: a customer has done what they do when the reader was asked."""

    def __init__(self) -> None:
        self.intents: dict[str, Json] = {}
        self.refunds: list[Json] = []
        self.reader: Json = {"id": READER, "object": "terminal.reader", "action": None}
        self.customers: deque[str] = deque()  # at the reader, one an asking; nobody comes when it is empty
        self.troubles: deque[str] = deque()  # codes with which the reader refuses the next askings
        self.stuck = False  # whether it is busy until somebody resets it
        self.events: list[Json] = []

    def taken(self) -> int:
        """Money taken and not given back, in Stripe's units."""
        return sum(i["amount_received"] for i in self.intents.values()) - sum(r["amount"] for r in self.refunds)

    def held(self) -> int:
        """Money that is held."""
        return sum(intent["amount_capturable"] for intent in self.intents.values())

    def waiting(self) -> int:
        """Intents that a card could still be taken for."""
        return sum(intent["status"] == "requires_payment_method" for intent in self.intents.values())

    def route(self, method: str, parts: list[str]) -> tuple[str, Callable[[str, Json], Json], str]:
        """What a path asks for: the call's name, what does it, and the object that it is done to."""
        match method, parts:
            case "POST", ["payment_intents"]:
                return "open", self._open, ""
            case "GET", ["payment_intents"]:
                return "list", self._list, ""
            case "GET", ["payment_intents", intent]:
                return "intent", lambda thing, _: self._intent(thing), intent
            case "POST", ["payment_intents", intent, "capture"]:
                return "capture", self._capture, intent
            case "POST", ["payment_intents", intent, "cancel"]:
                return "cancel", self._cancel, intent
            case "POST", ["refunds"]:
                return "refund", self._refund, ""
            case "GET", ["refunds"]:
                return "refunds", self._refunds, ""
            case "GET", ["terminal", "readers", reader]:
                return "reader", self._reader, reader
            case "POST", ["terminal", "readers", reader, "process_payment_intent"]:
                return "show", self._show, reader
            case "POST", ["terminal", "readers", reader, "cancel_action"]:
                return "reset", self._reset, reader
            case "POST", ["test_helpers", "terminal", "readers", reader, "present_payment_method"]:
                return "present", self._present, reader
        raise AssertionError(f"{method} {parts}")

    def _open(self, _: str, values: Json) -> Json:
        metadata = {name[9:-1]: values.pop(name) for name in list(values) if name.startswith("metadata[")}
        amount = int(values.pop("amount"))
        if amount < 50:
            raise Error(400, "amount_too_small")
        currency = values.pop("currency")
        assert values == {"capture_method": "manual", "payment_method_types[0]": "card_present"}, values
        return self.add(amount, currency, metadata)

    def add(self, amount: int, currency: str, metadata: Json) -> Json:
        """A new intent that waits for a card."""
        number = len(self.intents)
        intent = {
            "id": f"pi_{number}", "object": "payment_intent", "amount": amount, "amount_capturable": 0,
            "amount_received": 0, "currency": currency, "metadata": metadata, "created": 1_780_000_000 + number,
            "status": "requires_payment_method", "last_payment_error": None,
        }  # fmt: skip
        self.intents[f"pi_{number}"] = intent
        return intent

    def _list(self, _: str, values: Json) -> Json:
        newest = list(reversed(self.intents.values()))
        first = next((n + 1 for n, i in enumerate(newest) if i["id"] == values.get("starting_after")), 0)
        last = first + int(values.get("limit", 10))
        more = last < len(newest)
        return {"object": "list", "url": "/v1/payment_intents", "has_more": more, "data": newest[first:last]}

    def _intent(self, name: str) -> Json:
        if name not in self.intents:
            raise Error(404, "resource_missing", f"No such payment_intent: {name!r}")
        return self.intents[name]

    def _capture(self, name: str, values: Json) -> Json:
        intent, amount = self._intent(name), int(values["amount_to_capture"])
        if intent["status"] != "requires_capture":
            raise Error(400, "payment_intent_unexpected_state", began=True)
        if amount > intent["amount_capturable"]:
            raise Error(400, "amount_too_large", began=True)
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        return self._tell("payment_intent.succeeded", intent)

    def _cancel(self, name: str, _: Json) -> Json:
        intent = self._intent(name)
        if intent["status"] in ("succeeded", "canceled"):
            raise Error(400, "payment_intent_unexpected_state", began=True)
        intent |= {"status": "canceled", "amount_capturable": 0}
        return self._tell("payment_intent.canceled", intent)

    def _refund(self, _: str, values: Json) -> Json:
        intent, amount = self._intent(values["payment_intent"]), int(values["amount"])
        before = sum(each["amount"] for each in self.refunds if each["payment_intent"] == intent["id"])
        if amount > intent["amount_received"] - before:
            raise Error(400, "charge_already_refunded", began=True)
        metadata = {"walkiosk_key": values["metadata[walkiosk_key]"]}
        refund = {"id": f"re_{len(self.refunds)}", "object": "refund", "status": "succeeded", "metadata": metadata}
        self.refunds.append(refund | {"amount": amount, "payment_intent": intent["id"]})
        return self.refunds[-1]

    def _refunds(self, _: str, values: Json) -> Json:
        found = [refund for refund in self.refunds if refund["payment_intent"] == values["payment_intent"]]
        return {"object": "list", "url": "/v1/refunds", "has_more": False, "data": found}

    def _reader(self, name: str, _: Json | None = None) -> Json:
        if name != READER:
            raise Error(404, "resource_missing", f"No such terminal reader: {name!r}")
        return self.reader

    def _at_work(self, name: str) -> Json:
        reader = self._reader(name)
        if self.troubles:
            raise Error(400, self.troubles.popleft())
        return reader

    def _show(self, name: str, values: Json) -> Json:
        reader, intent = self._at_work(name), self._intent(values["payment_intent"])
        if self.stuck:
            raise Error(400, "terminal_reader_busy")
        if intent["status"] != "requires_payment_method":
            raise Error(400, "intent_invalid_state")
        process = {"payment_intent": intent["id"]}
        reader["action"] = {
            "type": "process_payment_intent",
            "status": "in_progress",
            "process_payment_intent": process,
        }
        if self.customers:
            self.act(intent, self.customers.popleft())
        return reader

    def act(self, intent: Json, deed: str) -> None:
        """What a customer does at the reader: PAYS …, or the code with which their card is declined."""
        action = self.reader["action"] or {}
        if deed in (PAYS, UNSEEN, UNTOLD):
            intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
            action |= {} if deed == UNTOLD else {"status": "succeeded"}
            action |= {"status": "failed", "failure_code": "connection_error"} if deed == UNSEEN else {}
            self._tell("payment_intent.amount_capturable_updated", intent)
        elif deed == CANCELS:
            action |= {"status": "failed", "failure_code": "customer_canceled"}
        elif deed != LEAVES:
            intent["last_payment_error"] = {"code": "card_declined", "decline_code": deed}
            action |= {"status": "failed", "failure_code": "card_declined"}
            self._tell("payment_intent.payment_failed", intent)

    def _reset(self, name: str, _: Json) -> Json:
        self._at_work(name)["action"] = None
        self.stuck = False
        return self.reader

    def _present(self, name: str, _: Json) -> Json:
        action = self._at_work(name)["action"]
        self.act(self.intents[action["process_payment_intent"]["payment_intent"]], PAYS)
        return self.reader

    def _tell(self, kind: str, intent: Json) -> Json:
        event = {"id": f"evt_{len(self.events)}", "object": "event", "type": kind, "data": {"object": dict(intent)}}
        self.events.append(event)
        return intent
