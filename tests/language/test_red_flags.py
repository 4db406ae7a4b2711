"""Behaviour of the red-flag rules on messages, and of the reader of their file."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
import spacy
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from assistant.errors import ContentError
from assistant.language.red_flag_file import GROUPS, SEVERITY, read_rules
from assistant.language.red_flags import RedFlag, RedFlagDetector
from assistant.language.spacy_pipeline import build, load

RULES = Path("data/lookups/red_flags.yml")
CASES = yaml.safe_load(Path("tests/language/red_flag_cases.yml").read_text(encoding="utf-8"))
MINIMISERS_BEFORE = (
    "It's probably nothing, but ",
    "Not urgent: ",
    "My friend says it's fine, ",
    "I don't want to make a fuss but ",
    "Sorry to bother you, just a quick question, ",
    "I'm not worried, only asking: ",
)
MINIMISERS_AFTER = (
    ", but it's probably nothing",
    ". Not urgent.",
    ", my friend says it is fine",
    " - no rush at all",
    ", I'm sure it's nothing",
    ". My husband thinks I'm overreacting lol",
)
BLANK = spacy.blank("en")
# How common a word must be (log probability in spaCy's table) to be one that patients type.
COMMON = -16.0


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Language:
    """The pipeline of the real lookups."""
    out = tmp_path_factory.mktemp("models") / "spacy"
    build(Path("data/lookups"), out)
    return load(out)


class MostSevere:
    """The detector, asked for the most severe flag alone."""

    def __init__(self, detector: RedFlagDetector) -> None:
        """Take the detector."""
        self._detector = detector
        self.corrected = detector.corrected

    def detect(self, doc: Doc) -> RedFlag | None:
        """Return the first flag, or None."""
        return next(iter(self._detector.detect(doc)), None)


@cache
def the_detector() -> MostSevere:
    """Return the detector with the real rules."""
    return MostSevere(RedFlagDetector.load(RULES))


@pytest.fixture(scope="module")
def detector() -> MostSevere:
    """The detector with the real rules."""
    return the_detector()


def as_list(value: str | list[str]) -> list[str]:
    """Return the value as a list."""
    return value if isinstance(value, list) else [value]


def flagged() -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield text, allowed levels and allowed groups of every message that must be caught."""
    for block in CASES["flags"] + CASES["added_flags"]:
        for text in block["texts"]:
            yield text, as_list(block["level"]), as_list(block["group"])


def calm() -> list[str]:
    """Return every message that must not be caught."""
    return [text for block in CASES["calm"] + CASES["added_calm"] for text in block["texts"]]


def report(lines: list[str], total: int) -> str:
    """Return the message of a failed test: how many of how many, and which."""
    return f"{len(lines)} of {total}:\n" + "\n".join(lines)


def test_every_explicit_sign_is_caught_at_its_level(detector: MostSevere, pipeline: Language) -> None:
    """No message with a red flag is missed or put at another level."""
    cases = list(flagged())
    decisions = [detector.detect(pipeline(text)) for text, _, _ in cases]

    wrong = [
        f"  {text!r}: expected {' or '.join(levels)}, got {found}"
        for (text, levels, _), found in zip(cases, decisions, strict=True)
        if found is None or found.level not in levels
    ]

    assert not wrong, report(wrong, len(cases))


def test_every_sign_gets_the_text_of_its_group(detector: MostSevere, pipeline: Language) -> None:
    """The group that chooses the reply is the sign's own."""
    cases = list(flagged())
    decisions = [detector.detect(pipeline(text)) for text, _, _ in cases]

    wrong = [
        f"  {text!r}: expected {' or '.join(groups)}, got {found}"
        for (text, _, groups), found in zip(cases, decisions, strict=True)
        if found is not None and found.group not in groups
    ]

    assert not wrong, report(wrong, len(cases))


def test_calm_messages_raise_no_alarm(detector: MostSevere, pipeline: Language) -> None:
    """Questions, memories, denials, idioms and ordinary messages are left to the topics."""
    decisions = [(text, detector.detect(pipeline(text))) for text in calm()]

    wrong = [f"  {text!r}: {found}" for text, found in decisions if found]

    assert not wrong, report(wrong, len(decisions))


