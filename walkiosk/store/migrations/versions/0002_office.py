"""Orders, what was asked, and who may look.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the tables of the office."""
    op.create_table(
        "account",
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("password_hash", PLAIN, nullable=False),
        sa.Column("role", PLAIN, nullable=False),
        sa.Column("language", PLAIN, nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "account_lock",
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("wrong_passwords", sa.Integer(), nullable=False),
        sa.Column("locked_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account_lock")),
    )
    op.create_table(
        "login",
        sa.Column("token_hash", PLAIN, nullable=False),
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["account.name"], name=op.f("fk_login_name"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_login")),
    )
    op.create_index("ix_login_name", "login", ["name"], unique=False)
    op.create_table(
        "edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("who", PLAIN, nullable=False),
        sa.Column("words", PLAIN, nullable=False),
        sa.Column("changes", PLAIN, nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("mark", PLAIN, nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edit")),
    )
    op.create_table(
        "refund_note",
        sa.Column("key", PLAIN, nullable=False),
        sa.Column("sale_id", PLAIN, nullable=False),
        sa.Column("arrow_key", PLAIN, nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("reason", PLAIN, nullable=False),
        sa.Column("who", PLAIN, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_refund_note_sale_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_refund_note")),
    )
    op.create_index("ix_refund_note_sale_id", "refund_note", ["sale_id"], unique=False)
    op.create_table(
        "stock_order",
        sa.Column("id", PLAIN, nullable=False),
        sa.Column("key", PLAIN, nullable=False),
        sa.Column("state", PLAIN, nullable=False),
        sa.Column("currency", PLAIN, nullable=False),
        sa.Column("proposed_by", PLAIN, nullable=False),
        sa.Column("placed_by", PLAIN, nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("placed_ms", sa.BigInteger(), nullable=True),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_order")),
        sa.UniqueConstraint("key", name=op.f("uq_stock_order_key")),
    )
    op.create_index("ix_stock_order_state", "stock_order", ["state"], unique=False)
    op.create_table(
        "stock_order_line",
        sa.Column("order_id", PLAIN, nullable=False),
        sa.Column("sku", PLAIN, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("pack_size", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("unit_cost_cents", sa.Integer(), nullable=False),
        sa.Column("reason", PLAIN, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["stock_order.id"], name=op.f("fk_stock_order_line_order_id")),
        sa.PrimaryKeyConstraint("order_id", "sku", name=op.f("pk_stock_order_line")),
    )
    op.create_index("ix_stock_order_line_sku", "stock_order_line", ["sku"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("id", PLAIN, nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("language", PLAIN, nullable=True),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    op.create_index("ix_conversation_started_ms", "conversation", ["started_ms"], unique=False)
    op.create_table(
        "conversation_turn",
        sa.Column("conversation_id", PLAIN, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("heard", PLAIN, nullable=False),
        sa.Column("action", PLAIN, nullable=False),
        sa.Column("event", PLAIN, nullable=False),
        sa.Column("reply", PLAIN, nullable=False),
        sa.Column("answer_ms", sa.Integer(), nullable=True),
        sa.Column("skus", PLAIN, nullable=False),
        sa.Column("facts", PLAIN, nullable=False),
        sa.Column("sale_id", PLAIN, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_turn_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "number", name=op.f("pk_conversation_turn")),
    )
    op.create_table(
        "sale_language",
        sa.Column("sale_id", PLAIN, nullable=False),
        sa.Column("language", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_sale_language")),
    )


def downgrade() -> None:
    """Drops them."""
    op.drop_table("sale_language")
    op.drop_table("conversation_turn")
    op.drop_index("ix_conversation_started_ms", table_name="conversation")
    op.drop_table("conversation")
    op.drop_index("ix_stock_order_line_sku", table_name="stock_order_line")
    op.drop_table("stock_order_line")
    op.drop_index("ix_stock_order_state", table_name="stock_order")
    op.drop_table("stock_order")
    op.drop_index("ix_refund_note_sale_id", table_name="refund_note")
    op.drop_table("refund_note")
    op.drop_table("edit")
    op.drop_index("ix_login_name", table_name="login")
    op.drop_table("login")
    op.drop_table("account_lock")
    op.drop_table("account")
