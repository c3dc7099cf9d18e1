"""The tables between kiosks and headquarters, and which books go there.

Every table is a fact, which comes down from headquarters, or a book in SHIPPED, which goes up to it, or stays where it
was written and has its reason in KEPT.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from walkiosk.store import office_tables as office
from walkiosk.store import tables
from walkiosk.store.tables import _instant, _integer, _plain, _text, metadata

# At a kiosk.

outbox = Table(  # what headquarters has not confirmed yet: which row, never what is in it
    "outbox",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", _plain(), nullable=False, unique=True),  # 128 bits by chance: the event's own, for ever
    _text("kind"),  # the table
    _text("key"),  # JSON: the row's primary key
    _instant("at_ms"),
    sqlite_autoincrement=True,  # a number is not given again when its event was shipped and struck off
)

link_note = Table(  # what a kiosk knows of its line to headquarters, see link
    "link_note",
    metadata,
    _text("key", key=True),
    _text("value"),
)

# At both ends.

fact_file = Table(  # the files of the revision that is loaded, customers and past sales left out
    "fact_file",
    metadata,
    _text("name", key=True),
    _text("content"),
)

# At headquarters.

kiosk = Table(  # the books that ship here; a kiosk that begins new books has two rows
    "kiosk",
    metadata,
    _text("books", key=True),  # by chance, made once with the books
    _text("name"),  # as its store.toml says
    Column("number", Integer, nullable=False, unique=True),  # in front of the numbers of its rows
    Column("last_seq", BigInteger, nullable=False),
    _instant("seen_ms"),
    _integer("waiting"),  # events, when it was seen last
    _instant("oldest_ms", null=True),  # the oldest of them
    _text("revision", null=True),  # of the facts that it sells by
    _text("refused", null=True),  # why it does not take the latest
)

kiosk_event = Table(  # every event that was applied, once
    "kiosk_event",
    metadata,
    _text("id", key=True),
    _text("books"),
    Column("seq", BigInteger, nullable=False),
    _text("kind"),
    _instant("at_ms"),
    _instant("received_ms"),
    Index("ix_kiosk_event_books_seq", "books", "seq"),
    Index("ix_kiosk_event_received_ms", "received_ms"),
)

kiosk_delivery = Table(  # goods booked here for a kiosk; they are there when its ledger has their key
    "kiosk_delivery",
    metadata,
    _text("key", key=True),
    _text("kiosk"),
    _text("sku"),
    _integer("quantity"),
    _instant("at_ms"),
    Index("ix_kiosk_delivery_kiosk", "kiosk"),
)

SHIPPED: tuple[Table, ...] = (  # in an order in which rows can be inserted
    tables.basket, tables.sale, tables.sale_line, tables.sale_arrow, tables.dispense, tables.stock_movement,
    tables.feedback, office.refund_note, office.age_check, office.conversation, office.conversation_turn,
    office.sale_language, office.customer_seen, office.forgotten_customer,
)  # fmt: skip

KEPT: dict[Table, str] = {
    tables.basket_line: "what was put into a basket and not bought concerns nobody",
    tables.customer_lock: "wrong PINs are counted where they are typed",
    office.customer_key: "a card and a phone open accounts at the kiosk that they were made at",
    office.account: "each office has its own people",
    office.account_lock: "each office has its own people",
    office.login: "each office has its own people",
    office.clerk_code: "each office has its own people",
    office.edit: "files are edited where they are",
    office.stock_order: "what a kiosk ordered by itself arrives there",
    office.stock_order_line: "what a kiosk ordered by itself arrives there",
    **dict.fromkeys((outbox, link_note, fact_file, kiosk, kiosk_event, kiosk_delivery), "it is of the line itself"),
}
