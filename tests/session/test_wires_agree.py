"""One analysis over every wire, over real HTTP: the facts are the same."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pytest

import analyst
from analyst.events import CellFinished, Event, ReplyReceived, Wire, to_json
from analyst.seams import Reply
from analyst.testing import ScriptedServer, Status, call, plan_and

from .conftest import SALES
from .malformed import spoken

Json: TypeAlias = Any
Refuse: TypeAlias = Callable[[Mapping[str, Any]], Status | None]

QUESTIONS = ("Which region earns most?", "And by how much?")
CHART = """\
import matplotlib.pyplot as plt
totals.plot(kind="bar", title="Revenue", xlabel="region", ylabel="revenue")
plt.show()"""


def code(source: str) -> Reply:
    """A reply that asks for a cell; blocks of text have no room for its purpose."""
    return call("execute_python", code=source)


SCRIPT = (
    plan_and(
        ["Totals", "Months", "Chart"],
        code("totals = df.groupby('area')['revenue'].sum()\ntotals"),
    ),
    code(
        "totals = df.groupby('region')['revenue'].sum()\nbest = totals.idxmax()\nbest"
    ),
    call(
        "query_dataframe", sql='select day, "revenue" from df order by 2 desc limit 2'
    ),
    code(CHART),
    call(
        "summarize_findings",
        findings=[{"template": "{best} earns {totals[best]:.0f}.", "cells": [5]}],
        answer='{best} is "first", of {len(totals)} regions.',
    ),
    code("lead = int(totals.max() - totals.min())\nlead"),
    call("summarize_findings", findings=[], answer="By {lead}."),
)
ANSWERS = ('North is "first", of 2 regions.', "By 205.")

VARYING: Mapping[str, set[str]] = {
    "run.started": {"at", "marker", "sandbox"},
    "reply.received": {"wire", "notes", "replay", "usage", "seconds"},
    "cell.finished": {"seconds"},
    "kernel.rolled_back": {"seconds"},
    "notebook.written": {"path"},
    "run.finished": {"seconds", "usage"},
}
"""What differs from run to run, or is about the wire itself."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is spoken to, and what it is like."""

    wire: Literal["auto", "chat", "responses", "text"]
    ends_over: Wire
    streams: bool = True
    refuses: Literal["", "tools", "tools over chat"] = ""
    since: int = 0
    """How many replies the server sent before it refused any."""

    def __str__(self) -> str:
        """As a test is called."""
        how = "streamed" if self.streams else "whole"
        return (
            f"{self.wire}, {how}"
            if not self.refuses
            else (f"{self.refuses} refused since {self.since}")
        )


PLAIN = [
    Way(wire, wire, streams=streams)
    for wire in ("chat", "responses", "text")
    for streams in (True, False)
]
SWITCHED = [
    Way("auto", "text", refuses="tools"),
    Way("auto", "text", refuses="tools", since=2),
    Way("auto", "responses", refuses="tools over chat"),
    Way("auto", "responses", refuses="tools over chat", since=3),
]
REFUSALS: Mapping[str, str] = {
    "tools": "scripted does not support tools",
    "tools over chat": "Function tools with reasoning_effort are not supported for "
    "scripted in /v1/chat/completions. To use function tools, use /v1/responses.",
}


def served(way: Way) -> ScriptedServer:
    """A server that is so, and plays the script."""
    replies = iter(SCRIPT)
    sent = itertools.count()

    def play(request: Mapping[str, Any]) -> Reply | Status:
        is_chat = "messages" in request
        refuses = way.refuses and is_chat and "tools" in request
        if refuses and next(sent) >= way.since:
            error = {"message": REFUSALS[way.refuses], "type": "invalid_request_error"}
            return Status(code=400, body={"error": error})
        return spoken(next(replies), request)

    return ScriptedServer(
        itertools.repeat(play), streams=way.streams, responses=way.refuses != "tools"
    )


def ask(way: Way, folder: Path) -> list[analyst.Run]:
    """The two questions, in a folder of their own."""
    folder.mkdir()
    (folder / "sales.csv").write_text(SALES)
    with (
        served(way) as server,
        analyst.Analyst(
            folder / "sales.csv",
            model="scripted",
            base_url=server.base_url,
            wire=way.wire,
            notebook=folder / "n.ipynb",
            verify=False,
        ) as session,
    ):
        return [session.ask(question) for question in QUESTIONS]


def facts(runs: Iterable[analyst.Run]) -> list[Json]:
    """The facts as JSON, without what may vary, calls by their number."""
    events = [event for run in runs for event in run.facts]
    asked = [c.id for e in events if isinstance(e, ReplyReceived) for c in e.calls]
    numbers = {id_: str(number) for number, id_ in enumerate(asked, start=1)}
    return [_fact(event, numbers) for event in events]


def _fact(event: Event, numbers: Mapping[str, str]) -> Json:
    fact = json.loads(to_json(event))
    del fact["seq"]  # it also counts the pieces of a text
    for name in VARYING.get(event.kind, ()):
        del fact[name]
    if "call" in fact:
        fact["call"] = numbers.get(fact["call"], "")
    for made in fact.get("calls", ()):
        made["id"] = numbers[made["id"]]
        made["arguments"] = json.loads(made["arguments"])
    return fact


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Json]]:
    """The facts as they are over chat completions, streamed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYST_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield facts(ask(PLAIN[0], tmp_path_factory.mktemp("told") / "work"))


@pytest.mark.parametrize("way", [*PLAIN, *SWITCHED], ids=str)
def test_the_facts_are_the_same(
    way: Way, told: list[Json], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same replies lead to the same facts over each wire, streamed and whole, and
    where the server wants another wire than it was asked over.
    """
    monkeypatch.setenv("ANALYST_CACHE", str(tmp_path / "cache"))
    runs = ask(way, tmp_path / "work")
    assert [(run.stop, run.answer) for run in runs] == [
        ("answered", answer) for answer in ANSWERS
    ]
    assert [len(run.figures) for run in runs] == [1, 0]
    failed = [e for e in runs[0].facts if isinstance(e, CellFinished) and not e.ok]
    assert [e.error.name for e in failed if e.error] == ["KeyError"]
    assert all(run.wire == way.ends_over for run in runs)
    is_plain = way.streams and not way.refuses
    assert [len(run.notes) for run in runs] == [0 if is_plain else 1, 0]
    assert facts(runs) == told
