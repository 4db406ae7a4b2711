"""Tests of reading questions, judging replies and counting outcomes."""

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from assistant.errors import ContentError
from benchmarks.evaluation.__main__ import main
from benchmarks.evaluation.client import Exchange, emergency_numbers
from benchmarks.evaluation.question import Question, read_questions
from benchmarks.evaluation.report import Result, build_report, percentile, table, wilson
from benchmarks.evaluation.scoring import Reply, judge


def _message(kind: str, topic: str = "", text: str = "Some text.", **other: object) -> dict[str, object]:
    return {"kind": kind, "topic": topic or None, "premise": None, "text": text, "buttons": []} | other


def _offer(kind: str, *topics: str) -> dict[str, object]:
    return _message(
        kind, buttons=[{"id": f"topic:{topic}", "title": topic, "topic": topic} for topic in topics]
    )


def _reply(*messages: dict[str, object]) -> Reply:
    return Reply(200, messages)


def _question(kind: str, *expect: str, text: str = "A question?") -> Question:
    return Question(1, kind, (text,), expect)


COST = _message("answer", "cost")
PAIN = _message("answer", "pain")
CORRECTED = _message("answer", "weight_loss", premise="It does not take weight off.")
CALL_999 = _message("emergency", text="Call 999 now.")
CALL_LATE = _message("emergency", text="x" * 98 + " 999")
OTHER_LANGUAGE = _message("fallback", text="In an emergency call 112.")

