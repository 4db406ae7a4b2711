"""The speed benchmark's arithmetic, table, sample and cache keys; no server is started."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from assistant.errors import MesoGuideError
from benchmarks.speed.__main__ import main
from benchmarks.speed.comparison import ONE, ROWS, STOCK, TWO, missed, spread_table, table
from benchmarks.speed.error import MeasureError
from benchmarks.speed.figure import combine, percentile, single, turn_window
from benchmarks.speed.load import Outcome, Plan, run
from benchmarks.speed.machine import Machine, field_of, memory
from benchmarks.speed.measure import SHORT_STARTS, load_figures, turn_figures
from benchmarks.speed.message import MESSAGES
from benchmarks.speed.page import Report, page
from benchmarks.speed.process import child, members
from benchmarks.speed.sample import EACH, INTENTS, SAMPLE, as_nlu, choose, read_examples
from benchmarks.speed.stock_project import STORIES, project_files
from benchmarks.speed.training import Training, files_hash, train_stock

EXAMPLES = {f"ask_{letter}": [f"{letter} {number}" for number in range(20)] for letter in "abcdef"}
MACHINE = Machine(cpu="A CPU", cores=2, memory_gb=24.6, python="3.10.13", load=0.1)
SLEEP = (sys.executable, "-c", "import subprocess, sys; subprocess.Popen(['sleep', '60']).wait()")


def _results(rate: float = 140, turn_1000: float = 5.0) -> dict:
    """Stock at 10 messages/s and 100 ms, MesoGuide as given."""
    return {
        STOCK: {"rate@16": single(10), "p50@1": single(100), "rss": single(1000), "training": single(600)},
        ONE: {
            "rate@16": single(rate),
            "p50@1": single(5),
            "turn@10": single(5),
            "turn@1000": single(turn_1000),
            "rss": single(270),
            "training": single(20),
        },
    }


def _row(text: str, start: str) -> list[str]:
    """The cells of the table's row that begins with `start`."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2), (0.99, 4), (0.0, 1), (1.0, 4)])
def test_percentile_is_one_of_the_values(share: float, expected: int) -> None:
    """Nearest rank, whatever the order of the values."""
    assert percentile([4, 2, 1, 3], share) == expected


def test_percentile_of_nothing_is_refused() -> None:
    """No values give an error, not a zero."""
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_rounds_are_combined_by_their_median() -> None:
    """Median, range and sum of counts; a round without the figure does not count."""
    rounds = [{"a": single(5, 2)}, {"a": single(1, 3), "b": single(7)}, {"a": single(2, 4)}]

    figures = combine(rounds)

    assert (figures["a"].value, figures["a"].low, figures["a"].high, figures["a"].n) == (2, 1, 5, 9)
    assert figures["b"].value == 7


def test_the_windows_around_a_turn_hold_each_text_once() -> None:
    """One long conversation, or four short ones with other beginnings."""
    late = [(turn - 1) % 40 for turn in turn_window(1000, 40)]
    early = [(first + turn - 1) % 40 for first in SHORT_STARTS for turn in turn_window(10, 40)]

    assert len(MESSAGES) == len(set(MESSAGES)) == 40
    assert sorted(late) == sorted(early) == list(range(40))


def test_turns_are_timed_in_their_windows() -> None:
    """Early turns come from the short conversations, late ones from the long one, and no mark is made up."""
    short = [[1.0] * 15] * 4
    long = [2.0] * 100 + [3.0] * 200

    figures = turn_figures([*short, long], [10, 200, 1000])

    assert {name: (figure.value, figure.n) for name, figure in figures.items()} == {
        "turn@10": (1.0, 40),
        "turn@200": (3.0, 40),
    }


def test_load_with_failures_is_no_figure() -> None:
    """More than one failure in a hundred, or no reply at all, raises with an example."""
    assert load_figures(Outcome([1.0] * 200, 10, failed=2), 16)["rate@16"].n == 200
    with pytest.raises(MeasureError, match="it broke"):
        load_figures(Outcome([1.0] * 200, 10, failed=3, example="it broke"), 16)
    with pytest.raises(MeasureError):
        load_figures(Outcome([]), 1)


@pytest.mark.parametrize("form", ["whole", "chunked", "closed"])
def test_the_load_client_counts_what_falls_into_its_window(form: str) -> None:
    """Users write over the REST channel, two turns a conversation, and every reply in time is counted."""
    senders: list[str] = []

    async def reply(request: web.Request) -> web.Response:
        senders.append((await request.json())["sender"])
        response = web.json_response([{"text": "an answer"}])
        if form == "chunked":
            response.enable_chunked_encoding()
        elif form == "closed":
            response.force_close()
        return response

    async def load() -> Outcome:
        app = web.Application()
        app.router.add_post("/webhooks/rest/webhook", reply)
        async with TestServer(app) as server:
            return await run(Plan("rest", str(server.make_url("")).rstrip("/"), users=2, seconds=0.2))

    outcome = asyncio.run(load())

    assert outcome.failed == 0
    assert outcome.per_second == pytest.approx(len(outcome.milliseconds) / 0.2)
    assert len(senders) - 2 <= len(outcome.milliseconds) <= len(senders)
    assert max(senders.count(sender) for sender in senders) == 2


