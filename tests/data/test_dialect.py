"""The dialect of a text is found on a sample of it."""

from __future__ import annotations

import csv
import io
import random

import pytest

from analyst.data.inside.sniffing.delimited.dialect import Dialect
from analyst.data.inside.sniffing.delimited.guessing import dialect_of


def lines_of(text: str) -> list[str]:
    """Lines with their ends."""
    return text.splitlines(keepends=True)


def test_decimal_commas_do_not_part_cells() -> None:
    """Semicolons win where commas stand within numbers."""
    found = dialect_of(lines_of("a;b;c\n" + "1,5;2,25;x\n" * 9))
    assert (found.delimiter, found.width) == (";", 3)


def test_dates_and_times_do_not_part_cells() -> None:
    """Blanks and colons within cells lose against a comma."""
    text = "at,who,what\n" + "2024-01-02 10:11:12,Jo Do,some words here\n" * 9
    assert dialect_of(lines_of(text)).delimiter == ","


def test_a_column_of_decimal_commas_is_one_column() -> None:
    """`1,5` below a single name is one number."""
    assert dialect_of(lines_of("x\n1,5\n2,5\n-3,75\n")).delimiter == ""


def test_apostrophes_are_no_quotes() -> None:
    """Single letters in front of names do not quote."""
    text = "id,name,n\n" + "1,O'Neill,3\n2,'t Hooft,4\n3,d'Arc,5\n" * 5
    assert dialect_of(lines_of(text)).quote != "'"


def test_prose_is_one_column() -> None:
    """Sentences with commas here and there have no delimiter."""
    said = ["Well, yes.\n", "No.\n", "Who, me, now?\n", "Fine.\n", "So, so.\n"]
    generator = random.Random(3)
    assert dialect_of(generator.choices(said, k=80)).delimiter == ""


@pytest.mark.parametrize("mark", [":", " "])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Report of the office\n\n", ""),
        ("", "\nSource: the Ministry\n* preliminary\n"),
        ("", "x;2\nx;2\n"),
        ("", "x;1;2;surplus\n"),
    ],
)
def test_colons_and_blanks_part_cells_below_names(
    mark: str, before: str, after: str
) -> None:
    """Names above values say so, although some lines are of another width."""
    table = "city;n;share\n" + "".join(f"x{n};{n};{n}.5\n" for n in range(30))
    text = before + (table + after).replace(";", mark)
    found = dialect_of(lines_of(text))
    assert (found.delimiter, found.width) == (mark, 3)


@pytest.mark.parametrize(
    "text",
    [
        "full name\n" + "Ann Lee\nBob Ray\n" * 9,
        "start\n" + "12:30\n08:15\n" * 9,
        "note\nError: no such file\nsee there\n" * 9,
    ],
)
def test_colons_and_blanks_within_cells_part_none(text: str) -> None:
    """Words, times and remarks are cells of one column."""
    assert dialect_of(lines_of(text)).delimiter == ""


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quoted_decimal_commas_are_one_column(quote: str, end: str) -> None:
    """A delimiter that stands only within quotes parts nothing."""
    text = end.join(["x", *(f"{quote}{n},5{quote}" for n in range(9)), ""])
    found = dialect_of(io.StringIO(text, newline="").readlines())
    assert (found.delimiter, found.quote) == ("", quote)


def test_a_backslash_is_no_escape_where_quotes_are_doubled() -> None:
    """What is right without an escape has none."""
    text = "a,b\n" + "x,y\n" * 4 + 'x,w\\e\nx,"w\\""e"\n'
    assert dialect_of(lines_of(text)).escape == ""


def test_marks_within_one_cell_are_no_delimiter() -> None:
    """`|;|` is one only where most lines have it."""
    text = "a;b\n" + "x;y\n" * 4 + 'x;"w|;|e"\n'
    assert dialect_of(lines_of(text)).delimiter == ";"


def test_a_named_delimiter_is_believed() -> None:
    """What the file says of itself wins."""
    assert dialect_of(lines_of("a|b,c\n1|2,3\n"), told="|").delimiter == "|"


@pytest.mark.battery(60, 2000)
def test_any_dialect_is_found(rounds: range) -> None:
    """Tables written in a random dialect are cut into as many columns again."""
    for seed in rounds:
        generator = random.Random(seed)
        delimiter = generator.choice(",;\t|^~")
        quote = generator.choice("\"'")
        width = generator.randrange(2, 9)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, quotechar=quote)
        writer.writerow([f"name{at}" for at in range(width)])
        for number in range(generator.randrange(4, 40)):
            values = (number, f"{number}.5", "some, text; here", "O | K", "x", "")
            row = [str(number), *generator.choices(values, k=width - 1)]
            writer.writerow(row)
        found = dialect_of(lines_of(out.getvalue()))
        assert isinstance(found, Dialect)
        assert (found.delimiter, found.width) == (delimiter, width), seed
