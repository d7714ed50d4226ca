"""A question mark at the end of `%analyst` in a real IPython."""

from __future__ import annotations

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from analyst.faces.question_mark import keep_question_mark


@pytest.fixture
def ipython() -> TransformerManager:
    """IPython's own reader of cells, with the rewriting in it."""
    manager = TransformerManager()
    manager.cleanup_transforms.append(keep_question_mark)
    return manager


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("%analyst df Why did it fall?", "df Why did it fall?"),
        ("%analyst df Why?\n", "df Why?"),
        ("%analyst df Why??", "df Why??"),
        ("x = 1\n%analyst df it's 'odd', why?  \ny = 2", "df it's 'odd', why?"),
        ("run = %analyst df Why?", "df Why?"),
        ("runs['a'] = %analyst df Why?", "df Why?"),
        ("if True:\n    %analyst df Why?", "df Why?"),
        ("if True:\n    run = %analyst df Why (really?", "df Why (really?"),
        ("%analyst df why \\not?", "df why \\not?"),
        ("%analyst -n x df Did sales = {a} $5?", "-n x df Did sales = {a} $5?"),
    ],
)
def test_question_is_asked(ipython: TransformerManager, cell: str, line: str) -> None:
    """A line that ends in `?` asks the question, wherever it stands."""
    code = ipython.transform_cell(cell)
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    asked = [ast.literal_eval(c.args[1]) for c in calls if len(c.args) == 2]
    assert asked == [line]
    assert "pinfo" not in code


@pytest.mark.parametrize("cell", ["%analyst?", "%analyst??", "?%analyst"])
def test_help_stays_help(ipython: TransformerManager, cell: str) -> None:
    """A question mark without a question asks for help."""
    assert "pinfo" in ipython.transform_cell(cell)


@pytest.mark.parametrize(
    "cell",
    [
        'text = """\n%analyst df Why?\n"""\n',
        "text = f'''\n  {1}\n%analyst df Why?\n'''\n",
        "%analyst df Why did it fall\n",
        "# %analyst df Why?\n",
        "%analystic df Why?\n",
    ],
)
def test_all_else_is_left_alone(cell: str) -> None:
    """What is no question of ours is not touched, least of all within a string."""
    lines = cell.splitlines(keepends=True)
    assert keep_question_mark(lines) == lines


def test_rewriting_twice_changes_nothing_more() -> None:
    """The rewriting is idempotent, so that IPython may run it again."""
    once = keep_question_mark(["run = %analyst df Why?\n"])
    assert keep_question_mark(once) == once
