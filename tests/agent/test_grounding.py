"""Numbers in prose: which are confirmed by an output, and which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.agent.grounding import small_literals, unconfirmed


@pytest.mark.parametrize(
    ("prose", "shown"),
    [
        ("It fell 12.3%.", "-0.12345"),
        ("It fell 12.3%.", "12.3"),
        ("It is 1,234.5 now.", "1234.4987"),
        ("About 1.2 million.", "1187432.0"),
        ("About 35k.", "35,120"),
        ("It is 4.", "4.4"),
        ("1. First\n2. Second", ""),
        ("Column col_2 and v1.5", ""),
        ("The 95% bootstrap confidence interval", ""),
        ("Between the 25th and the 75th", "P25th  P75th"),
    ],
)
def test_confirmed(prose: str, shown: str) -> None:
    """A number is confirmed by one that rounds to it, as it is written."""
    assert unconfirmed(prose, [shown]) == ()


@pytest.mark.parametrize(
    ("prose", "shown", "number"),
    [
        ("It fell 12.4%.", "-0.12345", "12.4%"),
        ("It is 1,234.5 now.", "1234.6", "1,234.5"),
        ("It is 5.", "4.4", "5"),
        ("About 1.3 million.", "1187432", "1.3 million"),
        ("A mean of 0.2889.", "0.02889", "0.2889"),
        ("It holds for 95% of them.", "", "95%"),
    ],
)
def test_unconfirmed(prose: str, shown: str, number: str) -> None:
    """A number that nothing rounds to is named as it was written."""
    assert unconfirmed(prose, [shown]) == (number,)


@given(st.floats(0.001, 1e12), st.integers(0, 6))
def test_what_is_shown_may_be_said_rounded(value: float, decimals: int) -> None:
    """Any shown number may be written at any precision, with separators or not."""
    said = f"{value:.{decimals}f}"
    grouped = f"{value:,.{decimals}f}"
    assert unconfirmed(f"{said} and {grouped}", [repr(value)]) == ()


@given(st.text() | st.text("0123456789eE.,+-% k'"))
def test_any_text_can_be_read(text: str) -> None:
    """No text makes the check fail, and evidence confirms itself."""
    assert unconfirmed(text, [text]) == ()


def test_choices_in_the_code_are_no_results() -> None:
    """The small whole numbers that code names are known, others are not."""
    assert small_literals("df.head(5)\nx = 0.2889\ny = 5000") == "5"
