"""Replies that are none, over real HTTP: every session outlives them."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, TypeAlias

import nbformat
import pytest

import analyst
from analyst.errors import AnalystError
from analyst.events import CellStarted
from analyst.seams import Reply
from analyst.testing import ScriptedServer, Status, python, say

from .malformed import malformed, spoken

Play: TypeAlias = Callable[[Mapping[str, Any]], Reply | Status]
ROUNDS_A_SESSION = 25
SECONDS_A_QUESTION = 30


class Script:
    """What the server answers: what is queued, and then that it is done."""

    def __init__(self) -> None:
        self.queue: deque[Play] = deque()
        self.recipes: list[str] = []

    def __call__(self, request: Mapping[str, Any]) -> Reply | Status:
        play = self.queue.popleft() if self.queue else well(say("Done."))
        return play(request)

    def badly(self, dice: random.Random) -> Play:
        """A malformed reply, whose recipe is kept for whoever reads the failure."""

        def play(request: Mapping[str, Any]) -> Status:
            made = malformed(dice, request)
            self.recipes.append(made.recipe)
            return made.answer

        return play


def well(reply: Reply) -> Play:
    """A reply as it should be."""
    return lambda request: spoken(reply, request)
