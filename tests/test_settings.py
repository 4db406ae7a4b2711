"""What the environment may set."""

from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings


def test_defaults_listen_on_loopback_only(tmp_path: Path) -> None:
    """Without variables the chat is on 127.0.0.1:5005."""
    settings = Settings.from_environment(tmp_path, {})

    assert (settings.host, settings.port, settings.state_dir) == ("127.0.0.1", 5005, tmp_path / "var")


@pytest.mark.parametrize("value", ["", "five", "0", "65536", "-1", "٣"])
def test_bad_port_is_refused_with_its_name_and_value(tmp_path: Path, value: str) -> None:
    """The message holds the variable, what was found and the range."""
    with pytest.raises(SettingsError) as error:
        Settings.from_environment(tmp_path, {"MESOGUIDE_PORT": value})

    assert (
        "MESOGUIDE_PORT" in str(error.value)
        and repr(value) in str(error.value)
        and "65535" in str(error.value)
    )


def test_unknown_setting_lists_the_known_ones(tmp_path: Path) -> None:
    """A misspelt variable does not pass in silence."""
    with pytest.raises(SettingsError, match="MESOGUIDE_PROT.*MESOGUIDE_PORT"):
        Settings.from_environment(tmp_path, {"MESOGUIDE_PROT": "1"})


def test_origins_are_split_at_blanks(tmp_path: Path) -> None:
    """Several origins stand in one variable."""
    settings = Settings.from_environment(
        tmp_path, {"MESOGUIDE_ORIGINS": "https://a.example  https://b.example"}
    )

    assert settings.origins == ("https://a.example", "https://b.example")
