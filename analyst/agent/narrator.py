"""The narrator: findings and the answer, with their numbers computed in the kernel.

What cannot be shown as it is goes back to the model, all that is wrong with it at
once: typed numbers that no output confirms a single time, fields that fail as often
as code may be fixed. Then it is shown as it is, marked.
"""

from __future__ import annotations

import contextlib
import html
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from analyst.agent.budget import is_last
from analyst.agent.cells import run_cell
from analyst.agent.desk import Desk
from analyst.agent.drafts import Draft, read_draft, unknown_fields
from analyst.agent.memory import errors, outputs_of, tables, variables
from analyst.agent.privacy import error_words
from analyst.agent.templates import answer_cell, as_literal, findings_cell
from analyst.agent.tools import Finding, SummarizeFindings, read_call
from analyst.agent.vision import figures_to_show
from analyst.events import (
    AnswerGiven,
    CallAnswered,
    CellFinished,
    CellStarted,
    FindingRecorded,
    ModelPrompted,
    ReplyReceived,
    Rich,
    StepFinished,
    StepStarted,
    latest,
)
from analyst.outputs import DOLLAR, safe_prose
from analyst.quoting import between_markers, quoted
from analyst.seams import Cell

__all__ = [
    "give_held_answer",
    "items",
    "shown_text",
    "summarize",
    "tell",
    "tell_what_is_known",
]

_ABOUT_NUMBERS = (
    "Compute it in a cell and make it a field, or cite a cell that shows it. If you "
    "send it again as it is, it is taken and marked as not confirmed."
)
_FIRST_LOOK = "Not taken yet: look at your figures first."
_FIGURES = "The figures as a reader sees them, of cells"
_CHECK = (
    "Do they show what you say, readably? Mend what does not, then send the findings "
    "that changed and the whole answer."
)
_KNOWN = r'"\n".join(f"- {finding}" for finding in findings)'
"""In the kernel, over the newest findings that a cell has shown."""
_ERROR_CHARS = 200


async def summarize(desk: Desk, call: str, use: SummarizeFindings) -> None:
    """Record findings and give the answer, as far as nothing is wrong with them."""
    shared = {n: e for finding in use.findings for n, e in finding.expressions.items()}
    drafts, problems = _read_findings(desk, use.findings, shared)
    answer: list[Draft] = []
    if use.answer:
        answer, more = _read(desk, "the answer", use.answer, shared)
        problems += more
    doubts = [] if _doubted(desk) else [d for d in (*drafts, *answer) if d.doubtful]
    fit = [draft for draft in drafts if draft not in doubts]
    if fit and (wrong := await _record(desk, fit)):
        problems += wrong
        fit = []
    if answer and not doubts and (is_last(desk) or not problems):
        if figures := _not_looked_at(desk):
            await desk.add(CallAnswered(call=call, text=_FIRST_LOOK))
            await _show_figures(desk, figures)
            return
        problems += await _give(desk, answer[0])
    problems += [f"{draft.doubt}. {_ABOUT_NUMBERS}" for draft in doubts]
    await desk.add(
        CallAnswered(
            call=call,
            text=_verdict(
                problems,
                kept=[draft.name for draft in fit],
                answered=bool(use.answer),
            ),
            about="numbers" if doubts else "",
        )
    )


def _verdict(problems: Sequence[str], *, kept: Sequence[str], answered: bool) -> str:
    if not problems:
        return "Recorded." if answered else "Recorded. Now give the answer."
    wrong = "\n".join(f"- {problem}" for problem in problems)
    good = f"Recorded: {', '.join(kept)}. " if kept else ""
    return (
        f"NOT ACCEPTED:\n{wrong}\n{good}Call summarize_findings again with only the "
        "findings that are corrected, and the whole answer."
    )


