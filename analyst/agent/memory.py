"""Memory: the tables, the names, the errors and the progress, projected from the facts.

Nothing is stored here.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from analyst.events import (
    CallAnswered,
    CellFinished,
    CellStarted,
    DataLoaded,
    Event,
    Output,
    PlanMade,
    StepFinished,
    StepStarted,
    Table,
    latest,
)
from analyst.run import successful_cells

__all__ = [
    "Progress",
    "errors",
    "outputs_of",
    "progress",
    "tables",
    "variables",
]


def tables(events: Sequence[Event]) -> tuple[Table, ...]:
    """The tables in the kernel."""
    loaded = latest(events, DataLoaded)
    return loaded.tables if loaded else ()


def outputs_of(events: Sequence[Event], cell: int) -> tuple[Output, ...]:
    """What a cell put out, in order."""
    for event in events:
        if isinstance(event, CellFinished) and event.cell == cell:
            return event.outputs
    return ()


def variables(events: Sequence[Event]) -> tuple[str, ...]:
    """The names that successful cells have assigned, in order of first use."""
    names: dict[str, None] = {}
    for started, _ in successful_cells(events):
        try:
            tree = ast.parse(started.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.setdefault(node.id)
    return tuple(names)


def errors(events: Sequence[Event]) -> tuple[CellFinished, ...]:
    """The cells that failed, in order."""
    return tuple(
        event
        for event in events
        if isinstance(event, CellFinished) and event.status != "ok"
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the plan of one question has come."""

    plan: tuple[str, ...]
    step: int
    """The step that was begun last, from 1; 0 before the first."""
    failures: int
    """Attempts at it that failed since anything succeeded; 0 where it is not open."""
    given_up: frozenset[int]
    done: frozenset[int]

    plan_is_models: bool
    """The model made the plan itself, rather than being given a default one."""

    @property
    def is_open(self) -> bool:
        """The last cell of the step failed and may be fixed."""
        return self.failures > 0

    @property
    def has_ended(self) -> bool:
        """Something was done, and nothing of the model's own plan is left to do."""
        left = self.plan_is_models and self.step < len(self.plan)
        return bool(self.done) and not self.is_open and not left


def progress(facts: Sequence[Event]) -> Progress:
    """How far the plan has come, from the facts of one question."""
    plan = latest(facts, PlanMade)
    begun = latest(facts, StepStarted)
    started = {e.cell: e for e in facts if isinstance(e, CellStarted)}
    ended: dict[int, StepFinished] = {}
    failures = 0
    for event in facts:
        match event:
            case CellFinished() if (
                event.cell in started and started[event.cell].role == "step"
            ):
                failures = 0 if event.status == "ok" else failures + 1
            case CallAnswered(about="repeated") if failures:
                failures += 1
            case StepFinished():
                ended[event.step] = event
                failures = 0
            case _:
                pass
    return Progress(
        plan=plan.steps if plan else (),
        step=begun.step if begun else 0,
        failures=failures,
        given_up=frozenset(n for n, e in ended.items() if e.status == "given_up"),
        done=frozenset(n for n, e in ended.items() if e.status == "done"),
        plan_is_models=plan is not None and plan.origin == "model",
    )
