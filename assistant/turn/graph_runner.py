"""Runs the prediction graph node by node in an order that is found once."""

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.storage import ModelStorage

Plan = list[tuple[str, GraphNode, tuple[str, ...]]]


class SequentialGraphRunner(DaskGraphRunner):
    """Gives what DaskGraphRunner gives, without a scheduler.

    Replaces `run` (rasa/engine/runner/dask.py, line 82 of 3.6.21), which prunes the schema, builds a
    Dask graph and writes the tracker into a log entry for each of a turn's three runs.
    """

    def __init__(
        self,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> None:
        """See parent class."""
        super().__init__(graph_schema, model_storage, execution_context, hooks)
        self._plans: dict[tuple[str, ...], Plan] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        wanted = tuple(targets or self._graph_schema.target_names)
        plan = self._plans.get(wanted)
        if plan is None:
            plan = self._plans[wanted] = self._plan(wanted)
        # a node takes and gives its output with its name; an input of this run has its own name
        known = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, node, needs in plan:
                known[name] = node(*(known.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: known[name][1] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> Plan:
        """Returns the nodes with what each needs, every node after those it needs."""
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        ordered: Plan = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            if name in seen or name not in nodes:
                return
            seen.add(name)
            for need in nodes[name].needs.values():
                visit(need)
            ordered.append((name, self._instantiated_nodes[name], tuple(nodes[name].needs.values())))

        for target in targets:
            visit(target)
        return ordered
