"""HTML: the tables of a page as pandas reads them, but no code and no digit lost."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

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
    + row("01067", "1,234", "31.01.1206", "1.234,50 €", "Dresden")
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
