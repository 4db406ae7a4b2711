"""What a message takes for true, learnt from examples."""

import pytest
import yaml
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.errors import ContentError, ModelError
from assistant.language.premise_examples import NONE, read_premise_examples
from assistant.nlu.decision import DECISION
from assistant.nlu.premise_classifier import PremiseClassifier
from assistant.nlu.premise_extractor import PREMISES
from assistant.nlu.premise_topic import PremiseTopic
from assistant.nlu.question_splitter import PART, ROLE, SPAN
from tests.nlu.conftest import ROOT, Pipeline

FILE = ROOT / "data" / "lookups" / "premise_examples.yml"


def _ids(message: Message) -> list[str]:
    return [one["id"] for one in message.get(PREMISES) or []]


def test_examples_are_of_premises_that_exist_and_enough_of_each() -> None:
    """Every premise has examples, and no example names another one."""
    known = {
        one["id"] for one in yaml.safe_load((ROOT / "data/knowledge/premises.yml").read_text())["premises"]
    }
    labels = [premise for _, premise in read_premise_examples(FILE)]

    assert set(labels) == known | {NONE}
    assert min(labels.count(premise) for premise in known) >= 10


def test_paraphrase_of_a_premise_is_found(pipeline: Pipeline) -> None:
    """Wordings that no list holds are learnt; the message keeps what the wordings found."""
    message = pipeline.before(PremiseClassifier, "since just one visit does the trick, is it worth the fare")
    message.set(PREMISES, [{"id": "painless", "start": 0, "end": 4}])

    pipeline.components[PremiseClassifier].process([message])

    assert _ids(message) == ["painless", "one_session_enough"]


@pytest.mark.parametrize("text", ["how much is it", "hello", "does it hurt", "what does a session cost"])
def test_calm_question_takes_nothing_for_true(pipeline: Pipeline, text: str) -> None:
    assert _ids(pipeline.after(PremiseClassifier, text)) == []


def test_premise_of_a_part_is_told_at_its_place(pipeline: Pipeline) -> None:
    whole = pipeline.before(PremiseClassifier, "how much is it")
    part = pipeline.before(PremiseClassifier, "since just one visit does the trick, is it worth the fare")
    part.set(ROLE, PART)
    part.set(SPAN, [40, 90])

    pipeline.components[PremiseClassifier].process([whole, part])

    assert whole.get(PREMISES) == [{"id": "one_session_enough", "start": 40, "end": 90}]


def test_what_only_asks_takes_nothing_for_true(pipeline: Pipeline) -> None:
    """The same words state the premise when they are no question."""
    asked = pipeline.after(PremiseClassifier, "one visit does the job?")
    stated = pipeline.after(PremiseClassifier, "one visit does the job, so is it dear?")

    assert (_ids(asked), _ids(stated)) == ([], ["one_session_enough"])


@pytest.mark.parametrize(
    ("intent", "premises", "told"),
    [
        ("out_of_scope", ["ancient_chinese", "painless"], "ask_history"),
        ("ask_cost", ["ancient_chinese"], "ask_cost"),
        ("out_of_scope", [], "out_of_scope"),
    ],
)
def test_declined_message_is_answered_by_its_premise(
    pipeline: Pipeline, intent: str, premises: list[str], told: str
) -> None:
    """The topic that the first premise rests on is told in place of a refusal, and of nothing else."""
    component = pipeline.make(PremiseTopic, {"instead_of": ["out_of_scope"]})
    stated = [{"id": one, "start": 0, "end": 4} for one in premises]
    message = Message({TEXT: "which dynasty", INTENT: {"name": intent, "confidence": 0.9}, PREMISES: stated})

    component.process([message])

    assert message.get(INTENT)["name"] == told
    assert ((message.get(DECISION) or {}).get("by") == "premise") == (told != intent)


def test_training_without_examples_says_what_to_do(pipeline: Pipeline) -> None:
    component = pipeline.make(PremiseClassifier, {})

    with pytest.raises(ModelError, match="PremiseExtractor"):
        component.train(TrainingData([Message({TEXT: "how much", "intent": "ask_cost"})]))


def test_example_that_stands_twice_is_told(tmp_path) -> None:
    file = tmp_path / "examples.yml"
    file.write_text("premises:\n  painless: [it never hurts]\nnone: [It never hurts]\n", encoding="utf-8")

    with pytest.raises(ContentError, match="twice"):
        read_premise_examples(file)
