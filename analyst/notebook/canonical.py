"""The part of an output that must come again: its canonical form.

Left out is what differs between two sound executions: counts, colour codes, where a
stream is cut into pieces, addresses in a repr, names of temporary files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from nbformat import NotebookNode

from analyst.events import CellError, Output, Rich, Stream
from analyst.outputs import error, join_streams, plain_text, rich

__all__ = ["canonical", "outputs_of_cell"]

_MASKS = (
    (re.compile(r"\b0x[0-9a-fA-F]{6,16}\b"), "0x…"),
    (re.compile(r"/\S*/ipykernel_\d+/\d+\.py"), "<cell>"),
    # Where Landlock holds a kernel, a private folder stands for the notebook's.
    (re.compile(r"/\S*/analyst-[a-z0-9_]{8}/files(?=/)"), ""),
    (re.compile(r"<ipython-input-\d+-[0-9a-f]+>"), "<cell>"),
)


def outputs_of_cell(cell: NotebookNode) -> tuple[Output, ...]:
    """The outputs that a notebook holds for a cell, through the one door."""
    found: list[Output] = []
    for output in cell.get("outputs", ()):
        kind = output.output_type
        if kind == "stream":
            name: Literal["stdout", "stderr"] = (
                "stderr" if output.name == "stderr" else "stdout"
            )
            found.append(Stream(name=name, text=output.text))
        elif kind == "error":
            trace = "\n".join(output.traceback)
            found.append(error(output.ename, output.evalue, trace))
        else:
            shown = rich(output.data, is_result=kind == "execute_result")
            if shown is not None:
                found.append(shown)
    return tuple(
        # Joined before it is cleaned: a code may be cut by the end of a piece.
        replace(output, text=plain_text(output.text))
        if isinstance(output, Stream)
        else output
        for output in join_streams(found)
    )


def canonical(outputs: Sequence[Output]) -> tuple[tuple[str, str], ...]:
    """Pairs of what an output is and what must come again."""
    pairs: list[tuple[str, str]] = []
    for output in join_streams(outputs):
        match output:
            case Stream():
                pairs.append((output.name, _masked(output.text)))
            case CellError():
                pairs.append(("error", f"{output.name}: {_masked(output.message)}"))
            case Rich():
                pairs.extend(
                    (
                        mime,
                        _digest(content) if mime == "image/png" else _masked(content),
                    )
                    for mime, content in sorted(output.data.items())
                )
    return tuple(pairs)


def _masked(text: str) -> str:
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text.strip()


def _digest(png: str) -> str:
    return hashlib.sha256("".join(png.split()).encode()).hexdigest()
