"""Which answers a change of content changes."""

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.knowledge import Knowledge, current, load
from assistant.knowledge.current import using
from scripts.content_diff.compare import Difference, compare
from scripts.content_diff.page import page
from scripts.content_diff.question import Asked, asked_in_file, asked_in_log
from scripts.content_diff.revision import changed_understanding, commit_of, content_at
from tests.conftest import ROOT
from tests.knowledge.folder import REAL, SAMPLE, change, make_folder, write_local

OLD_TEXT = "A French doctor, Michel Pistor, began it in 1952."
NEW_TEXT = "A doctor in France, Michel Pistor, began it in 1952."


def _git(root: Path, *arguments: str) -> None:
    name = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *name, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the small content in its one commit."""
    root = tmp_path / "repository"
    make_folder(root / "data" / "knowledge")
    _git(tmp_path, "init", "-q", str(root))
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "content")
    return root


def _log(file: Path, *bodies: dict) -> Path:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE message (conversation_id, seq, role, body)")
        for seq, body in enumerate(bodies):
            row = ("k-1", seq, body.pop("role"), json.dumps(body))
            connection.execute("INSERT INTO message VALUES (?, ?, ?, ?)", row)
    connection.close()
    return file


def test_content_of_a_revision_is_that_of_then(repository: Path) -> None:
    """A later change is not in it."""
    file = repository / "data" / "knowledge"
    change(file, "topics/risk.yml", "title: Short effects", "title: Brief effects")

    then = content_at(repository, commit_of(repository, "HEAD"))

    assert then.entries["side_effects_common"].title == "Short effects"
    assert load(file).entries["side_effects_common"].title == "Brief effects"


def test_own_files_of_the_clinic_lie_over_both(repository: Path) -> None:
    """They are in no revision, and patients see them."""
    write_local(repository / "data" / "knowledge", "clinic.yml", "name: Our Clinic\n")

    assert content_at(repository, commit_of(repository, "HEAD")).clinic.name == "Our Clinic"


def test_content_is_read_by_the_rules_of_then(repository: Path) -> None:
    """A text that would be refused today was told all the same."""
    text = (SAMPLE / "topics" / "risk.yml").read_text(encoding="utf-8")
    file = repository / "data" / "knowledge" / "topics" / "risk.yml"
    file.write_text(text.replace("Many people get bruises.", "It is a miracle."), encoding="utf-8")
    _git(repository, "commit", "-aqm", "old")

    then = content_at(repository, commit_of(repository, "HEAD"))

    assert then.entries["side_effects_common"].answer[0].text == "It is a miracle."


def test_unknown_revision_is_told(repository: Path) -> None:
    """The sentence names it; what looks like an option is none."""
    for name in ("nowhere", "--all"):
        with pytest.raises(ContentError, match="knows no revision"):
            commit_of(repository, name)


def test_revision_that_cannot_be_used_is_told(repository: Path) -> None:
    """Nothing is compared with half a content."""
    (repository / "data" / "knowledge" / "safety.yml").unlink()
    _git(repository, "commit", "-aqm", "broken")

    with pytest.raises(ContentError, match="missing"):
        content_at(repository, commit_of(repository, "HEAD"))


def test_changed_understanding_is_named(repository: Path) -> None:
    """Only what decides how a message is understood counts, committed or not."""
    (repository / "config.yml").write_text("pipeline: []\n", encoding="utf-8")
    _git(repository, "add", "-A")
    _git(repository, "commit", "-qm", "config")
    change(repository / "data" / "knowledge", "topics/risk.yml", "Short effects", "Brief effects")

    assert changed_understanding(repository, commit_of(repository, "HEAD~1")) == ["config.yml"]


def test_questions_come_from_files_and_logs(tmp_path: Path) -> None:
    """Of a log the messages of visitors, each conversation in its order, without empty ones."""
    file = tmp_path / "questions.jsonl"
    file.write_text('{"turns": ["a", "b"], "kind": "out_of_scope"}\n', encoding="utf-8")
    log = _log(
        tmp_path / "c.db",
        {"role": "user", "text": "hello"},
        {"role": "assistant", "text": "Hello."},
        {"role": "user", "text": ""},
        {"role": "user", "text": "what is it"},
    )

    assert asked_in_file(file) == [Asked(("a", "b"), "questions.jsonl")]
    assert asked_in_log(log) == [Asked(("hello", "what is it"), "log")]


def test_what_is_no_log_is_told(tmp_path: Path) -> None:
    """A missing file is not made, either."""
    with pytest.raises(ContentError, match="log of conversations"):
        asked_in_log(tmp_path / "none.db")

    assert not (tmp_path / "none.db").exists()


class _Titles:
    """Tells the title of the entry that a message names."""

    async def tell(self, knowledge: Knowledge, turns: tuple[str, ...]) -> list[list[dict]]:
        """See `Tells`."""
        return [[{"kind": "answer", "topic": one, "text": knowledge.entries[one].title}] for one in turns]


async def test_differences_are_found_by_turn(repository: Path) -> None:
    """Only what is told otherwise."""
    folder = repository / "data" / "knowledge"
    old = load(folder)
    change(folder, "topics/risk.yml", "title: Short effects", "title: Brief effects")
    asked = [Asked(("what_is", "side_effects_common"), "q"), Asked(("what_is",), "q")]

    [found] = await compare(_Titles(), old, load(folder), asked)

    assert (found.asked, found.turn) == (asked[0], 1)
    assert (found.old[0]["text"], found.new[0]["text"]) == ("Short effects", "Brief effects")


def test_page_puts_equal_differences_together_and_escapes() -> None:
    """Each question stands under the one change that it shows, and no sign of it becomes markup."""
    old = [{"kind": "answer", "topic": "cost", "text": "a | b\n\nc"}]
    new = [{"kind": "answer", "topic": "cost", "text": "d"}]
    asked = [Asked((text,), "q") for text in ("<b>how</b> much", "price?", "what is it")]

    found = [Difference(one, 0, old, new) for one in asked[:2]]

    told = page("0123456789abcdef", found, asked, ["config.yml"])

    assert "- q: 2 of 3 get another answer." in told and "`config.yml`" in told
    assert told.count("## ") == 1 and "## 1. answer: cost" in told
    assert "- &lt;b>how&lt;/b> much (q)" in told and "- price? (q)" in told
    assert "| text | a \\| b<br><br>c | d |" in told


def test_using_gives_back_what_was_there(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Actions see the content that is handed in for as long as it is."""
    monkeypatch.chdir(ROOT)
    real = current()
    other = replace(real, version="other")

    with using(other):
        inside = current().version

    assert (inside, current().version) == ("other", real.version)


def test_command_shows_old_beside_new(project: Path, tmp_path: Path) -> None:
    """With the trained model, for a file of questions and a log; what did not change is not shown."""
    _git(tmp_path, "init", "-q", str(project))
    _git(project, "add", "data", "config.yml", "domain.yml")
    _git(project, "commit", "-q", "-m", "content")
    file = REAL.relative_to(ROOT) / "topics" / "basics.yml"
    change(project / file.parent, file.name, OLD_TEXT, NEW_TEXT)
    questions = tmp_path / "questions.jsonl"
    rows = [{"text": text, "kind": "out_of_scope"} for text in ("who invented mesotherapy?", "does it hurt?")]
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    log = _log(tmp_path / "c.db", {"role": "user", "text": "when and where did mesotherapy begin"})

    command = [sys.executable, "-m", "scripts.content_diff", "HEAD", str(questions), "--log", str(log)]
    done = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "- questions.jsonl: 1 of 2 get another answer." in done.stdout
    assert "- log: 1 of 1 get another answer." in done.stdout
    assert OLD_TEXT in done.stdout and NEW_TEXT in done.stdout and "does it hurt" not in done.stdout
