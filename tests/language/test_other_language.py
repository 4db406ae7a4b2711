"""Messages in other languages: which language, and whether they tell of danger."""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from assistant.language.language_file import read_languages
from assistant.language.other_language import Finding, OtherLanguages
from assistant.language.shared import shared_known_words
from assistant.language.text import clean

ROOT = Path(__file__).parents[2]
LANGUAGES = ("es", "fr", "pt", "de", "it", "pl", "tr", "ru", "ar", "hi", "zh")
LEVELS = {"emergency": "now", "crisis": "crisis"}
FEWEST = {"emergency": 30, "crisis": 15, "calm": 8, "ordinary": 10}
CASES = yaml.load(
    (Path(__file__).parent / "other_language_cases.yml").read_text(encoding="utf-8"), yaml.BaseLoader
)
ENOUGH = 0.95


@pytest.fixture(scope="module")
def languages() -> OtherLanguages:
    words = shared_known_words(ROOT / "models" / "known_words.txt")
    return OtherLanguages(read_languages(ROOT / "data" / "languages.yml"), words)


def _share(right: list[bool]) -> float:
    return sum(right) / len(right)


def _missed(languages: OtherLanguages, texts: list[str], level: str) -> list[str]:
    return [text for text in texts if languages.find(clean(text)).level != level]


def _without_accents(text: str) -> str:
    kept = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return kept.replace("ı", "i").replace("ł", "l").replace("ß", "ss")


def test_each_language_has_its_cases() -> None:
    """Eleven languages, each with enough messages of every kind."""
    assert tuple(CASES) == LANGUAGES
    for kinds in CASES.values():
        assert {kind for kind, texts in kinds.items() if len(set(texts)) >= FEWEST[kind]} == set(FEWEST)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", LEVELS)
def test_explicit_danger_is_caught(languages: OtherLanguages, code: str, kind: str) -> None:
    """At least 95 in 100 explicit messages raise the alarm, in that language."""
    texts = CASES[code][kind]

    missed = _missed(languages, texts, LEVELS[kind])

    assert len(missed) / len(texts) <= 1 - ENOUGH, missed
    assert _share([languages.find(clean(text)).language == code for text in texts]) >= ENOUGH


@pytest.mark.parametrize("code", ["es", "fr", "pt", "de", "it", "pl", "tr"])
@pytest.mark.parametrize("kind", LEVELS)
def test_capitals_and_accents_do_not_matter(languages: OtherLanguages, code: str, kind: str) -> None:
    """The same messages shouted, and typed on a keyboard without accents."""
    for change in (_without_accents, str.upper, lambda text: text + "!!!"):
        texts = [change(text) for text in CASES[code][kind]]
        assert len(_missed(languages, texts, LEVELS[kind])) / len(texts) <= 1 - ENOUGH


@pytest.mark.parametrize("code", LANGUAGES)
def test_calm_messages_raise_no_alarm(languages: OtherLanguages, code: str) -> None:
    """What is past, denied, asked in general or only said so is no alarm."""
    assert _missed(languages, CASES[code]["calm"] + CASES[code]["ordinary"], "") == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_ordinary_messages_are_recognised(languages: OtherLanguages, code: str) -> None:
    """Questions, and greetings of one word, are known as the language."""
    texts = CASES[code]["ordinary"] + CASES[code]["calm"]

    assert [text for text in texts if languages.find(clean(text)).language != code] == []


def test_english_stays_english(languages: OtherLanguages) -> None:
    """At most 2 in 1,000 English messages are taken for another language, at most 1 with an alarm."""
    texts = list(_english())

    found = {text: languages.find(clean(text)) for text in texts}

    taken = [text for text, finding in found.items() if finding.language != "en"]
    assert len(texts) > 4000
    assert len(taken) / len(texts) <= 0.002, taken
    alarmed = [text for text, finding in found.items() if finding.level]
    assert len(alarmed) / len(texts) <= 0.001, alarmed


def _english() -> Iterator[str]:
    for line in (ROOT / "tests" / "evaluation" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if question["tags"][0] not in LANGUAGES:
            yield from question.get("turns") or [question["text"]]


@pytest.mark.parametrize(
    "text",
    [
        "Hola, how much is it?", "Bonjour! Does it hurt?", "ciao, what are the side effects",
        "what does mesoterapia mean", "is 中胚层疗法 the same as mesotherapy", "ok", "OK 👍", "😀", "...", "",
        "José García", "Dr Müller", "10 rue de Rivoli", "metformin 500 mg", "Lipodissolve", "Kybella?",
        "Zielona Góra", "is you have medicine for the fat of belly", "wat is da price 4 1 session",
        "mesotherpy celulite thighs", "pleas tel me does it wrk", "botox vs fillers", "paracetamol",
        "naproxen and ibuprofen", "12 Via Roma", "Łukasz Kowalczyk", "yo", "hmm", "hahaha", "si", "no",
    ],
)  # fmt: skip
def test_english_with_foreign_words_stays_english(languages: OtherLanguages, text: str) -> None:
    """English questions with a greeting, a name, an address or a drug of another language are English."""
    assert languages.find(clean(text)) == Finding("en")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("hello please help me no puedo respirar what should I do", Finding("es", "now")),
        ("please help, 我不能呼吸, what do I do", Finding("zh", "now")),
        ("sorry for my english. ich will nicht mehr leben", Finding("de", "crisis")),
    ],
)
def test_danger_within_english_is_caught(languages: OtherLanguages, text: str, finding: Finding) -> None:
    """Who falls back into their own language for the worst is heard."""
    assert languages.find(clean(text)) == finding


@pytest.mark.parametrize(
    "text", ["メソセラピーは痛いですか", "чи це боляче і скільки це коштує", "آیا درد دارد؟ چقدر است"]
)
def test_language_that_is_not_covered_is_not_taken_for_another(languages: OtherLanguages, text: str) -> None:
    """Japanese, Ukrainian and Persian are not answered in Chinese, Russian or Arabic."""
    assert languages.find(clean(text)).language == "en"


def test_calm_of_one_sentence_does_not_calm_the_next(languages: OtherLanguages) -> None:
    """An old illness and a danger of now may stand in one message."""
    text = "El año pasado tuve un infarto. Hoy no puedo respirar"

    assert languages.find(text) == Finding("es", "now")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("siento la garganta muy inflamada", "now"),
        ("inflamada y roja tengo la garganta", "now"),
        ("la garganta esta bien. la pierna un poco inflamada", ""),
        ("la garganta esta bien despues de tantas sesiones con mi medico, la pierna inflamada", ""),
    ],
)
def test_signs_count_together(languages: OtherLanguages, text: str, level: str) -> None:
    """Two signs make an alarm in any order, in one sentence, near each other."""
    assert languages.find(text) == Finding("es", level)


def test_both_alarms_at_once_are_a_crisis(languages: OtherLanguages) -> None:
    """A wish to die counts before its means; the crisis reply names the emergency number too."""
    assert languages.find("quiero morir, me tome demasiadas pastillas").level == "crisis"


def test_traditional_chinese_is_read_as_simplified(languages: OtherLanguages) -> None:
    """The phrases stand in one form and are met in both."""
    assert languages.find("我沒辦法呼吸") == languages.find("我没办法呼吸") == Finding("zh", "now")


def test_one_slip_is_understood(languages: OtherLanguages) -> None:
    """A long word with one wrong letter is the word of the list."""
    assert languages.find("ella esta inconcsiente") == Finding("es", "now")
    assert re.search("inconsciente", (ROOT / "data" / "languages.yml").read_text(encoding="utf-8"))
