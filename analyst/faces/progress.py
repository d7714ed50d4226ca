"""What a person may know of a run so far: the facts, projected for every face.

`Progress` takes one event after the other and holds what there is to draw; how it
is drawn is the business of each face.
"""

from __future__ import annotations

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
    TextDelta,
    Usage,
)
from analyst.faces.words import (
    asides,
    error_line,
    one_line,
    size_words,
    verdict_words,
    visible,
)

__all__ = ["Mark", "Progress", "StepProgress"]

Mark: TypeAlias = Literal["to come", "running", "done", "given_up"]
"""How far a step is."""


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
    asides: list[str] = field(default_factory=list)
    """What is worth knowing besides, each line once."""
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
        self.asides += [line for line in asides(event) if line not in self.asides]
        match event:
            case RunStarted():
                self.started = event
            case DataLoaded():
                self.tables = "; ".join(size_words(table) for table in event.tables)
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