async def tell(desk: Desk, text: str) -> None:
    """Give the answer, or send it back to the model with what is wrong with it."""
    drafts, problems = _read(desk, "the answer", text, {})
    doubts = [] if _doubted(desk) else [draft for draft in drafts if draft.doubtful]
    if drafts and not doubts:
        if figures := _not_looked_at(desk):
            await _show_figures(desk, figures)
            return
        problems += await _give(desk, drafts[0])
    problems += [f"{draft.doubt}. {_ABOUT_NUMBERS}" for draft in doubts]
    if problems:
        wrong = "\n".join(f"- {problem}" for problem in problems)
        await desk.add(
            ModelPrompted(
                about="numbers" if doubts else "answer",
                text=f"NOT ACCEPTED:\n{wrong}\nSend the whole answer again.",
            )
        )


async def tell_what_is_known(desk: Desk, reason: str) -> None:
    """Give the answer that was held back, or one of our own where there is none."""
    if await give_held_answer(desk):
        return
    facts = desk.facts
    done = {e.step for e in facts if isinstance(e, StepFinished) and e.status == "done"}
    titles = [
        as_literal(safe_prose(e.title))
        for e in facts
        if isinstance(e, StepStarted)
        if e.step in done
    ]
    text = f"{as_literal(safe_prose(reason))} before an answer was written."
    expressions = {}
    if any(isinstance(e, FindingRecorded) for e in facts):
        text += " What was found out until then:\n\n{known}"
        expressions["known"] = _KNOWN
    elif titles:
        text += " Done until then, with the results above: " + "; ".join(titles) + "."
    else:
        text += " Nothing was found out until then."
    draft = read_draft(facts, name="the answer", written=text, expressions=expressions)
    await _give(desk, replace(draft, unbound=()))


async def give_held_answer(desk: Desk) -> bool:
    """Give the answer that had to wait for a look at the figures, if there is one."""
    prompted = latest(desk.facts, ModelPrompted)
    if prompted is None or prompted.about != "charts":
        return False
    reply = latest([e for e in desk.facts if e.seq < prompted.seq], ReplyReceived)
    drafts, _ = _read(desk, "the answer", _answer_in(reply), {}) if reply else ([], [])
    return bool(drafts) and not await _give(desk, drafts[0])


def _answer_in(reply: ReplyReceived) -> str:
    """What a reply gives as the answer."""
    for call in reply.calls:
        with contextlib.suppress(ValueError):
            use = read_call(call)
            if isinstance(use, SummarizeFindings) and use.answer:
                return use.answer
    return reply.text


def _not_looked_at(desk: Desk) -> tuple[int, ...]:
    """The cells whose figures the model is to see before its answer is taken."""
    wanted = desk.settings.vision == "auto" and desk.settings.privacy == "samples"
    shown = any(
        isinstance(e, ModelPrompted) and e.about == "charts" for e in desk.facts
    )
    if not (wanted and desk.model.takes_images) or shown or is_last(desk):
        return ()
    return figures_to_show(desk.facts)


async def _show_figures(desk: Desk, cells: tuple[int, ...]) -> None:
    listed = ", ".join(map(str, cells))
    await desk.add(
        ModelPrompted(
            about="charts", text=f"{_FIGURES} {listed}. {_CHECK}", cells=cells
        )
    )


def _read(
    desk: Desk,
    name: str,
    written: str,
    expressions: dict[str, str],
    cells: tuple[int, ...] = (),
) -> tuple[list[Draft], list[str]]:
    """The draft, or what is wrong with it."""
    try:
        draft = read_draft(
            desk.journal.events,
            name=name,
            written=written,
            expressions=expressions,
            cells=cells,
            privacy=desk.settings.privacy,
        )
    except ValueError as mistake:
        if not is_last(desk):
            return [], [str(mistake)]
        # It cannot be sent back any more, so it is shown as it stands.
        draft = read_draft(
            desk.journal.events,
            name=name,
            written=as_literal(written),
            expressions={},
            cells=cells,
            privacy=desk.settings.privacy,
        )
    return [draft], []


