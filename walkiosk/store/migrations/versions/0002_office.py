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


def upgrade() -> None:
    """Makes the tables of the office."""


def downgrade() -> None:
    """Drops them."""
