"""The narrator: findings and the answer, with their numbers computed in the kernel."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from analyst.agent.cells import run_cell
from analyst.agent.desk import Desk
from analyst.agent.digest import digest
from analyst.agent.grounding import small_literals, unconfirmed
from analyst.agent.memory import errors, outputs_of, tables, variables
from analyst.agent.reflection import diagnosis
from analyst.agent.templates import (
    Template,
    answer_cell,
    findings_cell,
    read_template,
)
from analyst.agent.tools import Finding, SummarizeFindings
from analyst.events import (
    AnswerGiven,
    CallAnswered,
    CellFinished,
    CellRole,
    CellStarted,
    FindingRecorded,
    ModelPrompted,
    Rich,
    RunStarted,
    latest,
)
from analyst.run import successful_cells
from analyst.seams import Cell

__all__ = ["items", "shown_text", "summarize", "tell"]

_EVIDENCE_BYTES = 10_000_000


async def summarize(desk: Desk, call: str, use: SummarizeFindings) -> None:
    """Record findings, and give the answer where there is one."""
    text = "Read." if use.answer else "Read. Now give the answer."
    await desk.add(CallAnswered(call=call, text=text))
    taken = await _record(desk, use.findings)
    if taken and use.answer:
        await tell(desk, use.answer)


async def tell(desk: Desk, text: str) -> None:
    """Give the answer, or send it back to the model with what is wrong with it."""
    try:
        template = read_template(text)
    except ValueError as mistake:
        await _send_back(desk, "answer", str(mistake))
        return
    unbound = unconfirmed(template.literal, _evidence(desk))
    if unbound and not _sent_back(desk, "numbers"):
        await _send_back(desk, "numbers", _about_numbers(unbound))
        return
    shown = await _show(desk, "answer", answer_cell, template)
    if shown is not None:
        await desk.add(
            AnswerGiven(
                text=shown.text,
                template=text,
                unbound=unbound,
                complete=shown.complete,
            )
        )


async def _record(desk: Desk, findings: Sequence[Finding]) -> bool:
    """Record findings that are new; False where they were sent back."""
    known = {e.template for e in desk.facts if isinstance(e, FindingRecorded)}
    new = [finding for finding in findings if finding.template not in known]
    if not new:
        return True
    try:
        templates = [read_template(f.template, f.expressions) for f in new]
    except ValueError as mistake:
        await _send_back(desk, "answer", str(mistake))
        return False
    unbound = [
        unconfirmed(template.literal, _evidence(desk, finding.cells))
        for template, finding in zip(templates, new, strict=True)
    ]
    if any(unbound) and not _sent_back(desk, "numbers"):
        typed = [number for numbers in unbound for number in numbers]
        await _send_back(desk, "numbers", _about_numbers(typed))
        return False
    shown = await _show(desk, "findings", findings_cell, *templates)
    if shown is None:
        return False
    for text, finding, numbers in zip(
        items(shown.text, len(new)), new, unbound, strict=True
    ):
        await desk.add(
            FindingRecorded(
                text=text,
                template=finding.template,
                cells=finding.cells,
                unbound=numbers,
            )
        )
    return True


def items(listed: str, count: int | None = None) -> list[str]:
    r"""The items of a Markdown list; of `count` items, where a value may look like one.

    >>> items("- a\n- b")
    ['a', 'b']
    """
    found = ("\n" + listed).split("\n- ")[1:]
    if count is None or len(found) == count:
        return found
    joined = [*found[: count - 1], " ".join(found[count - 1 :])]
    return joined + [""] * (count - len(joined))


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a cell of prose showed."""

    text: str
    complete: bool
    """False where its fields could not be computed."""


async def _show(
    desk: Desk,
    role: Literal["findings", "answer"],
    write: Callable[..., str],
    *templates: Template,
) -> _Shown | None:
    """Fill templates in a cell; None where they went back to the model instead.

    After as many failures as a step is allowed they are shown without their fields.
    """
    cell = Cell(source=write(*templates), role=role)
    if (await run_cell(desk, cell)).ok:
        return _Shown(text=shown_text(desk), complete=True)
    failures = _failures(desk, role)
    if len(failures) <= desk.settings.max_fixes:
        started, finished = failures[-1]
        problem = diagnosis(
            started,
            finished,
            known=variables(desk.journal.events),
            fixes_left=desk.settings.max_fixes - len(failures) + 1,
        )
        await _send_back(desk, "answer", problem)
        return None
    bare = write(*(template.without_fields for template in templates))
    if (await run_cell(desk, Cell(source=bare, role=role))).ok:
        return _Shown(text=shown_text(desk), complete=False)
    text = "\n".join(template.without_fields.text for template in templates)
    return _Shown(text=text, complete=False)


def _failures(desk: Desk, role: CellRole) -> list[tuple[CellStarted, CellFinished]]:
    """The cells of a role that failed for the running question."""
    started = {e.cell: e for e in desk.facts if isinstance(e, CellStarted)}
    return [
        (started[error.cell], error)
        for error in errors(desk.facts)
        if started[error.cell].role == role
    ]


def shown_text(desk: Desk) -> str:
    """The Markdown that the newest cell showed, as the plain text it stands for."""
    started = latest(desk.journal.events, CellStarted)
    shown = [
        output.data["text/markdown"]
        for output in outputs_of(desk.journal.events, started.cell if started else 0)
        if isinstance(output, Rich) and "text/markdown" in output.data
    ]
    return html.unescape("\n".join(shown)).replace(r"\$", "$").strip()


def _evidence(desk: Desk, cells: Sequence[int] = ()) -> list[str]:
    """All text in which a number may stand that was not made up.

    Of the outputs, those of `cells` count; all of them where it names none.
    """
    events = desk.journal.events
    given = [e.text for e in events if isinstance(e, RunStarted)]
    given += [table.profile for table in tables(events)]
    given += [str(table.rows) for table in tables(events)]
    succeeded_cells = [started for started, _ in successful_cells(events)]
    cited = [started for started in succeeded_cells if started.cell in cells]
    for started in cited or succeeded_cells:
        shown = outputs_of(events, started.cell)
        given.append(digest(shown, max_bytes=_EVIDENCE_BYTES))
        if started.role == "step":
            given.append(small_literals(started.source))
    return given


def _about_numbers(numbers: Sequence[str]) -> str:
    return (
        f"No output shows: {', '.join(numbers)}. Send it again with each number as a "
        "field that is computed, or show it in a cell first. What stays typed will be "
        "marked as not confirmed."
    )


def _sent_back(desk: Desk, about: Literal["numbers", "answer"]) -> bool:
    return any(isinstance(e, ModelPrompted) and e.about == about for e in desk.facts)


async def _send_back(
    desk: Desk, about: Literal["numbers", "answer"], text: str
) -> None:
    await desk.add(ModelPrompted(about=about, text=text))
