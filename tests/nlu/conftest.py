"""A small real pipeline: our components on the built encoder and spaCy pipeline."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.tokenizers.spacy_tokenizer import SpacyTokenizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.nlu.canonical_entity_extractor import CanonicalEntityExtractor
from assistant.nlu.language_detector import LanguageDetector
from assistant.nlu.ngram_featurizer import NgramFeaturizer
from assistant.nlu.premise_classifier import PremiseClassifier
from assistant.nlu.premise_extractor import PremiseExtractor
from assistant.nlu.premise_topic import PremiseTopic
from assistant.nlu.rejection_classifier import RejectionClassifier
from assistant.nlu.safety_classifier import SafetyClassifier
from assistant.nlu.sentence_encoder_featurizer import SentenceEncoderFeaturizer
from assistant.nlu.spacy_document import SpacyDocument
from assistant.nlu.topic_classifier import TopicClassifier

COMPONENTS: list[type[GraphComponent]] = [
    SpacyDocument,
    CanonicalEntityExtractor,
    PremiseExtractor,
    LanguageDetector,
    SentenceEncoderFeaturizer,
    NgramFeaturizer,
    TopicClassifier,
    PremiseClassifier,
    RejectionClassifier,
    PremiseTopic,
    SafetyClassifier,
]
EXAMPLES = {
    "ask_cost": [
        "how much is it", "what does a session cost", "price please", "is it expensive",
        "what would I pay for a course", "cost per visit", "how many pounds for one go", "cheap or dear",
    ],
    "ask_pain": [
        "does it hurt", "is it painful", "how sore will I be", "do the needles sting",
        "will I need numbing cream", "is there a lot of pain", "ouch factor", "can you feel the pricks",
    ],
    "greet": [
        "hello", "hi there", "good morning", "hey", "hi bot", "good evening", "hello to you", "hiya",
    ],
    "report_emergency": [
        "I cannot breathe", "my throat is closing", "she has collapsed", "my chest hurts badly right now",
        "he is having a fit", "my face is swelling up fast", "I have gone blind in one eye", "he passed out",
    ],
}  # fmt: skip
ROOT = Path(__file__).parents[2]


class Pipeline:
    """All components, trained in order, with each kept apart for tests."""

    def __init__(self, folder: Path) -> None:
        self._storage = LocalModelStorage(folder)
        self._tokenizer = self.make(SpacyTokenizer, {})
        self.components: dict[type[GraphComponent], Any] = {}
        data = TrainingData(
            [Message({TEXT: text, INTENT: intent}) for intent, texts in EXAMPLES.items() for text in texts]
        )
        for kind in COMPONENTS:
            component = self.make(kind, {})
            if hasattr(component, "train"):
                component.train(data)
            if hasattr(component, "process_training_data"):
                component.process_training_data(data)
            self.components[kind] = component
            if kind is SpacyDocument:
                self._tokenizer.process_training_data(data)

    def make(self, kind: type, config: dict[str, Any], load: bool = False) -> Any:
        """Creates a component, or loads it as a server would."""
        build = kind.load if load else kind.create
        context = ExecutionContext(GraphSchema({}), node_name=kind.__name__)
        return build({**kind.get_default_config(), **config}, self._storage, Resource(kind.__name__), context)

    def before(self, kind: type, text: str) -> Message:
        """Returns a message as it reaches a component."""
        message = Message({TEXT: text})
        for earlier in COMPONENTS[: COMPONENTS.index(kind)]:
            self.components[earlier].process([message])
            if earlier is SpacyDocument:
                self._tokenizer.process([message])
        return message

    def after(self, kind: type, text: str, loaded: Any = None) -> Message:
        """Returns a message as it leaves a component."""
        message = self.before(kind, text)
        (loaded or self.components[kind]).process([message])
        return message


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return Pipeline(tmp_path_factory.mktemp("storage"))


@pytest.fixture(scope="session")
def understand(pipeline: Pipeline) -> Callable[[str], Message]:
    """Runs a text through the whole small pipeline."""
    return lambda text: pipeline.after(SafetyClassifier, text)