@pytest.mark.parametrize(("status", "body"), [(200, "[]"), (503, '[{"text": "later"}]')])
def test_the_load_client_counts_what_is_no_reply(status: int, body: str) -> None:
    """An empty answer, another status, and a server that is not there are failures, not quick replies."""

    async def reply(request: web.Request) -> web.Response:
        return web.Response(text=body, status=status)

    async def load() -> tuple[Outcome, Outcome]:
        app = web.Application()
        app.router.add_post("/webhooks/rest/webhook", reply)
        async with TestServer(app) as server:
            url = str(server.make_url("")).rstrip("/")
            served = await run(Plan("rest", url, users=1, seconds=0.2))
        return served, await run(Plan("rest", url, users=1, seconds=0.2))

    for outcome in asyncio.run(load()):
        assert outcome.failed > 0 and outcome.milliseconds == []


def test_the_table_compares_and_names_floor_and_aim() -> None:
    """Ratios are MesoGuide's figure over stock's, written as people say them."""
    text = table(_results())

    assert _row(text, "messages per second, 16 users")[1:] == ["10.0 /s", "140 /s", "14.0×", "≥ 10×", "≥ 14×"]
    assert _row(text, "p50, 1 user")[1:] == ["100 ms", "5.00 ms", "1/20.0", "≤ 1/8", "≤ 1/12"]
    assert _row(text, "memory of a worker, RSS")[3:] == ["0.27", "≤ 0.4", "≤ 0.27"]
    assert _row(text, "training")[3:] == ["1/30.0", "≤ 1/15", "≤ 1/30"]


def test_turn_1000_is_held_against_our_own_turn_10() -> None:
    """Stock has no part in that row."""
    text = table(_results(turn_1000=6.5))

    row = _row(text, "turn 1,000 against MesoGuide's own turn 10")
    assert row[1:] == ["–", "6.50 ms", "1.30×", "≤ 1.2×", "≤ 1.05×"]


def test_missed_floors_are_named() -> None:
    """On both sides: too few messages a second, too long a turn; at the floor is not missed."""
    assert missed(_results()) == []
    assert missed(_results(rate=100)) == []
    assert missed(_results(rate=99, turn_1000=6.5)) == [
        "messages per second, 16 users: 9.9×, floor ≥ 10×",
        "turn 1,000 against MesoGuide's own turn 10: 1.30×, floor ≤ 1.2×",
    ]


def test_what_was_not_measured_is_no_ratio() -> None:
    """Without stock every cell but MesoGuide's own is a dash, and no floor is missed for it."""
    results = {ONE: _results()[ONE]}

    assert _row(table(results), "p50, 1 user")[1:4] == ["–", "5.00 ms", "–"]
    assert missed({STOCK: {}, ONE: {}, TWO: {}}) == []


def test_the_rows_hold_the_floors_of_the_design() -> None:
    """Every floor has an aim that asks for more."""
    floors = [(row.floor, row.aim, row.higher) for row in ROWS if row.floor and row.aim]

    assert len(floors) == 7 == sum(row.floor is not None for row in ROWS)
    assert all(aim > floor if higher else aim < floor for floor, aim, higher in floors)


def test_the_page_names_date_machine_and_what_is_missing() -> None:
    """All tables, the machine without its name, and only the first line of a problem."""
    report = Report(date(2026, 1, 2), MACHINE, "3.6.21", 3, 20.0, _results(rate=50))
    report.trainings = {STOCK: Training(600, 900, 19, "2026-01-01")}
    report.notes, report.problems = ["two workers: not known"], ["stock: it ended\n  /a/path"]

    text = page(report)

    assert table(report.results) in text and spread_table(report.results) in text
    assert "2026-01-02" in text and "A CPU, 2 cores" in text and "RAM: 25 GB" in text
    assert "Floor missed: messages per second, 16 users: 5.0×" in text
    assert "Left out: two workers" in text and "Not measured: stock: it ended\n" in text
    assert "niceness 19" in text and "/a/path" not in text


def test_the_sample_is_the_same_for_the_same_input() -> None:
    """Order and repetition of the examples do not matter; another seed draws others."""
    shuffled = {intent: [*reversed(lines), lines[0]] for intent, lines in reversed(EXAMPLES.items())}

    sample = choose(EXAMPLES, intents=3, each=5, seed=1)

    assert sample == choose(shuffled, intents=3, each=5, seed=1) != choose(EXAMPLES, 3, 5, seed=2)
    assert [len(set(lines)) for lines in sample.values()] == [5, 5, 5]
    assert all(set(lines) <= set(EXAMPLES[intent]) for intent, lines in sample.items())


