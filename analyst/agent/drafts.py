"""Drafts: what the model wrote as finding or answer, and what is wrong with it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analyst.agent.digest import clip, shown_words
from analyst.agent.grounding import small_literals, unconfirmed
from analyst.agent.memory import outputs_of, tables
from analyst.agent.templates import Template, read_template
from analyst.events import Event, Privacy, RunStarted
from analyst.run import successful_cells

__all__ = ["Draft", "evidence", "read_draft", "unknown_fields"]

_EVIDENCE_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that the model wanted shown."""

    name: str
    """What it is called when it goes back: `finding 2`, `the answer`."""
    written: str
    template: Template
    cells: tuple[int, ...]
    unbound: tuple[str, ...]
    """Numbers that it typed and that no output confirms."""
    doubtful: tuple[str, ...]
    """Those that go back: all of them, where it may not be told which are true."""

    @property
    def doubt(self) -> str:
        """What is wrong with its numbers, or an empty text."""
        if not self.doubtful:
            return ""
        where = "no cell shows them"
        if self.cells:
            shown = ", ".join(str(cell) for cell in self.cells)
            where = f"the cells it cites ({shown}) do not show them"
        return f"{self.name} types {', '.join(self.doubtful)}, and {where}"


def read_draft(
    events: Sequence[Event],
    *,
    name: str,
    written: str,
    expressions: Mapping[str, str],
    cells: tuple[int, ...] = (),
    privacy: Privacy = "samples",
) -> Draft:
    """Read a text and compare what it types with what cells have shown.

    Raises:
        ValueError: its fields cannot be read; the message is for the model.
    """
    try:
        template = read_template(written, expressions)
    except ValueError as mistake:
        raise ValueError(f"{name}: {mistake}") from None
    unbound = unconfirmed(template.literal, evidence(events, cells))
    if privacy == "samples":
        doubtful = unbound
    else:
        doubtful = unconfirmed(template.literal, _chosen(events))
    return Draft(
        name=name,
        written=written,
        template=template,
        cells=cells,
        unbound=unbound,
        doubtful=doubtful,
    )


def _chosen(events: Sequence[Event]) -> list[str]:
    """Text that the user or the model wrote themselves, in question and code."""
    asked = [e.text for e in events if isinstance(e, RunStarted)]
    written = [s.source for s, _ in successful_cells(events) if s.role == "step"]
    return asked + list(map(small_literals, written))


def evidence(events: Sequence[Event], cells: Sequence[int]) -> list[str]:
    """All text in which a number may stand that was not made up.

    Of the outputs, those of `cells` count; all of them where it names none.
    """
    given = [e.text for e in events if isinstance(e, RunStarted)]
    given += [f"{table.rows} {table.profile}" for table in tables(events)]
    # What a cell of prose shows was said, not found out.
    succeeded = [
        started
        for started, _ in successful_cells(events)
        if started.role in {"load", "step"}
    ]
    cited = [started for started in succeeded if started.cell in cells]
    for started in cited or succeeded:
        shown = outputs_of(events, started.cell)
        given.append(clip(shown_words(shown), _EVIDENCE_BYTES))
    # What the code names is a choice of the analyst, wherever it was made.
    given += [small_literals(s.source) for s in succeeded if s.role == "step"]
    return given


def unknown_fields(drafts: Iterable[Draft], known: Iterable[str]) -> tuple[str, ...]:
    """The fields that use a name which no cell has made."""
    there = {*known, *dir(builtins), "pd", "np", "plt"}
    return tuple(
        dict.fromkeys(
            field
            for draft in drafts
            for field, source in draft.template.expressions.items()
            if _free_names(source) - there
        )
    )


def _free_names(source: str) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    made = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    lambdas = {
        node.arg for node in ast.walk(ast.parse(source)) if isinstance(node, ast.arg)
    }
    return {node.id for node in nodes} - made - lambdas
