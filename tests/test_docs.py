"""Documentation is a tested artefact."""

import re
from pathlib import Path

import pytest

from assistant.settings import PREFIX
from tests.nlu.conftest import COMPONENTS

ROOT = Path(__file__).parents[1]


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_each_setting_is_documented() -> None:
    """docs/settings.md names every variable that settings.py knows, and no other."""
    code = set(re.findall(PREFIX + r"[A-Z_]+", _read("assistant/settings.py")))

    assert set(re.findall(PREFIX + r"[A-Z_]+", _read("docs/settings.md"))) - {PREFIX} == code - {PREFIX}


@pytest.mark.parametrize("kind", COMPONENTS)
def test_each_component_and_option_is_documented(kind: type) -> None:
    """docs/understanding.md has a section for the component with a row for each option."""
    section = _read("docs/understanding.md").split(f"## {kind.__name__}\n")[1].split("\n## ")[0]

    options = set(kind.get_default_config()) - {"alias"}
    assert options == set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_each_direct_dependency_has_a_reason() -> None:
    """docs/dependencies.md has a row for each line of requirements.in."""
    names = re.findall(r"^([A-Za-z][\w.-]*)", _read("requirements.in"), re.MULTILINE)
    reasons = _read("docs/dependencies.md")

    assert [name for name in names if not re.search(rf"^\| {re.escape(name)}\b", reasons, re.MULTILINE)] == []


def test_each_make_target_has_a_help_line() -> None:
    """`make help` shows every target but the ones that others need."""
    makefile = _read("Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    assert targets - set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE)) == {"dev"}


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link in README, CONTRIBUTING and docs/ names a file."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

    broken = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_each_test_of_the_safety_case_exists() -> None:
    """Every row names a test, and every test that is named is there."""
    page = _read("docs/safety-case.md")
    rows = re.findall(r"^\| \d\.\d .*$", page, re.MULTILINE)
    named = set(re.findall(r"`([\w/]+\.py)::(\w+)`", page))

    assert rows and [row for row in rows if "::test_" not in row] == []
    assert [(file, test) for file, test in named if f"def {test}(" not in _read(f"tests/{file}")] == []


def test_ci_runs_the_command_of_the_readme() -> None:
    """CI and README share one test command."""
    assert "make test" in _read("README.md") and "make test" in _read(".ci/run")
