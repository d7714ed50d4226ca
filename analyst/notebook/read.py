"""Reading a notebook back. What it says of itself is a claim, its cells are code."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from analyst.errors import NotebookError

__all__ = ["claims", "has_tag", "paths_in", "read_notebook", "with_paths"]

_MAX_BYTES = 1_000_000_000
"""No notebook is larger; a device or a disk image may be."""


def read_notebook(path: Path) -> NotebookNode:
    """A valid notebook, brought to the newest format.

    Raises:
        NotebookError: there is none, or it is no notebook.
    """
    try:
        if path.is_dir():
            raise NotebookError(f"{path} is a folder: name a notebook in it.")
        if not path.exists():
            raise NotebookError(f"There is no notebook {path}: check the name.")
        if not path.is_file() or path.stat().st_size > _MAX_BYTES:
            raise NotebookError(f"{path} is not a valid Jupyter notebook.")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise NotebookError(f"{path} is not a valid Jupyter notebook.") from None
    except OSError as error:
        raise NotebookError(
            f"{path} cannot be read ({error.strerror}): check its permissions."
        ) from None
    try:
        node: NotebookNode = nbformat.reads(text, as_version=4)
        nbformat.validate(node)
    except (
        json.JSONDecodeError,
        nbformat.reader.NotJSONError,
        nbformat.ValidationError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ):
        raise NotebookError(f"{path} is not a valid Jupyter notebook.") from None
    return node


def claims(node: NotebookNode) -> dict[str, Any]:
    """What the notebook says of itself under `metadata.analyst`."""
    own = node.metadata.get("analyst")
    return dict(own) if isinstance(own, dict) else {}


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Whether a cell carries a tag."""
    return tag in cell.metadata.get("tags", ())


def with_paths(source: str, replacements: Mapping[str, str]) -> str:
    """A parameters cell in which paths are replaced by others.

    Only assignments of a plain string are looked at, so that a hand-edited cell
    keeps everything else.

    >>> with_paths('DATA = "a.csv"  # ours', {"a.csv": "b.csv"})
    'DATA = "b.csv"  # ours'
    """
    lines = source.splitlines(keepends=True)
    constants = [c for c in _assigned(source) if c.value in replacements]
    for constant in sorted(
        constants, key=lambda c: (c.lineno, c.col_offset), reverse=True
    ):
        row = constant.lineno - 1
        raw = lines[row].encode()
        assert constant.end_col_offset is not None
        new = json.dumps(replacements[str(constant.value)], ensure_ascii=False)
        changed = (
            raw[: constant.col_offset] + new.encode() + raw[constant.end_col_offset :]
        )
        lines[row] = changed.decode()
    return "".join(lines)


def paths_in(source: str) -> set[str]:
    """The strings that a parameters cell assigns."""
    return {str(constant.value) for constant in _assigned(source)}


def _assigned(source: str) -> list[ast.Constant]:
    """The plain strings that are assigned; none where it is not plain Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
