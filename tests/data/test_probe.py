"""The look at the tables from inside the kernel: nothing in them makes it fail."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analyst.data import profile
from analyst.data.inside.probing import columns, report, seen
from analyst.data.inside.probing.quality import MOST_NOTICED
from analyst.data.look import Look
from analyst.data.profile import read_probe

PROBING = Path(report.__file__).parent


def look(table: Any) -> Look:
    """What is said of a table, checked as on the other side of the border."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        report.report({"df": table})
    return read_probe(printed.getvalue(), ["df"])["df"]


ODD = {
    "mixed objects": pd.DataFrame({"a": [1, "x", None, 2.5]}),
    "lists": pd.DataFrame({"a": [[1], [1, 2], None]}),
    "dicts": pd.DataFrame({"a": [{"x": 1}, {}, None]}),
    "same names": pd.DataFrame([[1, "a"], [2, "b"]], columns=["x", "x"]),
    "names of numbers": pd.DataFrame({1: [1], 2.5: [2], None: [3]}),
    "levels of names": pd.DataFrame(
        [[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])
    ),
    "no rows": pd.DataFrame({"a": [], "b": pd.to_datetime([])}),
    "no columns": pd.DataFrame(index=range(3)),
    "nothing": pd.DataFrame(),
    "categories": pd.DataFrame(
        {
            "a": pd.Categorical(["x", None], ["x", "unused"]),
            "b": pd.Categorical([2, 1], [1, 2], ordered=True),
            "c": pd.Categorical([1, 2]),
        }
    ),
    "zones": pd.DataFrame({"a": pd.date_range("2024", periods=2, tz="Europe/Rome")}),
    "bytes": pd.DataFrame({"a": [b"\xff", None]}),
    "complex": pd.DataFrame({"a": [1j, 2]}),
    "periods": pd.DataFrame({"a": pd.period_range("2024-01", periods=2, freq="M")}),
    "durations": pd.DataFrame({"a": pd.to_timedelta([1, None], unit="D")}),
    "intervals": pd.DataFrame({"a": pd.interval_range(0, 2)}),
    "nullable": pd.DataFrame(
        {
            "a": pd.array([1, None], "Int64"),
            "b": pd.array([True, None], "boolean"),
            "c": pd.array(["x", None], "string"),
            "d": pd.array([1.5, None], "Float64"),
        }
    ),
    "plain dates": pd.DataFrame({"a": [dt.date(2024, 1, 2), None]}),
    "far dates": pd.DataFrame({"a": [dt.date(1, 1, 1), dt.date(9999, 12, 31)]}),
    "infinite": pd.DataFrame({"a": [np.inf, -np.inf, np.nan]}),
    "all missing": pd.DataFrame({"a": [None, None], "b": [np.nan, np.nan]}),
    "half a character": pd.DataFrame({"a": pd.Series(["\ud800", "b"], dtype=object)}),
    "arrow": pd.DataFrame(
        {
            "a": pd.array([dt.date(2024, 1, 2), None], pd.ArrowDtype(pa.date32())),
            "b": pd.array([[1], None], pd.ArrowDtype(pa.list_(pa.int64()))),
        }
    ),
    "small integers": pd.DataFrame(
        {"a": np.arange(-128, 128).astype("int8"), "b": np.arange(256).astype("uint8")}
    ),
    "largest integers": pd.DataFrame({"a": [2**63 - 1, -(2**63)] * 20}),
    "numbers beyond integers": pd.DataFrame({"a": [10**40, 1]}),
    "decimals": pd.DataFrame({"a": [Decimal("1.5"), None]}),
    "sparse": pd.DataFrame({"a": pd.arrays.SparseArray([0, 1, 0])}),
}


@pytest.mark.parametrize("frame", ODD.values(), ids=list(ODD))
def test_no_frame_makes_the_probe_fail(frame: pd.DataFrame) -> None:
    """Whatever a frame holds, all of its columns are described and it is unchanged."""
    before = frame.copy(deep=True)
    seen = look(frame)
    assert seen.rows == len(frame)
    assert seen.column_count == len(seen.columns) == frame.shape[1]
    assert [c.missing for c in seen.columns] == frame.isna().sum().tolist()
    pd.testing.assert_frame_equal(frame, before)


def test_kinds_are_what_the_values_are() -> None:
    """The kind is that of the values, whatever the dtype is called."""
    frame = pd.DataFrame(
        {
            "i": [1, 2],
            "f": [1.5, 2.5],
            "b": [True, False],
            "s": ["x", "y"],
            "d": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "o": pd.Series([1, 2], dtype=object),
            "c": pd.Categorical([3, 4]),
            "w": pd.Categorical(["x", "y"]),
            "l": [[1], [2]],
        }
    )
    kinds = {column.name: column.kind for column in look(frame).columns}
    assert kinds == {
        "i": "int",
        "f": "float",
        "b": "bool",
        "s": "str",
        "d": "date",
        "o": "int",
        "c": "int",
        "w": "str",
        "l": "other",
    }


