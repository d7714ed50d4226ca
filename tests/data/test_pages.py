"""HTML: the tables of a page as pandas reads them, but no code and no digit lost."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.inside.sniffing.page_source import is_markup

from ..tools.loading import (  # noqa: TID252 - tests are no package
    only_table_of,
    tables_of,
    why_unreadable,
)


def row(*cells: object, tag: str = "td") -> str:
    """A row of a table."""
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


TOWNS = (
    row("zip", "people", "founded", "budget", "town", tag="th")
    + row("01067", "1.234", "31.01.1206", "1.234,50 €", "Dresden")
    + row("10115", "12", "13.02.1237", "2,00 €", "Köln")
)
"""A table with all that pandas would read wrongly by itself."""


def page(*tables: str) -> str:
    """A page with some tables."""
    return f"<html><body>{''.join(f'<table>{t}</table>' for t in tables)}</body></html>"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "utf-16-le"])
def test_text_becomes_what_it_says(tmp_path: Path, encoding: str) -> None:
    """Codes keep their zeros, money and dates are converted, in any encoding."""
    path = tmp_path / "page.xls"
    path.write_text(page(TOWNS), encoding=encoding)
    table = only_table_of(path)
    assert table.cells["zip"] == ["01067", "10115"]
    assert table.cells["people"] == [1234, 12]
    assert table.cells["budget"] == [1234.5, 2.0]
    assert table.cells["town"] == ["Dresden", "Köln"]
    assert table.frame["founded"].dt.day.tolist() == [31, 13]


def test_the_encoding_of_the_page_counts(tmp_path: Path) -> None:
    """What the page says of its encoding is believed, where it is not UTF-8."""
    path = tmp_path / "page.html"
    meta = '<meta charset="iso-8859-2">'
    path.write_text(
        meta + page(TOWNS.replace("Köln", "Łódź").replace("€", "EUR")),
        encoding="iso-8859-2",
    )
    table = only_table_of(path)
    assert table.cells["town"][1] == "Łódź"


def test_layout_is_skipped_and_told(tmp_path: Path) -> None:
    """A table around tables, and one of a single column, are no data."""
    path = tmp_path / "page.html"
    inner = f"<tr><td><table><caption>Towns</caption>{TOWNS}</table></td></tr>"
    path.write_text(
        page(inner, row("menu") + row("home"), row("a", "b", tag="th") + row(1, 2))
    )
    towns, other = tables_of(path)
    assert [towns.reading.label, other.reading.label] == ["Towns", "table 2"]
    assert "2 tables that only lay the page out" in towns.told
    assert towns.cells["zip"] == ["01067", "10115"]


def test_several_header_rows_become_one_name(tmp_path: Path) -> None:
    """Spanning headers are joined with those below; codes are kept there too."""
    path = tmp_path / "page.html"
    head = (
        '<thead><tr><th rowspan="2">r</th><th colspan="2">x</th></tr>'
        "<tr><th>a</th><th>b</th></tr></thead>"
    )
    path.write_text(page(head + row("p", 2, "007") + row("q", 3, "008")))
    table = only_table_of(path)
    assert table.cells == {"r": ["p", "q"], "x a": [2, 3], "x b": ["007", "008"]}


def test_a_header_that_is_not_marked(tmp_path: Path) -> None:
    """Words above numbers are names; else the columns are numbered, and told."""
    path = tmp_path / "page.html"
    path.write_text(page(row("a", "b") + row(1, "x") + row(2, "y")))
    assert only_table_of(path).cells == {"a": [1, 2], "b": ["x", "y"]}
    path.write_text(page(row("a", "b") + row("c", "d") + row("e", "f")))
    table = only_table_of(path)
    assert table.cells == {"column_1": ["a", "c", "e"], "column_2": ["b", "d", "f"]}
    assert "numbered" in table.told


def test_the_narrow_table_beside_does_not_matter(tmp_path: Path) -> None:
    """Columns without names are read right also where another table has fewer."""
    path = tmp_path / "page.html"
    wide = row("a", "b", "c") + row("d", "e", "f")
    path.write_text(page(row("p", "q", tag="th") + row(1, 2) + row(3, 4), wide))
    narrow, other = tables_of(path)
    assert narrow.cells == {"p": [1, 3], "q": [2, 4]}
    assert other.cells["column_3"] == ["c", "f"]


def test_soup_and_packed_pages(tmp_path: Path) -> None:
    """Tags that are never closed, and a page that is compressed, are read."""
    path = tmp_path / "page"
    soup = "<table><tr><th>a<th>b<tr><td>1<td>x<tr><td>2<td>y"
    path.write_bytes(gzip.compress(soup.encode()))
    table = only_table_of(path)
    assert table.cells == {"a": [1, 2], "b": ["x", "y"]}
    assert "gzip.decompress" in table.code


Texts = list[str]
Truth = list[float]


@st.composite
def columns(draw: st.DrawFn, marks: str) -> tuple[Texts, Truth]:
    """The cells of a column in one style, and what each is as a number."""
    decimal, thousands = marks[0], marks[1]
    kind = draw(st.sampled_from(["decimals", "whole", "codes", "mixed", "words"]))
    cells: Texts = []
    truth: Truth = []
    for _ in range(4):
        number = draw(st.integers(-9_999_999, 9_999_999)) / 100
        shown = f"{number:,.2f}".translate(str.maketrans(",.", thousands + decimal))
        if kind == "whole":
            number = float(int(number))
            shown = f"{number:.0f}"
        elif kind == "codes":
            number, shown = float("nan"), f"0{abs(number):.0f}"
        is_word = kind == "words" or (kind == "mixed" and draw(st.booleans()))
        if is_word:
            number = float("nan")
            shown = draw(
                st.sampled_from(["call us", "on-site", "7 a", "1,2,3", "3.4.5"])
            )
        cells.append(shown)
        truth.append(number)
    return cells, truth


@pytest.mark.parametrize("marks", [",.", ".,", ",\u202f", ". "])
@given(data=st.data())
def test_no_cell_is_changed_unless_it_is_that_number(
    tmp_path_factory: pytest.TempPathFactory, marks: str, data: st.DataObject
) -> None:
    """Whatever stands in a table comes out as its text, or as the number it is."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    made = data.draw(st.lists(columns(marks), min_size=2, max_size=4))
    names = [f"column {'abcd'[at]}" for at in range(len(made))]
    rows = zip(*(cells for cells, _ in made), strict=True)
    content = row(*names, tag="th") + "".join(row(*cells) for cells in rows)
    path.write_text(page(content), encoding="utf-8")
    read = only_table_of(path).cells
    for name, (cells, truth) in zip(names, made, strict=True):
        for value, text, number in zip(read[name], cells, truth, strict=True):
            said = "" if isinstance(value, str) else value
            assert value == text or said == pytest.approx(number), (value, text)


