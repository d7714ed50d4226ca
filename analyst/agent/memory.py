"""Memory: the conversation, the names, the errors and the progress, all projected.

Nothing is stored here. The conversation is the same, byte for byte, up to the newest
fact, so that a server finds it in its cache.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from analyst.agent.digest import digest
from analyst.agent.reflection import diagnosis
from analyst.events import (
    CallAnswered,
    CellFinished,
    CellStarted,
    DataLoaded,
    Event,
    ModelPrompted,
    Output,
    PlanMade,
    ReplyReceived,
    RunStarted,
    StepFinished,
    StepStarted,
    Table,
    latest,
)
from analyst.run import successful_cells
from analyst.seams import Message
from analyst.settings import Settings

__all__ = [
    "Progress",
    "conversation",
    "errors",
    "outputs_of",
    "progress",
    "prompt",
    "tables",
    "variables",
]


@cache
def prompt(name: str) -> str:
    """The text of `prompts/NAME.md`."""
    path = files(__package__).joinpath(f"prompts/{name}.md")
    return path.read_text(encoding="utf-8").strip()


# The conversation.


def conversation(events: Sequence[Event], settings: Settings) -> tuple[Message, ...]:
    """What the model reads next."""
    return (Message(role="system", text=prompt("system")), *_turns(events, settings))


def _turns(events: Sequence[Event], settings: Settings) -> Iterator[Message]:
    answers = _answers(events, settings)
    loaded = latest(events, DataLoaded)
    for event in events:
        match event:
            case RunStarted(text=text):
                first = event.question == 1 and loaded is not None
                about = f"{_profiles(loaded.tables)}\n\n" if first and loaded else ""
                yield Message(role="user", text=f"{about}Question: {text}")
            case ReplyReceived(text=text, calls=calls):
                yield Message(role="assistant", text=text, calls=calls)
                for call in calls:
                    answer = answers.get(call.id, "Not run: the work was cut short.")
                    yield Message(role="tool", text=answer, call=call.id)
            case ModelPrompted(text=text):
                yield Message(role="user", text=text)
            case _:
                pass


def _profiles(loaded: Sequence[Table]) -> str:
    """The tables, between markers that the data cannot know beforehand."""
    text = "\n\n".join(table.profile for table in loaded)
    marker = "data-" + hashlib.sha256(text.encode()).hexdigest()[:8]
    return Template(prompt("tables")).substitute(marker=marker, profiles=text)


def _answers(events: Sequence[Event], settings: Settings) -> dict[str, str]:
    """What each tool call was answered, by its id."""
    said: dict[str, str] = {}
    asked: dict[str, CellStarted] = {}
    ended = {e.cell: e for e in events if isinstance(e, CellFinished)}
    for event in events:
        match event:
            case CellStarted(call=call) if call and event.role == "step":
                asked[call] = event
            case CallAnswered(call=call, text=text):
                said[call] = text
            case _:
                pass
    for call, started in asked.items():
        finished = ended.get(started.cell)
        if call not in said and finished is not None:
            said[call] = _cell_answer(events, started, finished, settings)
    return said


def _cell_answer(
    events: Sequence[Event],
    started: CellStarted,
    finished: CellFinished,
    settings: Settings,
) -> str:
    if finished.status == "ok":
        shown = digest(
            outputs_of(events, started.cell), max_bytes=settings.output_bytes
        )
        return f"cell {started.cell}:\n{shown}"
    before = [e for e in events if e.seq < started.seq]
    columns = [column.name for table in tables(before) for column in table.columns]
    return diagnosis(
        started,
        finished,
        known=[*columns, *variables(before)],
        fixes_left=settings.max_fixes - started.attempt + 1,
    )


# What the facts say about the state of the work.


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
        except SyntaxError:
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
