"""Checks the content files: `python -m scripts.validate [folder]`."""

import sys
from pathlib import Path

from assistant.knowledge.validate import validate


def main(arguments: list[str]) -> int:
    """Prints each problem and warning on a line, then a count; returns 1 if there are problems."""
    examination = validate(Path(arguments[0] if arguments else "data/knowledge"))
    for problem in examination.problems:
        print(f"problem: {problem}")
    for warning in examination.warnings:
        print(f"warning: {warning}")
    counts = {
        "topics": examination.topics,
        "sources": examination.sources,
        "problems": len(examination.problems),
        "warnings": len(examination.warnings),
    }
    print(", ".join(f"{number} {name}" for name, number in counts.items()))
    return 1 if examination.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