def test_the_cases_cover_every_group() -> None:
    """Each group of the contract has at least five messages in the first set, and levels fit groups."""
    counts: dict[str, int] = {}
    for block in CASES["flags"]:
        for group in as_list(block["group"]):
            counts[group] = counts.get(group, 0) + len(block["texts"])

    expected = {group for groups in GROUPS.values() for group in groups}
    assert set(counts) == expected
    assert min(counts.values()) >= 4
    assert sum(len(block["texts"]) for block in CASES["flags"]) >= 200
    assert sum(len(block["texts"]) for block in CASES["calm"]) >= 200


@pytest.mark.parametrize("minimiser", MINIMISERS_BEFORE)
def test_minimising_words_before_change_nothing(
    detector: MostSevere, pipeline: Language, minimiser: str
) -> None:
    """Calm, polite and belittling words in front never lower the decision."""
    wrong = changed_by(detector, pipeline, lambda text: minimiser + text)

    assert not wrong, report(wrong, len(CASES["flags"]))


@pytest.mark.parametrize("minimiser", MINIMISERS_AFTER)
def test_minimising_words_after_change_nothing(
    detector: MostSevere, pipeline: Language, minimiser: str
) -> None:
    """Calm, polite and belittling words at the end never lower the decision."""
    wrong = changed_by(detector, pipeline, lambda text: text.rstrip(".!?") + minimiser)

    assert not wrong, report(wrong, len(CASES["flags"]))


@pytest.mark.parametrize(
    "wrap",
    [
        "Can mesotherapy cause this? {}",
        "I had a stroke in 2010. {}",
        "{}. How much is it?",
        "Hi, {}, is that normal?",
    ],
)
def test_what_stands_beside_a_sign_does_not_hide_it(
    detector: MostSevere, pipeline: Language, wrap: str
) -> None:
    """A question, a memory or a greeting in another clause leaves the statement what it is."""
    wrong = changed_by(detector, pipeline, lambda text: wrap.format(text.rstrip(".!?")))

    assert not wrong, report(wrong, len(CASES["flags"]))


def changed_by(detector: MostSevere, pipeline: Language, change: Callable[[str], str]) -> list[str]:
    """Return the messages whose decision the change lowers."""
    wrong = []
    for text, levels, _ in flagged():
        found = detector.detect(pipeline(change(text)))
        if found is None or SEVERITY[found.level] > SEVERITY[levels[0]]:
            wrong.append(f"  {change(text)!r}: {found} instead of {levels[0]}")
    return wrong


RECENT = ("{} this morning", "{} an hour ago", "{} last night but I'm fine now", "yesterday {}, it passed")
LONG_AGO = (
    "{} in 2012",
    "ten years ago {}",
    "{} when I was a child",
    "last year {}, can I have mesotherapy?",
)
EVENTS = (
    "I fainted",
    "I had chest pain",
    "my face drooped",
    "I couldn't breathe",
    "I lost my sight",
    "my throat swelled up",
    "my speech was slurred",
    "she had a fit",
    "my arm went weak",
    "I used my EpiPen",
    "my mum had a stroke",
    "my dad had a heart attack",
)


@pytest.mark.parametrize("event", EVENTS)
def test_what_happened_within_a_day_is_now_even_if_gone(
    detector: MostSevere, pipeline: Language, event: str
) -> None:
    """Airway, chest, stroke, sight and collapse stay an emergency for a day; years later they are history."""
    recent = [detector.detect(pipeline(when.format(event))) for when in RECENT]
    old = [detector.detect(pipeline(when.format(event))) for when in LONG_AGO]

    assert [found and found.level for found in recent] == ["now"] * len(RECENT)
    assert old == [None] * len(LONG_AGO)