def test_too_few_examples_are_refused() -> None:
    """An intent with fewer examples than wanted cannot be drawn."""
    with pytest.raises(ValueError, match="5 intents have 20 examples"):
        choose(EXAMPLES | {"ask_a": ["one"]}, intents=6, each=20)


def test_a_sample_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Colons, quotes and hashes in examples survive."""
    sample = {"ask_a": ["what: is 'it'?", '# 1 or "2"', "-"]}
    (file := tmp_path / "sample.yml").write_text(as_nlu(sample), encoding="utf-8")

    assert read_examples([file]) == sample


def test_the_kept_sample_has_the_size_of_the_comparison() -> None:
    """77 intents with 10 different examples each."""
    sample = read_examples([SAMPLE])

    assert (len(sample), {len(set(lines)) for lines in sample.values()}) == (INTENTS, {EACH})


def test_the_stock_project_holds_rasas_defaults() -> None:
    """Rasa's own policies and epochs, a rule for every intent and the fallback, a few stories."""
    files = {name: yaml.safe_load(text) for name, text in project_files(SAMPLE).items() if "yml" in name}

    config = files["config.yml"]
    epochs = {part["name"]: part.get("epochs") for part in config["pipeline"] + config["policies"]}
    assert {epochs[name] for name in ("DIETClassifier", "ResponseSelector", "TEDPolicy")} == {100}
    assert "UnexpecTEDIntentPolicy" in epochs and "FallbackClassifier" in epochs
    ruled = {rule["steps"][0]["intent"] for rule in files["data/rules.yml"]["rules"]}
    assert ruled == {*files["domain.yml"]["intents"], "nlu_fallback"}
    assert len(files["data/stories.yml"]["stories"]) == STORIES


def test_the_hash_follows_names_contents_and_versions() -> None:
    """Not the order; and a character that moves from one file to the next is a change."""
    files = {"a": "12", "b": "3"}

    first = files_hash(files, "3.6.21")

    assert first == files_hash(dict(reversed(files.items())), "3.6.21")
    others = [
        files_hash({"a": "1", "b": "23"}, "3.6.21"),
        files_hash(files, "3.6.22"),
        files_hash({"a": "12"}),
    ]
    assert len({first, *others}) == 4


def test_only_a_finished_training_is_taken_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder without its record, as a stopped training leaves it, is trained again; a whole one is not."""
    trained: list[Path] = []

    def train(command: object, cwd: Path, folder: Path, model: Path) -> Training:
        trained.append(folder)
        assert not (folder / "half").exists()
        model.parent.mkdir()
        model.write_bytes(b"model")
        return Training(1.0, 1.0, 0, "2026-01-01")

    monkeypatch.setattr("benchmarks.speed.training._train", train)
    folder, training = train_stock({"config.yml": "x"}, tmp_path, False, lambda line: None)
    (folder / "half").touch()
    train_stock({"config.yml": "x"}, tmp_path, False, lambda line: None)
    (folder / "training.json").write_text(
        '{"seconds": 2, "cpu_seconds": 2, "niceness": 0, "day": "2026-01-01"}'
    )
    _, cached = train_stock({"config.yml": "x"}, tmp_path, False, lambda line: None)

    assert trained == [folder, folder] and cached == replace(training, seconds=2, cpu_seconds=2)


def test_a_child_ends_with_all_it_has_started(tmp_path: Path) -> None:
    """Also when what runs beside it fails."""
    with pytest.raises(KeyError), child(SLEEP, tmp_path, {}, tmp_path / "output.txt") as process:
        while len(members(process.pid)) < 2:
            assert process.poll() is None
        raise KeyError

    assert process.poll() is not None and members(process.pid) == []


def test_a_child_gets_no_settings_of_whoever_runs_the_benchmark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A MESOGUIDE_ variable of the shell would be measured along."""
    monkeypatch.setenv("MESOGUIDE_ACTIONS_URL", "http://127.0.0.1:1/webhook")
    command = (sys.executable, "-c", "import os; print(sorted(k for k in os.environ if 'MESO' in k))")

    with child(command, tmp_path, {"MESOGUIDE_PORT": "1"}, tmp_path / "output.txt") as process:
        process.wait(20)

    assert (tmp_path / "output.txt").read_text(encoding="utf-8") == "['MESOGUIDE_PORT']\n"


def test_memory_is_read_in_megabytes() -> None:
    """This very process holds some, and PSS is never above RSS."""
    rss, pss = memory([os.getpid()])

    assert rss > 1 and 0 < pss <= rss
    assert field_of("Rss:  12 kB\nPss:  7 kB\n", "Pss") == "7 kB" and field_of("a: 1", "b") == ""
    with pytest.raises(MesoGuideError):
        memory([])


def test_help_and_bad_options() -> None:
    """Every option is explained; a count of nothing is refused."""
    with pytest.raises(SystemExit) as helped:
        main(["--help"])
    with pytest.raises(SystemExit) as refused:
        main(["--rounds", "0"])

    assert (helped.value.code, refused.value.code) == (0, 2)
