"""One log on standard error, one JSON object a line, without message text."""

import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import datetime, timezone
from typing import Any

import structlog

from assistant.channels.log_entry import failure

# Rasa names the text of a message by these keys in its structured entries
TEXT_KEYS = (
    "parse_data_text", "parse_data_entities", "user_message", "message", "text", "json_message",
    "message_text", "rasa_message", "entities", "slots", "slot_values", "tracker_latest_message",
)  # fmt: skip


def configure_logs() -> None:
    """Sends all logging through one handler; call once, after Rasa is imported.

    Rasa's own set-up prints local variables with tracebacks, and messages of
    exceptions may quote the patient: an error is logged by type and place.
    Entries below WARNING are kept for this project only, because Rasa writes
    message text at lower levels.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    logging.getLogger("assistant").setLevel(logging.INFO)
    # other packages' advice to their own developers
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    # nothing of it is in our lines, and finding the place of a call is half the cost of an entry
    logging._srcfile = None  # type: ignore[assignment]
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _without_text,
            _as_message,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _without_text(logger: Any, _: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if not logger.name.startswith("assistant."):
        for key in TEXT_KEYS:
            entry.pop(key, None)
    if entry.pop("exc_info", None):
        error = sys.exc_info()[1]
        if error is not None:
            entry.update(failure(error))
    return entry


class _Entry(dict[str, Any]):
    """An entry of structlog on its way through Python's logging."""


def _as_message(logger: Any, _: str, entry: MutableMapping[str, Any]) -> tuple[tuple[_Entry], dict[str, Any]]:
    return (_Entry(entry),), {}


class _JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
        if isinstance(record.msg, _Entry):
            line.update(record.msg)
        else:
            line["event"] = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            line.update(failure(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=repr)
