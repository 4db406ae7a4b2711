"""Names that the actions share with domain.yml and with what the message brings along."""

ANSWER_TOPIC = "action_answer_topic"
REPORT_EMERGENCY = "action_report_emergency"
REPORT_URGENT = "action_report_urgent"
REPORT_SELF_HARM = "action_report_self_harm"
DECLINE_ADVICE = "action_decline_advice"
DECLINE_RECIPE = "action_decline_recipe"
DECLINE_TOPIC = "action_decline_topic"
ASK_REPHRASE = "action_ask_rephrase"
MAKE_SMALLTALK = "action_make_smalltalk"
OFFER_PERSON = "action_offer_person"

# An intent with this prefix and the id of an entry asks for that entry.
ASK = "ask_"

SLOT_TOPIC = "topic"
# Each is the name of an entity and of the slot that remembers it.
SUBJECTS = ("condition", "treatment", "area")
