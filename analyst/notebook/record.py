"""What a notebook says of itself: remarks, provenance, verdict and metadata."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

from nbformat import NotebookNode

from analyst.events import (
    AnswerGiven,
    CellError,
    CellFinished,
    CellInspected,
    CellStarted,
    DataLoaded,
    Event,
    FindingRecorded,
    NotebookVerified,
    ReplyReceived,
    RunFinished,
    RunStarted,
    Sandbox,
    StepFinished,
    StepStarted,
    Usage,
    latest,
    to_json,
)
from analyst.outputs import safe_prose
from analyst.run import successful_cells

__all__ = ["SCHEMA", "own_metadata", "provenance", "remark"]

_MAX_MESSAGE = 120
SCHEMA = 1
"""Version of what stands under `metadata.analyst`."""

_VERDICTS = {
    "reproduced": "executed again from zero in a new kernel: **reproduced**",
    "reproduced_within_tolerance": (
        "executed again from zero in a new kernel: **reproduced**, some numbers only "
        "within the tolerance"
    ),
    "differs": "executed again from zero in a new kernel: **it differs**",
    "failed": "executed again from zero in a new kernel: **it failed**",
    "unchecked": "not executed again",
}

_SAW = {
    "aggregates": (
        "names, types and counts, and results only where they sum up five rows or more"
    ),
    "schema": "names and types of columns only",
}
_WITHOUT_SERVER = {"none", "offline"}
"""What is called the model where nothing was told to one."""


def remark(facts: Sequence[Event]) -> str:
    """What a reader of a question's answer must know, or an empty text."""
    answer = latest(facts, AnswerGiven)
    finished = latest(facts, RunFinished)
    unbound = [n for e in facts if isinstance(e, FindingRecorded) for n in e.unbound]
    unbound += answer.unbound if answer else ()
    lines = []
    if unbound:
        typed = ", ".join(dict.fromkeys(safe_prose(number) for number in unbound))
        lines.append(f"**Not confirmed by any output:** {typed}")
    if finished is None:
        lines.append(f"**Unfinished.** {_how_far(facts)}")
    elif finished.stop != "answered":
        reason = safe_prose(finished.reason)
        lines.append(f"**Stopped: {finished.stop}.** {reason} {_how_far(facts)}")
    return "\n>\n".join(f"> ⚠ {line.strip()}" for line in lines)


def _how_far(facts: Sequence[Event]) -> str:
    begun = {e.step: e.title for e in facts if isinstance(e, StepStarted)}
    done = [e.step for e in facts if isinstance(e, StepFinished) and e.status == "done"]
    given_up = [
        e.step for e in facts if isinstance(e, StepFinished) and e.status == "given_up"
    ]
    lost = "".join(
        f" Given up: step {n}, {safe_prose(begun.get(n, ''))}." for n in given_up
    )
    if not done:
        return f"No step was completed.{lost}"
    last = done[-1]
    return f"The last completed step is {last}, {safe_prose(begun[last])}.{lost}"


def provenance(events: Sequence[Event]) -> str:
    """How the notebook was made and what became of it, as Markdown."""
    started = latest(events, RunStarted)
    verified = _verdict(events)
    if started is None:
        return ""
    usage = _usage(events)
    made = (
        "Made by *analyst* from an earlier notebook, without a model"
        if started.model == "none"
        else f"Made by *analyst* with the model `{safe_prose(started.model)}`"
    )
    tokens = f" ({usage.tokens:,} tokens)" if usage.tokens else ""
    state = _VERDICTS[verified.status] if verified else "not yet executed again"
    return (
        f"---\n\n{made}{tokens}, sandbox: {started.sandbox}. This notebook was "
        f"{state}.{_what_it_saw(started)} To run it on other data, change the paths in "
        "the first code cell and run all cells, or use `analyst rerun`."
    )


def _what_it_saw(started: RunStarted) -> str:
    """What the model got to know of the data, where that is less than usual."""
    saw = _SAW.get(started.privacy)
    if saw is None or started.model in _WITHOUT_SERVER:
        return ""
    return f" Of the data the model saw {saw}."