def test_decimal_commas_are_decimal_commas(tmp_path: Path) -> None:
    """Numbers of a page are read by the marks of their table, and by no other."""
    path = tmp_path / "page.html"
    head = row("item", "price", "share", "sold", tag="th")
    path.write_text(
        page(
            head
            + row("A", "12,50", "0,5", "1.204")
            + row("B", "9,90", "1,25", "987")
            + row("C", "1.200,00", "—", "12.045")
        ),
        encoding="utf-8",
    )
    table = only_table_of(path)
    assert table.cells["price"] == [12.5, 9.9, 1200.0]
    assert table.cells["share"] == [0.5, 1.25, None]
    assert table.cells["sold"] == [1204, 987, 12045]


def test_two_readings_stay_text_and_are_told(tmp_path: Path) -> None:
    """A comma before three digits, with nothing else to say what it is, is kept."""
    path = tmp_path / "page.html"
    path.write_text(page(row("a", "b", tag="th") + row("1,250", "x") + row("3", "y")))
    table = only_table_of(path)
    assert table.cells["a"] == ["1,250", "3"]
    assert "1,250" in table.told


def test_a_footnote_leaves_the_column_as_it_is_written(tmp_path: Path) -> None:
    """A number with a footnote mark is told; no other cell of it is changed."""
    path = tmp_path / "page.html"
    cells = ["1,931,593[a]", "291,134", "206,537", "101,403"]
    rows = "".join(row(name, cell) for name, cell in zip("wxyz", cells, strict=True))
    path.write_text(page(row("city", "people", tag="th") + rows))
    table = only_table_of(path)
    assert table.cells["people"] == cells
    assert "1,931,593[a]" in table.told


def test_codes_without_names_beside_a_narrow_table(tmp_path: Path) -> None:
    """Where pandas cannot be told of a column, what it may lose is told."""
    path = tmp_path / "page.html"
    wide = row("a", "b", "007") + row("d", "e", "008")
    path.write_text(page(row("p", "q", tag="th") + row(1, 2) + row(3, 4), wide))
    _, other = tables_of(path)
    assert other.cells["column_3"] == [7, 8]
    assert "'column_3'" in other.told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<html><p>no table</p></html>", "without a table"),
        (page("<tr><td colspan='999999999'>a</td><td>b</td></tr>"), "spans thousands"),
        (
            page("<tr><td rowspan='9999999'>a</td><td>b</td></tr>" * 2),
            "spans thousands",
        ),
        (page("<tr><td rowspan='60000' colspan='900'>a</td></tr>"), "cells"),
        ("<table><tr><td>" * 200, "tables within tables"),
        (page(*["<tr><td>1</td></tr>"] * 3000), "very many tables"),
        (page(row(1, 2) * 110_000), "cells"),
        (page(row("only one")), "several rows and columns"),
        ("<?xml version='1.0'?><rows><row>1</row></rows>", "XML without"),
    ],
)
def test_hostile_pages_are_refused(tmp_path: Path, content: str, said: str) -> None:
    """What would fill the memory, or holds no table, ends in a sentence."""
    path = tmp_path / "odd.html"
    path.write_text(content)
    assert said in why_unreadable(path)


@pytest.mark.parametrize(
    ("start", "is_page"),
    [
        ("<TICKER>,<PER>\nA,D", False),
        ("<5,10\n>7,11", False),
        ("\n <!DOCTYPE html>", True),
        ("<div><table></table></div>", True),
        ("<rows><row/></rows>", True),
    ],
)
def test_a_name_in_brackets_is_no_tag(start: str, *, is_page: bool) -> None:
    """Text that begins with a bracket is markup only where a tag is closed."""
    assert is_markup(start) == is_page
