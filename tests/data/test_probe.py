"""The look at the tables from inside the kernel: nothing in them makes it fail."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyst.data import probe, profile
from analyst.data.profile import Look, read_probe
from analyst.data.sources import Source
from analyst.data.tables import Tables


def look(frame: Any) -> Look:
    """What the probe's own code, run as in a kernel, says of a frame."""
    source = Source(
        name="df", path=Path("x"), load="", parameter="DATA", sha256="", bytes=0
    )
    code = Tables(sources=(source,), folder=Path()).probe
    scope: dict[str, Any] = {"df": frame}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, scope)
    assert set(scope) == {"df", "__builtins__"}
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


def test_both_sides_keep_to_the_same_bounds() -> None:
    """The bounds are said twice, because neither side trusts the other."""
    for name in ("MARK", "MAX_COLUMNS", "NAME_CHARS", "VALUE_CHARS", "FEW_VALUES"):
        assert getattr(probe, name) == getattr(profile, name)
