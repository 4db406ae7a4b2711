"""What a patient may be told: loaded from data/knowledge, checked, and never changed afterwards."""

from assistant.knowledge.current import current
from assistant.knowledge.load import load
from assistant.knowledge.model import Knowledge

__all__ = ["Knowledge", "current", "load"]
