"""The tables of the counter's back side: orders, what was asked, and who may look. Books like those of `tables`."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Table

from walkiosk.store.tables import _instant, _integer, _kiosk, _plain, _text, metadata

__all__ = [
    "account", "account_lock", "age_check", "clerk_code", "conversation", "conversation_turn", "customer_key",
    "customer_seen", "edit", "forgotten_customer", "login", "metadata", "refund_note", "sale_language", "stock_order",
    "stock_order_line",
]  # fmt: skip

# Who may look.

account = Table(
    "account",
    metadata,
    _text("name", key=True),
    _text("password_hash"),  # argon2id, with its salt and its cost
    _text("role"),  # owner or clerk
    _text("language", null=True),
    Column("disabled", Boolean, nullable=False),
    _instant("created_ms"),
)

account_lock = Table(  # of any name that was tried, so that a lock does not tell which names there are
    "account_lock",
    metadata,
    _text("name", key=True),
    _integer("wrong_passwords"),
    _instant("locked_until_ms"),
    _instant("at_ms"),
)

login = Table(
    "login",
    metadata,
    _text("token_hash", key=True),
    Column("name", _plain(), ForeignKey("account.name", ondelete="CASCADE"), nullable=False),
    _instant("created_ms"),
    _instant("seen_ms"),
    _instant("expires_ms"),
    Index("ix_login_name", "name"),
)

# What was changed by hand of the office, and money that was given back.

edit = Table(
    "edit",
    metadata,
    _integer("id", key=True),
    _instant("at_ms"),
    _text("who"),
    _text("words"),  # what changed, for people
    _text("changes"),  # JSON: rows before and after, see editing.change
    _integer("undoes", null=True),  # the edit that this one takes back
    _text("mark"),  # the folder's fingerprint with the edit in it
    Column("applied", Boolean, nullable=False),  # false: written down, not yet known to have reached the folder
)

refund_note = Table(
    "refund_note",
    metadata,
    _text("key", key=True),  # of the form that asked: sent twice, it gives back once
    Column("sale_id", _plain(), ForeignKey("sale.id"), nullable=False),
    _text("arrow_key"),
    _integer("cents"),
    _text("reason"),
    _text("who"),
    _instant("at_ms"),
    Index("ix_refund_note_sale_id", "sale_id"),
)

# What was ordered of suppliers.

stock_order = Table(
    "stock_order",
    metadata,
    _text("id", key=True),
    Column("key", _plain(), nullable=False, unique=True),  # of whoever proposed it: asked twice, it is there once
    _text("state"),
    _text("currency"),
    _text("proposed_by"),
    _text("placed_by", null=True),
    _instant("created_ms"),
    _instant("placed_ms", null=True),
    _instant("updated_ms"),
    Column("due", Date, nullable=True),  # the day on which it should be there
    Index("ix_stock_order_state", "state"),
)

stock_order_line = Table(
    "stock_order_line",
    metadata,
    Column("order_id", _plain(), ForeignKey("stock_order.id"), primary_key=True),
    _text("sku", key=True),
    _integer("position"),
    _text("name"),
    _integer("pack_size"),
    _integer("units"),
    _integer("arrived"),
    _integer("unit_cost_cents"),
    _text("reason"),  # the sentence it was proposed with, its forecast included
    Index("ix_stock_order_line_sku", "sku"),
)

# What was said at the kiosk, without who said it, and for as long as the shop keeps it.

conversation = Table(
    "conversation",
    metadata,
    _text("id", key=True),  # of its own: nothing else has it
    _instant("started_ms"),
    _instant("ended_ms", null=True),
    _text("language", null=True),
    Column("known", Boolean, nullable=False),  # whether the customer was one of ours
    _kiosk(),
    Index("ix_conversation_started_ms", "started_ms"),
)

conversation_turn = Table(
    "conversation_turn",
    metadata,
    Column("conversation_id", _plain(), ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
    _integer("number", key=True),  # 1-based
    _instant("at_ms"),
    _text("heard"),  # without names of ours and long numbers; "" for a touch, and where a PIN was asked for
    _text("action"),
    _text("event"),
    _text("reply"),
    _integer("answer_ms", null=True),  # null: nobody waited for it
    _text("skus"),  # JSON: what was on the screen, what the reply was about first
    _text("facts"),  # JSON: the texts that the reply could rest on
    _text("sale_id", null=True),  # that came to its end in this turn
)

sale_language = Table(  # of a sale's conversation; it outlives it
    "sale_language",
    metadata,
    _text("sale_id", key=True),
    _text("language"),
)

# Customers: when they were last here, and who is not to come back from a file.

customer_seen = Table(
    "customer_seen",
    metadata,
    _text("customer_id", key=True),
    _instant("seen_ms"),
)

forgotten_customer = Table(
    "forgotten_customer",
    metadata,
    _text("mark", key=True),  # of an id, see forgetting
    _text("salt"),
    _instant("at_ms"),
)

# What opens an account at the kiosk beside the PIN, and what a clerk vouches for there.

customer_key = Table(
    "customer_key",
    metadata,
    _text("customer_id", key=True),
    _text("kind", key=True),  # card: a hash; phone: a secret
    _text("secret"),
    _integer("used_step"),  # the last half minute whose code was used
    _instant("made_ms"),
    Index("ix_customer_key_secret", "secret"),
)

clerk_code = Table(
    "clerk_code",
    metadata,
    Column("name", _plain(), ForeignKey("account.name"), primary_key=True),
    _text("code_hash"),
    _instant("made_ms"),
)

age_check = Table(  # who saw the customer's age for a sale
    "age_check",
    metadata,
    Column("sale_id", _plain(), ForeignKey("sale.id"), primary_key=True),
    _text("name"),
    _instant("at_ms"),
)
