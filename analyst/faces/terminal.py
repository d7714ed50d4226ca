"""The live display in a terminal.

While the run goes on, one picture is drawn over and over: the question, the plan with
ticks, the code that is running, what went wrong, findings, and a line with time and
tokens. When it is over the picture is wiped away and a tidy summary stays. Text of
models and data is shown as text: never as markup, never as terminal codes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.spinner import Spinner
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from analyst.events import Event, FindingRecorded, RunFinished, VerdictStatus
from analyst.faces.progress import Mark, Progress
from analyst.faces.words import (
    ending,
    files_words,
    not_confirmed,
    one_line,
    seconds_words,
    speech,
    usage_words,
    verdict_words,
    visible,
)
from analyst.outputs import safe_markdown
from analyst.run import Run

__all__ = ["Terminal"]

_CODE_LINES = 12
_SPEECH_LINES = 3
_FINDINGS = 6
_ASIDES = 3
_DIFFERENCES = 10
_MARKS: dict[Mark, tuple[str, str]] = {
    "done": ("✓", "green"),
    "running": ("●", "cyan"),
    "to come": ("○", "dim"),
    "given_up": ("✗", "red"),
}
_VERDICT_STYLES: dict[VerdictStatus, str] = {
    "reproduced": "green",
    "reproduced_within_tolerance": "green",
    "differs": "red",
    "failed": "red",
    "unchecked": "yellow",
}


class Terminal:
    """A run in a real terminal.

    Example:
        >>> with Terminal(Console()) as terminal:  # doctest: +SKIP
        ...     for event in session.stream("Which region grew?"):
        ...         terminal.show(event)
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress()
        self._footer = _Footer(self._progress)
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._draw_live(self._picture())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._wipe()

    def show(self, event: Event) -> None:
        """Draw what an event changes; when the run is finished, print its summary."""
        self._progress.take(event)
        if isinstance(event, RunFinished):
            self._wipe()
            self._console.print(self._summary(event))
            self._draw_live(Spinner("dots", Text("verdict pending", "dim")))
        elif self._live is not None and self._progress.finished is None:
            self._live.update(self._picture())

    def conclude(self, run: Run) -> None:
        """Print the verdict, and where the notebook is."""
        self._wipe()
        status = run.verdict.status
        words = Text("verdict   ", "dim")
        words.append(verdict_words(status), _VERDICT_STYLES[status])
        self._console.print(words)
        for difference in run.verdict.differences[:_DIFFERENCES]:
            self._console.print(Text(f"          {one_line(difference, 200)}"))
        if run.notebook is not None:
            line = Text("notebook  ", "dim").append(visible(str(run.notebook)), "")
            self._console.print(line, soft_wrap=True)
        for each in files_words(run.files, run.files_left):
            self._console.print(Text("files     ", "dim").append(each, ""))

    def _draw_live(self, picture: RenderableType) -> None:
        self._live = Live(
            picture, console=self._console, transient=True, refresh_per_second=8
        )
        self._live.start(refresh=True)

    def _wipe(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _picture(self) -> RenderableType:
        """The run right now: what does not fit is cut below, so what matters leads."""
        progress = self._progress
        parts: list[RenderableType] = [_heading(progress), _plan(progress)]
        if progress.answer is not None:
            parts.append(_markdown(progress.answer.text))
        elif progress.code:
            parts.append(_code(progress.code))
        elif progress.saying:
            parts.append(_speech(progress.saying))
        if progress.remark:
            parts.append(Text(f"⚠ {progress.remark}", "yellow"))
        parts += [_finding(finding) for finding in progress.findings[-_FINDINGS:]]
        parts += _asides(progress.asides[-_ASIDES:])
        return Group(*parts, self._footer)

    def _summary(self, finished: RunFinished) -> RenderableType:
        """What stays on the screen."""
        progress = self._progress
        parts: list[RenderableType] = [_heading(progress), _plan(progress), Text()]
        if progress.answer is not None:
            parts.append(_markdown(progress.answer.text))
            parts += _warning(progress.answer.unbound)
        if progress.findings:
            parts += [Text(), Text("Findings", "bold")]
            parts += [_finding(finding) for finding in progress.findings]
        style = "green" if finished.stop == "answered" else "yellow"
        parts += [Text(), Text(ending(finished), style), self._footer]
        parts += _asides(progress.asides)
        return Group(*parts)


class _Footer:
    """Time, tokens, model and sandbox; the time is that of the moment of drawing."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._began = time.monotonic()
        self._spinner = Spinner("dots")

    def __rich__(self) -> RenderableType:
        progress = self._progress
        started, finished = progress.started, progress.finished
        words = [usage_words(progress.usage)]
        if started is not None:
            words += [one_line(started.model), f"sandbox: {started.sandbox}"]
        if finished is not None:
            return Text(" · ".join(words), "dim")
        seconds = seconds_words(time.monotonic() - self._began)
        now = Text(f"{progress.doing} · {seconds} · ", "cyan")
        now.append(" · ".join(words), "dim")
        self._spinner.update(text=now)
        return Padding(self._spinner, (1, 0, 0, 0))


def _heading(progress: Progress) -> RenderableType:
    heading = Text(progress.question, "bold")
    if progress.tables:
        heading.append(f"\n{progress.tables}", "not bold dim")
    for note in progress.notes:
        heading.append(f"\nnote: {note}", "not bold yellow")
    return Group(Rule(style="dim"), heading)


def _plan(progress: Progress) -> RenderableType:
    """One line a step, in a grid so that long titles wrap beside their mark."""
    grid = Table.grid(padding=(0, 1))
    for step in progress.steps.values():
        sign, style = _MARKS[step.mark]
        quiet = style if step.mark == "to come" else ""
        grid.add_row(Text(sign, style), Text(step.title, quiet))
    return grid


def _code(source: str) -> RenderableType:
    lines = source.strip("\n").splitlines()
    left_out = len(lines) - _CODE_LINES
    code = Syntax(
        "\n".join(lines[:_CODE_LINES]),
        "python",
        background_color="default",
        theme="ansi_dark",
    )
    more = f"… {left_out} more" if left_out > 0 else None
    return Panel(
        code, border_style="dim", subtitle=more, subtitle_align="left", padding=(0, 1)
    )


def _speech(saying: str) -> RenderableType:
    lines = [line for line in speech(saying).splitlines() if line.strip()]
    return Text("\n".join(lines[-_SPEECH_LINES:]), "italic dim")


def _markdown(text: str) -> RenderableType:
    return Markdown(safe_markdown(visible(text)), hyperlinks=False)


def _finding(finding: FindingRecorded) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text("•", "cyan"), Text(one_line(finding.text, 500)))
    for warning in _warning(finding.unbound):
        grid.add_row(Text(), warning)
    return grid


def _asides(lines: Sequence[str]) -> list[RenderableType]:
    return [Text(f"· {line}", "dim") for line in lines]


def _warning(unbound: tuple[str, ...]) -> list[RenderableType]:
    words = not_confirmed(unbound)
    return [Text(f"⚠ {words}", "bold yellow")] if words else []
