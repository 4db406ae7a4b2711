"""The sequential runner gives what Rasa's Dask runner gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.exceptions import GraphComponentException
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from assistant.turn.graph_runner import SequentialGraphRunner


class Adder(GraphComponent):
    """Adds what it is given and tells how often it ran."""

    runs: list[str] = []

    def __init__(self, name: str) -> None:
        self._name = name

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> Adder:
        return cls(execution_context.node_name)

    def add(self, left: Any, right: Any) -> Any:
        self.runs.append(self._name)
        return left + right


def _node(left: str, right: str, eager: bool = True) -> SchemaNode:
    return SchemaNode(
        needs={"left": left, "right": right},
        uses=Adder, constructor_name="create", fn="add", config={}, eager=eager,
    )  # fmt: skip


SCHEMA = GraphSchema(
    {
        # written in an order in which they cannot run
        "both": _node("twice", "thrice"),
        "thrice": _node("twice", "__number__", eager=False),
        "twice": _node("__number__", "__number__"),
        "unneeded": _node("both", "both"),
    }
)


@pytest.fixture(params=[DaskGraphRunner, SequentialGraphRunner])
def runner(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    Adder.runs.clear()
    return request.param.create(SCHEMA, LocalModelStorage(tmp_path), ExecutionContext(SCHEMA))


@pytest.mark.parametrize(
    ("targets", "result"),
    [(["both"], {"both": 10}), (["twice"], {"twice": 4}), (["both", "twice"], {"both": 10, "twice": 4})],
)
def test_targets_are_computed(runner: Any, targets: list[str], result: dict[str, int]) -> None:
    """Each target comes with its name, from nodes written in any order, as often as it is asked for."""
    assert runner.run({"__number__": 2}, targets) == result
    assert runner.run({"__number__": 2}, targets) == result


def test_a_node_runs_once_and_only_when_needed(runner: Any) -> None:
    """What two nodes need is computed once, what no target needs is not."""
    runner.run({"__number__": 2}, ["both"])

    assert sorted(Adder.runs) == ["both", "thrice", "twice"]


def test_failing_node_raises_the_same(runner: Any) -> None:
    """A component's error comes out as GraphComponentException."""
    with pytest.raises(GraphComponentException):
        runner.run({"__number__": {}}, ["both"])
