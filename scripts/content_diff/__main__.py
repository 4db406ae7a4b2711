"""Compares answers with those of a revision: `python -m scripts.content_diff REVISION [file …]`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import MesoGuideError
from assistant.knowledge import load
from scripts.content_diff.compare import compare
from scripts.content_diff.page import page
from scripts.content_diff.question import Asked, asked_in_file, asked_in_log
from scripts.content_diff.revision import changed_understanding, commit_of, content_at
from scripts.content_diff.teller import Teller

DEFAULT = Path("tests/evaluation/dev.jsonl")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the page, or writes it to --out; returns 2 where something cannot be read."""
    options = _parser().parse_args(arguments)
    root = Path.cwd()
    try:
        commit = commit_of(root, options.base)
        old, new = content_at(root, commit), load(root / "data" / "knowledge")
        asked = [one for file in options.files or [DEFAULT] for one in asked_in_file(file)]
        asked += asked_in_log(options.log) if options.log else []
        teller = Teller(root)
        differences = asyncio.run(compare(teller, old, new, _once(asked)))
        told = page(commit, differences, _once(asked), changed_understanding(root, commit))
    except MesoGuideError as error:
        print(f"content-diff: {error}", file=sys.stderr)
        return 2
    if options.out:
        options.out.write_text(told, encoding="utf-8")
    else:
        print(told)
    return 0


def _once(asked: Sequence[Asked]) -> list[Asked]:
    return list({one.turns: one for one in reversed(asked)}.values())[::-1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.content_diff", description=__doc__)
    parser.add_argument("base", help="a git revision")
    parser.add_argument("files", nargs="*", type=Path, help=f"questions; without one {DEFAULT}")
    parser.add_argument(
        "--log", type=Path, help="database of kept conversations, whose messages are asked too"
    )
    parser.add_argument("--out", type=Path, help="file for the page")
    return parser


if __name__ == "__main__":
    sys.exit(main())
