"""The laws of what a model reads of an output."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.agent.digest import digest
from analyst.events import Rich, Stream
from analyst.tokens import estimate


def told(text: str, max_tokens: int = 250) -> str:
    """What a model reads of a printed text."""
    return digest([Stream(text=text)], max_tokens=max_tokens)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0.123456789", "0.1235"),
        ("-12345.678", "-12346"),
        ("1234567", "1234567"),
        ("2024-01-31", "2024-01-31"),
        ("1.23456e-12", "1.235e-12"),
        ("0.5", "0.5"),
        ("3.14159 of v1.2.34567", "3.142 of v1.2.34567"),
        ("99.99999", "100"),
        ("0.00012345", "0.0001234"),
    ],
)
def test_decimals_have_four_figures(written: str, read: str) -> None:
    """Decimals are read to four significant figures; counts, dates and versions as
    they are.
    """
    assert told(written) == read


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_rounding_keeps_the_value(number: float) -> None:
    """What is read is within half a unit of the fourth figure of what was shown."""
    shown = told(repr(number))
    assert math.isclose(float(shown), number, rel_tol=6e-4, abs_tol=0)


@given(st.lists(st.text(max_size=300), max_size=200), st.integers(60, 600))
def test_a_result_is_bounded(lines: list[str], max_tokens: int) -> None:
    """However much a cell puts out, the model reads about as much as is allowed."""
    read = told("\n".join(lines), max_tokens)
    longest = 2 * 240 * 4 / 2.5  # a first and a last line are always read
    assert estimate(read, "data") <= max_tokens + longest + 60


def test_what_is_left_out_is_counted() -> None:
    """Of many lines the first and the last are read, and how many lie between."""
    read = told("\n".join(f"line {n}" for n in range(1, 1001))).splitlines()
    assert read[0] == "line 1"
    assert read[-1] == "line 1000"
    note = next(line for line in read if "left out" in line)
    left = 1001 - len(read)
    assert f"{left:,} of 1,000 lines" in note


def test_gaps_of_tables_cost_nothing() -> None:
    """The blanks that align a table are read as two."""
    assert told("a          b\n1          2") == "a  b\n1  2"


def test_pictures_and_nothing_are_named() -> None:
    """A figure is said to be shown, an empty output to be empty."""
    figure = Rich(data={"image/png": "iVBO"})
    assert digest([figure], max_tokens=250) == "[figure shown to the user]"
    assert digest([], max_tokens=250) == "[ran, nothing to show]"
