"""Alembic calls this to run the steps on the connection that `assistant.review.database` hands in."""

from alembic import context

from assistant.review.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
