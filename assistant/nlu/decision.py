"""What understanding decided and why, as it is stored with the message.

Key `decision` of a parsed message:
    by: classifier, rejection, rule, button, language, context (read together with the message before
        it), question (the one question in a story) or premise (what the message takes for true).
    rule: id of the red-flag rule that fired, or None.
    level: now, crisis, safeguarding, today, days, or None.
    group: group of the red flag, or None.
    score: chance, 0 to 1, that the classifier's choice is right.
"""

from typing import Any, Dict, List, Optional

from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message

DECISION = "decision"
BY_CONTEXT = "context"
BY_PREMISE = "premise"
BY_QUESTION = "question"
LANGUAGE = "language"
# Level of danger that the words of another language tell: now, crisis or "".
LANGUAGE_LEVEL = "language_level"
ENGLISH = "en"
OTHER_LANGUAGE = "other_language"
OUT_OF_SCOPE = "out_of_scope"
NOT_UNDERSTOOD = "nlu_fallback"
# How the names of intents that stand for a topic, and for what is often asked and not covered, begin.
TOPIC_INTENT = "ask_"
NEIGHBOUR = "neighbour_"
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


def put_first(message: Message, name: str, probability: float) -> None:
    """Makes an intent the message's choice, and the first of its ranking."""
    chosen = {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: probability}
    ranking: List[Dict[str, Any]] = message.get(INTENT_RANKING_KEY) or []
    others = [entry for entry in ranking if entry[INTENT_NAME_KEY] != name]
    message.set(INTENT, chosen, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [chosen, *others], add_to_output=True)
