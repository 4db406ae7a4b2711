"""What a process loads once."""

import os
from pathlib import Path

from assistant.language.shared import loaded_once


def test_unchanged_file_is_loaded_once(tmp_path: Path) -> None:
    """A second call, also by another spelling of the path, gives the same object."""
    file = tmp_path / "file"
    file.write_text("one", encoding="utf-8")
    read = loaded_once(lambda path: [path.read_text(encoding="utf-8")])

    assert read(file) is read(tmp_path / "." / "file")


def test_changed_file_is_loaded_again(tmp_path: Path) -> None:
    """A file of another time is read anew."""
    file = tmp_path / "file"
    file.write_text("one", encoding="utf-8")
    read = loaded_once(lambda path: path.read_text(encoding="utf-8"))
    read(file)

    file.write_text("two", encoding="utf-8")
    os.utime(file, ns=(1, 1))

    assert read(file) == "two"
