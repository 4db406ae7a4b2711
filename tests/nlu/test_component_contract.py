"""What every component of ours keeps to."""

import json
from typing import get_type_hints

import numpy as np
import pytest
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse

from assistant.nlu.ngram_featurizer import NgramFeaturizer
from assistant.nlu.sentence_encoder_featurizer import SentenceEncoderFeaturizer
from tests.nlu.conftest import COMPONENTS, Pipeline

TEXTS = ["how much is it", "my throat is closing", "knee", "😀", "日本語で", "a" * 900, "é̂", "<b>x</b>"]


def _output(message: Message) -> str:
    tables = [feature.features for feature in message.features]
    features = [(one.toarray() if sparse.issparse(one) else one).round(5).tolist() for one in tables]
    return json.dumps([message.as_dict(only_output_properties=True), features], sort_keys=True)


@pytest.mark.parametrize("kind", COMPONENTS)
@pytest.mark.parametrize("text", TEXTS)
def test_output_is_plain_json_and_repeatable(pipeline: Pipeline, kind: type, text: str) -> None:
    """Two messages with the same text leave a component the same, as plain JSON types."""
    assert _output(pipeline.after(kind, text)) == _output(pipeline.after(kind, text))


@pytest.mark.parametrize("kind", COMPONENTS)
def test_empty_text_passes(pipeline: Pipeline, kind: type) -> None:
    """A message without text costs no error."""
    assert pipeline.after(kind, "").get(TEXT) == ""


@pytest.mark.parametrize("kind", COMPONENTS)
def test_loaded_component_does_what_the_trained_one_did(pipeline: Pipeline, kind: type) -> None:
    """Persist, then load, gives the same output for every text."""
    loaded = pipeline.make(kind, {}, load=True)

    for text in TEXTS:
        assert _output(pipeline.after(kind, text, loaded)) == _output(pipeline.after(kind, text))


@pytest.mark.parametrize("kind", COMPONENTS)
def test_no_message_gives_no_message(pipeline: Pipeline, kind: type) -> None:
    """An empty list stays empty."""
    assert pipeline.components[kind].process([]) == []


@pytest.mark.parametrize("kind", COMPONENTS)
def test_annotations_resolve_at_run_time(kind: type) -> None:
    """Rasa compares the annotations of a component's methods when it trains."""
    for name in ("create", "process"):
        assert "return" in get_type_hints(getattr(kind, name))


@pytest.mark.parametrize("kind", COMPONENTS)
def test_default_config_names_each_option(kind: type) -> None:
    """Options are plain values under plain names."""
    assert json.loads(json.dumps(kind.get_default_config())) == kind.get_default_config()


@pytest.mark.parametrize("text", TEXTS)
def test_ranking_goes_from_sure_to_unsure_and_begins_with_the_intent(understand, text: str) -> None:
    """The first of the ranking is the intent, the classifier's part is in order, no intent twice."""
    message = understand(text)

    ranking = message.get(INTENT_RANKING_KEY)
    names = [entry["name"] for entry in ranking]
    by_classifier = [entry["confidence"] for entry in ranking[1:]]
    assert ranking[0] == message.get(INTENT)
    assert by_classifier == sorted(by_classifier, reverse=True)
    assert len(names) == len(set(names))
    assert all(0 <= entry["confidence"] <= 1 for entry in ranking)


def test_featurizer_adds_one_sentence_vector(pipeline: Pipeline) -> None:
    """The feature has shape (1, 384) and length 1."""
    (feature,) = pipeline.after(SentenceEncoderFeaturizer, "does it hurt").features

    assert feature.features.shape == (1, 384)
    assert np.linalg.norm(feature.features) == pytest.approx(1.0, abs=1e-3)


def test_ngrams_are_those_of_the_corrected_text(pipeline: Pipeline) -> None:
    """A misspelt subject word has the n-grams of the right one; the message keeps its text."""
    slip, right = (
        pipeline.after(NgramFeaturizer, text) for text in ("does mesotherpy hurt", "does mesotherapy hurt")
    )

    assert (slip.features[1].features != right.features[1].features).nnz == 0
    assert slip.get(TEXT) == "does mesotherpy hurt"
