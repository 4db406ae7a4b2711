"""The file of the languages is checked when it is read."""

from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.language.folding import fold
from assistant.language.language_file import read_languages

ROOT = Path(__file__).parents[2]
FILE = """\
source: thought
english: i the help pain
variants: 難难 氣气
together:
  emergency: chest & pain / breath & cannot
  crisis: want & die
languages:
  es:
    words: hola cómo the
    lists:
      cant: no puedo / no puede
    signs: {chest: pecho, pain: dol*, breath: respir*, cannot: falta, want: quier*, die: morir}
    danger:
      emergency: "{cant} respir*"
      crisis: quiero morir
      calm: año pasado
      covers: no {cant} respir*
      urgent: ahora
"""


def _write(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in FILE
    file = folder / "languages.yml"
    file.write_text(FILE.replace(old, new) if old else FILE, encoding="utf-8")
    return file


def test_words_are_read_in_their_plain_form(tmp_path: Path) -> None:
    """Accents go, and a word that English has is no sign of another language."""
    words = read_languages(_write(tmp_path)).languages["es"]

    assert words.words == {"hola", "como"}
    assert words.lists["emergency"] == ("{cant} respir*",)
    assert words.signs["die"] == ("morir",)
    assert words.lists["calm"] == ("ano pasado",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("      calm: año pasado\n", "", "'calm' is missing"),
        ("{cant} respir*", "{can} respir*", "no list '{can}'"),
        ("quiero morir", "quiero _", "gap at an end"),
        ("quiero morir", "mo*", "too short"),
        ("quiero morir", "quiero morir / help the pain", "'help the pain' may be English"),
        ("no puede", "{cant}", "in a ring"),
        ("die: morir}", "dye: morir}", "unknown key 'dye'"),
        ("die: morir}", "die: m*}", "too short"),
        ("    signs: {", "    signs: {cant: no, ", "unknown key 'cant'"),
        ("cant: no puedo", "pain: no puedo", "'pain' stands twice"),
        ("氣气", "氣", "no pair of letters"),
    ],
)
def test_a_wrong_phrase_is_told_with_its_language(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Who changes the file learns what is wrong and where."""
    with pytest.raises(ContentError, match="languages.yml:[0-9]+") as error:
        read_languages(_write(tmp_path, old, new))

    assert told in str(error.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Não CONSIGO", "nao consigo"),
        ("İğne ŞİŞTİ", "igne sisti"),
        ("weiß", "weiss"),
        ("spuchł", "spuchl"),
        ("ещё отёк", "еще отек"),
        ("أستطيع", "استطيع"),
        ("الصدر", "صدر"),
        ("साँस नहीं", "सांस नही"),
        ("ayudaaaaa", "ayuda"),
        ("j’étouffe", "j'etouffe"),
        ("٤٠", "40"),
    ],
)
def test_ways_of_typing_a_word_are_one_word(one: str, other: str) -> None:
    """Capitals, accents, signs that people leave out and letters held down do not matter."""
    assert fold(one).words == fold(other).words


def test_chinese_characters_are_words() -> None:
    """There are no spaces to go by."""
    assert fold("不能呼吸").words == ("不", "能", "呼", "吸")


def test_the_real_file_has_words_for_every_language() -> None:
    """All eleven have words and phrases for both alarms."""
    languages = read_languages(ROOT / "data" / "languages.yml").languages

    assert len(languages) == 11
    for words in languages.values():
        assert words.words and len(words.lists["emergency"]) >= 50 and len(words.lists["crisis"]) >= 20
