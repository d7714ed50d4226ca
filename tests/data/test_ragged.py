"""Rows of other lengths: every cell ends up in a column, or a doubt says where."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import Unreadable
from analyst.data.inside.sniffing import delimited
from analyst.data.inside.sniffing.check import departure
from analyst.data.inside.sniffing.files import open_file

SIGNS = [b'"', b"'", b",", b";", b"\n", b"\r", b"#", b"\\", b"\0", b"\xff", b"\t"]


def table_text(generator: random.Random) -> list[list[str]]:
    """A header, and rows of a number, two words and a number."""
    rows = [["id", "kind", "note", "amount"]]
    for number in range(generator.randrange(25, 60)):
        kind = generator.choice(["north", "south", "east"])
        rows.append([str(number), kind, f"note{number}", f"{number}.25"])
    return rows


@pytest.mark.battery(60, 2000)
def test_every_cell_of_ragged_rows_comes_out(tmp_path: Path, rounds: range) -> None:
    """Surplus and missing cells, at random places: all text is in the table."""
    path = tmp_path / "a.csv"
    for seed in rounds:
        generator = random.Random(seed)
        rows = table_text(generator)
        for number in generator.sample(range(1, len(rows)), generator.randrange(1, 8)):
            if generator.random() < 0.5:
                rows[number] += ["more"] * generator.randrange(1, 4)
            else:
                del rows[number][generator.randrange(2, 4) :]
        path.write_text("".join(",".join(row) + "\n" for row in rows))
        (reading,) = delimited.sniff(open_file(path))
        assert departure(reading, path) == "", seed
        assert reading.rows == len(rows) - 1
        scope: dict[str, Any] = {"DATA": str(path)}
        exec(table_code(reading, name="df", path="DATA").source, scope)
        cells = scope["df"].astype("object").fillna("").to_numpy().tolist()
        for row, found in zip(rows[1:], cells, strict=True):
            text = ",".join(map(str, found))
            assert text.count("more") == row.count("more"), seed
            assert str(row[1]) in text
        assert any(len(row) != 4 for row in rows)
        assert any(doubt.lines for doubt in reading.doubts), seed


@pytest.mark.battery(150, 3000)
def test_damaged_files_end_in_a_table_or_a_sentence(
    tmp_path: Path, rounds: range
) -> None:
    """Random damage raises nothing else, and the plain reading never fails."""
    path = tmp_path / "a.csv"
    for seed in rounds:
        generator = random.Random(seed)
        rows = table_text(generator)
        data = bytearray("".join(",".join(row) + "\n" for row in rows).encode())
        for _ in range(generator.choice([1, 2, 5, 30])):
            at = generator.randrange(len(data))
            if generator.random() < 0.3:
                data[at] ^= 1 << generator.randrange(8)
            else:
                data[at:at] = generator.choice(SIGNS) * generator.choice([1, 1, 2])
        path.write_bytes(data)
        try:
            readings = delimited.sniff(open_file(path))
        except Unreadable:
            continue
        if any(departure(reading, path) for reading in readings):
            (plain,) = delimited.sniff(open_file(path), plainly=True)
            assert departure(plain, path) == "", seed
