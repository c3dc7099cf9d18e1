"""More than one kiosk: the outbox of each, and what headquarters knows of them.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBERED = ("stock_movement", "sale_arrow", "feedback")
OWNED = ("stock_movement", "sale", "feedback", "conversation")


def upgrade() -> None:
    """Makes the tables, and room for the rows of others."""
    for table in OWNED:
        op.add_column(table, sa.Column("kiosk", PLAIN, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        for table in NUMBERED:
            op.alter_column(table, "id", type_=sa.BigInteger())
    op.create_table(
        "outbox",
        sa.Column("seq", LARGE, nullable=False),
        sa.Column("id", PLAIN, nullable=False),
        sa.Column("kind", PLAIN, nullable=False),
        sa.Column("key", PLAIN, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        sqlite_autoincrement=True,
    )
    for table, key, value in (("link_note", "key", "value"), ("fact_file", "name", "content")):
        op.create_table(
            table,
            sa.Column(key, PLAIN, nullable=False),
            sa.Column(value, PLAIN, nullable=False),
            sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "kiosk",
        sa.Column("books", PLAIN, nullable=False),
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("oldest_ms", sa.BigInteger(), nullable=True),
        sa.Column("revision", PLAIN, nullable=True),
        sa.Column("refused", PLAIN, nullable=True),
        sa.PrimaryKeyConstraint("books", name=op.f("pk_kiosk")),
        sa.UniqueConstraint("number", name=op.f("uq_kiosk_number")),
    )
    op.create_table(
        "kiosk_event",
        sa.Column("id", PLAIN, nullable=False),
        sa.Column("books", PLAIN, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", PLAIN, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk_event")),
    )
    op.create_index("ix_kiosk_event_books_seq", "kiosk_event", ["books", "seq"])
    op.create_index("ix_kiosk_event_received_ms", "kiosk_event", ["received_ms"])
    op.create_table(
        "kiosk_delivery",
        sa.Column("key", PLAIN, nullable=False),
        sa.Column("kiosk", PLAIN, nullable=False),
        sa.Column("sku", PLAIN, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_kiosk_delivery")),
    )
    op.create_index("ix_kiosk_delivery_kiosk", "kiosk_delivery", ["kiosk"])


def downgrade() -> None:
    """Drops them, and the triggers that fill an outbox."""
    if op.get_bind().dialect.name == "sqlite":
        triggers = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'outbox_%'")
        for name in op.get_bind().execute(triggers).scalars().all():
            op.execute(f'DROP TRIGGER "{name}"')
    for table in ("kiosk_delivery", "kiosk_event", "kiosk", "fact_file", "link_note", "outbox"):
        op.drop_table(table)
    for table in OWNED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("kiosk")
