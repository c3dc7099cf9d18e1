"""What opens an account at the kiosk beside the PIN, a clerk's code, and offers that combine.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the tables, and the offers' column."""
    op.create_table(
        "customer_key",
        sa.Column("customer_id", PLAIN, nullable=False),
        sa.Column("kind", PLAIN, nullable=False),
        sa.Column("secret", PLAIN, nullable=False),
        sa.Column("used_step", sa.Integer(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "kind", name=op.f("pk_customer_key")),
    )
    op.create_index("ix_customer_key_secret", "customer_key", ["secret"])
    op.create_table(
        "clerk_code",
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("code_hash", PLAIN, nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["account.name"], name=op.f("fk_clerk_code_name_account")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_clerk_code")),
    )
    op.create_table(
        "age_check",
        sa.Column("sale_id", PLAIN, nullable=False),
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_age_check_sale_id_sale")),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_age_check")),
    )
    with op.batch_alter_table("offer") as offer:
        offer.add_column(sa.Column("combines", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drops them."""
    with op.batch_alter_table("offer") as offer:
        offer.drop_column("combines")
    for table in ("age_check", "clerk_code", "customer_key"):
        op.drop_table(table)
