"""The content of an earlier revision, read with the code of today."""

import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from assistant.errors import ContentError
from assistant.knowledge import Knowledge
from assistant.knowledge.load import load_unchecked

CONTENT = "data/knowledge"
UNDERSTANDING = (
    "config.yml",
    "domain.yml",
    "data/nlu",
    "data/rules",
    "data/lookups",
    "assistant/nlu",
    "assistant/language",
)


def commit_of(root: Path, revision: str) -> str:
    """Returns the commit that a revision names; raises ContentError for an unknown one."""
    named = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if named.returncode:
        raise ContentError(f"git knows no revision {revision!r}. Name a commit, a branch or a tag.", root)
    return named.stdout.decode().strip()


def content_at(root: Path, commit: str) -> Knowledge:
    """Returns the content of a commit, under the clinic's own files of today.

    Raises ContentError where the present code cannot use it.
    """
    archive = _git(root, "archive", "--format=tar", commit, CONTENT)
    if archive.returncode:
        raise ContentError(f"there is no {CONTENT} at {commit[:12]}. Name a later revision.", root)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(folder)
        local = root / CONTENT / "local"
        if local.is_dir():
            shutil.copytree(local, Path(folder) / CONTENT / "local", dirs_exist_ok=True)
        return load_unchecked(Path(folder) / CONTENT)


def changed_understanding(root: Path, commit: str) -> list[str]:
    """Returns what has changed since of all that decides how a message is understood."""
    return [name for name in UNDERSTANDING if _git(root, "diff", "--quiet", commit, "--", name).returncode]


def _git(root: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
