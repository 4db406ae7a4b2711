"""Questions about another treatment are told from comparisons and from our own."""

import pytest

from assistant.language.other_treatment import Mention, is_about_another_treatment


def _mentions(text: str, **treatments: str) -> list[Mention]:
    found = [(name, text.lower().index(words)) for name, words in treatments.items()]
    return [Mention(name, start, start + len(treatments[name])) for name, start in found]


@pytest.mark.parametrize(
    ("text", "treatments", "other"),
    [
        ("how long does botox last", {"botox": "botox"}, True),
        ("do botox jabs hurt", {"botox": "botox"}, True),
        ("PRP for thin hair, does it work?", {"prp": "prp"}, True),
        ("does it last longer than botox", {"botox": "botox"}, False),
        ("botox or mesotherapy", {"botox": "botox", "mesotherapy": "mesotherapy"}, False),
        ("I had botox, do the injections hurt more", {"botox": "botox"}, False),
        (
            "is lipo better than fat dissolving",
            {"liposuction": "lipo", "injection_lipolysis": "fat dissolving"},
            False,
        ),
        ("can I drink alcohol", {"alcohol": "alcohol"}, False),
        ("how long does it last", {}, False),
        ("", {}, False),
    ],
)
def test_other_treatment_alone(text: str, treatments: dict[str, str], other: bool) -> None:
    """Only a text that names another treatment and points to ours in no way is about the other."""
    assert is_about_another_treatment(text, _mentions(text, **treatments)) is other