# Words of a sign that are no sign of now, by the kind of context, each with real signs in the same dress.
CALM_KINDS = {
    "figure of speech": (
        "My heart stopped when you told me the fee",
        "choked on my biscuit reading the invoice",
        "Those quotes gave my sister palpitations haha",
        "nearly blacked out at the deposit, any offers?",
        "Our rota is choked, could we come in August?",
        "my purse is haemorrhaging money this month",
        "I'm dying to get started",
    ),
    "general question": (
        "Do tongues really swell from it, or is that a myth?",
        "Does anyone's face actually droop or is that scaremongering?",
        "would a person know if their airway was closing?",
        "do clients ever collapse?",
    ),
    "in print or by hearsay": (
        "Seizures are listed in the booklet. Why?",
        "Blindness is mentioned on the consent form, how come?",
        "your brochure talks about trouble breathing",
        "My barber reckons you'd bleed to death from it",
        "a lady on Facebook said her lips went black, is that so?",
    ),
    "ended event elsewhere": (
        "I passed out at my flu jab. Is that a problem here?",
        "fainted once at a piercing, do I have to mention it?",
        "my throat swelled from penicillin once, may I have this?",
        "I keeled over while giving blood, can I lie down for it?",
    ),
    "cellulitis the word": (
        "is cellulitis what I see on my thighs?",
        "my nan was given antibiotics for cellulitis, same word as cellulite?",
        "I had cellulitis in my foot in 2020, can I have it now?",
        "the chemist wrote cellulitis, did she mean cellulite?",
    ),
    "an offer": (
        "my cousin offers to inject me in her bathroom, good idea?",
        "is it all right to do the injections at home?",
        "thinking of doing my own injections, is that wise?",
    ),
    "first days": (
        "tiny lumps where the needles went in, is that usual?",
        "little lumps the day after my session",
        "my bruise is yellow and green on day three",
        "warm and tender an hour after the session",
    ),
    "other sense": (
        "I blacked out my toenail on a hike",
        "shaving cuts ooze for ages on me",
        "popped in yesterday but you were shut",
        "everything went dark on my screen while I paid",
        "Monday is my last day at work, can I come then?",
        "I hope I don't wake up with bruises",
    ),
}
REAL_IN_THE_SAME_DRESS = (
    ("lol I choked on my coffee and now I can't breathe", "now"),
    ("my heart stopped for a moment and my chest hurts haha", "now"),
    ("the quote was fine but my throat is closing", "now"),
    ("My husband collapsed at the till and is not responding", "now"),
    ("nearly fainted in your car park after the needles", "now"),
    ("my colleague collapsed on the couch", "now"),
    ("do people's throats swell? Mine is swelling", "now"),
    ("Sight loss is mentioned on the form and now I can't see from my left eye", "now"),
    ("throat swelling is listed in the leaflet and I have it", "now"),
    ("my mate says I'm fine but my lips are swelling", "now"),
    ("a girl on TikTok had it and now my vision is going dark", "now"),
    ("I fainted once after the injections, is that common?", "now"),
    ("I had my session. I passed out once. Is that common?", "now"),
    ("I fainted at my flu jab this morning, can I still come?", "now"),
    ("My throat swelled at my Covid jab, what should I do?", "now"),
    ("the worst headache of my life came on all at once. How much is it?", "now"),
    ("almost passed out three times today", "now"),
    ("it felt like a heart attack", "now"),
    ("I have cellulitis now", "today"),
    ("the cellulitis on my leg is spreading", "today"),
    ("my cousin offered to inject me and I let her", "today"),
    ("a friend did my jabs in her living room", "today"),
    ("my sister and I shared a needle", "today"),
    ("small lumps where the needle went in and pus is coming out", "today"),
    ("warm to touch on day five", "today"),
    ("my achilles went pop this morning, my session was in March", "today"),
    ("tiny lumps where the needles went in, still there after a month", "days"),
    ("is there enough in one bottle to finish me off", "crisis"),
    ("how much would it take to kill me", "crisis"),
    ("would three vials be enough to kill a person", "crisis"),
    ("what is a lethal dose of the numbing cream", "crisis"),
    ("I hope that I won't wake up", "crisis"),
    ("I have decided, Sunday is my last day", "crisis"),
    ("I said goodbye to everyone, Friday is the last day", "crisis"),
)


