"""The notebook as a projection of the facts: plain cells that stand alone."""

from __future__ import annotations

import contextlib
import platform
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from analyst.errors import NotebookError
from analyst.events import (
    CellError,
    CellRole,
    CellStarted,
    DataLoaded,
    Event,
    Output,
    Rich,
    RunStarted,
    StepStarted,
    Stream,
    latest,
    of_question,
)
from analyst.notebook.record import own_metadata, provenance, remark
from analyst.outputs import safe_prose
from analyst.run import successful_cells

__all__ = [
    "build_notebook",
    "kernelspec",
    "markdown_cell",
    "nbformat_output",
    "number_cells",
    "write_notebook",
]

_OWN_KERNEL = "python3"

_TAGS: dict[CellRole, tuple[str, ...]] = {
    "parameters": ("parameters",),
    "setup": ("analyst-setup",),
    "load": ("analyst-load",),
    "step": ("analyst-step",),
    "findings": ("analyst-findings",),
    "answer": ("analyst-answer",),
}
_HIDDEN: frozenset[CellRole] = frozenset({"setup", "findings", "answer"})
"""Cells whose source a reader seldom wants to see first."""

_HEADINGS: dict[CellRole, str] = {"findings": "Findings", "answer": "Answer"}


def build_notebook(events: Sequence[Event]) -> NotebookNode:
    """The notebook of a session, complete or not: valid at every moment."""
    asked = [event for event in events if isinstance(event, RunStarted)]
    title = safe_prose(asked[0].text) if asked else "Analysis"
    cells = [markdown_cell(f"# {title}\n\n[Go to the answer](#Answer)", "title")]
    for started in asked:
        if started.question > 1:
            question = safe_prose(started.text)
            cells.append(markdown_cell(f"# {question}", f"question-{started.question}"))
        cells.extend(_question_cells(of_question(events, started.question)))
    cells.append(markdown_cell(provenance(events), "provenance"))
    number_cells(_code_cells(cells))
    node: NotebookNode = v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": kernelspec(asked[0].kernel if asked else _OWN_KERNEL),
            "language_info": {"name": "python", "version": platform.python_version()},
            "title": asked[0].text if asked else "",
            "analyst": own_metadata(events, _code_cells(cells)),
        },
    )
    node.nbformat_minor = 5
    return node


def kernelspec(name: str) -> dict[str, str]:
    """By what Jupyter finds the environment that a notebook runs in."""
    shown = "Python 3 (ipykernel)" if name == _OWN_KERNEL else name
    return {"name": name, "display_name": shown, "language": "python"}


def _question_cells(facts: Sequence[Event]) -> Iterator[NotebookNode]:
    """The cells that succeeded, each step and section under its heading."""
    titles = {e.step: e.title for e in facts if isinstance(e, StepStarted)}
    headed: set[str] = set()
    loaded = latest(facts, DataLoaded)
    for started, finished in successful_cells(facts):
        heading = _heading(started, titles)
        if heading and heading not in headed:
            headed.add(heading)
            yield markdown_cell(f"## {heading}", f"heading-{started.cell}")
        yield _code(started, finished.outputs)
        if started.role == "load" and loaded and loaded.notes:
            notes = "\n".join(f"> - {safe_prose(note)}" for note in loaded.notes)
            yield markdown_cell(f"> **Noted in the data**\n>\n{notes}", "data-notes")
    told = remark(facts)
    if told:
        yield markdown_cell(told, f"remark-{facts[0].question}")


def _heading(started: CellStarted, titles: dict[int, str]) -> str:
    if started.role == "step":
        return f"{started.step}. {safe_prose(titles.get(started.step, ''))}"
    return _HEADINGS.get(started.role, "")


def markdown_cell(source: str, cell_id: str) -> NotebookNode:
    """A cell of text."""
    cell: NotebookNode = v4.new_markdown_cell(source, id=cell_id)
    return cell


def _code(started: CellStarted, outputs: Sequence[Output]) -> NotebookNode:
    metadata: dict[str, Any] = {"tags": list(_TAGS[started.role])}
    if started.role in _HIDDEN:
        metadata["jupyter"] = {"source_hidden": True}
    cell: NotebookNode = v4.new_code_cell(
        started.source,
        id=f"cell-{started.cell}",
        metadata=metadata,
        outputs=[nbformat_output(output) for output in outputs],
    )
    return cell


def nbformat_output(output: Output) -> NotebookNode:
    """An output in the notebook's own form."""
    made: NotebookNode
    match output:
        case Stream():
            made = v4.new_output("stream", name=output.name, text=output.text)
        case Rich(is_result=True):
            made = v4.new_output("execute_result", data=dict(output.data))
        case Rich():
            made = v4.new_output("display_data", data=dict(output.data))
        case CellError():
            made = v4.new_output(
                "error",
                ename=output.name,
                evalue=output.message,
                traceback=output.traceback.splitlines(),
            )
    return made


def number_cells(code_cells: Sequence[NotebookNode]) -> None:
    """Number cells as a run from top to bottom does."""
    for number, cell in enumerate(code_cells, start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number


def _code_cells(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type == "code"]


def write_notebook(node: NotebookNode, path: Path) -> None:
    """Write a valid notebook, whole or not at all.

    Raises:
        NotebookError: it cannot be written there.
    """
    nbformat.validate(node)
    text = nbformat.writes(node) + "\n"
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise NotebookError(
            f"The notebook {path} cannot be written ({error.strerror}): "
            "choose another place with -o."
        ) from None
