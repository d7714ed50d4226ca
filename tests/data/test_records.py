"""Lines become records; a quote that does not belong there costs no row."""

from __future__ import annotations

import csv
import io
import time

import hypothesis
import hypothesis.strategies as st

from analyst.data.inside.sniffing.delimited.dialect import Dialect, fields_of
from analyst.data.inside.sniffing.delimited.quotes import cheapest_fields, written
from analyst.data.inside.sniffing.delimited.records import Records, read_records

COMMA = Dialect(",", width=3)


def read(text: str, dialect: Dialect = COMMA, comment: str = "") -> Records:
    """The records of a text."""
    lines = io.StringIO(text, newline="").readlines()
    return read_records(lines, dialect, comment=comment)


def test_cells_of_several_lines_are_one_record() -> None:
    """Line ends within quotes belong to the cell, and no line is changed."""
    found = read('a,b,c\n1,"x\ny\r\nz",2\n3,4,5\n')
    assert found.rows == [["a", "b", "c"], ["1", "x\ny\r\nz", "2"], ["3", "4", "5"]]
    assert found.lines == [1, 2, 5]
    assert not found.rewritten


def test_an_open_quote_does_not_swallow_full_records() -> None:
    """What would be absorbed is by itself a record, so the quote is stray."""
    found = read('a,b,c\n1,"x,2\n3,4,5\n6,"y",7\n')
    assert found.rows[1:] == [["1", '"x', "2"], ["3", "4", "5"], ["6", "y", "7"]]
    assert list(found.rewritten) == [2]
    assert fields_of(found.rewritten[2], COMMA) == ["1", '"x', "2"]


def test_comments_open_no_quotes() -> None:
    """A comment is a record that is blank, whatever stands in it."""
    found = read('a,b,c\n# say "no\n1,2,3\n', comment="#")
    assert found.rows == [["a", "b", "c"], [], ["1", "2", "3"]]
    assert found.comments == {1: '# say "no'}


def test_a_comment_sign_within_a_cell_is_text() -> None:
    """A line that begins with it within quotes belongs to its cell."""
    found = read('a,b,c\n1,"x\n# y",2\n3,4,5\n', comment="#")
    assert found.rows[1] == ["1", "x\n# y", "2"]


def test_unescaped_quotes_are_kept_at_the_least_cost() -> None:
    """The reading with the fewest misplaced quotes is taken."""
    assert cheapest_fields('1,"a "b", c",2', COMMA, 3) == ["1", 'a "b", c', "2"]
    assert cheapest_fields('1,5" pipe,2', COMMA, 3) == ["1", '5" pipe', "2"]
    assert cheapest_fields("1,2", COMMA, 3) is None


@hypothesis.given(st.lists(st.text('ab",; \\', max_size=6), min_size=2, max_size=5))
def test_what_is_written_is_read(fields: list[str]) -> None:
    """A rewritten line has just the cells that were meant."""
    for dialect in (COMMA, Dialect(";"), Dialect(",", '"', "\\")):
        line = written(fields, dialect)
        assert fields_of(line + "\n", dialect) == fields


@hypothesis.given(st.text('a,"\n', max_size=60))
def test_no_character_is_lost(text: str) -> None:
    """Letters that stand in the text stand in the cells, in their order."""
    found = read(text)
    cells = "".join(cell for row in found.rows for cell in row)
    assert cells.count("a") == text.count("a")
    assert sorted(found.lines) == found.lines


def test_sound_text_is_read_as_csv_reads_it() -> None:
    """Where all quotes are right, the records are those of the csv module."""
    out = io.StringIO()
    rows = [[str(n), f'x"{n}",\n', "y"] for n in range(12_000)]
    csv.writer(out).writerows(rows)
    assert read(out.getvalue()).rows == rows


@hypothesis.given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.text('ab"#, \n', max_size=5), min_size=width, max_size=width),
            min_size=2,
            max_size=8,
        )
    )
)
def test_what_a_strict_reader_finds_even_is_not_repaired(rows: list[list[str]]) -> None:
    """Records of one width are what they are, whatever their lines look like alone."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    found = read_records(
        io.StringIO(out.getvalue(), newline="").readlines(),
        Dialect(",", width=len(rows[0])),
        comment="#",
    )
    assert found.rows == rows
    assert not found.rewritten
    assert not found.comments


def test_quotes_within_quotes_are_kept_in_wide_rows() -> None:
    """A cell with unescaped quotes is found in a row of many quoted cells."""
    dialect = Dialect(",", width=60)
    cells = ['"x"'] * 59
    assert cheapest_fields(",".join(['"a "b" c"', *cells]), dialect, 60) == [
        'a "b" c',
        *["x"] * 59,
    ]
    assert cheapest_fields(",".join(['"open', *cells]), dialect, 60) == [
        '"open',
        *["x"] * 59,
    ]


def test_a_damaged_row_of_another_table_has_its_width() -> None:
    """The rows right above say how many cells there are."""
    text = "a,b\n" + "1,x\n" * 4 + '2,"say "hi" now"\n' + "\np,q,r\n" + "1,2,3\n" * 9
    assert read(text).rows[5] == ["2", 'say "hi" now']


def test_time_grows_with_the_text_alone() -> None:
    """A quote in every line, never closed, is no trap."""
    started = time.perf_counter()
    found = read('1,"x,2\n' * 60_000)
    assert found.is_beyond_repair
    read('"\n' + 'a,""b,2\n' * 60_000)
    for line in (('"' * 9 + ",") * 450, '"x,' * 900, '"' * 4900 + ",", "x," * 90 + '"'):
        read_records([f"{line}\n"] * 300, Dialect(",", width=50))
    assert time.perf_counter() - started < 5