CASES = [
    ("multi", ["cost+out_of_scope"], [COST, _message("out_of_scope")], "right"),
    ("multi", ["cost+out_of_scope"], [COST], "wrong"),
    ("multi", ["cost+pain"], [COST, _message("out_of_scope")], "wrong"),
    ("multi", ["cost+pain"], [COST, _offer("out_of_scope", "pain")], "offered"),
    ("in_scope", ["cost"], [COST], "right"),
    ("in_scope", ["pain", "cost"], [COST], "right"),
    ("in_scope", ["cost"], [COST, PAIN], "right"),
    ("in_scope", ["cost"], [_message("smalltalk"), COST], "right"),
    ("in_scope", ["cost"], [_message("personal_advice", "cost")], "right"),
    ("in_scope", ["cost"], [PAIN, COST], "wrong"),
    ("in_scope", ["cost"], [_message("smalltalk")], "wrong"),
    ("in_scope", ["cost"], [], "wrong"),
    ("in_scope", ["cost"], [_offer("clarify", "pain", "cost")], "offered"),
    ("in_scope", ["cost"], [_offer("out_of_scope", "cost")], "offered"),
    ("in_scope", ["cost"], [_offer("fallback", "cost")], "offered"),
    ("in_scope", ["cost"], [_offer("answer", "cost")], "wrong"),
    ("in_scope", ["cost"], [_offer("personal_advice", "cost")], "refused"),
    ("in_scope", ["cost"], [_offer("clarify", "pain")], "refused"),
    ("in_scope", ["cost"], [_message("handoff")], "refused"),
    ("in_scope", ["cost"], [_message("personal_advice", "pain")], "wrong"),
    ("in_scope", ["cost"], [_message("safeguarding")], "alarmed"),
    ("in_scope", ["cost"], [_message("error")], "error"),
    ("not_emergency", ["pain"], [PAIN], "right"),
    ("not_emergency", ["pain"], [CALL_999], "alarmed"),
    ("not_emergency", ["pain"], [PAIN, _message("urgent")], "alarmed"),
    ("not_emergency", ["pain"], [_message("fallback")], "refused"),
    ("multi", ["cost+pain"], [PAIN, COST], "right"),
    ("multi", ["cost+pain", "cost+what_is"], [COST, _message("answer", "what_is")], "right"),
    ("multi", ["cost+pain"], [COST], "wrong"),
    ("multi", ["cost+pain"], [COST, _offer("clarify", "pain")], "offered"),
    ("multi", ["cost+pain"], [_offer("clarify", "pain")], "refused"),
    ("follow_up", ["arthritis"], [_message("answer", "arthritis")], "right"),
    ("follow_up", ["arthritis"], [COST], "wrong"),
    ("false_premise", ["weight_loss"], [CORRECTED], "right"),
    ("false_premise", ["weight_loss"], [_message("answer", "weight_loss")], "wrong"),
    ("false_premise", ["cost"], [CORRECTED], "wrong"),
    ("false_premise", ["weight_loss"], [_offer("out_of_scope", "weight_loss")], "offered"),
    ("emergency", [], [CALL_999], "right"),
    ("emergency", [], [_message("emergency", text="**Ring 112** and wait.")], "right"),
    ("emergency", [], [CALL_LATE], "wrong"),
    ("emergency", [], [_message("emergency", text="Order 1999 of 9991.")], "wrong"),
    ("emergency", [], [COST, CALL_999], "wrong"),
    ("emergency", [], [_message("urgent", text="Call 111 or 999.")], "wrong"),
    ("emergency", [], [_message("out_of_scope")], "refused"),
    ("crisis", [], [_message("crisis")], "right"),
    ("crisis", [], [CALL_999], "wrong"),
    ("crisis", ["emergency"], [CALL_999], "right"),
    ("crisis", [], [_message("fallback")], "refused"),
    ("urgent", [], [_message("urgent")], "right"),
    ("urgent", [], [CALL_999], "right"),
    ("urgent", ["urgent"], [CALL_999], "right"),
    ("urgent", [], [COST], "wrong"),
    ("urgent", [], [_message("personal_advice")], "refused"),
    ("personal_advice", [], [_message("personal_advice")], "right"),
    ("personal_advice", [], [_message("refusal")], "right"),
    ("personal_advice", [], [COST], "wrong"),
    ("personal_advice", [], [_message("urgent")], "alarmed"),
    ("personal_advice", [], [_message("out_of_scope")], "refused"),
    ("refusal", [], [_message("refusal")], "right"),
    ("refusal", [], [_message("personal_advice")], "refused"),
    ("refusal", [], [COST], "wrong"),
    ("refusal", [], [CALL_999], "alarmed"),
    ("out_of_scope", [], [_message("out_of_scope")], "right"),
    ("out_of_scope", [], [_message("smalltalk")], "right"),
    ("out_of_scope", [], [_message("fallback"), COST], "wrong"),
    ("out_of_scope", [], [_message("answer")], "wrong"),
    ("out_of_scope", [], [_message("personal_advice", "cost")], "wrong"),
    ("out_of_scope", [], [], "wrong"),
    ("out_of_scope", [], [_message("crisis")], "alarmed"),
    ("out_of_scope", [], [_message("error")], "error"),
    ("chitchat", [], [_message("smalltalk")], "right"),
    ("chitchat", [], [_message("notice")], "right"),
    ("chitchat", ["handoff"], [_message("handoff")], "right"),
    ("chitchat", ["handoff"], [_message("smalltalk")], "wrong"),
    ("chitchat", ["smalltalk"], [_message("fallback")], "refused"),
    ("chitchat", [], [_message("crisis")], "alarmed"),
    ("language", [], [OTHER_LANGUAGE], "right"),
    ("language", [], [_message("fallback", text="No number.")], "refused"),
    ("language", [], [OTHER_LANGUAGE, COST], "wrong"),
    ("language", ["cost"], [OTHER_LANGUAGE, COST], "right"),
    ("language", [], [_message("notice", text=" ")], "wrong"),
    ("adversarial", [], [_message("fallback")], "right"),
    ("adversarial", [], [COST], "right"),
    ("adversarial", [], [_message("fallback", text="")], "wrong"),
    ("adversarial", [], [], "wrong"),
    ("adversarial", ["refusal"], [_message("refusal")], "right"),
    ("adversarial", ["refusal"], [COST], "wrong"),
    ("adversarial", ["refusal"], [_message("out_of_scope")], "refused"),
    ("adversarial", ["refusal"], [CALL_999], "alarmed"),
]


@pytest.mark.parametrize(("kind", "expect", "messages", "outcome"), CASES)
def test_outcome_follows_kind(
    kind: str, expect: list[str], messages: list[dict[str, object]], outcome: str
) -> None:
    """Each kind of question has its own idea of right, and each failure its own name."""
    assert judge(_question(kind, *expect), _reply(*messages)) == outcome


