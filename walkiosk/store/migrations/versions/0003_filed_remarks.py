"""A remark's category by hand.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the column."""
    op.add_column("feedback", sa.Column("filed", PLAIN, nullable=True))


def downgrade() -> None:
    """Drops it."""
    with op.batch_alter_table("feedback") as batch:
        batch.drop_column("filed")