def test_facts_are_those_of_an_independent_count() -> None:
    """Missing, distinct, range and the most frequent agree with pandas."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "n": np.where(rng.random(500) < 0.1, np.nan, rng.integers(0, 90, 500)),
            "w": rng.choice([f"w{n:02}" for n in range(30)], 500),
        }
    )
    numbers, words = look(frame).columns
    assert numbers.missing == frame["n"].isna().sum()
    assert numbers.distinct == frame["n"].nunique()
    assert float(numbers.low) == frame["n"].min()
    assert float(numbers.high) == frame["n"].max()
    assert float(numbers.median) == frame["n"].median()
    counts = frame["w"].value_counts()
    assert len(words.values) == 4
    assert counts[list(words.values)].min() >= counts.nlargest(4).min()


def test_few_values_are_all_spelled() -> None:
    """Up to twelve values are listed, numbers in their order."""
    frame = pd.DataFrame({"n": [10, 9, 2] * 4, "w": list("aab") * 4})
    numbers, words = look(frame).columns
    assert (numbers.values, words.values) == (("2", "9", "10"), ("a", "b"))  # noqa: PD011 - a field of ours


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (["1,200", "$3", "4.5"], "numbers"),
        (["12%", "3 %"], "numbers"),
        (["01067", "10115"], ""),
        (["01/02/2024", "3/4/2024"], "dates"),
        (["1", "x"], ""),
    ],
)
def test_numbers_and_dates_in_text_are_noticed(values: list[str], what: str) -> None:
    """Text that holds something else throughout is told from text."""
    [column] = look(pd.DataFrame({"a": values})).columns
    assert column.text_of == what


def test_the_printed_text_is_bounded() -> None:
    """Many columns, long names and long values make no long description."""
    frame = pd.DataFrame(
        [["v" * 10_000] * 500], columns=[f"{at}{'n' * 5_000}" for at in range(500)]
    )
    seen = look(frame)
    assert seen.column_count == 500
    assert len(seen.columns) == profile.MAX_COLUMNS
    assert max(len(c.name) for c in seen.columns) <= profile.NAME_CHARS
    spelled = [column.values for column in seen.columns]  # noqa: PD011 - a field of ours
    assert max(len(value) for values in spelled for value in values) <= (
        profile.VALUE_CHARS
    )


def test_a_long_table_is_looked_at_in_a_sample() -> None:
    """Two million rows take moments; range and gaps are still those of all rows."""
    rows = 2_000_000
    frame = pd.DataFrame({"id": np.arange(rows), "g": np.arange(rows) % 1_000_000})
    began = time.monotonic()
    ids, groups = look(frame).columns
    assert time.monotonic() - began < 10
    assert ids.sampled
    assert ids.unique
    assert not groups.unique
    assert ids.high == str(rows - 1)


def test_the_sample_keeps_no_time_with_the_table() -> None:
    """Of a long table that repeats itself in any rhythm, no value is overlooked."""
    rows = 500_000
    for rhythm in (2, 5, 7, 10, 12):
        [column] = look(pd.DataFrame({"day": np.arange(rows) % rhythm})).columns
        assert column.distinct == rhythm


def test_a_rare_value_is_not_said_to_be_absent() -> None:
    """Values of a long table are only listed if their ends are the ends of all."""
    flags = np.zeros(400_000, dtype="int64")
    flags[::2] = 1
    flags[123_457] = -999
    [column] = look(pd.DataFrame({"flag": flags})).columns
    assert column.low == "-999"
    assert "-999" in column.values or not column.values  # noqa: PD011 - a field of ours


def test_keys_of_long_tables_are_looked_up_in_all_rows() -> None:
    """A key that does not rise is found unique, and three repeats in it are too."""
    rows = 300_000
    mixed = np.random.default_rng(0).permutation(rows)
    text = pd.Series([f"c-{n:06}" for n in mixed])
    twice = text.copy()
    twice.iloc[[5, 50_000, 299_999]] = twice.iloc[0]
    seen_of = look(
        pd.DataFrame({"order_id": mixed, "customer_id": text, "ticket_id": twice})
    )
    assert [column.unique for column in seen_of.columns] == [True, True, False]
    assert seen_of.keys == ("order_id", "customer_id")
    [again] = [one for one in seen_of.noticed if one.kind == "nearly_unique"]
    assert (again.columns, again.count) == (("ticket_id",), 3)


def relation_of(frame: pd.DataFrame, path: Path) -> Any:
    """A table that stays in its file."""
    frame.to_parquet(path)
    return duckdb.connect().read_parquet(str(path))


def test_a_table_that_stays_in_its_file_is_looked_at_there(tmp_path: Path) -> None:
    """Rows, gaps, range and zeros are those of all rows, the rest of the first ones."""
    rows = 60_000
    frame = pd.DataFrame(
        {
            'odd "name"': np.arange(rows),
            "amount": np.where(np.arange(rows) % 10 == 0, np.nan, np.arange(rows) / 8),
            "count": pd.array([None, 0, 0, 7] * (rows // 4), "Int64"),
            "city": ["Rome", "Paris", None] * (rows // 3),
            "late": ["early"] * (rows - 1) + ["late"],
            "day": pd.date_range("2024-01-01", periods=rows, freq="h"),
            "yes": [True, False] * (rows // 2),
            "tags": [["a"], []] * (rows // 2),
        }
    )
    looked = look(relation_of(frame, tmp_path / "t.parquet"))
    assert (looked.rows, looked.column_count) == (rows, 8)
    by_name = {column.name: column for column in looked.columns}
    assert [c.kind for c in looked.columns] == (
        ["int", "float", "int", "str", "str", "date", "bool", "other"]
    )
    assert [c.missing for c in looked.columns] == frame.isna().sum().tolist()
    assert all(column.sampled and not column.unique for column in looked.columns)
    ids = by_name['odd "name"']
    assert (ids.low, ids.high) == ("0", str(rows - 1))
    assert by_name["amount"].high == f"{frame['amount'].max():.6g}"
    assert by_name["day"].high == frame["day"].max().strftime("%Y-%m-%d %H:%M")
    assert by_name["city"].values == ("Paris", "Rome")  # noqa: PD011 - a field of ours
    assert by_name["late"].distinct == 2
    assert looked.zeros[2] == rows // 2
    assert "city str ~2: Paris, Rome missing 33%" in profile.compact(looked)


def test_odd_relations_are_described(tmp_path: Path) -> None:
    """Equal names, huge numbers, nested and empty relations are no reason to fail."""
    for query, rows, count in (
        ("SELECT 1 AS a, 2 AS a", 1, 2),
        ("SELECT 170141183460469231731687303715884105727::HUGEINT AS h", 1, 1),
        ("SELECT {'x': [1]} AS s, MAP {'k': 1} AS m, '\\xAA'::BLOB AS b", 1, 3),
        ("SELECT 1 AS a WHERE false", 0, 1),
        ("SELECT 'nan'::DOUBLE AS f, 'infinity'::DATE AS d, 1.5::DECIMAL AS n", 1, 3),
        (f"SELECT {', '.join(f'{n} AS c{n}' for n in range(300))}", 1, 300),
    ):
        looked = look(duckdb.sql(query))
        assert (looked.rows, looked.column_count) == (rows, count), query


def test_a_relation_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    """A file that is gone is no table without rows."""
    relation = relation_of(pd.DataFrame({"a": [1]}), tmp_path / "t.parquet")
    (tmp_path / "t.parquet").unlink()
    with pytest.raises(duckdb.Error, match=r"t\.parquet"):
        look(relation)


def test_it_runs_where_this_package_is_not_installed(tmp_path: Path) -> None:
    """Loaded by its path alone, it prints the same as here, and nothing is left."""
    code = f"""
import importlib.util, sys
import pandas as pd
sys.modules["analyst"] = None  # importing it fails
place = {str(PROBING.parent)!r}
spec = importlib.util.spec_from_file_location(
    "inside", place + "/__init__.py", submodule_search_locations=[place]
)
sys.modules["inside"] = importlib.util.module_from_spec(spec)
from inside.probing.report import report
report({{"a": pd.DataFrame({{"a_id": [1, 2]}}), "b": pd.DataFrame({{"a_id": [2, 2]}})}})
"""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    looks = read_probe(ran.stdout, ["a", "b"])
    [join] = profile.read_joins(ran.stdout, looks)
    assert (join.left_table, join.right_table) == ("b", "a")


def test_both_sides_keep_to_the_same_bounds() -> None:
    """The bounds are said twice, because neither side trusts the other."""
    assert (report.MARK, report.JOINS_MARK) == (profile.MARK, profile.JOINS_MARK)
    assert report.MAX_COLUMNS == profile.MAX_COLUMNS
    assert seen.NAME_CHARS == profile.NAME_CHARS
    assert seen.VALUE_CHARS == profile.VALUE_CHARS
    assert columns.FEW_VALUES == profile.FEW_VALUES
    assert MOST_NOTICED == profile.MAX_NOTICED
