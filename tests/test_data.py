"""The data files agree with each other."""

import re
from pathlib import Path

import pytest
import yaml

from actions import names
from assistant.knowledge import load

ROOT = Path(__file__).parents[1]
WITHOUT_EXAMPLES = {"other_language", "out_of_scope", "nlu_fallback"}
BOUNDARIES = {
    "ask_about_us",
    "ask_capabilities",
    "ask_if_bot",
    "ask_personal_advice",
    "ask_privacy",
    "ask_recipe",
}


def _yaml(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def domain() -> dict:
    return _yaml(ROOT / "domain.yml")


@pytest.fixture(scope="module")
def intents(domain: dict) -> set[str]:
    return {name for entry in domain["intents"] for name in entry}


@pytest.fixture(scope="module")
def examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in _yaml(file)["nlu"]:
            lines = [line[2:].strip() for line in block["examples"].splitlines() if line.startswith("- ")]
            found.setdefault(block["intent"], []).extend(lines)
    return found


@pytest.fixture(scope="module")
def rules() -> list[dict]:
    files = sorted((ROOT / "data" / "rules").glob("*.yml"))
    return [rule for file in files for rule in _yaml(file)["rules"]]


def test_each_topic_is_one_intent_and_one_entry(intents: set[str]) -> None:
    """`ask_<topic>` and knowledge entry `<topic>` come in pairs."""
    topics = {name.removeprefix("ask_") for name in intents - BOUNDARIES if name.startswith("ask_")}

    assert topics == set(load(ROOT / "data" / "knowledge").entries)


def test_each_intent_has_examples(intents: set[str], examples: dict[str, list[str]]) -> None:
    """Every intent but those set by rejection has at least 30 examples."""
    assert set(examples) == intents - WITHOUT_EXAMPLES
    assert {intent: len(lines) for intent, lines in examples.items() if len(lines) < 30} == {}


def test_no_example_stands_under_two_intents(examples: dict[str, list[str]]) -> None:
    """One wording means one thing, and stands once."""
    lines = [re.sub(r"\W+", " ", line.lower()).strip() for texts in examples.values() for line in texts]
    texts = [line for line in lines if line]

    assert sorted({line for line in texts if texts.count(line) > 1}) == []


def test_each_intent_has_exactly_one_rule(intents: set[str], rules: list[dict]) -> None:
    """Nothing is left to predict."""
    in_rules = [rule["steps"][0]["intent"] for rule in rules]

    assert sorted(in_rules) == sorted(intents)


def test_rules_have_different_names(rules: list[dict]) -> None:
    """A rule is known by its sentence."""
    sentences = [rule["rule"] for rule in rules]

    assert len(sentences) == len(set(sentences))


def test_domain_lists_exactly_the_actions_there_are(domain: dict, rules: list[dict]) -> None:
    """Domain, rules and actions/names.py agree."""
    in_rules = {step["action"] for rule in rules for step in rule["steps"] if "action" in step}
    in_code = {value for value in vars(names).values() if str(value).startswith("action_")}

    assert set(domain["actions"]) == in_rules == in_code


def test_domain_is_in_alphabetical_order(domain: dict) -> None:
    """A reader finds a name at once."""
    for part in ("intents", "entities", "slots", "actions"):
        entries = [next(iter(entry)) if isinstance(entry, dict) else entry for entry in domain[part]]
        assert entries == sorted(entries), part


def test_both_models_of_topics_are_fitted_alike() -> None:
    """The rejection model judges choices of a topic model that is fitted in the same way."""
    pipeline = {entry["name"].rsplit(".", 1)[-1]: entry for entry in _yaml(ROOT / "config.yml")["pipeline"]}

    for option in ("strength", "ngram_weight", "balance"):
        assert pipeline["TopicClassifier"][option] == pipeline["RejectionClassifier"][option], option


def test_each_entity_has_a_lookup_with_a_source(domain: dict) -> None:
    """Entities of the domain and files of data/lookups come in pairs."""
    for entity in domain["entities"]:
        lookup = _yaml(ROOT / "data" / "lookups" / f"{entity}.yml")
        assert lookup["entity"] == entity and lookup["source"] and lookup["terms"]


def test_each_id_that_chooses_a_variant_stands_in_its_lookup() -> None:
    """A variant waits for an id that messages can bring along; the country comes from the clinic."""
    asked: dict[str, set[str]] = {}
    for file in sorted((ROOT / "data" / "knowledge" / "topics").glob("*.yml")):
        for entry in _yaml(file)["entries"]:
            for variant in entry.get("variants", []):
                for name, ids in variant["when"].items():
                    asked.setdefault(name, set()).update([ids] if isinstance(ids, str) else ids)
    asked.pop("country", None)

    missing = {}
    for name, ids in asked.items():
        terms = _yaml(ROOT / "data" / "lookups" / f"{name}.yml")["terms"]
        missing[name] = sorted(ids - {term["id"] for term in terms})

    assert {name: ids for name, ids in missing.items() if ids} == {}


def test_only_training_data_folders_hold_training_keys() -> None:
    """Rasa would read any YAML under data/ with such a key as training data."""
    for file in (ROOT / "data").rglob("*.yml"):
        if file.parts[-2] not in {"nlu", "rules", "stories"}:
            assert not {"nlu", "rules", "stories", "responses"} & set(_yaml(file) or {}), file
