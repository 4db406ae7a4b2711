"""The language of a text whose script only one of our languages uses."""

import re

_LATIN = re.compile(r"[a-z\u00c0-\u024f\u1e00-\u1eff]", re.IGNORECASE)
# Each with letters that our language of that script does not have: Ukrainian, Persian and Urdu, Japanese.
SCRIPTS = {
    "ru": (re.compile(r"[\u0400-\u04ff]"), re.compile(r"[іїєґўћђљњџқғңұүһөә]", re.IGNORECASE)),
    "ar": (re.compile(r"[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff]"), re.compile(r"[پژچگٹڈڑےں]")),
    "hi": (re.compile(r"[\u0900-\u097f]"), None),
    "zh": (re.compile(r"[\u3400-\u9fff]"), re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")),
}
# A Chinese or Hindi word has fewer letters than an English one.
ENOUGH = 0.4


def language_of_script(text: str) -> str | None:
    """Return the language if much of the text is in its script, "" for another one's, else None."""
    latin = len(_LATIN.findall(text))
    for code, (letters, foreign) in SCRIPTS.items():
        count = len(letters.findall(text))
        if count and count / (count + latin) >= ENOUGH:
            return "" if foreign is not None and foreign.search(text) else code
    return None
