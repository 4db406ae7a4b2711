"""How fast the projector works off what has come while it was away."""

import json
import random
import time
from pathlib import Path
from typing import Any

from assistant.language.sentence_encoder import SentenceEncoder
from assistant.projector.grouping import QuestionGroups
from assistant.projector.log_reader import LogReader
from assistant.projector.projector import Projector
from assistant.projector.subject import Subject, read_examples
from assistant.redaction.redactor import Redactor
from assistant.review.database import ReviewDatabase
from assistant.storage.connection import Connection
from assistant.storage.database import Database
from assistant.storage.migrate import migrate
from assistant.storage.turn_operation import Commit
from benchmarks.console.generator import END, KINDS, WORDS

ROOT = Path(__file__).parents[2]
TURNS = 3_000
CONVERSATIONS = 1_000


def turns_a_second(folder: Path) -> float:
    """Writes 3,000 turns into a log and returns how many the projector does a second."""
    log = Database(folder / "conversations.db")
    log.prepare(migrate)
    chance = random.Random(1)
    operations = [_turn(chance, number) for number in range(TURNS)]

    def write(connection: Connection) -> None:
        for one in operations:
            one.apply(connection)

    log.run_here(write)
    review = ReviewDatabase("", folder)
    review.prepare()
    encoder = SentenceEncoder(ROOT / "models" / "encoder")
    subject = Subject(encoder.encode(read_examples(ROOT / "data" / "nlu")))
    reader = LogReader(folder / "conversations.db")
    groups = QuestionGroups(encoder.encode, subject)
    projector = Projector(reader, review, Redactor.load(ROOT / "data" / "redaction"), groups)
    started = time.perf_counter()
    while projector.step():
        pass
    seconds = time.perf_counter() - started
    reader.close()
    review.close()
    log.close()
    return TURNS / seconds


def _turn(chance: random.Random, number: int) -> Commit:
    text, kind, at = " ".join(chance.choices(WORDS, k=8)), chance.choice(KINDS), END + number
    message = f"m{number}"
    parse: dict[str, Any] = {
        "intent": {"name": "ask_pain", "confidence": 0.9},
        "intent_ranking": [{"name": f"ask_{rank}", "confidence": 0.1} for rank in range(10)],
        "decision": {"by": "classifier", "rule": None, "level": None, "group": None, "score": 0.8},
        "language": "en",
    }
    user = {"event": "user", "timestamp": at, "text": text, "parse_data": parse, "message_id": message}
    action = {"event": "action", "timestamp": at, "name": "action_answer_topic", "policy": "RulePolicy"}
    body = {"kind": kind, "urgency": "none", "topic": "pain", "text": json.dumps(WORDS)}
    said = [
        {"role": "user", "message_id": message, "body": {"text": text, "id": message}, "time": at},
        {"role": "assistant", "message_id": message, "body": body, "time": at},
    ]
    return Commit(f"k-{number % CONVERSATIONS}", at, "", "answered", [user, action], said)
