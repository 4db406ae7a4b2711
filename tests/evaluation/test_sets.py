"""Tests of the sets of questions: sound, frozen where they must be, and apart from the training examples."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from rapidfuzz import fuzz, process, utils

from benchmarks.evaluation.question import TOPIC_KINDS, Question, read_questions

FOLDER = Path(__file__).parent
NLU = FOLDER.parents[1] / "data" / "nlu"
SETS = ("dev", "held_out", "twenty")
NEAR = 90  # token_sort_ratio from which two texts count as the same question
SHORT = 3  # words up to which only equal texts count as the same

TOPICS = (
    "what_is",
    "cellulite_effectiveness",
    "vs_liposuction",
    "side_effects_common",
    "side_effects_serious",
    "arthritis",
    "sports_injury",
    "number_of_sessions",
    "pain",
    "cost",
)
# Answers of a later, finer list of topics that would serve the same question.
FINER_TOPICS = (
    "allergy",
    "back_neck_pain",
    "face",
    "needle_fear",
    "recovery_time",
    "results_duration",
    "rheumatoid_arthritis",
    "session_frequency",
    "skin_scarring",
    "stop_or_miss_sessions",
    "tendon_ligament",
    "when_to_seek_help",
)
SIZES = {
    "in_scope": 160,
    "not_emergency": 45,
    "emergency": 45,
    "urgent": 25,
    "crisis": 15,
    "personal_advice": 25,
    "refusal": 20,
    "out_of_scope": 50,
    "chitchat": 25,
    "adversarial": 15,
}


def _questions(name: str) -> list[Question]:
    return read_questions(FOLDER / f"{name}.jsonl")


def _normal(text: str) -> str:
    return " ".join(utils.default_process(text).split())


def _near_pairs(texts: list[str], others: list[str]) -> Iterator[tuple[int, int]]:
    """Positions of texts of more than SHORT words that are nearly equal, of shorter ones that are equal."""
    left, right = [_normal(text) for text in texts], [_normal(text) for text in others]
    scores = process.cdist(left, right, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR)
    for i, j in np.argwhere(scores >= NEAR).tolist():
        long_enough = min(len(left[i].split()), len(right[j].split())) > SHORT
        if left[i] and (long_enough or left[i] == right[j]):
            yield i, j


def _training_examples() -> list[str]:
    """Texts of all training examples, without the marks of entities."""
    examples: list[str] = []
    for path in sorted(NLU.glob("**/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or []:
            if "intent" in block:
                lines = re.findall(r"^\s*-\s*(.+)$", str(block.get("examples", "")), flags=re.MULTILINE)
                examples += [re.sub(r"\[([^\]]+)\](\([^)]*\)|\{[^}]*\})", r"\1", line) for line in lines]
    return examples


@pytest.mark.parametrize("name", ["dev", "held_out"])
def test_set_has_its_distribution(name: str) -> None:
    """Both large sets hold the same number of lines of each kind, and sixteen questions on each topic."""
    questions = _questions(name)

    topics = Counter(question.expect[0] for question in questions if question.kind == "in_scope")
    assert Counter(question.kind for question in questions) == SIZES
    assert topics == dict.fromkeys(TOPICS, 16)


def test_twenty_has_two_questions_a_topic_in_twenty_styles() -> None:
    """The small set is twenty in-scope questions, two on each topic, each in a style of its own."""
    questions = _questions("twenty")

    assert Counter(question.expect[0] for question in questions) == dict.fromkeys(TOPICS, 2)
    assert {question.kind for question in questions} == {"in_scope"}
    assert len({question.tags for question in questions}) == len(questions) == 20


@pytest.mark.parametrize("name", SETS)
def test_expected_topics_are_known(name: str) -> None:
    """Each question on a topic accepts a present topic first; the rest are present or finer ones."""
    questions = [question for question in _questions(name) if question.kind in TOPIC_KINDS]

    assert {question.expect[0] for question in questions} <= set(TOPICS)
    assert {topic for question in questions for topic in question.expect} <= {*TOPICS, *FINER_TOPICS}


@pytest.mark.parametrize("name", SETS)
def test_every_line_has_a_tag(name: str) -> None:
    """Every line says in a tag what is particular about it."""
    assert [question.line for question in _questions(name) if not question.tags] == []


def test_held_out_set_is_frozen() -> None:
    """The held-out set is byte for byte the one that was put away before the first measurement."""
    frozen = (FOLDER / "FROZEN").read_text(encoding="ascii").split()[0]

    assert hashlib.sha256((FOLDER / "held_out.jsonl").read_bytes()).hexdigest() == frozen


def test_sets_do_not_share_questions() -> None:
    """No question stands twice, in one set or in two."""
    texts = [
        (name, question.line, turn)
        for name in SETS
        for question in _questions(name)
        for turn in question.turns
    ]
    plain = [text for _, _, text in texts]

    twice = [(texts[i], texts[j]) for i, j in _near_pairs(plain, plain) if i < j]

    assert twice == []


def test_no_question_is_a_training_example() -> None:
    """No question equals or nearly equals a training example; greetings and the like of three words may.

    Reads data/nlu, so it fails while that folder holds no examples.
    """
    examples = _training_examples()
    asked = [
        (name, question, turn) for name in SETS for question in _questions(name) for turn in question.turns
    ]

    pairs = [
        (asked[i][0], asked[i][1].line, asked[i][2], examples[j])
        for i, j in _near_pairs([turn for _, _, turn in asked], examples)
        if not (asked[i][1].kind == "chitchat" and len(_normal(asked[i][2]).split()) <= SHORT)
    ]

    assert examples, f"no training examples under {NLU}"
    assert pairs == [], "\n" + "\n".join(map(str, pairs))


def test_nearness_ignores_order_case_and_points() -> None:
    """The comparison finds a reordered question, leaves short look-alikes alone and skips bare symbols."""
    pairs = list(
        _near_pairs(
            ["How much does it cost?", "Sting much?", "??"], ["does it cost how MUCH", "much sting", "!"]
        )
    )

    assert pairs == [(0, 0)]
