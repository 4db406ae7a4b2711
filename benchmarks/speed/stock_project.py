"""Writes the stock assistant: Rasa's own default configuration and nothing of ours but examples."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks.speed.error import MeasureError
from benchmarks.speed.sample import read_examples

ACTION = "action_answer_fixed"
ANSWER = "This is the one answer of this assistant, as long as a short answer of the other one is."
ACTIONS = f'''from rasa_sdk import Action


class ActionAnswerFixed(Action):
    def name(self):
        return "{ACTION}"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="{ANSWER}")
        return []
'''
STORIES = 3  # as many as `rasa init` writes; with none, Rasa skips TEDPolicy and UnexpecTEDIntentPolicy
FALLBACK = "nlu_fallback"  # the intent that Rasa's FallbackClassifier sets; without a rule it gets no reply


def default_config() -> str:
    """The configuration for English that Rasa fills in where `rasa init` leaves it open."""
    spec = find_spec("rasa")
    if spec is None or not spec.origin:
        raise MeasureError("Rasa is not installed here. Run `make build` first.")
    file = Path(spec.origin).parent / "engine" / "recipes" / "config_files" / "default_config.yml"
    return file.read_text(encoding="utf-8").replace("placeholder_default", "stock")


def project_files(sample: Path) -> dict[str, str]:
    """The files of the project by their path in it; what decides the trained model."""
    intents = list(read_examples([sample]))
    return {
        "config.yml": default_config(),
        "domain.yml": _domain(intents),
        "data/nlu.yml": sample.read_text(encoding="utf-8"),
        "data/rules.yml": _rules([*intents, FALLBACK]),
        "data/stories.yml": _stories(intents[: 2 * STORIES]),
        "actions.py": ACTIONS,
        "credentials.yml": "rest:\n",
    }


def endpoints(actions_port: int, database: Path) -> str:
    """Contents of endpoints.yml: the action server on this machine and an SQLite file."""
    return (
        f"action_endpoint:\n  url: http://127.0.0.1:{actions_port}/webhook\n"
        f"tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: {database}\n"
    )


def write_project(files: Mapping[str, str], folder: Path) -> None:
    """Writes the files into `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def _domain(intents: Sequence[str]) -> str:
    listed = "".join(f"  - {intent}\n" for intent in intents)
    session = "session_config:\n  session_expiration_time: 60\n  carry_over_slots_to_new_session: true\n"
    return f'version: "3.1"\n\nintents:\n{listed}\nactions:\n  - {ACTION}\n\n{session}'


def _rules(intents: Sequence[str]) -> str:
    rules = "".join(
        f"  - rule: Answer {intent}\n    steps:\n      - intent: {intent}\n      - action: {ACTION}\n"
        for intent in intents
    )
    return f'version: "3.1"\n\nrules:\n{rules}'


def _stories(intents: Sequence[str]) -> str:
    """Stories of two turns, each over the next two intents."""
    stories = "".join(
        f"  - story: Answer {first}, then {second}\n    steps:\n"
        f"      - intent: {first}\n      - action: {ACTION}\n"
        f"      - intent: {second}\n      - action: {ACTION}\n"
        for first, second in zip(intents[::2], intents[1::2], strict=True)
    )
    return f'version: "3.1"\n\nstories:\n{stories}'
