"""An earlier notebook with the outputs of a new run: its text stays as it was."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from nbformat import NotebookNode

from analyst.events import CellFinished, Event, RunStarted, latest
from analyst.notebook.record import own_metadata, provenance, remark
from analyst.notebook.write import (
    kernelspec,
    markdown_cell,
    nbformat_output,
    number_cells,
)

__all__ = ["rebuild"]


def rebuild(earlier: NotebookNode, events: Sequence[Event]) -> NotebookNode:
    """The cells of `earlier`, whose code was run again, with what they show now.

    A cell that was not reached shows nothing.
    """
    node = copy.deepcopy(earlier)
    code_cells = [cell for cell in node.cells if cell.cell_type == "code"]
    ran = [event for event in events if isinstance(event, CellFinished)]
    for position, cell in enumerate(code_cells):
        shown = ran[position].outputs if position < len(ran) else ()
        cell.outputs = [nbformat_output(output) for output in shown]
        cell.metadata.pop("execution", None)
    number_cells(code_cells)
    # What was remarked of the earlier run is not true of this one.
    node.cells = [c for c in node.cells if not str(c.get("id")).startswith("remark-")]
    told = remark(events)
    if told:
        node.cells.append(markdown_cell(told, "remark-rerun"))
    node.cells = [c for c in node.cells if c.get("id") != "provenance"]
    node.cells.append(markdown_cell(provenance(events), "provenance"))
    if started := latest(events, RunStarted):
        node.metadata["kernelspec"] = kernelspec(started.kernel)
    node.metadata["analyst"] = own_metadata(events, code_cells)
    return node
