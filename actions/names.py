"""Names that the actions share with domain.yml and with what the message brings along."""

ANSWER_LANGUAGE = "action_answer_language"
ANSWER_TOPIC = "action_answer_topic"
REPORT_EMERGENCY = "action_report_emergency"
REPORT_URGENT = "action_report_urgent"
REPORT_SELF_HARM = "action_report_self_harm"
REPORT_SAFEGUARDING = "action_report_safeguarding"
DECLINE_ADVICE = "action_decline_advice"
DECLINE_RECIPE = "action_decline_recipe"
DECLINE_TOPIC = "action_decline_topic"
ASK_REPHRASE = "action_ask_rephrase"
MAKE_SMALLTALK = "action_make_smalltalk"
REPEAT_ANSWER = "action_repeat_answer"
START_OVER = "action_start_over"
TELL_ABOUT_US = "action_tell_about_us"
OFFER_PERSON = "action_offer_person"

# An intent with this prefix and the id of an entry asks for that entry.
ASK = "ask_"

# What is asked for and never told.
ADVICE = "personal_advice"
RECIPE = "recipe"

ENGLISH = "en"

# How the understanding writes down that a message was read together with the one before it.
BY_CONTEXT = "context"

SLOT_TOPIC = "topic"
# Whether the patient was told not to write personal data.
SLOT_DATA_NOTICE = "data_notice"
# Each is the name of an entity and of the slot that remembers it.
SUBJECTS = ("condition", "treatment", "area")
# Conditions that say who somebody is: they choose a variant, and are not what is talked about next.
TRAITS = frozenset({"under_18", "older_age", "dark_skin"})
# Entities that choose a variant only in the message that names them.
PASSING_SUBJECTS = ("substance", "product", "medicine")

# Intents that go on with the topic that was talked about.
GO_ON = frozenset({"affirm", "deny"})

# Intents that want something of their own, whatever was said before.
WISHES = frozenset({"repeat_answer", "start_over", "request_human"})

# Kinds of replies that answer danger.
DANGERS = frozenset({"emergency", "urgent", "crisis", "safeguarding"})

# Kinds of replies after which a patient is left without an answer.
FAILURES = frozenset({"fallback", "out_of_scope"})

# Answers to one message, and words of all of them together; what is left is offered.
MOST_ANSWERS = 3
MOST_WORDS = 150

# Two topics of which one is meant: least probability of the second, and of both together.
LEAST_OF_TWO = 0.2
LEAST_TOGETHER = 0.75
