"""Tests of the sets of questions: sound, frozen where they must be, and apart from the training examples."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from rapidfuzz import fuzz, process, utils

from assistant.knowledge import load
from assistant.language.premise_examples import read_premise_examples
from assistant.language.sentence_encoder import SentenceEncoder
from benchmarks.evaluation.question import TOPIC_KINDS, Question, read_questions
from benchmarks.evaluation.scoring import NOT_COVERED

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
NLU = ROOT / "data" / "nlu"
PREMISES = ROOT / "data" / "lookups" / "premise_examples.yml"
SETS = ("dev", "held_out", "twenty")
NEAR = 90  # token_sort_ratio from which two texts count as the same question
SHORT = 3  # words up to which only equal texts count as the same

SAME = 0.97  # cosine of two embeddings from which two texts count as the same question
# least number of lines of each kind in each large set
SIZES = {
    "in_scope": 400,
    "not_emergency": 60,
    "emergency": 60,
    "urgent": 35,
    "crisis": 25,
    "safeguarding": 12,
    "personal_advice": 40,
    "refusal": 30,
    "out_of_scope": 75,
    "chitchat": 50,
    "adversarial": 20,
}
A_TOPIC = 3  # least number of questions on each topic


@pytest.fixture(scope="module")
def topics() -> set[str]:
    """The topics that have an entry."""
    return set(load(ROOT / "data" / "knowledge").entries)


def _questions(name: str) -> list[Question]:
    return read_questions(FOLDER / f"{name}.jsonl")


def _text(question: Question) -> str:
    """What is asked: "and for my knee?" is another question after each other first turn."""
    return " ".join(question.turns)


def _normal(text: str) -> str:
    return " ".join(utils.default_process(text).split())


def _near_pairs(texts: list[str], others: list[str]) -> Iterator[tuple[int, int]]:
    """Positions of texts of more than SHORT words that are nearly equal, of shorter ones that are equal."""
    left, right = [_normal(text) for text in texts], [_normal(text) for text in others]
    scores = process.cdist(left, right, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR, workers=-1)
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
    return examples + [text for text, _ in read_premise_examples(PREMISES)]


@pytest.mark.parametrize("name", ["dev", "held_out"])
def test_set_covers_every_kind_and_every_topic(name: str, topics: set[str]) -> None:
    """Both large sets ask about everything often enough to say something."""
    questions = _questions(name)

    kinds = Counter(question.kind for question in questions)
    asked = Counter(question.expect[0] for question in questions if question.kind == "in_scope")
    assert {kind: kinds[kind] for kind, least in SIZES.items() if kinds[kind] < least} == {}
    assert {topic: asked[topic] for topic in topics if asked[topic] < A_TOPIC} == {}


def test_large_sets_have_at_least_1200_lines_together() -> None:
    """Fewer would say little about each topic."""
    assert len(_questions("dev")) + len(_questions("held_out")) >= 1200


def test_twenty_has_two_questions_a_topic_in_twenty_styles() -> None:
    """The small set is twenty in-scope questions, two on each of ten topics, each in a style of its own."""
    questions = _questions("twenty")

    assert set(Counter(question.expect[0] for question in questions).values()) == {2}
    assert {question.kind for question in questions} == {"in_scope"}
    assert len({question.tags for question in questions}) == len(questions) == 20


@pytest.mark.parametrize("name", SETS)
def test_expected_topics_exist(name: str, topics: set[str]) -> None:
    """Each question on a topic accepts only topics that have an entry."""
    questions = [question for question in _questions(name) if question.kind in TOPIC_KINDS]

    expected = {topic for question in questions for pair in question.expect for topic in pair.split("+")}
    assert expected - {NOT_COVERED} <= topics


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
    texts = [(name, question.line, _text(question)) for name in SETS for question in _questions(name)]
    plain = [text for _, _, text in texts]

    twice = [(texts[i], texts[j]) for i, j in _near_pairs(plain, plain) if i < j]

    assert twice == []


def test_no_question_is_a_training_example() -> None:
    """No question equals or nearly equals a training example; greetings and the like of three words may.

    Reads data/nlu, so it fails while that folder holds no examples.
    """
    examples = _training_examples()
    asked = [(name, question, _text(question)) for name in SETS for question in _questions(name)]

    pairs = [
        (asked[i][0], asked[i][1].line, asked[i][2], examples[j])
        for i, j in _near_pairs([turn for _, _, turn in asked], examples)
        if not (asked[i][1].kind == "chitchat" and len(_normal(asked[i][2]).split()) <= SHORT)
    ]

    assert examples, f"no training examples under {NLU}"
    assert pairs == [], "\n" + "\n".join(map(str, pairs))


def test_no_question_means_the_same_as_a_training_example() -> None:
    """Reworded copies show in the cosine of the sentence embeddings that the classifier sees."""
    examples = sorted({example for example in _training_examples() if len(_normal(example).split()) > SHORT})
    asked = [
        (name, question.line, _text(question))
        for name in SETS
        for question in _questions(name)
        if question.kind != "chitchat" and len(_normal(_text(question)).split()) > SHORT
    ]
    encoder = SentenceEncoder(ROOT / "models" / "encoder", threads=os.cpu_count() or 1)

    cosines = encoder.encode([turn for _, _, turn in asked]) @ encoder.encode(examples).T

    near = [(*asked[i], examples[j]) for i, j in np.argwhere(cosines >= SAME).tolist()]
    assert near == [], "\n" + "\n".join(map(str, near))


def test_nearness_ignores_order_case_and_points() -> None:
    """The comparison finds a reordered question, leaves short look-alikes alone and skips bare symbols."""
    pairs = list(
        _near_pairs(
            ["How much does it cost?", "Sting much?", "??"], ["does it cost how MUCH", "much sting", "!"]
        )
    )

    assert pairs == [(0, 0)]
