"""Trains without Rasa's cache of training results; for the process that trains, never for one that serves.

Rasa fingerprints and stores what each node gives out, all examples with all their features
(rasa/engine/training/hooks.py, `TrainingHook`, put in place in graph_trainer.py line 86, 3.6.21).
That work grows with the number of examples and is never read here: our training is always forced,
because the cache does not see changed weights, lookups or shared code.
"""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNodeHook, GraphSchema
from rasa.engine.training import graph_trainer


class NoCache(GraphNodeHook):
    """Stands where TrainingHook does and keeps nothing."""

    def __init__(self, cache: Any, model_storage: Any, pruned_schema: GraphSchema) -> None:
        """Takes what TrainingHook takes."""

    def on_before_node(
        self,
        node_name: str,
        execution_context: ExecutionContext,
        config: dict[str, Any],
        received_inputs: dict[str, Any],
    ) -> dict:
        """Has nothing to remember."""
        return {}

    def on_after_node(
        self,
        node_name: str,
        execution_context: ExecutionContext,
        config: dict[str, Any],
        output: Any,
        input_hook_data: dict,
    ) -> None:
        """Stores nothing."""


def leave_cache_out() -> None:
    """Puts NoCache in the place of Rasa's hook, in this process."""
    graph_trainer.TrainingHook = NoCache  # type: ignore[misc,assignment]