def _read_findings(
    desk: Desk, findings: Sequence[Finding], shared: dict[str, str]
) -> tuple[list[Draft], list[str]]:
    """The drafts of findings that are not recorded yet, and what is wrong with some."""
    known = {e.template for e in desk.facts if isinstance(e, FindingRecorded)}
    drafts: list[Draft] = []
    problems: list[str] = []
    for number, finding in enumerate(findings, start=1):
        if finding.template not in known:
            read, wrong = _read(
                desk,
                f"finding {number}",
                finding.template,
                shared | finding.expressions,
                finding.cells,
            )
            drafts += read
            problems += wrong
    return drafts, problems


async def _record(desk: Desk, drafts: Sequence[Draft]) -> list[str]:
    """Show findings and make them facts, or say what is wrong with them."""
    shown = await _show(desk, "findings", findings_cell, drafts)
    if isinstance(shown, str):
        return [shown]
    texts = items(shown.text, len(drafts))
    for text, draft in zip(texts, drafts, strict=True):
        await desk.add(
            FindingRecorded(
                text=text,
                template=draft.written,
                cells=draft.cells,
                unbound=draft.unbound,
            )
        )
    return []


async def _give(desk: Desk, draft: Draft) -> list[str]:
    """Show the answer and make it a fact, or say what is wrong with it."""
    shown = await _show(desk, "answer", answer_cell, [draft])
    if isinstance(shown, str):
        return [shown]
    await desk.add(
        AnswerGiven(
            text=shown.text,
            template=draft.written,
            unbound=draft.unbound,
            complete=shown.complete,
        )
    )
    return []


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
    drafts: Sequence[Draft],
) -> _Shown | str:
    """Fill drafts in a cell, or say what is wrong with their fields.

    After as many failures as a step is allowed they are shown without their fields.
    """
    templates = [draft.template for draft in drafts]
    finished = await run_cell(desk, Cell(source=write(*templates), role=role))
    if finished.ok:
        return _Shown(text=shown_text(desk), complete=True)
    if _failures(desk, role) <= desk.settings.max_fixes and not is_last(desk):
        names = ", ".join(draft.name for draft in drafts)
        known = variables(desk.journal.events)
        known += tuple(table.name for table in tables(desk.journal.events))
        told = _told(desk, finished, write(*templates), known)
        unknown = ", ".join(f"{{{name}}}" for name in unknown_fields(drafts, known))
        about = f"; no cell has made {unknown}" if unknown else ""
        return f"{names}: a field cannot be computed ({told}){about}"
    bare = [template.without_fields for template in templates]
    if (await run_cell(desk, Cell(source=write(*bare), role=role))).ok:
        return _Shown(text=shown_text(desk), complete=False)
    return _Shown(text="\n".join(template.text for template in bare), complete=False)


def _told(desk: Desk, failed: CellFinished, source: str, known: Collection[str]) -> str:
    """The error of a cell of prose, as far as it may be told."""
    if failed.error is None:
        return failed.status
    told = error_words(
        failed.error, source=source, known=known, privacy=desk.settings.privacy
    )
    return between_markers(quoted(told, _ERROR_CHARS), desk.marker)


def _failures(desk: Desk, role: Literal["findings", "answer"]) -> int:
    """How many cells of a role failed for the running question."""
    failed = {error.cell for error in errors(desk.facts)}
    return sum(
        isinstance(e, CellStarted) and e.role == role and e.cell in failed
        for e in desk.facts
    )


def _doubted(desk: Desk) -> bool:
    """Whether typed numbers went back already, or there is no time for it."""
    return is_last(desk) or any(
        isinstance(e, CallAnswered | ModelPrompted) and e.about == "numbers"
        for e in desk.facts
    )


def shown_text(desk: Desk) -> str:
    """The Markdown that the newest cell showed, as the plain text it stands for."""
    started = latest(desk.journal.events, CellStarted)
    shown = [
        output.data["text/markdown"]
        for output in outputs_of(desk.journal.events, started.cell if started else 0)
        if isinstance(output, Rich) and "text/markdown" in output.data
    ]
    return html.unescape("\n".join(shown).replace(DOLLAR, "$")).strip()


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
