"""What the assistant never does."""

from actions.boundary import ActionDeclineAdvice, ActionDeclineRecipe


async def test_decision_is_declined_with_a_way_to_a_person(dispatcher, tracker, said) -> None:
    """Who asks "should I" gets the clinic's phone."""
    events = await ActionDeclineAdvice().run(dispatcher, tracker("ask_personal_advice"), {})

    assert said()["kind"] == "personal_advice" and events == []
    assert "tel:clinic" in [button["id"] for button in said()["buttons"]]


async def test_recipe_is_refused(dispatcher, tracker, said) -> None:
    """Doses and mixes are refused, with the emergency number."""
    events = await ActionDeclineRecipe().run(dispatcher, tracker("ask_recipe"), {})

    assert said()["kind"] == "refusal" and "999" in said()["text"] and events == []
