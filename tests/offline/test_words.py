"""Which column a question means."""

from __future__ import annotations

import pytest

from analyst.events import Column
from analyst.models.offline.words import match

COLUMNS = [
    Column(name=name, kind="str")
    for name in (
        "Airport Name",
        "Aircraft Airline Operator",
        "Origin State",
        "Phase of flight",
        "Cost Repair",
        "Cost Total $",
        "births_per_woman",
    )
]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Total cost by operator", "Aircraft Airline Operator"),
        ("Strikes by airports", "Airport Name"),
        ("By state", "Origin State"),
        ("Which phase is worst?", "Phase of flight"),
        ("What did repairs cost?", "Cost Repair"),
        ("How many births?", "births_per_woman"),
    ],
)
def test_a_part_of_a_name_is_enough_where_no_other_has_it(
    question: str, name: str
) -> None:
    """A word that stands in one column's name only names that column."""
    assert name in [found.column.name for found in match(question, COLUMNS)]


def test_words_that_name_nothing_name_nothing() -> None:
    """A question without any word of a column matches none."""
    assert match("Why is the sky blue?", COLUMNS) == []
