"""Where tables begin and end, and which rows name their columns."""

from __future__ import annotations

from analyst.data.inside.sniffing.delimited.headers import names_of
from analyst.data.inside.sniffing.delimited.layout import Table, tables_of

HEAD = ["id", "name", "amount"]
ROWS = [[str(n), f"name {n}", f"{n}.5"] for n in range(1, 13)]


def only(rows: list[list[str]], width: int = 3) -> Table:
    """The single table among rows."""
    (table,) = tables_of(rows, width)
    return table


def test_a_plain_table() -> None:
    """The first row names the columns, all others are its rows."""
    table = only([HEAD, *ROWS])
    assert (table.start, table.header, table.stop) == (0, 1, 13)
    assert not table.above
    assert not table.below


def test_blank_rows_above_and_between() -> None:
    """Blank lines are no end of a table."""
    table = only([[], [], HEAD, *ROWS[:5], [], *ROWS[5:], []])
    assert (table.start, table.stop) == (2, 16)


def test_a_last_row_with_missing_cells_is_a_row() -> None:
    """A row whose other cells are empty is no note."""
    assert only([HEAD, *ROWS, ["13", "", ""]]).stop == 14
    named = [[f"Jo {row[0]}", *row[1:]] for row in ROWS]
    assert only([["name", "x", "y"], *named, ["Jo Do", "", ""]]).stop == 14


def test_notes_below() -> None:
    """Remarks after a blank line are no rows."""
    table = only([HEAD, *ROWS, [], ["* estimated"], ["Source: the office"]])
    assert table.stop == 13
    assert table.below == [14, 15]


def test_totals_stay() -> None:
    """A row with values is a row, whatever it is called."""
    assert only([HEAD, *ROWS, ["", "Total", "84.0"]]).stop == 14


def test_a_word_among_numbers_begins_no_table() -> None:
    """One cell that breaks with its column is no header."""
    assert only([HEAD, *ROWS, ["x", "name 3", "unknown"], *ROWS]).stop == 26


def test_a_table_of_another_width() -> None:
    """Names and rows of another width are another table, title or not."""
    other = [["k", "v"], *([f"k{n}", str(n)] for n in range(5))]
    gaps: list[list[list[str]]] = [[[]], [["Title"]], []]
    for between in gaps:
        first, second = tables_of([HEAD, *ROWS, *between, *other], 3)
        assert first.stop == 13
        assert (second.width, second.header) == (2, 1)
        assert second.stop == 13 + len(between) + 6


def test_words_above_words() -> None:
    """Without any number, names are told by not coming again below."""
    body = [["red", "big"], ["blue", "small"], ["red", "small"], ["blue", "big"]]
    assert only([["colour", "size"], *body], 2).header == 1
    assert only(body, 2).header == 0


def test_names_of_several_rows() -> None:
    """A name over a group is spread over it, not beyond names of their own."""
    rows = [["", "2023", "", "2024", ""], ["id", "a", "b", "a", "b"]]
    assert names_of(rows, 5) == ["id", "2023 a", "2023 b", "2024 a", "2024 b"]


def test_names_are_told_apart() -> None:
    """Names made for a repeated one are none that is there already."""
    assert names_of([["a", "a", "a.1", "", "a"]], 5) == [
        *("a", "a.2", "a.1", "Unnamed: 3", "a.3"),
    ]
