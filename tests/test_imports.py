"""The import rules of the house: left may import right, never back."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BASE = {"assistant.errors", "assistant.settings"}
MAY_IMPORT = {
    "actions": {"actions", "assistant.knowledge"},
    "assistant.knowledge": {"assistant.knowledge"},
    "assistant.language": {"assistant.language"},
    "assistant.nlu": {"assistant.nlu", "assistant.language", "assistant.knowledge"},
    "assistant.channels": {"assistant.channels", "assistant.storage"},
    "assistant.storage": {"assistant.storage", "assistant.language"},
    "assistant.turn": {"assistant.turn"},
    "assistant.redaction": {"assistant.redaction"},
    "assistant.review": {"assistant.review", "assistant.redaction"},
    "assistant.projector": {
        "assistant.projector", "assistant.review", "assistant.redaction", "assistant.channels.log_entry",
        "assistant.storage.change_operation", "assistant.storage.connection",
    },
    # a process of its own, with the same log and the same end as the others
    "assistant.console": {
        "assistant.console", "assistant.review", "assistant.redaction", "assistant.knowledge",
        "assistant.channels.log_entry", "assistant.server.logs", "assistant.server.parent",
    },
    "assistant.server": {
        "assistant.server", "assistant.channels", "assistant.knowledge", "assistant.language",
        "assistant.nlu", "assistant.projector", "assistant.redaction", "assistant.review",
        "assistant.storage", "assistant.turn",
    },
}  # fmt: skip
NEVER = {
    "actions": {"rasa", "sanic", "sqlalchemy", "requests", "aiohttp"},
    "assistant.knowledge": {"rasa", "rasa_sdk", "sanic", "spacy", "sqlalchemy"},
    "assistant.language": {"rasa", "rasa_sdk", "sanic", "sqlalchemy"},
    "assistant.nlu": {"rasa_sdk", "sanic", "sqlalchemy"},
    "assistant.channels": {"spacy", "rasa_sdk", "sqlalchemy"},
    "assistant.storage": {"sanic", "rasa_sdk", "spacy"},
    "assistant.turn": {"sanic", "rasa_sdk", "spacy", "sqlalchemy"},
    "assistant.redaction": {"rasa", "rasa_sdk", "sanic", "spacy", "sqlalchemy", "numpy", "onnxruntime"},
    "assistant.review": {"rasa", "rasa_sdk", "sanic", "spacy", "numpy", "onnxruntime", "tensorflow"},
    "assistant.projector": {"rasa", "rasa_sdk", "sanic", "spacy", "tensorflow"},
    "assistant.console": {"rasa", "rasa_sdk", "spacy", "numpy", "onnxruntime", "tensorflow"},
    "assistant.server": set(),
}
OURS = ("actions", "assistant", "benchmarks", "scripts", "tests")


def _imports(file: Path) -> set[str]:
    """Returns the modules that a file imports, at any depth of the code."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: relative import; write the full path"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _room_files(room: str) -> list[Path]:
    return sorted((ROOT / room.replace(".", "/")).rglob("*.py"))


def _inside(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def broken_rules(room: str, modules: set[str]) -> list[str]:
    """Returns the modules that a room may not import."""
    ours = {module for module in modules if module.split(".")[0] in OURS and module != "assistant"}
    wrong = [module for module in ours if not _inside(module, MAY_IMPORT[room] | BASE)]
    return sorted(wrong + [module for module in modules if _inside(module, NEVER[room])])


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_room_imports_only_what_it_may(room: str) -> None:
    """No file of a room imports a room or library that it may not know."""
    files = _room_files(room)

    broken = {
        str(file.relative_to(ROOT)): wrong for file in files if (wrong := broken_rules(room, _imports(file)))
    }

    assert files and not broken


def test_an_import_against_the_rules_is_found() -> None:
    """The check sees an action that imports Rasa and a room that looks back."""
    assert broken_rules("actions", {"rasa.core.agent"}) == ["rasa.core.agent"]
    assert broken_rules("assistant.knowledge", {"assistant.server.app"}) == ["assistant.server.app"]
    assert broken_rules("assistant.nlu", {"tests.conftest"}) == ["tests.conftest"]


def test_only_settings_reads_the_environment() -> None:
    """No module but assistant/settings.py looks at environment variables."""
    readers = [
        str(file.relative_to(ROOT))
        for package in ("actions", "assistant")
        for file in (ROOT / package).rglob("*.py")
        if file.name != "settings.py"
        and any(word in file.read_text(encoding="utf-8") for word in ("environ.get", "getenv", "environ["))
    ]

    assert readers == []
