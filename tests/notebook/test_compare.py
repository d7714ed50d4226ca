"""Whether an execution shows what a notebook held: equal, close or different."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from nbformat import NotebookNode, v4

from analyst.errors import NotebookError
from analyst.notebook.compare import compare
from analyst.notebook.read import read_notebook, with_paths

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n one").decode()
OTHER_PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n two").decode()


def shows(*outputs: NotebookNode) -> NotebookNode:
    """A notebook of one cell with these outputs."""
    return v4.new_notebook(cells=[v4.new_code_cell("x", outputs=list(outputs))])


def stream(text: str, name: str = "stdout") -> NotebookNode:
    """Printed text."""
    return v4.new_output("stream", name=name, text=text)


def result(**data: str) -> NotebookNode:
    """A value, its MIME types with `_` for `/`."""
    bundle = {mime.replace("_", "/"): content for mime, content in data.items()}
    return v4.new_output("execute_result", data=bundle)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([stream("a\n"), stream("b\n")], [stream("a\nb\n")]),
        ([stream("\x1b[31mred\x1b[0m")], [stream("red")]),
        (
            [result(text_plain="<a at 0x7f01020304>")],
            [result(text_plain="<a at 0x7fffffffff>")],
        ),
        ([result(image_png=PNG)], [result(image_png=PNG + "\n")]),
        (
            [stream("/tmp/ipykernel_12/34.py:1: Warning", "stderr")],
            [stream("/var/ipykernel_99/77.py:1: Warning", "stderr")],
        ),
    ],
)
def test_same(before: list[NotebookNode], after: list[NotebookNode]) -> None:
    """What differs between two sound executions does not count."""
    assert compare(shows(*before), shows(*after)).status == "reproduced"


def test_close_numbers_have_a_verdict_of_their_own() -> None:
    """Numbers within the tolerance are named so, never called equal."""
    verdict = compare(shows(stream("0.1234567890")), shows(stream("0.1234567891")))
    assert verdict.status == "reproduced_within_tolerance"
    assert verdict.reproduced


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([stream("mean 0.2889")], [stream("mean 0.02889")], "0.02889"),
        ([stream("a")], [stream("b")], "“b”"),
        ([stream("a")], [], "no longer shows"),
        ([stream("a")], [stream("a"), stream("x", "stderr")], "shows more"),
        ([result(image_png=PNG)], [result(image_png=OTHER_PNG)], "figure"),
        ([result(text_plain="1")], [stream("1")], "shows stdout"),
        ([stream("1 a")], [stream("1 b")], "1 b"),
        ([stream("2000000")], [stream("2000001")], "2000001"),
    ],
)
def test_different(
    before: list[NotebookNode], after: list[NotebookNode], told: str
) -> None:
    """Any other difference is one, and said in a line that names the cell."""
    verdict = compare(shows(*before), shows(*after))
    assert verdict.status == "differs"
    assert verdict.differences[0].startswith("Cell 1: ")
    assert told in verdict.differences[0]


def test_nothing_to_compare() -> None:
    """A notebook without output is unchecked, not reproduced."""
    assert compare(shows(), shows(stream("a"))).status == "unchecked"


@pytest.mark.parametrize("content", ["", "{}", "[1]", "no json", '{"cells": 1}'])
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: str) -> None:
    """A file that is no notebook is refused in one sentence."""
    path = tmp_path / "x.ipynb"
    path.write_text(content)
    with pytest.raises(NotebookError, match="not a valid Jupyter notebook"):
        read_notebook(path)


def test_paths_are_replaced_and_nothing_else() -> None:
    """Only whole strings that are assigned are replaced, comments and all kept."""
    source = 'A = "é.csv"  # "é.csv"\nB = ["é.csv"]\nC = "b.csv"; D = "b.csv"'
    changed = with_paths(source, {"é.csv": 'n"1".csv', "b.csv": "c.csv"})
    assert changed == (
        'A = "n\\"1\\".csv"  # "é.csv"\nB = ["é.csv"]\nC = "c.csv"; D = "c.csv"'
    )
