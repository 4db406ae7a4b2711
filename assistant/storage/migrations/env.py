"""Alembic calls this to run the steps on the connection that `assistant.storage.migrate` hands in."""

from alembic import context

from assistant.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
