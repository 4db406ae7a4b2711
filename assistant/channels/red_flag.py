"""Answers red flags in texts that get no answer otherwise."""

import structlog

from assistant.channels.front import Front
from assistant.channels.log_entry import failure

log = structlog.get_logger()


def red_flag_replies(front: Front, text: str, ids: dict[str, str]) -> list[dict]:
    """Returns the replies to a red flag in `text`, an empty list if there is none or the scan fails.

    Args:
        front: scans the text.
        text: "" for the press of a button.
        ids: what to log.
    """
    if not text:
        return []
    try:
        replies = front.scan(text)
    except Exception as error:
        log.error("chat.scan.fail", **ids, **failure(error))
        return []
    if replies:
        log.warning("chat.scan.answer", **ids)
    return replies
