"""Steps from each form of the tables to the next, run by Alembic when the projector starts."""
