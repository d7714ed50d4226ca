"""Text in columns of fixed width reads back as it was laid out."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import FixedWidth, Unreadable
from analyst.data.inside.sniffing import delimited, fixed_width
from analyst.data.inside.sniffing.check import departure
from analyst.data.inside.sniffing.files import open_file

HEADER = ["code", "name", "city", "amount"]
ROWS = [
    [f"A{number:03d}", name, city, f"{number * 3.5:.2f}"]
    for number, (name, city) in enumerate(
        [
            *(("Ada Lovelace", "London"), ("Grace", "New York"), ("Zoë", "Lima")),
            *(("Edsger W. Dijkstra", "Nuenen"), ("Alan", ""), ("Hedy Lamarr", "Wien")),
        ]
        * 3,
        start=1,
    )
]


def laid_out(rows: list[list[str]], gap: int = 2) -> str:
    """Rows in columns, words on the left and numbers on the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if at == len(row) - 1 else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((" " * gap).join(cells))
    return "\n".join(lines) + "\n"


def read(path: Path) -> tuple[Any, FixedWidth]:
    """What the emitted code makes of it, and its reading."""
    (reading,) = delimited.sniff(open_file(path))
    assert isinstance(reading, FixedWidth)
    assert departure(reading, path) == ""
    scope: dict[str, Any] = {"DATA": str(path)}
    exec(table_code(reading, name="df", path="DATA").source, scope)
    return scope["df"], reading


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_columns_stand_where_blanks_do(tmp_path: Path, encoding: str) -> None:
    """Cells with blanks and empty cells stay in their columns."""
    path = tmp_path / "a.txt"
    path.write_text(laid_out([HEADER, *ROWS]), encoding=encoding)
    table, reading = read(path)
    assert list(table.columns) == HEADER
    assert table["name"].tolist() == [row[1] for row in ROWS]
    assert table["city"].fillna("").tolist() == [row[2] for row in ROWS]
    assert table["amount"].tolist() == [float(row[3]) for row in ROWS]
    assert reading.rows == len(ROWS)


def test_titles_rules_and_notes_are_no_rows(tmp_path: Path) -> None:
    """What stands above and below is told; a rule below the names is no row."""
    lines = laid_out([HEADER, *ROWS]).splitlines()
    rule = "".join("-" if character != " " else " " for character in lines[4])
    text = "\n".join(["LIST OF PEOPLE", "", lines[0], rule, *lines[1:], "", "End."])
    path = tmp_path / "a.txt"
    path.write_text(text)
    table, reading = read(path)
    assert list(table.columns) == HEADER
    assert table["code"].tolist() == [row[0] for row in ROWS]
    told = {doubt.lines: doubt.rows_left_out for doubt in reading.doubts}
    assert told[(1,)] == 0
    assert told[(len(ROWS) + 6,)] == 1


def test_without_names(tmp_path: Path) -> None:
    """Where the first line keeps the look of its columns, it is a row."""
    path = tmp_path / "a.txt"
    path.write_text(laid_out(ROWS))
    table, reading = read(path)
    assert list(table.columns) == [f"column_{n}" for n in range(1, 5)]
    assert len(table) == len(ROWS) == reading.rows


def test_columns_parted_by_any_number_of_blanks(tmp_path: Path) -> None:
    """Numbers aligned by blanks, a value in each column, are parted by blanks."""
    path = tmp_path / "a.txt"
    rows = [[str(n), str(n * n), f"{n / 4:.2f}"] for n in range(1, 40)]
    text = "".join("".join(cell.rjust(9) for cell in row) + "\n" for row in rows)
    path.write_text("        n   square  quarter\n" + text)
    (reading,) = delimited.sniff(open_file(path))
    assert departure(reading, path) == ""
    assert [column.name for column in reading.columns] == ["n", "square", "quarter"]
    assert reading.rows == 39


def test_delimited_text_is_none(tmp_path: Path) -> None:
    """A delimiter that stands as often in every line decides."""
    path = tmp_path / "a.csv"
    path.write_text("a,  b,  c\n" * 20)
    assert fixed_width.looks_fixed(path.read_text().splitlines()) == []
    with pytest.raises(Unreadable, match="no columns of fixed width"):
        fixed_width.sniff(open_file(path))


def test_prose_is_none() -> None:
    """Lines of words have no blanks below each other."""
    generator = random.Random(7)
    words = ["one", "other", "table", "of", "a", "written"]
    lines = ["  ".join(generator.choices(words, k=9)) for _ in range(50)]
    assert fixed_width.looks_fixed(lines) == []


@pytest.mark.battery(30, 600)
def test_any_layout_reads_back(tmp_path: Path, rounds: range) -> None:
    """Random tables with two blanks between columns come out cell by cell."""
    for seed in rounds:
        generator = random.Random(seed)
        words = ["ab", "c d", "efg", "hi jkl", "m", "no pq"]
        rows = [
            [
                f"k{generator.randrange(10**4):04d}",
                generator.choice(words),
                generator.choice(words) if generator.random() < 0.8 else "",
                f"{generator.random() * 1000:.1f}",
            ]
            for _ in range(generator.randrange(12, 60))
        ]
        path = tmp_path / "a.txt"
        path.write_text(laid_out([HEADER, *rows], generator.randrange(2, 5)))
        table, _ = read(path)
        assert list(table.columns) == HEADER
        assert [list(map(str, row)) for row in table.fillna("").to_numpy()] == rows