NOT_THE_WRITERS_EVENT = (
    "rosy dots where they injected my thighs an hour ago, usual?",
    "The nurse injected my knees on Tuesday and they itch",
    "I have had lumps in my arm for years, nobody ever injected me",
    "lumps fibrosis lipolysis mesotherapy",
    "mycobacteria abscessus clusters",
    "I keep thinking about flesh rotting, is that a thing?",
    "Ten years ago my throat swelled from a wasp. May I have this?",
    "I'm choking on the hype, does it do anything?",
    "drowning in adverts for fat jabs, what are they?",
    "I take a beta blocker because my heart races. Is it safe for me?",
    "I have asthma and wheeze in winter. Is it allowed?",
    "My legs are dead after every parkrun, does it help?",
)
REAL_BESIDE_THEM = (
    ("my roommate gave herself a shot with something from a web shop", "today"),
    ("my friend injected my thighs with stuff from the internet", "today"),
    ("hard lumps five weeks after my injections", "days"),
    ("there is an abscess where I had the jabs", "today"),
    ("I'm terrified, my flesh is rotting", "now"),
    ("my throat swelled years ago and now it is swelling again", "now"),
    ("I take a beta blocker and my heart is racing right now", "now"),
    ("I have asthma and I can't stop wheezing", "now"),
    ("my legs are dead since the injections", "now"),
    ("I have a fever and spots that don't fade under a glass", "now"),
    ("pain in breast that goes to left arm, and how much is a session?", "now"),
    ("an overdose would be painless for me", "crisis"),
    ("I have enough of the stuff to end it", "crisis"),
)


@pytest.mark.parametrize("text", NOT_THE_WRITERS_EVENT)
def test_what_is_no_event_of_the_writer_raises_no_alarm(
    detector: MostSevere, pipeline: Language, text: str
) -> None:
    """A clinician's needle, a query, a fear, a habit or an old event is background."""
    assert detector.detect(pipeline(text)) is None


@pytest.mark.parametrize(("text", "level"), REAL_BESIDE_THEM)
def test_an_own_event_beside_such_words_is_caught(
    detector: MostSevere, pipeline: Language, text: str, level: str
) -> None:
    """The same words about something that is going on keep their level."""
    found = detector.detect(pipeline(text))

    assert found is not None and found.level == level


@pytest.mark.parametrize("kind", CALM_KINDS)
def test_words_of_a_sign_in_a_calm_context_raise_no_alarm(
    detector: MostSevere, pipeline: Language, kind: str
) -> None:
    """A figure of speech, print, hearsay, another setting, an offer or the first days is no alarm."""
    decisions = [(text, detector.detect(pipeline(text))) for text in CALM_KINDS[kind]]

    assert [(text, found) for text, found in decisions if found] == []


@pytest.mark.parametrize(("text", "level"), REAL_IN_THE_SAME_DRESS)
def test_a_real_sign_in_the_same_dress_keeps_its_alarm(
    detector: MostSevere, pipeline: Language, text: str, level: str
) -> None:
    """The contexts that calm a message never hide a sign that is going on."""
    found = detector.detect(pipeline(text))

    assert found is not None and found.level == level


@pytest.mark.parametrize("case", CASES["known_misses"], ids=lambda case: case["text"])
def test_known_misses_are_still_missed(
    detector: MostSevere, pipeline: Language, case: dict[str, str]
) -> None:
    """A miss that the rules have learned to catch is to be moved to the messages that must be caught."""
    found = detector.detect(pipeline(case["text"]))

    assert found is None or found.level != case["expected"]


@pytest.mark.parametrize("case", CASES["known_alarms"], ids=lambda case: case["text"])
def test_known_alarms_are_still_raised(
    detector: MostSevere, pipeline: Language, case: dict[str, str]
) -> None:
    """An alarm that the rules no longer raise is to be moved to the calm messages."""
    assert detector.detect(pipeline(case["text"])) is not None


def test_a_plain_pipeline_gives_the_same_decisions(detector: MostSevere, pipeline: Language) -> None:
    """The rules stand on words: no lemmatizer, sentencizer or entity is needed for the first set."""
    blank = spacy.blank("en")

    wrong = [text for text, levels, _ in flagged() if not has_level(detector.detect(blank(text)), levels)]

    assert not wrong, report(wrong, len(CASES["flags"]))


def has_level(found: RedFlag | None, levels: list[str]) -> bool:
    """Return whether the decision has one of the levels."""
    return found is not None and found.level in levels


