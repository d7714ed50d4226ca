"""A run as a hand-made list of facts, with all that a face must be able to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from analyst.events import (
    AnswerGiven,
    CellError,
    CellFinished,
    CellInspected,
    CellStarted,
    Chart,
    Column,
    ConversationCompacted,
    DataLoaded,
    Event,
    FindingRecorded,
    Journal,
    ModelPrompted,
    NotebookVerified,
    NotebookWritten,
    OutputAdded,
    PlanMade,
    ReplyReceived,
    Rich,
    RolledBack,
    RunFinished,
    RunStarted,
    Sandbox,
    StepFinished,
    StepStarted,
    Stream,
    Table,
    TextDelta,
    Usage,
)

Story: TypeAlias = Callable[..., list[Event]]

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
USAGE = Usage(
    fresh_tokens=1200,
    cached_tokens=3400,
    output_tokens=260,
    requests=3,
    estimated=True,
    cost_usd=0.00416,
)


def tell(
    *,
    question: str = "Why did revenue fall in March?",
    answer: str = "Revenue fell **19.0 %** in March, all of it in *South*.",
    title: str = "Split by region",
    finding: str = "South fell by 57 %.",
    code: str = "by_region = sales.pivot_table(index='month', columns='region')",
    printed: str = "month 3: South 42\n",
    error: str = "'regoin'",
    note: str = "localhost wants no stream_options: sent without it from now on.",
    problem: str = "tick labels overlap",
) -> list[Event]:
    """A run with a failed attempt that is fixed, a step given up, and a verdict."""
    table = Table(
        name="sales",
        path="sales.csv",
        sha256="0" * 64,
        bytes=1000,
        rows=1234,
        columns=(Column(name="region", kind="str"), Column(name="n", kind="int")),
        profile="",
    )
    failure = CellError(name="KeyError", message=error, traceback="Traceback …")
    png = {"image/png": PNG, "text/plain": "<Figure>"}
    journal = Journal()
    return [
        journal.add(event)
        for event in (
            RunStarted(
                text=question,
                model="gpt-4.1-mini",
                sandbox=Sandbox(name="none"),
                at="2025-01-01T00:00:00+00:00",
            ),
            CellStarted(cell=1, source="import pandas as pd", role="setup"),
            CellFinished(cell=1, status="ok", seconds=0.1),
            DataLoaded(tables=(table,)),
            PlanMade(steps=("Monthly revenue", title, "Prices"), origin="model"),
            StepStarted(step=1, title="Monthly revenue"),
            TextDelta(step=1, text="Summing up; it fell by {dr"),
            TextDelta(step=1, text="op:.1%}."),
            ReplyReceived(
                step=1,
                text="",
                calls=(),
                usage=USAGE,
                seconds=1.0,
                wire="chat",
                notes=(note,),
                replay="opaque",
            ),
            CellStarted(
                step=1,
                cell=2,
                attempt=1,
                source="monthly = 1",
                role="step",
                purpose="Sum",
            ),
            OutputAdded(step=1, cell=2, output=Stream(text=printed)),
            OutputAdded(step=1, cell=2, output=Rich(data=png)),
            CellFinished(step=1, cell=2, status="ok", seconds=0.2),
            CellInspected(
                step=1,
                cell=2,
                charts=(Chart(title="fine"), Chart(problems=(problem, "no title"))),
            ),
            StepFinished(step=1, status="done"),
            StepStarted(step=2, title=title),
            CellStarted(step=2, cell=3, attempt=1, source=code, role="step"),
            OutputAdded(step=2, cell=3, output=Stream(text="half done\n")),
            OutputAdded(step=2, cell=3, output=failure),
            CellFinished(step=2, cell=3, status="error", seconds=0.2, error=failure),
            RolledBack(step=2, how="replay", cells_replayed=2, seconds=0.4),
            CellStarted(step=2, cell=4, attempt=2, source=code, role="step"),
            CellFinished(step=2, cell=4, status="ok", seconds=0.2),
            FindingRecorded(
                step=2, text=finding, template=finding, cells=(4,), unbound=("57",)
            ),
            StepFinished(step=2, status="done"),
            ConversationCompacted(through=9, tokens=6000),
            ModelPrompted(text="Answer now.", about="limit"),
            StepStarted(step=3, title="Prices"),
            StepFinished(step=3, status="given_up"),
            AnswerGiven(text=answer, template=answer, unbound=("42",)),
            RunFinished(
                stop="partial",
                reason="One step was given up.",
                usage=USAGE,
                seconds=7.3,
            ),
            NotebookWritten(path="/tmp/march.ipynb"),
            NotebookVerified(path="/tmp/march.ipynb", status="reproduced", seconds=2.0),
        )
    ]


@pytest.fixture
def story() -> Story:
    """`tell`, since tests cannot import each other."""
    return tell
