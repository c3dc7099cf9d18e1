"""What opens a customer's account beside the PIN: a card (a QR code) and a code that their phone shows.

A card's word is told once, when it is made; the books keep its hash. A phone's secret makes a new code every half
minute (RFC 6238) and has to be kept as it is. Each code opens once.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable

import pyotp
from sqlalchemy import Engine, delete, insert, select, update

from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.office_tables import customer_key
from walkiosk.store.outcome import NotFound
from walkiosk.store.tables import customer

CARD, PHONE = "card", "phone"
CARD_WORD = re.compile(r"WK-[A-Z2-7]{32}")  # 160 bits in base32
CODE_DIGITS = 6
STEP_SECONDS = 30
STEPS = (0, -1, 1)  # that a phone's clock may be off


class CustomerKeys:
    """Makes keys, and knows whose they are; `clock` gives milliseconds since 1970."""

    def __init__(self, engine: Engine, clock: Callable[[], int] = now_ms) -> None:
        self.engine = engine
        self.clock = clock

    def make_card(self, customer_id: str) -> str | NotFound:
        """The word of a new card, for a QR code; the card before it is none any more."""
        word = f"WK-{pyotp.random_base32(32)}"
        return word if self._keep(customer_id, CARD, _hash(word)) else NotFound("customer", customer_id)

    def make_phone(self, customer_id: str, shop: str) -> str | NotFound:
        """The address (otpauth://…) that a phone's authenticator reads from a QR code; the one before ends."""
        secret = pyotp.random_base32(32)
        if not self._keep(customer_id, PHONE, secret):
            return NotFound("customer", customer_id)
        return str(pyotp.TOTP(secret).provisioning_uri(name=customer_id, issuer_name=shop))

    def remove(self, customer_id: str) -> None:
        """Ends a customer's card and phone."""
        with writing(self.engine).begin() as connection:
            connection.execute(delete(customer_key).where(customer_key.c.customer_id == customer_id))

    def of_card(self, word: str) -> str | None:
        """The id of the customer whose card says this, None when nobody's does."""
        own = (customer_key.c.kind == CARD) & (customer_key.c.secret == _hash(word.strip()))
        with self.engine.connect() as connection:
            row = connection.execute(select(customer_key.c.customer_id).where(own)).one_or_none()
        return None if row is None else str(row.customer_id)

    def phones(self) -> int:
        """How many customers have a phone that shows codes."""
        with self.engine.connect() as connection:
            own = select(customer_key.c.customer_id).where(customer_key.c.kind == PHONE)
            return len(connection.execute(own).all())

    def of_code(self, code: str, among: Iterable[str] | None = None) -> str | None:
        """The id of the one customer whose phone shows this code now, None for none or several; it opens once."""
        own = customer_key.c.kind == PHONE
        if among is not None:
            own &= customer_key.c.customer_id.in_(list(among))
        step = self.clock() // 1000 // STEP_SECONDS
        with writing(self.engine).begin() as connection:
            found = [
                (row.customer_id, step + away)
                for row in connection.execute(select(customer_key).where(own))
                for away in STEPS
                if step + away > row.used_step
                and hmac.compare_digest(pyotp.TOTP(row.secret).at((step + away) * STEP_SECONDS), code)
            ]
            if len(found) != 1:
                return None
            customer_id, used = str(found[0][0]), found[0][1]
            mine = (customer_key.c.customer_id == customer_id) & (customer_key.c.kind == PHONE)
            connection.execute(update(customer_key).where(mine).values(used_step=used))
            return customer_id

    def _keep(self, customer_id: str, kind: str, secret: str) -> bool:
        with writing(self.engine).begin() as connection:
            if connection.execute(select(customer.c.id).where(customer.c.id == customer_id)).scalar() is None:
                return False
            own = (customer_key.c.customer_id == customer_id) & (customer_key.c.kind == kind)
            connection.execute(delete(customer_key).where(own))
            values = {"customer_id": customer_id, "kind": kind, "secret": secret, "used_step": 0}
            connection.execute(insert(customer_key).values(values | {"made_ms": self.clock()}))
            return True


def _hash(word: str) -> str:
    """A card's word is long and drawn by chance, so a fast hash keeps it."""
    return hashlib.sha256(word.encode()).hexdigest()
