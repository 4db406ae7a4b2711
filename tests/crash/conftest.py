"""The fixtures of the storage tests."""

from tests.storage.conftest import clock, database, state, store

__all__ = ["clock", "database", "state", "store"]
