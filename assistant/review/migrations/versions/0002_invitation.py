"""Links that set a password, and which code of the second factor was taken last."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds a table and a column."""
    op.create_table(
        "invitation",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("operator", sa.Integer(), nullable=True),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.add_column("operator", sa.Column("totp_step", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drops them."""
    op.drop_column("operator", "totp_step")
    op.drop_table("invitation")
