"""Kills chat processes at random moments and checks that no acknowledged word is lost or doubled."""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.crash.harness import Round, run_round
from benchmarks.crash.server import run_server_round

ROUND_KILLS = 50
SERVER_ROUND_KILLS = 10
LONGEST = 300


def main(arguments: list[str] | None = None) -> int:
    """Runs rounds until the kills are done; returns 1 when a promise was broken."""
    options = _parser().parse_args(arguments)
    run, most = (run_server_round, SERVER_ROUND_KILLS) if options.server else (run_round, ROUND_KILLS)
    kills = options.kills or (100 if options.server else 1000)
    started = time.monotonic()
    deadline = started + (options.seconds or float("inf"))
    rounds = _resumed(options.resume)
    while (done := sum(one.kills for one in rounds)) < kills and time.monotonic() < deadline:
        result = run(min(most, kills - done), options.seed + len(rounds), deadline)
        rounds.append(result)
        if options.resume:
            options.resume.write_text(json.dumps([asdict(one) for one in rounds]), encoding="utf-8")
        print(
            f"crash: {done + result.kills} of {kills} kills, {time.monotonic() - started:.0f} s", flush=True
        )
        for problem in result.problems:
            print(f"crash: broken promise: {problem[:LONGEST]}", flush=True)
    _report(rounds, time.monotonic() - started)
    return 1 if any(one.problems for one in rounds) else 0


def _report(rounds: list[Round], seconds: float) -> None:
    print(
        f"crash: {sum(one.kills for one in rounds)} kills in {len(rounds)} rounds, "
        f"{sum(one.messages for one in rounds)} messages, {sum(one.outages for one in rounds)} outages, "
        f"{sum(one.renumbered for one in rounds)} answers renumbered after an outage, "
        f"{sum(len(one.problems) for one in rounds)} problems; {seconds:.0f} s in this run"
    )


def _resumed(file: Path | None) -> list[Round]:
    if file is None or not file.exists():
        return []
    return [Round(**one) for one in json.loads(file.read_text(encoding="utf-8"))]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash", description=__doc__)
    parser.add_argument("--kills", type=int, help="how many (default: 1,000; with --server 100)")
    parser.add_argument("--seconds", type=float, help="stop after this time, with what is done by then")
    parser.add_argument("--seed", type=int, default=1, help="of the first round's randomness (default: 1)")
    parser.add_argument(
        "--server", action="store_true", help="kill the real server, over HTTP; about 15 s a kill"
    )
    parser.add_argument(
        "--resume", type=Path, help="file that keeps the rounds done; go on from it if it is there"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
