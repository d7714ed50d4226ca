"""Malformed replies over real HTTP: every session outlives every one of them."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import nbformat
import pytest

import analyst
from analyst.errors import AnalystError
from analyst.events import CellFinished, CellStarted, ReplyReceived, to_json
from analyst.seams import Reply
from analyst.testing import ScriptedServer, Status, python, say

from .malformed import malformed, spoken

Play: TypeAlias = Callable[[Mapping[str, Any]], Reply | Status]
SESSION_ROUNDS = 6
QUESTION_SECONDS = 30
MOST_CHARS = 1000


class Script:
    """What the server plays: what is queued, then that it is done."""

    def __init__(self) -> None:
        self.queue: deque[Play] = deque()
        self.recipes: list[str] = []
        """Of the malformed replies of this round, for whoever reads a failure."""

    def __call__(self, request: Mapping[str, Any]) -> Reply | Status:
        """The next answer."""
        play = self.queue.popleft() if self.queue else well(say("Done."))
        return play(request)

    def begin(self, *plays: Play) -> None:
        """What is played from now on."""
        self.queue = deque(plays)

    def badly(self, dice: random.Random) -> Play:
        """A malformed reply."""

        def play(request: Mapping[str, Any]) -> Status:
            made = malformed(dice, request)
            self.recipes.append(made.recipe)
            return made.answer

        return play


def well(reply: Reply) -> Play:
    """A reply as it should be."""
    return lambda request: spoken(reply, request)


@asynccontextmanager
async def session(server: ScriptedServer, wire: str) -> AsyncIterator[Any]:
    """A session that costs little to start."""
    async with analyst.AsyncAnalyst(
        "sales.csv",
        model="scripted",
        base_url=server.base_url,
        wire=wire,
        notebook="n.ipynb",
        sandbox="none",
        verify=False,
        timeout=5,
        max_fixes=1,
        max_steps=10,
    ) as it:
        yield it


async def try_malformed(it: Any, script: Script, seed: int) -> None:
    """A question to which malformed replies come, at its start or within it."""
    dice = random.Random(seed)
    before = [well(python(f"before_{seed} = 1"))] * dice.choice((0, 0, 1))
    bad = [script.badly(dice)] * dice.choice((1, 1, 2, 3))
    script.recipes.clear()
    script.begin(*before, *bad, well(python(f"after_{seed} = 2")))
    has_worked, told = False, ""
    try:
        async with aclosing(it.stream(f"Round {seed}?")) as events:
            async for event in events:
                to_json(event)
                is_step = isinstance(event, CellFinished) and event.step
                has_worked = has_worked or bool(is_step)
    except AnalystError as error:
        told = str(error)
    assert len(told) < MOST_CHARS
    assert "\n" not in told
    if has_worked:
        assert not told, "what was done is kept, and told as a run"
        nbformat.validate(nbformat.read(it.notebook, as_version=4))


async def ask_well(it: Any, script: Script, seed: int) -> None:
    """A question to which a good server replies."""
    kept = python(f"kept = {seed}\nkept")
    script.begin(well(kept), well(say("It is {kept}.")))
    run = await it.ask(f"And what is {seed}?")
    assert (run.stop, run.answer) == ("answered", f"It is {seed}."), run.reason


@pytest.mark.parametrize("wire", ["auto", "chat", "responses", "text"])
@pytest.mark.battery(38, 525)
async def test_malformed_replies_are_outlived(
    folder: Path, rounds: range, wire: str
) -> None:
    """Whatever a server sends, a question ends in time, as a run or in an error of our
    family; where there was a step the notebook is valid; and the session answers the
    next question.
    """
    script = Script()
    with ScriptedServer(itertools.repeat(script), responses=True) as server:
        for first in rounds[::SESSION_ROUNDS]:
            async with session(server, wire) as it:
                for seed in rounds[first : first + SESSION_ROUNDS]:
                    try:
                        async with asyncio.timeout(QUESTION_SECONDS):
                            await try_malformed(it, script, seed)
                        async with asyncio.timeout(QUESTION_SECONDS):
                            await ask_well(it, script, seed)
                    except BaseException as error:
                        error.add_note(f"seed {seed}: {'; '.join(script.recipes)}")
                        raise


@pytest.mark.parametrize("wire", ["chat", "responses"])
@pytest.mark.parametrize("streams", [True, False], ids=["streamed", "whole"])
async def test_ten_thousand_calls_are_none(
    folder: Path, *, wire: str, streams: bool
) -> None:
    """A reply that makes more calls than any model means, or writes them, counts as cut
    off: none is run, and the model is told.
    """
    made = tuple(replace(python("x = 1").calls[0], id=f"{n}") for n in range(10_000))
    tag = '<tool_call>{"name": "execute_python", "arguments": {"code": "x = 2"}}\n'
    bad = [Reply(calls=made), say(tag * 10_000)]
    script = [*bad, python("x = 3"), say("It is {x}.")]
    with ScriptedServer(script, streams=streams, responses=True) as server:
        async with session(server, wire) as it:
            async with asyncio.timeout(QUESTION_SECONDS):
                run = await it.ask("How many?")
    steps = [e.source for e in run.facts if isinstance(e, CellStarted) and e.step]
    assert (run.answer, steps) == ("It is 3.", ["x = 3"])
    assert all(len(e.calls) <= 100 for e in run.facts if isinstance(e, ReplyReceived))


def test_a_seed_makes_one_reply() -> None:
    """The same seed makes the same malformed reply, and other seeds make others."""
    requests = [
        {"model": "m", "tools": [1]},
        {"model": "m"},
        {"model": "m", "input": []},
    ]
    for request in requests:
        made = [malformed(random.Random(seed), request) for seed in range(15)]
        again = [malformed(random.Random(seed), request) for seed in range(15)]
        assert made == again
        assert len({each.answer.body for each in made}) > 12
