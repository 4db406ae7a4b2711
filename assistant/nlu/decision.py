"""What understanding decided and why, as it is stored with the message.

Key `decision` of a parsed message:
    by: classifier, rejection, rule, button, language, context (read together with the message before
        it) or question (the one question in a story).
    rule: id of the red-flag rule that fired, or None.
    level: now, crisis, safeguarding, today, days, or None.
    group: group of the red flag, or None.
    score: chance, 0 to 1, that the classifier's choice is right.
"""

from typing import Any, Dict, Optional

DECISION = "decision"
BY_CONTEXT = "context"
BY_QUESTION = "question"
LANGUAGE = "language"
# Level of danger that the words of another language tell: now, crisis or "".
LANGUAGE_LEVEL = "language_level"
ENGLISH = "en"
OTHER_LANGUAGE = "other_language"
OUT_OF_SCOPE = "out_of_scope"
NOT_UNDERSTOOD = "nlu_fallback"
REPORT_EMERGENCY = "report_emergency"
REPORT_SAFEGUARDING = "report_safeguarding"
REPORT_SELF_HARM = "report_self_harm"
REPORT_URGENT = "report_urgent"

INTENT_OF_LEVEL = {
    "now": REPORT_EMERGENCY,
    "crisis": REPORT_SELF_HARM,
    "safeguarding": REPORT_SAFEGUARDING,
    "today": REPORT_URGENT,
    "days": REPORT_URGENT,
}
"""Which intent a red flag of a level stands for."""


def decision(
    by: str,
    score: float,
    rule: Optional[str] = None,
    level: Optional[str] = None,
    group: Optional[str] = None,
) -> Dict[str, Any]:
    """Returns the value of the key `decision`."""
    return {"by": by, "rule": rule, "level": level, "group": group, "score": round(score, 4)}
