"""`python -m benchmarks.console [--conversations N] [--requests N] [--write]`."""

import argparse
import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assistant.review import erasure, full_text
from assistant.review.database import ReviewDatabase
from assistant.review.schema import CONVERSATION
from benchmarks.console.backlog import turns_a_second
from benchmarks.console.generator import filled
from benchmarks.console.question import Ask, questions

README = Path(__file__).parent / "README.md"
Times = tuple[float, float]
"""Milliseconds by the clock, and of the processor: other programs on the machine make them differ."""
MARK = "<!-- results -->"
MEMORY = (
    "import sys; from pathlib import Path; from assistant.review.database import ReviewDatabase;"
    "from assistant.redaction.redactor import Redactor; from benchmarks.console.question import questions;"
    "Redactor.load(Path('data/redaction')); review = ReviewDatabase('', Path(sys.argv[1]));\n"
    "for group in questions(int(sys.argv[2])).values():\n"
    "  for ask in group.values():\n"
    "    with review.read() as connection: ask(connection)\n"
    "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmRSS')))\n"
    "assert not {'rasa', 'tensorflow', 'spacy', 'onnxruntime', 'numpy'} & set(sys.modules)"
)


def main() -> int:
    """Fills, asks, erases; prints a table, and writes it into README.md where wanted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=200, help="of each question")
    parser.add_argument("--folder", type=Path, help="keeps the filled tables here, and uses them again")
    parser.add_argument("--write", action="store_true", help=f"write the results into {README}")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="console-"))
    try:
        lines = _measure(folder, options.conversations, options.requests)
    finally:
        if options.folder is None:
            shutil.rmtree(folder)
    print("\n".join(lines))
    if options.write:
        before = README.read_text(encoding="utf-8").split(MARK)[0]
        README.write_text(before + MARK + "\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _measure(folder: Path, conversations: int, requests: int) -> list[str]:
    kept = folder / "long.json"
    if kept.exists():
        review = ReviewDatabase("", folder)
        long, seconds = json.loads(kept.read_text())
    else:
        review, long, seconds = filled(folder, conversations)
        kept.write_text(json.dumps([long, seconds]))
    size = os.path.getsize(folder / "review.db") / 1e6
    lines = [
        f"{conversations:,} conversations, {size:,.0f} MB, filled in {seconds:,.0f} s; SQLite,"
        f" {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}; {requests} requests of each question;"
        f" {os.getloadavg()[0]:.1f} other programs wanted the processor when it began.",
        "",
        "| question | p50 ms | p99 ms | p99 ms of the processor |",
        "| --- | ---: | ---: | ---: |",
    ]
    # as the chat does: what was loaded stays, and looking for garbage in it takes 30 ms now and then
    gc.collect()
    gc.freeze()
    for group, asked in questions(long).items():
        everything: list[Times] = []
        for name, ask in asked.items():
            times = _times(review, ask, requests)
            everything += times
            lines.append(_line(f"{group}: {name}", times))
        lines.append(_line(f"**{group}, all**", everything))
    lines += ["", f"Memory of a process that asked all of them: {_memory(folder, long):.0f} MB."]
    lines.append(
        f"Erasing a conversation, its words and the journal: {_erase(review, conversations // 2):.2f} s."
    )
    review.close()
    with tempfile.TemporaryDirectory(prefix="console-") as other:
        lines.append(
            f"A backlog, with redaction and groups: {turns_a_second(Path(other)):.0f} turns a second."
        )
    return lines


def _times(review: ReviewDatabase, ask: Ask, requests: int) -> list[Times]:
    times = []
    for _ in range(requests):
        started, worked = time.perf_counter(), time.process_time()
        with review.read() as connection:
            ask(connection)
        times.append(((time.perf_counter() - started) * 1000, (time.process_time() - worked) * 1000))
    return times


def _line(name: str, times: list[Times]) -> str:
    waited, worked = zip(*times, strict=True)
    p99 = [statistics.quantiles(some, n=100)[98] for some in (waited, worked)]
    return f"| {name} | {statistics.median(waited):.1f} | {p99[0]:.1f} | {p99[1]:.1f} |"


def _memory(folder: Path, long: int) -> float:
    run = subprocess.run(
        [sys.executable, "-c", MEMORY, folder, str(long)], capture_output=True, check=True, text=True
    )
    return int(run.stdout) / 1024


def _erase(review: ReviewDatabase, conversation: int) -> float:
    started = time.perf_counter()
    with review.write() as connection:
        query = CONVERSATION.select().where(CONVERSATION.c.id >= conversation).limit(1)
        erasure.erase(connection, connection.execute(query).one().log_id, time.time())
    with review.write() as connection:
        full_text.clean(connection)
    review.wipe()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
