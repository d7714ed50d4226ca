"""What a question came to: `Run`, a projection of its facts."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analyst.errors import Unanswered
from analyst.events import (
    AnswerGiven,
    CellFinished,
    CellStarted,
    Event,
    FilesCollected,
    FindingRecorded,
    NotebookVerified,
    NotebookWritten,
    OutputAdded,
    PlanMade,
    Privacy,
    ReplyReceived,
    Rich,
    RunFinished,
    RunStarted,
    Sandbox,
    StepFinished,
    StepStarted,
    Stop,
    TextDelta,
    Usage,
    VerdictStatus,
    Wire,
    latest,
)
from analyst.outputs import safe_prose

__all__ = ["Finding", "Run", "Step", "Verdict", "run_from"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that was found out, and the cells it rests on."""

    text: str
    cells: tuple[int, ...] = ()
    unbound: tuple[str, ...] = ()
    """Numbers in it that no output confirms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the plan and the code that did it."""

    number: int
    title: str
    done: bool
    fixes: int
    """How many times failing code was rewritten."""
    code: tuple[str, ...]
    """The cells that succeeded, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a notebook when it was executed again from zero."""

    status: VerdictStatus
    differences: tuple[str, ...] = ()
    """One line each: the cell, what it showed before, what it shows now."""
    seconds: float = 0.0

    @property
    def reproduced(self) -> bool:
        """Equal, or equal within the tolerance for numbers."""
        return self.status in {"reproduced", "reproduced_within_tolerance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The result of one question.

    Example:
        >>> run = analyst.ask("sales.csv", "Which region grew?")  # doctest: +SKIP
        >>> run.check().answer  # doctest: +SKIP
        'West grew by 12.0 %.'
    """

    question: str
    answer: str
    """Markdown; empty where there is none."""
    stop: Stop
    reason: str
    """One sentence, where `stop` is not `answered`."""
    plan: tuple[str, ...]
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    unbound: tuple[str, ...]
    """Numbers in the answer that no output confirms."""
    model: str
    sandbox: Sandbox
    usage: Usage
    seconds: float
    verdict: Verdict
    notebook: Path | None
    """Where the notebook is."""
    files: tuple[str, ...]
    """What cells wrote and was copied out, by paths relative to the notebook."""
    files_left: tuple[str, ...]
    """A sentence each: what was not copied, and why."""
    facts: tuple[Event, ...] = field(repr=False)
    """All that happened, in order, without what was only streamed."""

    @property
    def code(self) -> str:
        """The code of this question that succeeded, in order."""
        return "\n\n".join(
            started.source for started, _ in successful_cells(self.facts)
        )

    @property
    def figures(self) -> tuple[bytes, ...]:
        """The figures of successful cells, PNG."""
        return tuple(
            base64.b64decode(data["image/png"])
            for data in self._shown()
            if "image/png" in data
        )

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of successful cells, HTML."""
        return tuple(data["text/html"] for data in self._shown() if "text/html" in data)

    @property
    def privacy(self) -> Privacy:
        """What the model got to know of the data."""
        started = latest(self.facts, RunStarted)
        return started.privacy if started else "samples"

    @property
    def wire(self) -> Wire:
        """How the server was spoken to in the end; empty where there was none."""
        replies = [e for e in self.facts if isinstance(e, ReplyReceived)]
        return replies[-1].wire if replies else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence each: what was done otherwise for the sake of the server."""
        replies = [e for e in self.facts if isinstance(e, ReplyReceived)]
        return tuple(dict.fromkeys(note for e in replies for note in e.notes))

    def check(self) -> Run:
        """Return the run itself.

        Raises:
            Unanswered: it has no complete answer.
        """
        if self.stop != "answered":
            raise Unanswered(self.reason or f"The run stopped: {self.stop}.")
        return self

    def _shown(self) -> list[dict[str, str]]:
        return [
            dict(output.data)
            for _, finished in successful_cells(self.facts)
            for output in finished.outputs
            if isinstance(output, Rich)
        ]

    def _repr_markdown_(self) -> str:
        lines = [f"**{self.question}**", self.answer or self.reason]
        lines += [f"- {finding.text}" for finding in self.findings]
        if self.notebook is not None:
            lines.append(f"{self.notebook.name}: {self.verdict.status}")
        return "\n\n".join(map(safe_prose, lines))

    def _repr_html_(self) -> str:
        found = "".join(f"<li>{html.escape(f.text)}</li>" for f in self.findings)
        answer = html.escape(self.answer or self.reason).replace("\n", "<br>")
        return (
            f"<p><b>{html.escape(self.question)}</b></p><p>{answer}</p><ul>{found}</ul>"
        )


def successful_cells(
    facts: Sequence[Event],
) -> list[tuple[CellStarted, CellFinished]]:
    """The cells that succeeded, in order: what the kernel's memory is made of."""
    started = {e.cell: e for e in facts if isinstance(e, CellStarted)}
    return [
        (started[event.cell], event)
        for event in facts
        if isinstance(event, CellFinished)
        and event.status == "ok"
        and event.cell in started
    ]


def _steps(facts: Sequence[Event]) -> tuple[Step, ...]:
    titles = {e.step: e.title for e in facts if isinstance(e, StepStarted)}
    done = {e.step for e in facts if isinstance(e, StepFinished) and e.status == "done"}
    cells = successful_cells(facts)
    return tuple(
        Step(
            number=number,
            title=title,
            done=number in done,
            fixes=sum(
                isinstance(e, CellStarted) and e.step == number and e.attempt > 1
                for e in facts
            ),
            code=tuple(s.source for s, _ in cells if s.step == number),
        )
        for number, title in titles.items()
    )


def run_from(facts: Sequence[Event]) -> Run:
    """The result that the facts of one question come to.

    Raises:
        ValueError: the run they tell of has not finished.
    """
    started = latest(facts, RunStarted)
    finished = latest(facts, RunFinished)
    answer = latest(facts, AnswerGiven)
    plan = latest(facts, PlanMade)
    verified = latest(facts, NotebookVerified)
    written = latest(facts, NotebookWritten)
    collected = latest(facts, FilesCollected)
    if started is None or finished is None:
        raise ValueError("The facts do not hold a finished run.")
    return Run(
        question=started.text,
        answer=answer.text if answer else "",
        stop=finished.stop,
        reason=finished.reason,
        plan=plan.steps if plan else (),
        steps=_steps(facts),
        findings=tuple(
            Finding(text=e.text, cells=e.cells, unbound=e.unbound)
            for e in facts
            if isinstance(e, FindingRecorded)
        ),
        unbound=answer.unbound if answer else (),
        model=started.model,
        sandbox=started.sandbox,
        usage=finished.usage,
        seconds=finished.seconds,
        verdict=(
            Verdict(
                status=verified.status,
                differences=verified.differences,
                seconds=verified.seconds,
            )
            if verified
            else Verdict(status="unchecked")
        ),
        notebook=Path(written.path) if written else None,
        files=collected.files if collected else (),
        files_left=collected.left if collected else (),
        facts=tuple(e for e in facts if not isinstance(e, TextDelta | OutputAdded)),
    )