def test_capitals_and_missing_apostrophes_change_nothing(detector: MostSevere, pipeline: Language) -> None:
    """Shouting, phone style and typographic apostrophes give the same level."""
    for change in (str.upper, lambda text: text.replace("'", ""), lambda text: text.replace("'", "\u2019")):
        wrong = [
            change(text)
            for text, levels, _ in flagged()
            if not has_level(detector.detect(pipeline(change(text))), levels)
        ]

        assert not wrong, report(wrong, len(CASES["flags"]))


@pytest.mark.parametrize(
    "text",
    [
        "my throaat is swelllling",
        "he is unconcsious",
        "she had a siezure just now",
        "my tongue is sweling",
        "the injectionsite is bleeeding and wont stop",
        "i have a feverr",
        "paracetmol overdose, took 30 paracetmol",
        "my breathign is getting worse",
        "face is droopin on one side",
        "pallpitations that wont stop",
    ],
)
def test_simple_typing_mistakes_are_understood(detector: MostSevere, pipeline: Language, text: str) -> None:
    """One wrong, lost, doubled or swapped letter in a long key word does not hide the sign."""
    assert detector.detect(pipeline(text)) is not None


def test_no_ordinary_word_is_taken_for_a_key_word() -> None:
    """Guessing never turns a common English word into a word of the rules, save its own forms."""
    rules = read_rules(RULES)
    detector = RedFlagDetector.load(RULES)
    table = files("spacy_lookups_data") / "data" / "en_lexeme_prob.json.gz"
    probabilities = json.loads(gzip.decompress(table.read_bytes()))
    common = {word.lower() for word, value in probabilities.items() if value > COMMON and word.isalpha()}

    changed = {word: detector.corrected(word) for word in common - rules.spellings.keys() if len(word) >= 6}

    strangers = {
        word: guess for word, guess in changed.items() if guess in rules.key_words and word[:5] != guess[:5]
    }
    assert strangers == {}


def test_the_most_severe_sign_decides(detector: MostSevere, pipeline: Language) -> None:
    """Now goes before today, today before days."""
    found = detector.detect(
        pipeline("I have a lump from two months ago, pus since Monday, and now I can't breathe.")
    )

    assert found == RedFlag("cannot_breathe", "now", "airway_allergy")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    """Whatever is typed, the detector decides and does not fail."""
    found = the_detector().detect(BLANK(text))

    assert found is None or found.level in SEVERITY


@pytest.mark.parametrize("text", ["", " ", "?!", "😱", "…", "i", "-"])
def test_a_message_without_words_is_no_flag(detector: MostSevere, pipeline: Language, text: str) -> None:
    """Nothing said, nothing decided."""
    assert detector.detect(pipeline(text)) is None


@pytest.mark.parametrize(
    "text", ["chest pain ", "can it cause chest pain ", "if i cant breathe ", "i i ", "no fever or pus, "]
)
def test_the_work_grows_with_the_message_only(detector: MostSevere, text: str) -> None:
    """Eight times the text takes far less than sixty-four times as long."""
    short, long = BLANK(text * 60), BLANK(text * 480)
    detector.detect(long)

    times = [(seconds(detector, short), seconds(detector, long)) for _ in range(5)]

    assert min(long for _, long in times) < 30 * min(short for short, _ in times)


def seconds(detector: MostSevere, doc: Doc) -> float:
    """Return how long one decision takes."""
    began = time.perf_counter()
    detector.detect(doc)
    return time.perf_counter() - began


SMALL = """\
source: Written for this test.
spellings: {breathe: [breeth]}
key_words: [swelling]
ordinary_words: [spelling]
dropped: [really]
words:
  breathe: [breathe, breath*]
  cannot_breathe: ["cant _ {breathe}"]
  owner: [mum]
context:
CONTEXT
doubts:
  long_ago: ['years? ago']
flags:
  - id: breathing
    group: airway_allergy
    level: now
    evidence: [RF-1]
    any: [cannot_breathe]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A small rule file."""
    context = "\n".join(
        f"  {role}: [{role.replace('_', ' ')} cue]" for role in yaml.safe_load(RULES.read_text())["context"]
    )
    file = tmp_path / "red_flags.yml"
    file.write_text(SMALL.replace("CONTEXT", context), encoding="utf-8")
    return file


