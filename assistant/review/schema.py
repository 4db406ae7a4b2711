"""The tables that staff read and write; the same on SQLite and PostgreSQL.

Every text in them is redacted. `migrations/` makes them; a test holds the two together. The tables of
full text are made month by month (`full_text`).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData()
# SQLite counts rows by itself only in a column of exactly this type.
ROW_ID = BigInteger().with_variant(Integer, "sqlite")


def _row_id() -> Column:
    return Column("id", ROW_ID, primary_key=True, autoincrement=True)


def _key() -> Column:
    return Column("conversation", ROW_ID, nullable=False)


CONVERSATION = Table(
    "conversation",
    METADATA,
    _row_id(),
    # the id in the conversation log
    Column("log_id", String(64), nullable=False, unique=True),
    Column("channel", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("started", Float, nullable=False),
    Column("last_at", Float, nullable=False),
    # messages of the visitor, and of all
    Column("turns", Integer, nullable=False),
    Column("messages", Integer, nullable=False),
    # lowest score of a turn that the classifier decided, 0 to 1
    Column("confidence", Float, nullable=True),
    # the visitor's first question
    Column("preview", Text, nullable=False),
    Column("improve", Boolean, nullable=False),
    Column("reviewed_at", Float, nullable=True),
    Column("reviewed_by", Integer, nullable=True),
    Column("flagged", Boolean, nullable=False),
    Column("assignee", Integer, nullable=True),
    # kept whatever its age
    Column("hold", Boolean, nullable=False),
    # newest numbers of the log that are here
    Column("last_event", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Index("ix_conversation_last_at", "last_at", "id"),
    sqlite_autoincrement=True,
)
UTTERANCE = Table(
    "utterance",
    METADATA,
    _row_id(),
    Column("digest", String(64), nullable=False, unique=True),
    # what the assistant said, as JSON; it comes from the knowledge files, and most is said often
    Column("body", Text, nullable=False),
)
MESSAGE = Table(
    "message",
    METADATA,
    # rises with the time: milliseconds since 1970 times 64, see `message_id`
    Column("id", ROW_ID, primary_key=True, autoincrement=False),
    _key(),
    Column("seq", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("time", Float, nullable=False),
    Column("text", Text, nullable=False),
    Column("utterance", Integer, nullable=True),
    # of a reply
    Column("kind", String(32), nullable=True),
    Column("urgency", String(16), nullable=True),
    Column("topic", String(64), nullable=True),
    # group of similar questions that had no answer
    Column("question_group", Integer, nullable=True),
    # the user's message that a reply answers: its seq
    Column("answers", Integer, nullable=True),
    UniqueConstraint("conversation", "seq"),
    Index(
        "ix_message_question_group",
        "question_group",
        "id",
        sqlite_where=text("question_group IS NOT NULL"),
        postgresql_where=text("question_group IS NOT NULL"),
    ),
)
TRACE = Table(
    "trace",
    METADATA,
    Column("message", ROW_ID, primary_key=True, autoincrement=False),
    _key(),
    Column("seq", Integer, nullable=False),
    Column("intent", String(64), nullable=False),
    Column("confidence", Float, nullable=False),
    # chance that the choice is right, by the rejection model
    Column("score", Float, nullable=False),
    Column("decided_by", String(32), nullable=False),
    Column("rule", String(64), nullable=True),
    Column("level", String(16), nullable=True),
    Column("action", String(64), nullable=True),
    Column("policy", String(64), nullable=True),
    Column("language", String(16), nullable=False),
    Column("model", String(64), nullable=False),
    Column("seconds", Float, nullable=True),
    # ranking, questions, entities, premises, slots as JSON; places are those of the redacted text
    Column("detail", Text, nullable=False),
    Index("ix_trace_conversation", "conversation", "seq"),
)
FACET = Table(
    "facet",
    METADATA,
    Column("conversation", ROW_ID, nullable=False),
    Column("term", Integer, nullable=False),
    # as in the conversation, so that a list by one property is one range of the index
    Column("last_at", Float, nullable=False),
    # first and last message with this property: "A then B" compares them
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    PrimaryKeyConstraint("conversation", "term"),
    Index("ix_facet_term", "term", "last_at", "conversation"),
    sqlite_with_rowid=False,
)
TERM = Table(
    "term",
    METADATA,
    _row_id(),
    Column("name", String(32), nullable=False),
    Column("value", String(128), nullable=False),
    # conversations that have it
    Column("conversations", Integer, nullable=False),
    UniqueConstraint("name", "value"),
)
RATING = Table(
    "rating",
    METADATA,
    _key(),
    Column("seq", Integer, nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("comment", Text, nullable=False),
    Column("time", Float, nullable=False),
    PrimaryKeyConstraint("conversation", "seq"),
)
QUESTION_GROUP = Table(
    "question_group",
    METADATA,
    _row_id(),
    Column("message", ROW_ID, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("last_at", Float, nullable=False),
    Column("state", String(16), nullable=False),
    Index("ix_question_group_size", "state", "size"),
)
QUEUE_ITEM = Table(
    "queue_item",
    METADATA,
    _row_id(),
    Column("queue", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    _key(),
    Column("message", ROW_ID, nullable=False),
    Column("created", Float, nullable=False),
    Column("assignee", Integer, nullable=True),
    Column("done_by", Integer, nullable=True),
    Column("done_at", Float, nullable=True),
    UniqueConstraint("queue", "message"),
    Index("ix_queue_item_state", "queue", "state", "message"),
    Index("ix_queue_item_conversation", "conversation"),
)
NOTE = Table(
    "note",
    METADATA,
    _row_id(),
    _key(),
    Column("seq", Integer, nullable=True),
    Column("author", Integer, nullable=False),
    Column("time", Float, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_note_conversation", "conversation"),
)
CORRECTION = Table(
    "correction",
    METADATA,
    _row_id(),
    _key(),
    Column("message", ROW_ID, nullable=False),
    # intent, entities, topic or answer
    Column("kind", String(16), nullable=False),
    Column("found", Text, nullable=False),
    Column("wanted", Text, nullable=False),
    # the redacted text as staff approve it
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("author", Integer, nullable=False),
    Column("time", Float, nullable=False),
    Column("decided_by", Integer, nullable=True),
    Column("decided_at", Float, nullable=True),
    Column("exported_at", Float, nullable=True),
    Index("ix_correction_state", "state", "id"),
    Index("ix_correction_conversation", "conversation"),
)
OPERATOR = Table(
    "operator",
    METADATA,
    _row_id(),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("password_hash", Text, nullable=False),
    # names of roles, separated by blanks
    Column("roles", Text, nullable=False),
    Column("totp_secret", Text, nullable=True),
    # the half minute of the newest code that was taken, so that none is taken twice
    Column("totp_step", Integer, nullable=True),
    Column("language", String(16), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Float, nullable=True),
    Column("created", Float, nullable=False),
    Column("disabled_at", Float, nullable=True),
)
OPERATOR_SESSION = Table(
    "operator_session",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("operator", Integer, nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created", Float, nullable=False),
    Column("used", Float, nullable=False),
    Column("stage", String(16), nullable=False),
)
INVITATION = Table(
    "invitation",
    METADATA,
    # SHA-256 of the secret in a link that is good for one use
    Column("digest", String(64), primary_key=True),
    # whose password it sets; None makes the first account
    Column("operator", Integer, nullable=True),
    Column("created", Float, nullable=False),
)
RECOVERY_CODE = Table(
    "recovery_code",
    METADATA,
    Column("operator", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("used_at", Float, nullable=True),
    PrimaryKeyConstraint("operator", "digest"),
)
SAVED_FILTER = Table(
    "saved_filter",
    METADATA,
    _row_id(),
    Column("operator", Integer, nullable=False),
    Column("name", String(128), nullable=False),
    Column("filter", Text, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    UniqueConstraint("operator", "name"),
)
AUDIT = Table(
    "audit",
    METADATA,
    _row_id(),
    Column("time", Float, nullable=False),
    # login of the operator, or the name of a process
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("object", String(128), nullable=False),
    Column("detail", Text, nullable=False),
    Column("address", String(64), nullable=False),
    Column("result", String(16), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_actor", "actor", "id"),
    Index("ix_audit_object", "object", "id"),
    sqlite_autoincrement=True,
)
ROLLUP = Table(
    "rollup",
    METADATA,
    # hours since 1970
    Column("hour", Integer, nullable=False),
    Column("name", String(32), nullable=False),
    Column("value", String(128), nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("hour", "name", "value"),
    Index("ix_rollup_name", "name", "hour"),
    sqlite_with_rowid=False,
)
ERASURE = Table(
    "erasure",
    METADATA,
    _row_id(),
    # SHA-256 of the id in the conversation log
    Column("digest", String(64), nullable=False, unique=True),
    Column("requested", Float, nullable=False),
    Column("requested_by", String(64), nullable=False),
    # the id itself, only until it is done
    Column("log_id", String(64), nullable=True),
    Column("done", Float, nullable=True),
    # rows that were taken away by table, as JSON
    Column("receipt", Text, nullable=False),
)
SEARCH_MONTH = Table(
    "search_month",
    METADATA,
    # years since 1970 times 12, plus months
    Column("month", Integer, primary_key=True, autoincrement=False),
    # whether deleted words still have to be taken out of the index
    Column("is_dirty", Boolean, nullable=False),
)
PROJECTION = Table(
    "projection",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # the newest row of the log's outbox that is here
    Column("outbox_id", BigInteger, nullable=False),
    # the newest conversation that the first filling has reached, None when it is done
    Column("filled_to", String(64), nullable=True),
    Column("updated", Float, nullable=False),
)