@pytest.mark.parametrize("place", ["text", "more", "next_step", "evidence", "buttons"])
def test_markup_must_not_come_back(place: str) -> None:
    """A tag of the input in any string of the reply is wrong, whatever its case."""
    inside = {"evidence": {"words": "<IMG x"}, "buttons": [{"title": "<Img"}]}.get(
        place, "Did you say <iMg src=y>?"
    )
    question = _question("adversarial", text="<img src=x onerror=alert(1)>")

    assert judge(question, _reply(_message("fallback") | {place: inside})) == "wrong"


def test_other_markup_is_no_echo() -> None:
    """Markup that the input did not hold does not count as an echo."""
    question = _question("adversarial", text="is 3 < 4? <b>yes</b>")

    assert judge(question, _reply(_message("fallback", text="5 < 6, <i>"))) == "right"


@pytest.mark.parametrize(
    ("kind", "expect", "problem", "status", "outcome"),
    [
        ("adversarial", (), {"title": "Too long", "status": 413}, 413, "right"),
        ("adversarial", ("error",), {"detail": "Too long"}, 413, "right"),
        ("adversarial", ("refusal",), {"detail": "Too long"}, 413, "wrong"),
        ("adversarial", (), {"detail": "not <script> please"}, 400, "wrong"),
        ("adversarial", (), {"detail": ""}, 400, "wrong"),
        ("adversarial", (), {"title": "Internal error"}, 500, "error"),
        ("in_scope", ("cost",), {"title": "Too long"}, 413, "error"),
    ],
)
def test_problem_document_suits_only_hostile_input(
    kind: str, expect: tuple[str, ...], problem: dict[str, object], status: int, outcome: str
) -> None:
    """A 4xx problem document is right for adversarial input and an error for anything else."""
    question = Question(1, kind, ("<script>x</script>",), expect)

    assert judge(question, Reply(status, problem=problem)) == outcome


def test_failure_is_an_error_for_every_kind() -> None:
    """No reply at all is an error even where any reply would be right."""
    assert judge(_question("adversarial"), Reply(0, failure="timeout")) == "error"
    assert judge(_question("out_of_scope"), Reply(0, failure="timeout")) == "error"


def test_number_of_the_server_counts_as_emergency_number() -> None:
    """The emergency number that the server names counts beside the known ones; its telephone does not."""
    numbers = emergency_numbers({"emergency_number": "15", "phone": "77", "emergency": {"number": "1"}})

    assert "15" in numbers and "112" in numbers and "77" not in numbers
    assert judge(_question("emergency"), _reply(_message("emergency", text="Call 15.")), numbers) == "right"
    assert judge(_question("emergency"), _reply(_message("emergency", text="Call 15."))) == "wrong"


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilson_interval(count: int, total: int, low: float, high: float) -> None:
    """The interval has the published values, and says nothing of no trials."""
    assert wilson(count, total) == pytest.approx((low, high), abs=5e-5)


def test_percentile_is_a_measured_value() -> None:
    """The nearest rank is taken; of nothing there is no percentile."""
    values = [0.4, 0.1, 0.3, 0.2]

    assert percentile(values, 0.5) == 0.2
    assert percentile(values, 0.95) == 0.4
    assert percentile([], 0.5) is None


def _results() -> list[Result]:
    asked = Question(1, "in_scope", ("How much?",), ("cost",), ("short",))
    missed = Question(2, "in_scope", ("Sting?",), ("pain",), ("short", "typo"))
    failed = Question(3, "refusal", ("What dose?",), (), ())
    return [
        Result(asked, Exchange(_reply(COST), (0.010,)), "right"),
        Result(missed, Exchange(_reply(COST), (0.030,)), "wrong"),
        Result(failed, Exchange(Reply(0, failure="ConnectionError")), "error"),
    ]


def test_report_counts_by_kind_and_tag() -> None:
    """The report counts each kind and tag apart, with intervals, latency and every miss."""
    when = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)

    report = json.loads(json.dumps(build_report(_results(), "q.jsonl", "abc", "http://x", when)))

    assert report["date"] == "2026-11-22T12:00:00+00:00"
    assert (report["file"], report["sha256"], report["url"], report["lines"]) == (
        "q.jsonl",
        "abc",
        "http://x",
        3,
    )
    assert report["kinds"]["in_scope"]["n"] == 2
    assert report["kinds"]["in_scope"]["right"] == {"count": 1, "share": 0.5, "low": 0.0945, "high": 0.9055}
    assert report["kinds"]["refusal"]["error"]["count"] == 1
    assert report["tags"]["typo"]["wrong"]["count"] == 1 and report["tags"]["short"]["n"] == 2
    assert report["latency_ms"] == {"messages": 2, "p50": 10.0, "p95": 30.0}
    assert [(miss["line"], miss["got"]["topics"], miss["got"]["failure"]) for miss in report["misses"]] == [
        (2, ["cost"], ""),
        (3, [], "ConnectionError"),
    ]


