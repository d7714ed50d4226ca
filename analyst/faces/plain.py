"""The faces without a screen: a log, the bare answer, one JSON object, JSON lines.

Each writes to a text stream and nowhere else; none writes a colour code.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self, TextIO

from analyst.events import (
    CellError,
    CellFinished,
    CellStarted,
    DataLoaded,
    Event,
    FindingRecorded,
    KernelRestarted,
    NotebookVerified,
    PlanMade,
    RolledBack,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    to_json,
)
from analyst.faces.progress import Progress
from analyst.faces.words import (
    asides,
    ending,
    error_line,
    files_words,
    not_confirmed,
    one_line,
    restart_words,
    rollback_words,
    step_name,
    usage_words,
    verdict_words,
    visible,
)
from analyst.run import Run

__all__ = ["AnswerOnly", "EventLines", "JsonObject", "PlainLog", "as_json"]


class _Written:
    """What the faces here have in common: lines, one after the other.

    Nothing is written before the work on the question has begun, so that a mistake
    found until then leaves its one sentence on stderr and nothing else.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: list[str] = []
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None

    def show(self, event: Event) -> None:
        """Write what an event comes to."""
        if line := self._line(event):
            self._waiting.append(line)
        self._begun = self._begun or _is_work(event)
        if self._begun:
            self._write(*self._waiting)
            self._waiting.clear()

    def _line(self, event: Event) -> str:  # noqa: ARG002 - most wait for the end
        return ""

    def _write(self, *lines: str) -> None:
        self._stream.writelines(f"{line}\n" for line in lines)
        self._stream.flush()


def _is_work(event: Event) -> bool:
    match event:
        case PlanMade() | StepStarted() | RunFinished() | CellStarted(role="step"):
            return True
        case _:
            return False


class PlainLog(_Written):
    """One line a fact, with the time since the start; the answer in full at the end."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._progress = Progress()
        self._began = time.monotonic()

    def _line(self, event: Event) -> str:
        self._progress.take(event)
        words = self._words(event)
        minutes, seconds = divmod(time.monotonic() - self._began, 60)
        return f"{int(minutes):02}:{seconds:04.1f}  {words}" if words else ""

    def conclude(self, run: Run) -> None:
        """Write the answer, where the notebook is, and the verdict."""
        self._write("")
        if run.answer:
            self._write(f"{visible(run.answer).strip()}\n")
        if warning := not_confirmed(run.unbound):
            self._write(f"{warning}\n")
        if run.notebook is not None:
            self._write(f"notebook: {visible(str(run.notebook))}")
        self._write(*(f"files: {w}" for w in files_words(run.files, run.files_left)))
        self._write(f"verdict: {verdict_words(run.verdict.status)}")

    def _words(self, event: Event) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a kind
        """What an event comes to in one line; empty where it is not worth one."""
        match event:
            case RunStarted():
                return (
                    f"question: {self._progress.question}"
                    f" (model: {one_line(event.model)},"
                    f" sandbox: {event.sandbox})"
                )
            case DataLoaded():
                notes = "".join(f"; note: {note}" for note in self._progress.notes)
                return f"data: {self._progress.tables}{notes}"
            case PlanMade():
                steps = (f"{n}. {one_line(s)}" for n, s in enumerate(event.steps, 1))
                return f"plan: {'; '.join(steps)}"
            case StepStarted():
                return step_name(event.step, event.title)
            case StepFinished():
                return f"step {event.step}: {event.status.replace('_', ' ')}"
            case CellStarted(role="step"):
                fix = f" (attempt {event.attempt})" if event.attempt > 1 else ""
                return f"cell {event.cell}{fix}: {one_line(event.purpose)}".rstrip(" :")
            case CellFinished(error=CellError() as error):
                return f"cell {event.cell} failed: {error_line(error)}"
            case RolledBack():
                return rollback_words(event)
            case KernelRestarted():
                return restart_words(event)
            case FindingRecorded():
                warning = not_confirmed(event.unbound)
                text = one_line(event.text, 500)
                return f"finding: {text}{f' ({warning})' if warning else ''}"
            case RunFinished():
                end = ending(event).rstrip(".")
                return f"{end}; {usage_words(event.usage)}; verdict pending"
            case NotebookVerified():
                words = [verdict_words(event.status)]
                words += [one_line(each, 200) for each in event.differences]
                return f"executed from zero: {'; '.join(words)}"
            case _:
                return "; ".join(line.rstrip(".") for line in asides(event))


class AnswerOnly(_Written):
    """The answer and nothing else."""

    def conclude(self, run: Run) -> None:
        """Write the answer."""
        self._write(visible(run.answer).strip())


class EventLines(_Written):
    """Each event as a line of JSON, when it happens."""

    def _line(self, event: Event) -> str:
        return to_json(event)

    def conclude(self, run: Run) -> None:
        """All has been said."""


class JsonObject(_Written):
    """The run as one JSON object, when it is over."""

    def conclude(self, run: Run) -> None:
        """Write the run."""
        self._write(json.dumps(as_json(run)))


def as_json(run: Run) -> dict[str, Any]:
    """What a program wants to know of a run, as plain JSON values."""
    return {
        "question": run.question,
        "answer": run.answer,
        "unbound": list(run.unbound),
        "stop": run.stop,
        "reason": run.reason,
        "findings": [asdict(finding) for finding in run.findings],
        "verdict": {
            "status": run.verdict.status,
            "differences": list(run.verdict.differences),
        },
        "notebook": str(run.notebook) if run.notebook is not None else None,
        "files": list(run.files),
        "files_left": list(run.files_left),
        "model": run.model,
        "wire": run.wire,
        "privacy": run.privacy,
        "sandbox": run.sandbox.as_words(),
        "usage": asdict(run.usage),
        "cost_usd": run.usage.cost_usd,
        "notes": list(run.notes),
        "seconds": run.seconds,
    }
