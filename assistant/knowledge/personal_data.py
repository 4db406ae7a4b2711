"""Whether a message holds personal data: mail address, card, telephone number or date of birth."""

from assistant.knowledge.model import Safety


def holds_personal_data(safety: Safety, text: str) -> bool:
    """Returns whether a pattern of safety.yml is found in a text; it may be found where there is none."""
    lowered = text.lower()
    return any(pattern.search(lowered) for pattern in safety.personal_data)