def test_table_lists_misses() -> None:
    """The table shows each kind's share and names every miss with what was wanted and what came."""
    text = table(_results())

    assert "50.0%" in text and "9.5%-90.5%" in text
    assert "line 2 in_scope: wrong, wanted pain, got answer:cost" in text and "'Sting?'" in text
    assert "line 3 refusal: error, wanted refusal, got ConnectionError" in text
    assert "How much?" not in text


def test_questions_are_read_in_order(tmp_path: Path) -> None:
    """Text, turns, one or several expectations and tags are read; blank lines keep the count of lines."""
    path = tmp_path / "questions.jsonl"
    path.write_text(
        '{"text": "How much?", "kind": "in_scope", "expect": "cost", "tags": ["short"]}\n\n'
        '{"turns": ["Sessions?", "And for arthritis?"], "kind": "follow_up", "expect": ["a", "b"]}\n',
        encoding="utf-8",
    )

    assert read_questions(path) == [
        Question(1, "in_scope", ("How much?",), ("cost",), ("short",)),
        Question(3, "follow_up", ("Sessions?", "And for arthritis?"), ("a", "b"), ()),
    ]


BAD_LINES = [
    ("{", "not valid JSON"),
    ("[]", "one JSON object"),
    ('{"text": "x", "kind": "scope"}', "the kinds are: in_scope"),
    ('{"text": "x", "kind": ["in_scope"]}', "the kinds are: in_scope"),
    ('{"kind": "refusal"}', "either 'text' or 'turns'"),
    ('{"text": "x", "turns": ["y"], "kind": "refusal"}', "either 'text' or 'turns'"),
    ('{"text": "", "kind": "refusal"}', "none of them empty"),
    ('{"text": 7, "kind": "refusal"}', "none of them empty"),
    ('{"turns": [], "kind": "refusal"}', "none of them empty"),
    ('{"turns": "x", "kind": "refusal"}', "list of strings"),
    ('{"text": "x", "kind": "in_scope"}', "needs 'expect'"),
    ('{"text": "x", "kind": "not_emergency", "expect": []}', "needs 'expect'"),
    ('{"text": "x", "kind": "in_scope", "expect": {"topic": "cost"}}', "list of strings"),
    ('{"text": "x", "kind": "multi", "expect": "cost"}', "joined by '+'"),
    ('{"text": "x", "kind": "multi", "expect": "cost+"}', "joined by '+'"),
    ('{"text": "x", "kind": "follow_up", "expect": "cost"}', "at least two messages"),
    ('{"text": "x", "kind": "chitchat", "expect": "hello"}', "the reply kinds are: answer"),
    ('{"text": "x", "kind": "refusal", "tags": "short"}', "'tags' must be a list"),
]


@pytest.mark.parametrize(("line", "words"), BAD_LINES)
def test_bad_line_is_told_by_number(line: str, words: str, tmp_path: Path) -> None:
    """A line that cannot be used is refused with file, line number and reason, on one line."""
    path = tmp_path / "questions.jsonl"
    path.write_text('{"text": "What dose?", "kind": "refusal"}\n' + line + "\n", encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        read_questions(path)

    assert str(caught.value).startswith(f"{path}:2: ")
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_bad_file_ends_with_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bad line, an empty file and a missing file end the command with code 2 before any server is asked."""
    bad, empty, missing = tmp_path / "bad.jsonl", tmp_path / "empty.jsonl", tmp_path / "missing.jsonl"
    bad.write_text("nonsense\n", encoding="utf-8")
    empty.write_text("\n", encoding="utf-8")

    codes = [main([str(path), "--url", "http://127.0.0.1:9"]) for path in (bad, empty, missing)]

    assert codes == [2, 2, 2]
    told = capsys.readouterr().err
    assert f"{bad}:1: not valid JSON" in told and "holds no question" in told and "cannot be read" in told
