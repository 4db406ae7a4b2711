"""`python -m benchmarks.console.groups`: how alike two questions must be to be shown together.

Examples of `data/nlu/` stand in for questions without an answer; those of one intent belong together.
"""

import random
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import yaml

from assistant.language.sentence_encoder import SentenceEncoder
from assistant.projector.subject import Subject, read_examples

ROOT = Path(__file__).parents[2]
EXAMPLES = 12
THRESHOLDS = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7)


def main() -> int:
    """Prints for each threshold how many of the pairs that were put together are right, and the groups."""
    chance = random.Random(1)
    texts, intents = [], []
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for part in yaml.safe_load(file.read_text(encoding="utf-8")).get("nlu", ()):
            examples = [line[2:] for line in part.get("examples", "").splitlines() if line.startswith("- ")]
            if str(part.get("intent", "")).startswith("ask_") and len(examples) >= EXAMPLES:
                texts += chance.sample(examples, EXAMPLES)
                intents += [part["intent"]] * EXAMPLES
    order = chance.sample(range(len(texts)), len(texts))
    encoder = SentenceEncoder(ROOT / "models" / "encoder")
    subject = Subject(encoder.encode(read_examples(ROOT / "data" / "nlu")))
    encoded = encoder.encode([texts[place] for place in order])
    named = [intents[place] for place in order]
    print(f"{len(texts)} questions of {len(set(intents))} intents")
    print("| cosine | right pairs | together of one intent | groups of two or more | largest |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for vectors in (encoded, subject.without(encoded)):
        print("| as encoded | | | | |" if vectors is encoded else "| without what is common | | | | |")
        for threshold in THRESHOLDS:
            print(_line(threshold, _group(vectors, threshold), named))
    return 0


def _group(vectors: np.ndarray, threshold: float) -> list[int]:
    """Returns the group of each question, as the projector finds it one after another."""
    leaders: list[np.ndarray] = []
    groups = []
    for vector in vectors:
        cosines = np.stack(leaders) @ vector if leaders else np.zeros(1)
        best = int(cosines.argmax())
        if cosines[best] < threshold:
            leaders.append(vector)
            best = len(leaders) - 1
        groups.append(best)
    return groups


def _line(threshold: float, groups: list[int], intents: list[str]) -> str:
    pairs = sum(count * (count - 1) for count in Counter(groups).values())
    right = sum(count * (count - 1) for count in Counter(zip(groups, intents, strict=True)).values())
    whole = sum(count * (count - 1) for count in Counter(intents).values())
    sizes = [count for count in Counter(groups).values() if count > 1]
    return f"| {threshold} | {right / pairs:.2f} | {right / whole:.2f} | {len(sizes)} | {max(sizes)} |"


if __name__ == "__main__":
    sys.exit(main())
