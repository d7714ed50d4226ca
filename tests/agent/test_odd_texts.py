"""Texts that no model should send: whatever reads them says so, and nothing breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analyst.agent.grounding import small_literals
from analyst.agent.planner import read_plan
from analyst.agent.reflection import could_not_run
from analyst.agent.repetition import same_cell
from analyst.agent.templates import answer_cell, findings_cell, read_template
from analyst.agent.tools import read_call, sql_cell
from analyst.events import ToolCall

from ..session.spoilt_replies import ENDS  # noqa: TID252 - tests are no package


def _call(arguments: str) -> object:
    return read_call(ToolCall(id="1", name="execute_python", arguments=arguments))


MOST_CHARS = 1500
READERS: tuple[Callable[[str], object], ...] = (
    read_plan,
    lambda text: answer_cell(read_template(text)),
    lambda text: findings_cell(read_template(text).without_fields),
    lambda text: read_template("{x}", {"x": text}),
    lambda text: sql_cell(f"select 1 {text}", "query_1"),
    _call,
    could_not_run,
    small_literals,
    lambda text: same_cell((), text, whole=False),
)


def _complaint(read: Callable[[str], object], text: str) -> str:
    """What is said of a text that cannot be read; empty where it can."""
    try:
        read(text)
    except ValueError as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("end", ENDS, ids=lambda end: repr(end[:12]))
def test_odd_texts_are_read_or_refused(end: str) -> None:
    """Whatever a model writes is read, or refused as what cannot be read."""
    for read in READERS:
        for text in (end, f"Some text {end}", f"{end} and more"):
            assert len(_complaint(read, text)) < MOST_CHARS


def test_half_characters_reach_no_fact() -> None:
    """What no file can hold is replaced where a call is read."""
    read = read_call(
        ToolCall(
            id="1",
            name="execute_python",
            arguments='{"code": "x = \'\\ud800\'", "purpose": "\\ud800"}',
        )
    )
    assert "\ud800" not in repr(read.model_dump())
    read.model_dump_json()
