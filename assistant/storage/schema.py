"""The tables of the conversation log; the same on SQLite and PostgreSQL.

`migrations/` makes them; a test holds the two together.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()
# SQLite counts rows by itself only in a column of exactly this type.
ROW_ID = BigInteger().with_variant(Integer, "sqlite")

CONVERSATION = Table(
    "conversation",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("choices", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("used", Float, nullable=False, index=True),
    Column("last_event", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    # tracker state before the events after `snapshot_event`, so that loading never needs the older ones
    Column("snapshot_event", Integer, nullable=False),
    Column("snapshot", Text, nullable=False),
)
EVENT = Table(
    "event",
    METADATA,
    Column("conversation_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("type", String(64), nullable=False),
    Column("timestamp", Float, nullable=False),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("conversation_id", "number"),
)
MESSAGE = Table(
    "message",
    METADATA,
    Column("conversation_id", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    # client's id of the message that this one is, or answers
    Column("message_id", String(64), nullable=False),
    Column("time", Float, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("conversation_id", "seq"),
    Index("ix_message_answer", "conversation_id", "message_id"),
)
INBOUND = Table(
    "inbound",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("conversation_id", String(64), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("received", Float, nullable=False),
    Column("state", String(16), nullable=False),
    Column("payload", Text, nullable=False),
    # how often its turn was begun; the one that receives it begins it
    Column("attempts", Integer, nullable=False, server_default="1"),
    UniqueConstraint("conversation_id", "message_id"),
    Index("ix_inbound_state", "state", "conversation_id"),
)
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("conversation_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("first_event", Integer, nullable=False),
    Column("last_event", Integer, nullable=False),
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("created", Float, nullable=False),
    # the number of a row that was deleted is not given again
    sqlite_autoincrement=True,
)
FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("conversation_id", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("comment", Text, nullable=False),
    Column("time", Float, nullable=False),
    PrimaryKeyConstraint("conversation_id", "seq"),
)
ERASED = Table(
    "erased",
    METADATA,
    Column("conversation_id", String(64), primary_key=True),
    Column("time", Float, nullable=False),
)
MERGED = Table(
    "merged",
    METADATA,
    Column("spool_id", String(64), primary_key=True),
    Column("time", Float, nullable=False),
)
BAD_ROW = Table(
    "bad_row",
    METADATA,
    Column("conversation_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("found", Float, nullable=False),
    PrimaryKeyConstraint("conversation_id", "number"),
)
