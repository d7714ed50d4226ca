"""`OfflineModel`: the built-in analyst in the place of a model.

It keeps nothing between turns. Each turn it reads the question again, comes to the
same analysis, and finds in the messages how far that has got.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from analyst.events import ToolCall, Usage
from analyst.models.offline.analysis import Analysis, Sentence, expressions
from analyst.models.offline.intent import Intent, read
from analyst.models.offline.overview import overview, overview_in_place
from analyst.models.offline.ranking import groups_compared, single_value
from analyst.models.offline.trend import trend
from analyst.models.offline.words import asks
from analyst.seams import Message, Preview, Reply, Request

__all__ = ["OfflineModel"]

_OVERVIEW = (
    r"overview|summar\w*|describ\w*|what is in|what's in|what does|about|explore",
    r"tell me|look like|contains?",
)
_FAILED = ("FAILED", "Not run")
_NOTHING = (
    "The rules of the offline analyst came to no result on this table. Name a column "
    "of it in the question, or choose a model."
)


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far the analysis of a question has got."""

    tried: tuple[int, ...]
    """Steps whose cell was sent, from 1."""
    failed: frozenset[int]
    summaries: int
    calls: int
    """All calls of the session, so that ids stay unique."""


class OfflineModel:
    """Answers overviews, comparisons of groups and courses over time, by rules."""

    name = "offline"

    @property
    def window_tokens(self) -> int:
        """It reads no text, so there is no bound to it."""
        return sys.maxsize

    @property
    def takes_images(self) -> bool:
        """It reads facts, not pictures."""
        return False

    def price(self, usage: Usage) -> float | None:
        """It costs nothing."""
        del usage
        return 0.0

    def preview(self, request: Request) -> Preview:
        """Nothing would be sent."""
        del request
        return Preview(url="", body={}, tokens=0)

    async def prepare(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield the text of the turn, if any, and then the whole of it."""
        reply = _turn(request)
        if reply.text:
            yield reply.text
        yield reply


def _turn(request: Request) -> Reply:
    if not request.tables:
        return _reply(text=_NOTHING)
    analysis = _analysis(request)
    progress = _progress(request)
    following = _following(analysis, progress)
    if following is not None:
        step = analysis.steps[following - 1]
        arguments = {"purpose": step.title, "code": step.code, "step": following}
        text = "" if progress.tried else _opening(analysis)
        return _reply(text, _call(progress, "execute_python", arguments))
    if progress.summaries > 1:
        return _reply(text=_NOTHING)
    sentences = _supported(analysis, progress)
    if progress.summaries:
        # Something in it could not be computed: only what the first step says is left.
        sentences = [one for one in sentences if one.needs == (1,)]
    if not sentences:
        return _reply(text=_NOTHING)
    return _reply("", _call(progress, "summarize_findings", _summary(sentences)))


def _analysis(request: Request) -> Analysis:
    intent: Intent = read(request.question, request.tables)
    if intent.table.in_place:
        return overview_in_place(intent.table)
    match intent.kind:
        case "trend":
            return trend(intent)
        case "groups":
            return groups_compared(intent)
        case "value":
            return single_value(intent)
        case "overview":
            return overview(intent, asked=asks(request.question, *_OVERVIEW))


def _opening(analysis: Analysis) -> str:
    """What is said before the first call: the plan."""
    plan = json.dumps({"plan": [step.title for step in analysis.steps]})
    return (
        f"The built-in rules read the question, no model did.\n\n```json\n{plan}\n```"
    )


def _progress(request: Request) -> _Progress:
    answers = {m.call: m.text for m in request.messages if m.role == "tool"}
    tried: list[int] = []
    failed: set[int] = set()
    summaries = 0
    for call in _calls(_since_question(request)):
        if call.name != "execute_python":
            summaries += 1
            continue
        step = json.loads(call.arguments)["step"]
        tried.append(step)
        if answers.get(call.id, "Not run").startswith(_FAILED):
            failed.add(step)
    return _Progress(
        tried=tuple(tried),
        failed=frozenset(failed),
        summaries=summaries,
        calls=len(_calls(request.messages)),
    )


def _since_question(request: Request) -> Sequence[Message]:
    """The messages that follow the question."""
    asked = [
        at
        for at, message in enumerate(request.messages)
        if message.role == "user" and request.question in message.text
    ]
    return request.messages[asked[-1] + 1 :] if asked else request.messages


def _calls(messages: Sequence[Message]) -> list[ToolCall]:
    return [call for message in messages for call in message.calls]


def _following(analysis: Analysis, progress: _Progress) -> int | None:
    """The next step whose needs are met; a failed step is not tried again."""
    last = max(progress.tried, default=0)
    done = set(progress.tried) - progress.failed
    for at, step in enumerate(analysis.steps, 1):
        if at > last and done.issuperset(step.needs):
            return at
    return None


def _supported(analysis: Analysis, progress: _Progress) -> list[Sentence]:
    """The sentences whose steps have all succeeded."""
    done = set(progress.tried) - progress.failed
    return [one for one in analysis.sentences if done.issuperset(one.needs)]


def _summary(sentences: Sequence[Sentence]) -> dict[str, object]:
    told = [one for one in sentences if one.in_answer]
    results = " ".join(one.text for one in told if not one.is_caveat)
    caveats = " ".join(one.text for one in told if one.is_caveat)
    return {
        "findings": [
            {"text": one.text, "expressions": expressions(one.text), "cells": []}
            for one in sentences
            if one.in_findings
        ],
        "answer": "\n\n".join(part for part in (results, caveats) if part),
    }


def _call(progress: _Progress, name: str, arguments: dict[str, object]) -> ToolCall:
    return ToolCall(
        id=f"offline-{progress.calls + 1}",
        name=name,
        arguments=json.dumps(arguments, ensure_ascii=False),
    )


def _reply(text: str, *calls: ToolCall) -> Reply:
    return Reply(text=text, calls=calls, usage=Usage(requests=1))
