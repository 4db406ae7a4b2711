"""Training without Rasa's cache: the patch sits where Rasa puts its hook."""

import inspect

import pytest
from rasa.engine.training import graph_trainer, hooks

from assistant.server.uncached_training import NoCache, leave_cache_out


def test_rasa_still_makes_the_hook_that_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when Rasa changes the hook, its arguments, or who makes it."""
    monkeypatch.setattr(graph_trainer, "TrainingHook", hooks.TrainingHook)
    source = inspect.getsource(graph_trainer.GraphTrainer.train)
    assert "TrainingHook(" in source

    leave_cache_out()

    assert graph_trainer.TrainingHook is NoCache
    for name in ("__init__", "on_before_node", "on_after_node"):
        theirs = inspect.signature(getattr(hooks.TrainingHook, name)).parameters
        assert list(inspect.signature(getattr(NoCache, name)).parameters) == list(theirs)