def test_a_small_rule_file_works(rules: Path) -> None:
    """A list, a gap, a beginning and a spelling are enough for a rule."""
    detector = RedFlagDetector.load(rules)

    assert detector.detect(BLANK("I can't really breeth")) == [RedFlag("breathing", "now", "airway_allergy")]
    assert detector.detect(BLANK("I can. Not breathe")) == []


def test_sign_beside_words_of_long_ago_is_doubtful(rules: Path) -> None:
    """The sign still counts, but is marked: the classifier has to see a danger, too."""
    detector = RedFlagDetector.load(rules)

    (flag,) = detector.detect(BLANK("I can't breathe well was what I said two years ago"))
    (other,) = detector.detect(BLANK("The first time was two years ago. I can't breathe"))

    assert flag.rule == other.rule == "breathing"
    assert flag.doubtful and not other.doubtful


def test_broken_doubt_is_told_with_its_line(rules: Path) -> None:
    """A pattern that is no regular expression names the file and the line."""
    rules.write_text(rules.read_text(encoding="utf-8").replace("years? ago", "(years"), encoding="utf-8")

    with pytest.raises(ContentError, match=r"red_flags\.yml:\d+.*no regular expression"):
        RedFlagDetector.load(rules)


@pytest.mark.parametrize(
    ("old", "new", "words", "entry"),
    [
        ("any: [cannot_breathe]", "any: [cannot_breath]", "no list 'cannot_breath'", "breathing"),
        ("any: [cannot_breathe]", "any: []", "list is empty", "breathing"),
        ("any: [cannot_breathe]", "any: [cannot_breathe]\n    unless: [gym]", "no list 'gym'", "breathing"),
        (
            "any: [cannot_breathe]",
            "any: [cannot_breathe]\n    within: page",
            "unknown window 'page'",
            "breathing",
        ),
        ("    evidence: [RF-1]\n", "", "'evidence' is missing", ""),
        ("level: now", "level: soon", "unknown level 'soon'", "breathing"),
        ("group: airway_allergy", "group: airway", "unknown group 'airway'", "breathing"),
        ("level: now", "level: today", "unknown group 'airway_allergy' for level today", "breathing"),
        ("{breathe}", "{breath}", "no list '{breath}'", "cannot_breathe"),
        ("cant _ {breathe}", "cant _", "gap at an end", "cannot_breathe"),
        ("cant _ {breathe}", "can't {breathe}", "without apostrophes", "cannot_breathe"),
        ("cant _ {breathe}", "{cannot_breathe} now", "in a ring", "cannot_breathe"),
        ("breath*]", "br*]", "too short", "breathe"),
        ("breath*]", "really bad]", "can never be met", "breathe"),
        ("[breathe, breath*]", "[]", "list is empty", "breathe"),
        ("  owner: [mum]\n", "", "'owner' is missing", ""),
        ("  negation: [negation cue]\n", "", "'negation' is missing", ""),
        ("{breathe: [breeth]}", "{breathe: [breeth], breath: [breeth]}", "already stands", "breath"),
    ],
)
def test_a_malformed_rule_file_is_refused_with_its_place(
    rules: Path, old: str, new: str, words: str, entry: str
) -> None:
    """The error names the flag or list and the line, so that an editor can find it."""
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        RedFlagDetector.load(rules)

    assert words in str(caught.value)
    assert (caught.value.file, caught.value.entry) == (rules, entry)
    assert caught.value.line > 0


def test_an_id_given_twice_is_refused(rules: Path) -> None:
    """A flag's id leads to one rule."""
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text + text[text.index("  - id: breathing") :], encoding="utf-8")

    with pytest.raises(ContentError, match="'breathing' is given twice"):
        RedFlagDetector.load(rules)


def test_the_rule_file_is_no_training_data_for_rasa() -> None:
    """Rasa reads every YAML file under data/ and takes it for its own if it has one of these keys."""
    assert not {"nlu", "rules", "stories", "responses"} & yaml.safe_load(RULES.read_text()).keys()
