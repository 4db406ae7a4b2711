"""Count how often a message was begun."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """See module."""
    op.add_column("inbound", sa.Column("attempts", sa.Integer, nullable=False, server_default="1"))
