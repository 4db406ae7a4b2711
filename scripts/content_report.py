"""Writes the report on the content: `python -m scripts.content_report [folder] [file]`."""

import sys
from pathlib import Path

from assistant.knowledge import load
from assistant.knowledge.report import content_report
from assistant.knowledge.wording import Wording


def main(arguments: list[str]) -> int:
    """Writes the Markdown page; returns 0."""
    folder = Path(arguments[0] if arguments else "data/knowledge")
    file = Path(arguments[1] if len(arguments) > 1 else "docs/content-report.md")
    page = content_report(load(folder), Wording.load(folder / "schema" / "wording.yml"))
    file.write_text(page, encoding="utf-8")
    print(f"{file} written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
