"""One odd value among many: what it stands for is found, or it is told."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analyst.data.inside.sniffing.check import departure
from analyst.data.inside.sniffing.route import readings_of
from analyst.data.inside.sniffing.values import Values, read_values


def found_in(**columns: list[str]) -> Values:
    """What is found in these columns of one file."""
    return read_values(list(columns), list(zip(*columns.values(), strict=True)))


def told(**columns: list[str]) -> list[str]:
    """All doubts."""
    return [doubt.text for doubt in found_in(**columns).doubts]


def kinds(**columns: list[str]) -> list[str]:
    """Of the columns, in their order."""
    return [column.kind for column in found_in(**columns).columns]


def test_a_column_of_mostly_numbers_says_why_it_is_text() -> None:
    """The odd values are named, counted and found by their rows."""
    [doubt] = found_in(price=["12.50", "13", "call us", "9.99", "11", ""]).doubts
    assert doubt.text == '"price": stays text; 1 of 5 values is no number: "call us".'
    assert doubt.lines == (3,)
    said = '"day": stays text; 2 of 8 values are no dates: "soon", "later".'
    days = [f"2024-01-0{n}" for n in range(1, 7)]
    assert told(day=[*days, "soon", "later"]) == [said]


@pytest.mark.parametrize(
    "values",
    [
        ["1", "two", "three", "4"],
        ["1", "2", "x"],
        ["K1", "K2", "K3", "4"],
        ["00123", "00124", "00125", "X0126"],
    ],
)
def test_words_and_codes_are_no_odd_numbers(values: list[str]) -> None:
    """Nobody is warned of text that is text: half words, too few values, codes."""
    assert told(c=values) == []


def test_an_id_with_a_letter_is_no_odd_number() -> None:
    """Some letters among identifiers are as good as digits."""
    values = ["1", "2", "3", "4a", "5"]
    assert told(order_id=values) == []
    assert len(told(orders=values)) == 1


@pytest.mark.parametrize("word", ["---", "#NV", ":", "..", "n/a", "\u2013"])
def test_signs_of_loggers_and_offices_are_gaps_among_numbers(word: str) -> None:
    """They stand for no value; each is named."""
    columns = {"n": ["18.2", word, "18.4", "18.9"], "x": ["a", "b", "c", "d"]}
    assert kinds(**columns) == ["float", "str"]
    assert word == "n/a" or told(**columns) == [
        f'"n": "{word}" (1 cell) taken as missing.'
    ]


@pytest.mark.parametrize("dash", ["$ -   ", " $-   ", "- \u20ac", "EUR -", "-"])
def test_the_dash_of_accounts_is_a_gap_that_may_be_zero(
    dash: str, tmp_path: Path
) -> None:
    """Sheets write zero so: it is missing, and the doubt says what it may be."""
    path = tmp_path / "accounts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = [["a", "$1,200.00 "], ["b", " $(84.20) "], ["c", dash], ["d", "$(3.50)"]]
        csv.writer(file).writerows([["account", "amount"], *rows])
    [reading] = readings_of(path)
    assert [column.kind for column in reading.columns] == ["str", "float"]
    assert departure(reading, path) == ""
    [doubt] = reading.doubts
    assert "(1 cell) taken as missing, though in accounts a dash may be zero" in (
        doubt.text
    )


def test_a_code_that_stands_once_is_told_where_it_is_far_from_the_rest() -> None:
    """Below zero like nothing else, or many times the range away."""
    sentence = '"q": "{}" (1 cell) may stand for missing; it is kept.'
    for code in ("-99", "-999", "999", "-9999.0"):
        assert told(q=["4", code, "2", "5", "3"]) == [sentence.format(code)]
    for values in (
        ["120", "-99", "4000", "950"],  # a loss
        ["700", "999", "850", "640"],  # a price
        ["-4", "2", "-99", "-60", "30"],  # a change
        ["1", "999"],  # nothing to compare
    ):
        assert told(q=values) == []


def test_a_code_of_several_columns_is_told_in_each() -> None:
    """Elsewhere it would be a value like others."""
    one = ["120", "-99", "410", "950", "30"]
    other = ["80", "7", "910", "-99", "55"]
    assert told(a=one) == []
    assert told(a=one, b=other) == [
        '"a", "b": "-99" (1 cell) may stand for missing; it is kept.'
    ]


def test_99_is_a_code_in_a_scale_alone() -> None:
    """Scales end at ten; in other columns 99 is a number."""
    assert told(q=["4", "99", "5", "99", "1"]) == [
        '"q": "99" (2 cells) may stand for missing; it is kept.'
    ]
    assert told(q=["4", "99", "5", "12", "99", "1"]) == []
    assert told(q=["4", "99", "5.5", "99", "1"]) == []
    assert told(q=["4", "99", "5", "1"]) == []


def test_times_that_are_moved_to_utc_are_told() -> None:
    """Days may shift; one offset, however it is written, moves nothing."""
    spring = ["2024-03-30T00:30:00+01:00", "2024-04-01T00:15:00+02:00"]
    [doubt] = told(when=spring)
    assert "times with different offsets are made UTC" in doubt
    assert "may differ from local days" in doubt
    for same in (["+01:00", "+0100"], ["Z", "+00:00"], ["+02:00", "+02:00"]):
        assert told(when=[f"2024-03-30T00:30:00{zone}" for zone in same]) == []


def test_years_of_two_digits_on_both_sides_of_now_are_not_guessed() -> None:
    """A date of birth in the future is one of the last century; plans are plans."""
    now = date.today().year  # noqa: DTZ011 - as the library takes it
    past, soon, late = (f"31.12.{year % 100:02d}" for year in (now - 9, now, now + 9))
    assert kinds(day=[past, soon]) == ["date"]
    assert kinds(day=[past, late]) == ["str"]
    assert kinds(day=[late, f"30.12.{(now + 8) % 100:02d}"]) == ["date"]
    [doubt] = told(day=[past, soon, late])
    assert f'"{late}" may be in {now - 91} or {now + 9}' in doubt


def test_day_month_and_short_year_are_read() -> None:
    """That the year may come first is not thought of in dates of one or two years."""
    days = ["14/03/24", "28/03/24", "31/01/24", "02/02/24"]
    found = found_in(day=days)
    [made] = found.conversions
    assert getattr(made, "format", "") == "%d/%m/%y"
    assert kinds(day=["01/02/24", "03/04/24"]) == ["str"]
    assert pd.to_datetime(days[0], format="%d/%m/%y") == pd.Timestamp(2024, 3, 14)


def test_every_word_that_is_lost_in_text_is_named() -> None:
    """One rule for all that pandas takes as missing, with the count of each."""
    genes = ["A1", "NA", "NULL", "NA", "None", "TP53"]
    [doubt] = told(gene=genes, p=["1", "2", "NA", "4", "5", "6"])
    assert doubt == (
        '"gene": "NA" (2 cells), "NULL" (1 cell), "None" (1 cell) are taken as missing.'
    )
    assert told(gene=["A1", "", "B"]) == []


def test_one_word_for_true_among_words_for_missing_is_text() -> None:
    """They may be surnames; what is lost of them is named."""
    surnames = ["Null", "None", "Nan", "True"]
    assert kinds(surname=surnames) == ["str"]
    assert told(surname=surnames) == ['"surname": "None" (1 cell) is taken as missing.']
    assert kinds(ok=["True", "-", "False"]) == ["bool"]


def test_versions_keep_their_zeros() -> None:
    """1.10 comes after 1.9; a number called so without such a zero is a number."""
    values = ["1.9", "1.10", "2.0"]
    assert kinds(app_version=values, price=values) == ["str", "float"]
    assert kinds(version=["1.5", "2.5"]) == ["float"]
    assert kinds(release_year=["2010", "2020"]) == ["int"]
