"""Stopping a server."""

import asyncio

from tests.channels.conftest import UNLIMITED, Chat, running


async def test_running_turn_is_finished_before_the_server_stops() -> None:
    """A stop waits for the turns that run, so that their events are stored."""
    finished = []

    async def end_soon(chat: Chat) -> None:
        await asyncio.sleep(0.1)
        finished.append(True)
        chat.agent.hold("hello").set()

    async with running(UNLIMITED) as chat:
        token = await chat.open()
        chat.agent.hold("hello")
        request = asyncio.create_task(chat.say(token, "hello"))
        await asyncio.sleep(0.05)
        ending = asyncio.create_task(end_soon(chat))
        request.cancel()

    await ending
    assert finished
    assert chat.agent.running == 0
