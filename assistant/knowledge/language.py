"""What is said in other languages: the texts of data/languages.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from assistant.errors import ContentError
from assistant.knowledge import reply
from assistant.knowledge.document import Document, read
from assistant.knowledge.markdown import paragraphs
from assistant.knowledge.model import Knowledge
from assistant.knowledge.placeholder import fill, names_in
from assistant.knowledge.schema import Schema
from assistant.knowledge.value import values_of

# Under the working directory, as the content is.
FILE = Path("data/languages.yml")
SCHEMA = Path("data/knowledge/schema/languages.yml")
PLACEHOLDERS = {
    "notice": ("emergency", "clinic", "phone"),
    "emergency": ("emergency",),
    "crisis": ("emergency",),
}


@dataclass(frozen=True)
class LanguageTexts:
    """The texts of one language, with placeholders.

    Attributes:
        code: tag of the language (BCP 47).
        name: English name.
        notice: that only English is answered, and whom to call.
        danger: the short form by the kind of reply, emergency and crisis.
        verified_by: the native speaker who has checked texts and words, "" for nobody.
    """

    code: str
    name: str
    notice: str
    danger: Mapping[str, str]
    verified_by: str


def notice(knowledge: Knowledge, texts: LanguageTexts) -> reply.Reply:
    """Returns that only English is answered, with the numbers to call, in the language."""
    return reply.notice(knowledge, texts.notice, texts.code)


def with_short_form(knowledge: Knowledge, texts: LanguageTexts, told: reply.Reply) -> reply.Reply:
    """Returns an English reply to danger with the short form in the language as its first lines."""
    short = fill(texts.danger[told["kind"]], values_of(knowledge.clinic, knowledge.numbers))
    return {**told, "text": paragraphs([short, told["text"]]), "lang": texts.code}


def current_languages() -> Mapping[str, LanguageTexts]:
    """Returns the texts by language code, read once from the working directory; raises ContentError."""
    return _loaded(FILE.resolve(), SCHEMA.resolve())


@cache
def _loaded(file: Path, schema: Path) -> Mapping[str, LanguageTexts]:
    return load_languages(file, schema)


def load_languages(file: Path, schema: Path) -> Mapping[str, LanguageTexts]:
    """Returns the texts by language code; raises ContentError for the first problem."""
    document = read(file)
    problems = [problem for _, problem in Schema(schema).problems(document)] or _wrong_texts(document)
    if problems:
        raise problems[0]
    languages = document.data["languages"]
    return MappingProxyType({code: _texts(code, raw) for code, raw in languages.items()})


def _wrong_texts(document: Document) -> list[ContentError]:
    return [
        ContentError(
            f"{name} must hold each of these once and no other: {', '.join(sorted(needed))}.",
            document.file,
            code,
            document.line(("languages", code, name)),
        )
        for code, raw in document.data["languages"].items()
        for name, needed in PLACEHOLDERS.items()
        if sorted(names_in(raw[name])) != sorted(needed)
    ]


def _texts(code: str, raw: Mapping[str, object]) -> LanguageTexts:
    verified = raw["verified"]
    return LanguageTexts(
        code,
        str(raw["name"]),
        _one_line(raw["notice"]),
        MappingProxyType({kind: _one_line(raw[kind]) for kind in ("emergency", "crisis")}),
        str(verified["by"]) if isinstance(verified, Mapping) else "",
    )


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
