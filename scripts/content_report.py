"""Writes the report on the content: `python -m scripts.content_report [folder] [file]`."""

import sys
from datetime import date
from pathlib import Path

from assistant.knowledge import load
from assistant.knowledge.report import content_report
from assistant.knowledge.review import countries_due
from assistant.knowledge.wording import Wording


def main(arguments: list[str]) -> int:
    """Writes the Markdown page and prints which telephone numbers are due; returns 0."""
    folder = Path(arguments[0] if arguments else "data/knowledge")
    file = Path(arguments[1] if len(arguments) > 1 else "docs/content-report.md")
    knowledge = load(folder)
    page = content_report(knowledge, Wording.load(folder / "schema" / "wording.yml"))
    file.write_text(page, encoding="utf-8")
    print(f"{file} written")
    if countries := ", ".join(countries_due(knowledge, date.today())):
        print(f"warning: telephone numbers to verify: {countries}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
