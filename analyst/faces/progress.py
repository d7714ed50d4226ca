"""What a person may know of a run so far: the facts, projected for every face.

`Progress` takes one event after the other and holds what there is to draw; how it
is drawn is the business of each face. The words that all faces share are here too,
so that a verdict reads the same in a shell and in a notebook.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from analyst.events import (
    AnswerGiven,
    CellError,
    CellFinished,
    CellStarted,
    DataLoaded,
    Event,
    FindingRecorded,
    KernelRestarted,
    NotebookVerified,
    PlanMade,
    ReplyReceived,
    RolledBack,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    Table,
    TextDelta,
    Usage,
    VerdictStatus,
)
from analyst.outputs import plain_text

__all__ = [
    "Progress",
    "ending",
    "error_line",
    "files_words",
    "not_confirmed",
    "one_line",
    "restart_words",
    "rollback_words",
    "seconds_words",
    "speech",
    "step_name",
    "usage_words",
    "verdict_words",
    "visible",
]

Mark: TypeAlias = Literal["to come", "running", "done", "given_up"]
"""How far a step is."""

_MOVES_CURSOR = re.compile("[\x80-\x9f]")
_PLACEHOLDER = re.compile(r"\{[^{}]*(?:\}|$)")
_VERDICTS: dict[VerdictStatus, str] = {
    "reproduced": "reproduced",
    "reproduced_within_tolerance": "reproduced within tolerance",
    "differs": "differs",
    "failed": "failed",
    "unchecked": "unchecked",
}


# Words that all faces share.


def visible(text: str) -> str:
    """Text of a model or of data, without anything that steers a terminal."""
    lines = plain_text(text).replace("\r\n", "\n").replace("\r", "\n")
    return _MOVES_CURSOR.sub("", lines)


def one_line(text: str, width: int = 100) -> str:
    """The same on one line, cut to `width` characters.

    >>> one_line("one   two")
    'one two'
    """
    words = " ".join(visible(text).split())
    return words if len(words) <= width else f"{words[: width - 1].rstrip()}…"


def speech(text: str) -> str:
    """What a model is saying, with numbers that are not computed yet as `…`.

    >>> speech("It fell by {drop:.1%} in {mon")
    'It fell by … in …'
    """
    return _PLACEHOLDER.sub("…", visible(text)).strip()


def not_confirmed(numbers: Sequence[str]) -> str:
    """The warning about numbers that no output shows; empty where there are none."""
    if not numbers:
        return ""
    return f"not confirmed by any output: {one_line(', '.join(numbers))}"


def error_line(error: CellError) -> str:
    """An exception as the last line of its traceback."""
    return one_line(f"{error.name}: {error.message}" if error.message else error.name)


def seconds_words(seconds: float) -> str:
    """A duration, as precise as anybody wants it.

    >>> seconds_words(7.31), seconds_words(125.4)
    ('7.3 s', '2 min 5 s')
    """
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s"


def usage_words(usage: Usage) -> str:
    """Tokens by what they cost; `~` says that they are estimates.

    >>> usage_words(Usage(fresh_tokens=1200, output_tokens=80))
    '1,200 fresh + 0 cached + 80 out tokens'
    """
    if not usage.tokens:
        return "no tokens"
    sign = "~" if usage.estimated else ""
    return (
        f"{sign}{usage.fresh_tokens:,} fresh + {usage.cached_tokens:,} cached"
        f" + {usage.output_tokens:,} out tokens"
    )


def verdict_words(status: VerdictStatus) -> str:
    """A verdict as it is written everywhere."""
    return _VERDICTS[status]


def rollback_words(event: RolledBack) -> str:
    """What was undone after a failed cell."""
    if event.how == "unchanged":
        return "nothing to undo, the cell did not run"
    cells = "cell" if event.cells_replayed == 1 else "cells"
    files = one_line(", ".join(event.files))
    left = f"; changed on disk, and left so: {files}" if files else ""
    return (
        "memory is as before the failed cell:"
        f" {event.cells_replayed} {cells} replayed in {seconds_words(event.seconds)}"
        f"{left}"
    )


def restart_words(event: KernelRestarted) -> str:
    """Why the kernel is a fresh one."""
    reason = one_line(event.reason)
    return f"fresh kernel: {reason}" if reason else "fresh kernel"


def files_words(files: Sequence[str], left: Sequence[str]) -> list[str]:
    """The files that were copied out, and a line for each that was not."""
    copied = [one_line(", ".join(files), 300)] if files else []
    return [*copied, *(one_line(sentence, 200) for sentence in left)]


def _size(table: Table) -> str:
    columns = len(table.columns)
    return f"{one_line(table.name)}: {table.rows:,} rows, {columns} columns"


def step_name(number: int, title: str) -> str:
    """A step by its number and its title."""
    return f"step {number}: {one_line(title)}"


def ending(event: RunFinished) -> str:
    """How the work on a question ended."""
    done = f"{event.stop} in {seconds_words(event.seconds)}"
    return f"{done}: {one_line(event.reason, 300)}" if event.reason else done


# The run so far.


@dataclass(slots=True, kw_only=True)
class StepProgress:
    """A step of the plan and how far it is."""

    title: str
    mark: Mark = "to come"


@dataclass(slots=True)
class Progress:
    """What a run has come to so far; `take` moves it on by one event."""

    started: RunStarted | None = None
    tables: str = ""
    notes: tuple[str, ...] = ()
    steps: dict[int, StepProgress] = field(default_factory=dict)
    step: int = 0
    code: str = ""
    """The code that is running, or ran last."""
    remark: str = ""
    """What went wrong lately and what is done about it; empty when all is well."""
    saying: str = ""
    """What the model has said since its last whole reply."""
    findings: list[FindingRecorded] = field(default_factory=list)
    answer: AnswerGiven | None = None
    usage: Usage = field(default_factory=Usage)
    finished: RunFinished | None = None
    verified: NotebookVerified | None = None

    @property
    def question(self) -> str:
        """The question, on one line."""
        return one_line(self.started.text, 300) if self.started else ""

    @property
    def doing(self) -> str:
        """What is going on right now, in a few words."""
        match self:
            case Progress(verified=NotebookVerified() as verified):
                return verdict_words(verified.status)
            case Progress(finished=RunFinished()):
                return "verdict pending"
            case Progress(answer=AnswerGiven()):
                return "answered"
            case Progress(steps=steps) if steps:
                return f"step {max(self.step, 1)} of {len(steps)}"
            case Progress(tables=tables) if tables:
                return "planning"
            case _:
                return "reading the data"

    def take(self, event: Event) -> None:  # noqa: C901 - one plain case a kind
        """Move on by one event."""
        match event:
            case RunStarted():
                self.started = event
            case DataLoaded():
                self.tables = "; ".join(_size(table) for table in event.tables)
                self.notes = tuple(one_line(note, 200) for note in event.notes)
            case PlanMade():
                self.steps = {
                    number: StepProgress(title=one_line(title))
                    for number, title in enumerate(event.steps, start=1)
                }
            case StepStarted() | StepFinished():
                self._move_step(event)
            case TextDelta():
                self.saying += event.text
            case ReplyReceived():
                self.saying = ""
                self.usage += event.usage
            case CellStarted() | CellFinished() | RolledBack() | KernelRestarted():
                self._follow_cell(event)
            case FindingRecorded():
                self.findings.append(event)
            case AnswerGiven():
                self.answer = event
            case RunFinished():
                self.finished = event
                self.usage = event.usage
            case NotebookVerified():
                self.verified = event
            case _:
                pass

    def _move_step(self, event: StepStarted | StepFinished) -> None:
        if isinstance(event, StepFinished):
            if event.step in self.steps:
                self.steps[event.step].mark = event.status
            self.code = self.remark = ""
            return
        self.step = event.step
        self.code = self.remark = ""
        self.steps[event.step] = StepProgress(
            title=one_line(event.title), mark="running"
        )

    def _follow_cell(
        self, event: CellStarted | CellFinished | RolledBack | KernelRestarted
    ) -> None:
        match event:
            case CellStarted(role="step"):
                self.code = visible(event.source)
                if event.attempt > 1:
                    after = f", after {self.remark}" if self.remark else ""
                    self.remark = f"attempt {event.attempt}{after}"
            case CellFinished(error=CellError() as error):
                self.remark = error_line(error)
            case CellFinished(status="ok"):
                self.remark = ""
            case _:
                pass
