"""Questions to the payment provider are found by their keys.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the index."""
    op.create_index("ix_sale_arrow_key", "sale_arrow", ["key"])


def downgrade() -> None:
    """Drops it."""
    op.drop_index("ix_sale_arrow_key", table_name="sale_arrow")
