"""Files are one table only where that changes no value, and none of them is lost."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.inputs import open_inputs
from analyst.data.inside.code.table import parts_that_differ, table_code
from analyst.data.inside.reading import Reading, Unreadable
from analyst.data.inside.sniffing import large
from analyst.data.inside.sniffing.folders import Grouped, group
from analyst.data.inside.sniffing.report import MARK, report


def written(folder: Path, **texts: str) -> list[Path]:
    """A CSV file of each text, in order of their names."""
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    return sorted(folder.glob("*.csv"))


def loaded(reading: Reading, path: str | Path) -> pd.DataFrame:
    """What the code of a reading makes."""
    scope: dict[str, Any] = {"DATA": str(path)}
    exec(table_code(reading, name="df", path="DATA").source, scope)
    frame: pd.DataFrame = scope["df"]
    return frame


def tables(found: Grouped, folder: Path) -> list[pd.DataFrame]:
    """Every table that comes out."""
    return [
        loaded(reading, folder / "*.csv" if reading.many_files else files[0])
        for files, readings in found.groups
        for reading in readings
    ]


def said(found: Grouped) -> str:
    """All doubts."""
    doubts = (r.doubts for _, readings in found.groups for r in readings)
    return " ".join(doubt.text for some in doubts for doubt in some)


def test_a_mark_of_one_file_never_changes_a_number_of_another(tmp_path: Path) -> None:
    """Points for thousands in one and for decimals in the next: two tables, told."""
    paths = written(
        tmp_path,
        a="k;v\n1;1.234,50\n2;2.000,25\n",
        b="k;v\n1;1.25\n2;2.75\n3;3.05\n",
    )
    found = group(paths)
    first, second = tables(found, tmp_path)
    assert first["v"].tolist() == [1234.5, 2000.25]
    assert second["v"].tolist() == [1.25, 2.75, 3.05]
    assert "not written with the same marks" in said(found)


def test_words_for_missing_of_all_files_hold(tmp_path: Path) -> None:
    """Each file has its own word in a column of numbers: both are gaps, all numbers."""
    numbers = "".join(f"{n};{n}.5\n" for n in range(30))
    paths = written(
        tmp_path,
        a=f"k;x\n{numbers}90;missing\n",
        b=f"k;x\n{numbers}91;unknown\n",
    )
    [frame] = tables(group(paths), tmp_path)
    assert len(frame) == 62
    assert frame["x"].isna().sum() == 2
    assert frame["x"].sum() == 2 * sum(n + 0.5 for n in range(30))


def test_a_word_that_is_a_value_stays_one_and_a_gap_a_gap(tmp_path: Path) -> None:
    """`NA` is a code in one file and no number in another: two tables."""
    codes = "".join(f"{code};{n}\n" for n, code in enumerate(["NA", "DE", "FR", "IT"]))
    paths = written(tmp_path, a=f"c;v\n{codes * 3}", b="c;v\nDE;1\nFR;NA\nIT;3\nAT;4\n")
    first, second = tables(group(paths), tmp_path)
    assert first["c"].tolist().count("NA") == 3
    assert second["v"].sum() == 8


def test_long_whole_numbers_meet_no_floats(tmp_path: Path) -> None:
    """More digits than a float holds stay as they are, whatever another file has."""
    paths = written(
        tmp_path,
        a="v,w\n12345678901234567,1\n12345678901234569,2\n",
        b="v,w\n1,1\n,2\n3,3\n",
    )
    found = group(paths)
    kept = {int(v) for frame in tables(found, tmp_path) for v in frame["v"].dropna()}
    assert {12345678901234567, 12345678901234569} <= kept


def test_dates_of_many_files_are_one_column(tmp_path: Path) -> None:
    """One format in all of them, though each has another example."""
    paths = written(
        tmp_path,
        jan="day,v\n31/01/2024,1\n30/01/2024,2\n",
        feb="day,v\n29/02/2024,3\n28/02/2024,4\n",
    )
    [frame] = tables(group(paths), tmp_path)
    assert sorted(frame["day"].dt.month) == [1, 1, 2, 2]


CELLS = st.sampled_from(
    [
        *("", "1", "2", "007", "1.5", "1,5", "1.234,5", "1.234", "NA", "unknown", "x"),
        *("-", "31/01/2024", "2024-01-31", "true", "yes", "no", "5 €", "1.2.3", "NULL"),
        *("12345678901234567", "31.12.2024", "01.02.2024", "1e5"),
    ]
)
FILES = st.lists(st.lists(CELLS, min_size=2, max_size=5), min_size=2, max_size=3)


@given(FILES)
def test_together_is_as_apart(files: list[list[str]]) -> None:
    """One table of many files holds the cells that each file gives by itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for at, cells in enumerate(files):
            rows = "".join(f"{n};{cell}\n" for n, cell in enumerate(cells))
            (folder / f"{at}.csv").write_text(f"k;v\n{rows}")
        paths = sorted(folder.glob("*.csv"))
        found = group(paths)
        alone = [frame for path in paths for frame in tables(group([path]), folder)]
        apart = [cell for frame in alone for cell in _plain_cells(frame)]
        given_out = tables(found, folder)
        together = [cell for frame in given_out for cell in _plain_cells(frame)]
        assert together == apart