def _wire(events: Sequence[Event]) -> str:
    """How the server was spoken to in the end."""
    wires = [e.wire for e in events if isinstance(e, ReplyReceived) and e.wire]
    return wires[-1] if wires else ""


def _notes(events: Sequence[Event]) -> list[str]:
    """What was done otherwise for the sake of the server."""
    replies = [e for e in events if isinstance(e, ReplyReceived)]
    return list(dict.fromkeys(note for reply in replies for note in reply.notes))


def _verdict(events: Sequence[Event]) -> NotebookVerified | None:
    """What the notebook as it is now was found to be; None where it has grown since."""
    for event in reversed(events):
        if isinstance(event, NotebookVerified):
            return event
        if isinstance(event, CellFinished):
            return None
    return None


def _usage(events: Sequence[Event]) -> Usage:
    return sum((e.usage for e in events if isinstance(e, ReplyReceived)), start=Usage())


def own_metadata(
    events: Sequence[Event], code_cells: Sequence[NotebookNode]
) -> dict[str, Any]:
    """What stands under `metadata.analyst`."""
    started = latest(events, RunStarted)
    finished = latest(events, RunFinished)
    answer = latest(events, AnswerGiven)
    loaded = latest(events, DataLoaded)
    verified = _verdict(events)
    usage = _usage(events)
    if finished and started and finished.question != started.question:
        finished = None
    return {
        "schema": SCHEMA,
        "question": started.text if started else "",
        "questions": [e.text for e in events if isinstance(e, RunStarted)],
        "answer": answer.text if answer else "",
        "verdict": {
            "status": verified.status if verified else "unchecked",
            "differences": list(verified.differences) if verified else [],
        },
        "inputs": [
            {
                "name": table.name,
                "path": table.path,
                "sha256": table.sha256,
                "bytes": table.bytes,
                "rows": table.rows,
                "columns": len(table.columns) + table.more_columns,
            }
            for table in (loaded.tables if loaded else ())
        ],
        "model": started.model if started else "",
        "wire": _wire(events),
        "privacy": started.privacy if started else "samples",
        "notes": _notes(events),
        "usage": asdict(usage),
        "sandbox": (started.sandbox if started else Sandbox(name="none")).as_words(),
        "stop": finished.stop if finished else None,
        "seconds": round(finished.seconds, 3) if finished else None,
        "cells": {
            cell.id: hashlib.sha256(cell.source.encode()).hexdigest()
            for cell in code_cells
        },
        "facts": _facts(events),
    }


def _facts(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The facts as they are kept: no outputs, no code that the cells hold, no data."""
    kept = [started for started, _ in successful_cells(events)]
    cells = {started.cell for started in kept}
    calls = {started.call for started in kept}
    return [json.loads(to_json(_lean(event, cells, calls))) for event in events]


def _lean(  # noqa: PLR0911 - one plain case a kind
    event: Event, cells: Collection[int], calls: Collection[str]
) -> Event:
    """The event without what stands elsewhere or concerned this session alone.

    Args:
        event: any fact.
        cells: the cells that the notebook holds.
        calls: the ids of the tool calls that asked for them.
    """
    match event:
        case RunStarted():
            # With it, text of the data could end its own quotation.
            return replace(event, marker="")
        case CellStarted() if event.cell in cells:
            return replace(event, source="")
        case CellFinished(error=CellError() as error):
            # A message may quote the data; its start says what went wrong.
            short = CellError(name=error.name, message=error.message[:_MAX_MESSAGE])
            return replace(event, outputs=(), error=short)
        case CellFinished():
            return replace(event, outputs=())
        case CellInspected():
            return replace(event, result="")
        case ReplyReceived():
            lean = (
                replace(c, arguments="") if c.id in calls else c for c in event.calls
            )
            return replace(event, calls=tuple(lean), replay="")
        case _:
            return event
