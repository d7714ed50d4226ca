"""The live display in a notebook.

A head with the question, the plan and what is going on; a block a step that holds its
code and its fixes; the outputs as what they are, text, tables and figures; findings;
the answer. Head and blocks are updated while they live and left alone afterwards, so
that the saved notebook opens again, untrusted too, just as it looked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from IPython.display import DisplayHandle, display

from analyst.events import (
    AnswerGiven,
    CellError,
    CellFinished,
    CellStarted,
    Event,
    FindingRecorded,
    KernelRestarted,
    Output,
    OutputAdded,
    Rich,
    RolledBack,
    StepFinished,
    StepStarted,
    Stream,
    TextDelta,
)
from analyst.faces.markup import fenced, literal, prose
from analyst.faces.progress import Progress
from analyst.faces.words import (
    ending,
    error_line,
    files_words,
    not_confirmed,
    one_line,
    restart_words,
    rollback_words,
    seconds_words,
    speech,
    step_name,
    usage_words,
    verdict_words,
    visible,
)
from analyst.run import Run

__all__ = ["NotebookDisplay"]

_SIGNS = {"done": "✓", "running": "●", "to come": "○", "given_up": "✗"}
_SECONDS_BETWEEN_UPDATES = 0.2
_OUTPUT_CHARS = 10_000
_DIFFERENCES = 10


@dataclass(slots=True)
class _Block:
    """A step: its title, what was tried, and where that is shown."""

    name: str
    parts: list[str] = field(default_factory=list)
    """Markdown."""
    is_open: bool = True
    handle: DisplayHandle | None = None

    def bundle(self) -> dict[str, str]:
        state = " open" if self.is_open else ""
        parts = "".join(f"\n\n{part}" for part in self.parts)
        return {
            "text/markdown": f"<details{state}><summary><b>{literal(self.name)}</b>"
            f"</summary>{parts}\n\n</details>",
            "text/plain": self.name,
        }


class NotebookDisplay:
    """A run in JupyterLab or another notebook front end.

    Every piece carries plain text beside its Markdown, for front ends without any.
    """

    def __init__(self) -> None:
        self._progress = Progress()
        self._began = time.monotonic()
        self._head: DisplayHandle | None = None
        self._head_updated = 0.0
        self._blocks: dict[int, _Block] = {}
        self._shown_cells: set[int] = set()
        self._outputs: list[Output] = []

    def __enter__(self) -> Self:
        self._head = _publish(self._head_bundle())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._update_head("ended before it was finished")

    def show(self, event: Event) -> None:
        """Draw what an event changes."""
        self._progress.take(event)
        self._show_step(event)
        self._show_output(event)
        match event:
            case FindingRecorded():
                _publish(_flagged("Finding", event.text, event.unbound))
            case AnswerGiven():
                _publish(_flagged("Answer", event.text, event.unbound))
            case _:
                pass
        if not isinstance(event, TextDelta) or self._is_head_due():
            self._update_head()

    def conclude(self, run: Run) -> None:
        """Say the verdict, and where the notebook is."""
        verdict = verdict_words(run.verdict.status)
        words = [f"verdict: {verdict}"]
        differences = run.verdict.differences[:_DIFFERENCES]
        words += [f"· {one_line(difference, 200)}" for difference in differences]
        if run.notebook is not None:
            words.append(f"notebook: {visible(str(run.notebook))}")
        words += [f"files: {w}" for w in files_words(run.files, run.files_left)]
        _publish(
            {
                "text/markdown": "  \n".join(literal(each) for each in words),
                "text/plain": "\n".join(words),
            }
        )
        if self._progress.finished is not None:
            self._update_head(f"{ending(self._progress.finished)} · {verdict}")

    # The head.

    def _is_head_due(self) -> bool:
        return time.monotonic() - self._head_updated > _SECONDS_BETWEEN_UPDATES

    def _update_head(self, status: str = "") -> None:
        self._head_updated = time.monotonic()
        if self._head is not None:
            self._head.update(self._head_bundle(status), raw=True)

    def _head_bundle(self, status: str = "") -> dict[str, str]:
        progress = self._progress
        status = status or (
            f"{progress.doing} · {seconds_words(time.monotonic() - self._began)}"
        )
        words = [status, usage_words(progress.usage)]
        if progress.started is not None:
            words += [progress.started.model, f"sandbox: {progress.started.sandbox}"]
        state = " · ".join(words)
        plan = [(_SIGNS[s.mark], s.title) for s in progress.steps.values()]
        parts = [f"**{literal(progress.question)}**"] if progress.question else []
        parts.append(f"<small>{literal(state)}</small>")
        parts += [f"> note: {literal(note)}" for note in progress.notes]
        if plan:
            parts.append(
                "  \n".join(f"{sign} {literal(title)}" for sign, title in plan)
            )
        if progress.asides:
            lines = (f"<small>· {literal(each)}</small>" for each in progress.asides)
            parts.append("  \n".join(lines))
        said = speech(progress.saying)
        if said and progress.answer is None:
            parts.append(f"<small>{literal(said[-200:])}</small>")
        notes = [f"note: {note}" for note in progress.notes]
        marked = [f"{sign} {title}" for sign, title in plan]
        aside = [f"· {each}" for each in progress.asides]
        plain = [progress.question, state, *notes, *marked, *aside]
        return {
            "text/markdown": "\n\n".join(parts),
            "text/plain": "\n".join(line for line in plain if line),
        }

    # The steps.

    def _show_step(self, event: Event) -> None:
        match event:
            case StepStarted():
                block = _Block(step_name(event.step, event.title))
                self._blocks[event.step] = block
                block.handle = _publish(block.bundle())
            case StepFinished():
                self._amend(event.step, is_open=False)
            case CellStarted(role="step"):
                self._amend(event.step, fenced(event.source))
            case CellFinished(error=CellError() as error):
                self._amend(event.step, f"> ⚠ {literal(error_line(error))}")
            case RolledBack():
                self._amend(event.step, f"> {literal(rollback_words(event))}")
            case KernelRestarted():
                self._amend(event.step, f"> {literal(restart_words(event))}")
            case _:
                pass

    def _amend(self, step: int, part: str = "", *, is_open: bool = True) -> None:
        block = self._blocks.get(step)
        if block is None or block.handle is None:
            return
        if part:
            block.parts.append(part)
        block.is_open = is_open
        block.handle.update(block.bundle(), raw=True)

    # The outputs: shown once their cell has succeeded, since a failed one is undone.

    def _show_output(self, event: Event) -> None:
        match event:
            case CellStarted():
                self._outputs = []
                if event.role == "step":
                    self._shown_cells.add(event.cell)
            case OutputAdded() if event.cell in self._shown_cells:
                self._outputs.append(event.output)
            case CellFinished(status="ok"):
                for output in self._outputs:
                    _publish_output(output)
                self._outputs = []
            case _:
                pass


def _publish(bundle: dict[str, str]) -> DisplayHandle | None:
    show: Any = display
    handle: DisplayHandle | None = show(bundle, raw=True, display_id=True)
    return handle


def _publish_output(output: Output) -> None:
    show: Any = display
    match output:
        case Stream():
            show({"text/plain": _clipped(output.text.rstrip("\n"))}, raw=True)
        case Rich():
            show(_drawn(output), raw=True)
        case CellError():
            pass


def _drawn(output: Rich) -> dict[str, str]:
    """The bundle, with Markdown out of the kernel made inert for a live notebook."""
    data = dict(output.data)
    if "text/markdown" in data:
        data["text/markdown"] = prose(data["text/markdown"])
    if "text/plain" in data:
        data["text/plain"] = _clipped(data["text/plain"])
    return data


def _clipped(text: str) -> str:
    """A long text by its head and its tail."""
    text = visible(text)
    if len(text) <= _OUTPUT_CHARS:
        return text
    half = _OUTPUT_CHARS // 2
    left_out = len(text) - 2 * half
    return (
        f"{text[:half]}\n… {left_out:,} more characters, in the notebook …\n"
        f"{text[-half:]}"
    )


def _flagged(label: str, text: str, unbound: tuple[str, ...]) -> dict[str, str]:
    """What was found out, and in plain sight which of its numbers are not proven."""
    warning = not_confirmed(unbound)
    # An answer may begin with a table or a list, which needs a line of its own.
    gap = "\n\n" if label == "Answer" else " "
    markdown = f"**{label}:**{gap}{prose(text)}"
    plain = f"{label}:{gap}{visible(text)}"
    if warning:
        markdown += f"\n\n> ⚠ **{literal(warning)}**"
        plain += f"\n{warning}"
    return {"text/markdown": markdown, "text/plain": plain}
