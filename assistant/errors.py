"""The exceptions that MesoGuide raises on purpose.

    MesoGuideError
    ├── SettingsError    an environment variable or endpoints.yml is wrong
    ├── ContentError     a file under data/ is wrong
    ├── SetupError       something could not be fetched, built or started
    └── ModelError       a trained or built model is missing or does not fit

Each message is complete: what was being done, what was found, where, and what
to do. The command line prints it as it stands and exits non-zero.
"""

from pathlib import Path


class MesoGuideError(Exception):
    """Any error whose message can be shown to the person who runs the bot."""


class SettingsError(MesoGuideError):
    """A setting has a value that cannot be used."""


class SetupError(MesoGuideError):
    """A part could not be fetched, built or started."""


class ModelError(MesoGuideError):
    """A model is missing, damaged, or made by other code or data."""


class ContentError(MesoGuideError):
    """A content file is not as it must be.

    Attributes:
        file: the file that is wrong.
        entry: id of the entry inside it, empty where the whole file is meant.
        line: line number from 1, or 0 where it is not known.
    """

    def __init__(self, message: str, file: Path | str, entry: str = "", line: int = 0):
        place = str(file) + (f":{line}" if line else "") + (f", entry '{entry}'" if entry else "")
        super().__init__(f"{place}: {message}")
        self.file = Path(file)
        self.entry = entry
        self.line = line
