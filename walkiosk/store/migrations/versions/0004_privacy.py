"""When customers were last here, and who is to be forgotten.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "customer_seen",
        sa.Column("customer_id", PLAIN, nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_seen")),
    )
    op.create_table(
        "forgotten_customer",
        sa.Column("mark", PLAIN, nullable=False),
        sa.Column("salt", PLAIN, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_forgotten_customer")),
    )


def downgrade() -> None:
    """Drops them."""
    op.drop_table("forgotten_customer")
    op.drop_table("customer_seen")