def _plain_cells(frame: pd.DataFrame) -> list[str]:
    """Cells of `v` that are equal where the values are."""
    values = frame["v"].astype(object)
    return ["" if pd.isna(v) else str(v).removesuffix(".0") for v in values]


def test_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    """Their folders tell them apart, in the column `source` and in the hash."""
    for place, row in [("north", "1,2"), ("south", "3,4"), ("west", "5,6")]:
        (tmp_path / place).mkdir()
        (tmp_path / place / "sales.csv").write_text(f"a,b\n{row}\n")
    pattern = str(tmp_path / "*" / "sales.csv")
    [one] = open_inputs(pattern, folder=tmp_path, files_folder="f")
    [(_, [reading])] = group(one.files).groups
    frame = loaded(reading, pattern)
    assert frame["a"].tolist() == [1, 3, 5]
    assert frame["source"].tolist() == [
        f"{place}/sales.csv" for place in ("north", "south", "west")
    ]
    before = one.sha256
    (tmp_path / "north").rename(tmp_path / "east")
    [other] = open_inputs(pattern, folder=tmp_path, files_folder="f")
    assert other.sha256 != before


def test_the_code_of_many_files_loses_none_of_other_data(tmp_path: Path) -> None:
    """Written for names that differ, it keeps all rows where they are equal later."""
    (tmp_path / "in").mkdir()
    [(_, [reading])] = group(written(tmp_path / "in", a="x\n1\n", b="x\n2\n")).groups
    for place in ("p", "q"):
        (tmp_path / place).mkdir()
        written(tmp_path / place, a="x\n1\n2\n")
    assert len(loaded(reading, tmp_path / "[pq]" / "*.csv")) == 4


@given(st.lists(st.tuples(*[st.sampled_from("abc")] * 3), min_size=1, unique=True))
def test_as_many_parts_of_a_path_as_are_needed(parts: list[tuple[str, ...]]) -> None:
    """They tell all files apart, and one fewer does not."""
    paths = [Path("/data", *some) for some in parts]
    count = parts_that_differ(paths)
    assert len({path.parts[-count:] for path in paths}) == len(paths)
    fewer = {path.parts[len(path.parts) - count + 1 :] for path in paths}
    assert count == 1 or len(fewer) < len(paths)


def test_a_bad_file_of_a_folder_is_left_out_and_named(tmp_path: Path) -> None:
    """The others are tables; where the file itself was meant, all is refused."""
    paths = written(tmp_path, a="x,y\n1,2\n", b="x,y\n3,4\n")
    (tmp_path / "c.csv").write_bytes(b"%PDF-1.7 and so on")
    found = group([*paths, tmp_path / "c.csv"], is_folder=True)
    assert found.left_out == (tmp_path / "c.csv",)
    assert sorted(frame["x"].sum() for frame in tables(found, tmp_path)) == [1, 3]
    assert "'c.csv' is a PDF" in said(found)
    with pytest.raises(Unreadable, match=r"^holds 'c.csv', which is a PDF"):
        group([*paths, tmp_path / "c.csv"])


def test_what_is_printed_accounts_for_each_file(tmp_path: Path) -> None:
    """Files of tables and files left out are together all that was given."""
    paths = list(map(str, written(tmp_path, a="x\n1\n", b="x\n3\n", c="x\n")))
    [told] = _printed([{"folder": paths}])
    assert told["left_out"] == [2]
    assert [one["files"] for one in told["groups"]] == [[0], [1]]
    [refused] = _printed([paths])
    assert refused["unreadable"].startswith("holds 'c.csv', which ")


def test_too_many_tables_are_refused_in_a_sentence_of_their_own(tmp_path: Path) -> None:
    """A folder of hundreds of files that differ is no malformed description."""
    for at in range(201):
        (tmp_path / f"{at}.csv").write_text(f"x{at}\n1\n")
    [told] = _printed([sorted(map(str, tmp_path.glob("*.csv")))])
    assert "holds 201 tables, and 200 can be read at once" in told["unreadable"]


def _printed(given_in: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        report(given_in)
    return [json.loads(line.removeprefix(MARK)) for line in out.getvalue().splitlines()]


def test_many_files_are_judged_by_their_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each alone fits into memory, all of them do not: they stay where they are."""
    text = "x,y\n" + "1,2\n" * 500
    paths = written(tmp_path, a=text, b=text, c=text)
    size = int(len(text) * 2.8)
    monkeypatch.setattr(large, "_TOO_SMALL_TO_CARE", size + 1)
    monkeypatch.setattr(large, "free_memory_bytes", lambda: size * 4)
    found = group(paths)
    readings = [reading for _, [reading] in found.groups]
    assert [reading.in_place for reading in readings] == [True] * 3
    assert "With the files beside it" in said(found)
    monkeypatch.setattr(large, "free_memory_bytes", lambda: size * 400)
    [(_, [together])] = group(paths).groups
    assert together.many_files


def test_compressed_files_of_one_shape_are_one_table(tmp_path: Path) -> None:
    """What is wrapped around them is the same in all."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(b"x,y\n1,2\n"))
    [(_, [reading])] = group(sorted(tmp_path.glob("*.gz"))).groups
    assert len(loaded(reading, tmp_path / "*.csv.gz")) == 2
