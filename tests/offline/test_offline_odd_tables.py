"""Tables that are odd do not trip the offline analyst, and it says what it left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

Ask = Callable[..., Any]

NASTY = 'the "region" {a} 1'
PRICE = 'p$25 {x}_"y"'


def odd() -> pd.DataFrame:
    """Names with quotes, braces, digits and dollars."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            NASTY: rng.choice(["$a$", "{b}", "c d"], 60),
            PRICE: rng.normal(size=60),
            "day": pd.date_range("2024-01-01", periods=60),
        }
    )


@pytest.mark.parametrize(
    "question",
    [
        "average by region",
        "over time by region",
        "overview",
        "what is the average p 25",
    ],
)
async def test_any_column_name_can_be_worked_with(ask: Ask, question: str) -> None:
    """Quotes, braces and digits in names break neither code nor sentences."""
    told = await ask(odd(), question)
    assert len(told.code) == len(told.plan)
    assert told.findings
    if "by region" in question:
        assert told.names["group_name"] == NASTY
    if question == "average by region":
        expected = odd().groupby(NASTY)[PRICE].mean()
        assert told.names["leader_value"] == pytest.approx(expected.max())


async def test_one_group_and_one_year_give_one_figure(ask: Ask) -> None:
    """Where nothing can be compared, the figure is given."""
    frame = pd.DataFrame({"g": ["a"] * 4, "year": [2000] * 4, "v": [1.5, 2, None, 4]})
    told = await ask(frame, "v by g over time")
    assert "The mean of v is 2.50." in told.answer
    assert "no dates or years to follow" in told.answer


async def test_numbers_that_are_text_are_read(ask: Ask) -> None:
    """Currency and separators do not hide a number."""
    frame = pd.DataFrame({"shop": list("abab"), "price": ["$1,200", "$3", "$4", "$5"]})
    told = await ask(frame, "average price by shop")
    assert told.names["ranking"].to_dict() == {"a": 602.0, "b": 4.0}


async def test_a_column_without_values_is_told(ask: Ask) -> None:
    """It is not passed over in silence when the question names it."""
    frame = pd.DataFrame({"shop": list("abab"), "n": [1, 2, 3, 5], "empty": [None] * 4})
    told = await ask(frame, "average empty by shop")
    assert "holds no value at all" in told.answer


async def test_identifiers_are_no_measure(ask: Ask) -> None:
    """Codes and running numbers are neither added nor averaged by default."""
    frame = pd.DataFrame(
        {"id": range(1, 41), "zip_code": [10, 20] * 20, "g": ["a", "b"] * 20, "v": 1.5}
    )
    told = await ask(frame, "average by g")
    assert "mean of v" in told.answer


async def test_a_cause_is_not_claimed(ask: Ask) -> None:
    """Asked why and about one month, it says what it does not do."""
    frame = pd.DataFrame(
        {"date": pd.date_range("2024-01-01", periods=300), "revenue": range(300)}
    )
    told = await ask(frame, "Why did revenue fall in March?")
    assert "not why" in told.answer
    assert "month that the question names is not looked at" in told.answer


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("total revenue before 2023", {2021, 2022}),
        ("total revenue until 2023", {2021, 2022, 2023}),
        ("total revenue after 2023", {2024}),
        ("total revenue from 2022 to 2023", {2022, 2023}),
        ("total revenue in 2022", {2022}),
    ],
)
async def test_years_limit_the_rows(ask: Ask, question: str, years: set[int]) -> None:
    """Before and after leave the year itself out; until and since do not."""
    dates = pd.date_range("2021-01-01", "2024-12-31")
    frame = pd.DataFrame({"date": dates, "revenue": np.arange(len(dates)) + 0.5})
    told = await ask(frame, question)
    expected = frame[frame["date"].dt.year.isin(years)]["revenue"].sum()
    assert told.names["value"] == pytest.approx(expected)


async def test_ties_are_broken_by_name(ask: Ask) -> None:
    """Equal groups come in the order of their names, so that reruns agree."""
    frame = pd.DataFrame({"g": list("cab") * 5, "v": [1.5] * 15})
    told = await ask(frame, "average v by g")
    assert list(told.names["ranking"].index) == ["a", "b", "c"]
