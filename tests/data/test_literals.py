"""What a file holds becomes a literal in a cell, and nothing else."""

from __future__ import annotations

import ast
from keyword import iskeyword
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.inside.code.literals import LINE_CHARS, call, comment, literal, quoted

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(PLAIN, st.sampled_from([0, 4, 40]))
def test_a_value_is_read_back_from_its_literal(value: Any, indent: int) -> None:
    """However it is broken into lines, Python reads the same value."""
    assert ast.literal_eval(literal(value, indent=indent)) == value


@given(st.text())
def test_text_cannot_leave_its_quotes(text: str) -> None:
    """All of it is inside, on one line, and nothing in it is unseen."""
    shown = quoted(text)
    assert ast.literal_eval(shown) == text
    assert shown.isprintable()


@given(st.text())
def test_text_cannot_leave_its_comment(text: str) -> None:
    """A comment is one line that Python passes over."""
    shown = comment(text)
    assert len(shown.splitlines()) == 1
    assert ast.parse(shown).body == []


NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True).filter(lambda n: not iskeyword(n))


@given(st.dictionaries(NAMES, PLAIN, max_size=5))
def test_a_call_says_each_argument(arguments: dict[str, Any]) -> None:
    """A call in one line or many is the same call."""
    tree = ast.parse(call("f", ["DATA"], list(arguments.items()))).body[0]
    assert isinstance(tree, ast.Expr)
    made = tree.value
    assert isinstance(made, ast.Call)
    told = {word.arg: ast.literal_eval(word.value) for word in made.keywords}
    assert told == arguments


def test_long_calls_are_broken_as_a_formatter_breaks_them() -> None:
    """No line is longer than it must be."""
    made = call(
        "pd.read_csv",
        ["DATA"],
        [("dtype", {f"column {n}": "string" for n in range(9)})],
    )
    assert max(map(len, made.splitlines())) <= LINE_CHARS
    assert made.splitlines()[1] == "    DATA,"


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}])
def test_what_is_not_plain_is_refused(value: Any) -> None:
    """Only what has a literal is written."""
    with pytest.raises(TypeError, match="plain"):
        literal(value)


@pytest.mark.parametrize("value", [["a"], ['", x(), "'], ("a", "b"), b"a", 1, None])
def test_only_text_is_quoted(value: Any) -> None:
    """A list of texts is iterated like a text, and would not be escaped."""
    with pytest.raises(TypeError, match="no text"):
        quoted(value)


def test_an_argument_needs_a_name() -> None:
    """A name that is code is refused."""
    with pytest.raises(ValueError, match="no name"):
        call("f", [], [("x=1) or g(y", 2)])
