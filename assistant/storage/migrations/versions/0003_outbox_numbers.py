"""Never give a number of the outbox twice.

SQLite gives the number of the newest row again when that row is deleted, as an erasure does; a reader
of the outbox that has seen the number would then pass the erasure by.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """See module."""
    if op.get_bind().dialect.name == "sqlite":
        options = {"sqlite_autoincrement": True}
        with op.batch_alter_table("outbox", recreate="always", table_kwargs=options):
            pass
