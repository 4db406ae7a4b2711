"""The answers of one conversation by message id, so that a repeated message runs no second turn."""

import asyncio
from collections import OrderedDict

Answer = asyncio.Future[list[dict]]


class Duplicates:
    """Remembers answers, those still being made too; a failed one is forgotten at once.

    Args:
        size: number of answers kept. Those still being made are never dropped
            and may exceed it.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def get(self, message_id: str) -> Answer | None:
        """Returns the answer to this message, None for a message not seen."""
        answer = self._answers.get(message_id)
        if answer is not None:
            self._answers.move_to_end(message_id)
        return answer

    def put(self, message_id: str, answer: Answer) -> None:
        """Remembers the answer, and drops the longest unused one when there are too many."""
        self._answers[message_id] = answer
        answer.add_done_callback(lambda done: self._forget_failed(message_id, done))
        if len(self._answers) > self._size:
            oldest = next((key for key, held in self._answers.items() if held.done()), None)
            if oldest is not None:
                del self._answers[oldest]

    def clear(self) -> None:
        """Forgets the answers that are made."""
        for key in [key for key, held in self._answers.items() if held.done()]:
            del self._answers[key]

    def is_waiting(self) -> bool:
        """Returns whether an answer is still being made."""
        return any(not answer.done() for answer in self._answers.values())

    def _forget_failed(self, message_id: str, answer: Answer) -> None:
        # Looking at the exception also keeps asyncio from logging it, and with it perhaps a visitor's text.
        if (answer.cancelled() or answer.exception()) and self._answers.get(message_id) is answer:
            del self._answers[message_id]

    def __len__(self) -> int:
        return len(self._answers)
