"""What the bytes of a CSV file say, and what they leave open."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.sniff import sniff

_FIELD = st.text(
    alphabet=st.sampled_from("abc xyz0189.-'\"\n,;|\t"), min_size=1, max_size=8
).filter(str.strip)


@given(
    delimiter=st.sampled_from(",;\t|"),
    rows=st.lists(st.lists(_FIELD, min_size=3, max_size=3), min_size=2, max_size=12),
)
def test_a_fully_quoted_file_is_split_by_its_own_delimiter(
    delimiter: str, rows: list[list[str]]
) -> None:
    """Whatever the fields hold, quoting them keeps the delimiter unmistakable."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["first", "second", "third"], *rows])
    layout = sniff([text.getvalue()])
    assert layout.delimiter == delimiter
    assert layout.rows == len(rows)


@pytest.mark.parametrize(
    ("text", "decimal", "thousands"),
    [
        ("a;b\n1,5;x\n2,25;y\n", ",", ""),
        ("a;b\n1.234,5;x\n2,25;y\n", ",", "."),
        ("a;b\n1.5;x\n2.25;y\n", ".", ""),
        ('a,b\n"1,234",x\n"12,345.5",y\n', ".", ","),
        ("a;b\n1,234;x\n2,345;y\n", ".", ""),
        ("a;b;c\n1,5;2.5;x\n2,5;3.5;y\n", ".", ""),
        ("a;day\n1.234,5;01.02.2024\n2,5;13.02.2024\n", ",", ""),
    ],
)
def test_marks_of_numbers_are_read_only_when_unanimous(
    text: str, decimal: str, thousands: str
) -> None:
    """A comma is a decimal mark where nothing speaks against it, else it stays."""
    layout = sniff([text])
    assert (layout.decimal, layout.thousands) == (decimal, thousands)


def test_commas_with_two_readings_are_told() -> None:
    """1,234 may be a thousand or about one: it stays text and a warning says so."""
    [warning] = sniff(["a;b\n1,234;x\n2,345;y\n"]).warnings
    assert "'a'" in warning
    assert "two ways" in warning


@pytest.mark.parametrize(
    ("values", "dates", "form"),
    [
        (["2024-01-31", "2024-02-01"], ("day",), None),
        (["2024-01-31 10:00:00", "2024-02-01 11:30:00"], ("day",), None),
        (["2024-01-31", "2024-02-01 11:30:00"], (), None),
        (["2024-01-31", "2024-02-31"], (), None),
        (["2024-01-31", "soon"], (), None),
        (["31/01/2024", "01/02/2024"], ("day",), "%d/%m/%Y"),
        (["1/31/24", "2/1/24"], ("day",), "%m/%d/%y"),
        (["01/02/2024", "03/04/2024"], (), None),
    ],
)
def test_dates_are_parsed_only_when_every_value_agrees(
    values: list[str], dates: tuple[str, ...], form: str | None
) -> None:
    """A column is dates if one reading fits all of its values, and only one."""
    layout = sniff(["day,x\n" + "".join(f"{value},1\n" for value in values)])
    assert layout.dates == dates
    assert dict(layout.date_formats).get("day") == form


def test_undecidable_dates_are_told() -> None:
    """01/02/2024 is never guessed: it stays text and a warning says so."""
    [warning] = sniff(["day,x\n01/02/2024,1\n03/04/2024,2\n"]).warnings
    assert "'day'" in warning
    assert "day first or month first" in warning


def test_digits_that_are_names_stay_text() -> None:
    """Leading zeros and digits beyond what a float holds survive."""
    text = "zip,card,n\n01067,4012888888881881,0\n10115,4012888888881882,10\n"
    assert sniff([text]).texts == ("zip", "card")


def test_later_pieces_count_as_evidence() -> None:
    """What only shows in the middle or at the end of a file is seen."""
    start = "zip;price\n" + "10115;1,5\n" * 3
    assert sniff([start]).texts == ()
    assert sniff([start, "20095;1,5\n", "01067;2,5\n"]).texts == ("zip",)
    assert sniff([start, "20095;1.5\n"]).decimal == "."


def test_only_line_ends_end_lines() -> None:
    """A line separator of Unicode inside a cell is a character like any other."""
    layout = sniff(["a;b\n1;x\u2028y\n2;z\x0b\n"])
    assert (layout.delimiter, layout.rows) == (";", 2)


def test_the_word_none_is_told() -> None:
    """A category called None will be missing in the frame, and a warning says so."""
    [warning] = sniff(["damage,x\nNone,1\nMinor,2\n"]).warnings
    assert "'damage'" in warning
