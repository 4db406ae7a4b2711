"""Chooses the stock assistant's training examples: `python -m benchmarks.speed.sample` writes sample.yml.

The file is kept, so that a changed line of data/nlu does not cost the stock
model its training (a quarter of an hour) and old results stay comparable.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = Path(__file__).with_name("sample.yml")
INTENTS = 77  # as many as BANKING77 has
EACH = 10  # examples of one intent
SEED = 77


def read_examples(files: Iterable[Path]) -> dict[str, list[str]]:
    """The examples of each intent in Rasa training files, in the order in which they stand there."""
    found: dict[str, list[str]] = {}
    for file in files:
        for block in yaml.safe_load(file.read_text(encoding="utf-8")).get("nlu", ()):
            if "intent" in block:
                lines = [line.strip()[2:] for line in block["examples"].splitlines() if line.strip()]
                found.setdefault(block["intent"], []).extend(lines)
    return found


def choose(
    examples: Mapping[str, Sequence[str]], intents: int = INTENTS, each: int = EACH, seed: int = SEED
) -> dict[str, list[str]]:
    """`intents` intents in alphabetical order with `each` different examples; the same for the same input.

    Raises ValueError when fewer intents have that many examples.
    """
    distinct = {intent: sorted(set(lines)) for intent, lines in examples.items()}
    enough = sorted(intent for intent, lines in distinct.items() if len(lines) >= each)
    if len(enough) < intents:
        raise ValueError(f"{len(enough)} intents have {each} examples or more; {intents} are needed.")
    draw = random.Random(seed)
    return {intent: draw.sample(distinct[intent], each) for intent in sorted(draw.sample(enough, intents))}


def as_nlu(sample: Mapping[str, Sequence[str]]) -> str:
    """The sample as a Rasa training file."""
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in sample.items():
        lines += [f"  - intent: {intent}", "    examples: |", *(f"      - {text}" for text in texts)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    SAMPLE.write_text(
        as_nlu(choose(read_examples(sorted((ROOT / "data" / "nlu").glob("*.yml"))))), encoding="utf-8"
    )
    print(f"{SAMPLE.relative_to(ROOT)}: {INTENTS} intents with {EACH} examples, seed {SEED}")
