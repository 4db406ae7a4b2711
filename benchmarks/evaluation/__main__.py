"""Command line: asks every question of a file and prints what came of it."""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime, timezone
from pathlib import Path

import requests

from assistant.errors import ContentError, MesoGuideError
from benchmarks.evaluation.client import ChatClient, emergency_numbers
from benchmarks.evaluation.question import Question, read_questions
from benchmarks.evaluation.report import Result, build_report, table
from benchmarks.evaluation.scoring import judge
from benchmarks.evaluation.server import running_server

THREADS = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 if it ran, whatever the results; 1 if no server answers; 2 for a bad file or option."""
    options = _parser().parse_args(arguments)
    try:
        questions = read_questions(options.file)
        with nullcontext(options.url) if options.url else running_server() as url:
            results = ask_all(ChatClient(url), questions)
        print(table(results))
        if options.out:
            sha256 = hashlib.sha256(options.file.read_bytes()).hexdigest()
            report = build_report(results, str(options.file), sha256, url, datetime.now(timezone.utc))
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except (MesoGuideError, requests.RequestException, OSError) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, ContentError) else 1
    return 0


def ask_all(client: ChatClient, questions: Sequence[Question]) -> list[Result]:
    """One result for each question, in order; raises requests.RequestException if no server answers."""
    numbers = emergency_numbers(client.info())

    def ask(question: Question) -> Result:
        exchange = client.ask(question)
        return Result(question, exchange, judge(question, exchange.reply, numbers))

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(ask, questions))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("file", type=Path, help="questions, one JSON object a line")
    parser.add_argument("--out", type=Path, help="write the whole report to this file, as JSON")
    parser.add_argument("--url", default="", help="a server that runs already; without it one is started")
    return parser


if __name__ == "__main__":
    sys.exit(main())
