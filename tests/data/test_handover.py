"""A live DataFrame becomes a file, and the file the same DataFrame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyst.data.handover import hand_over
from analyst.errors import InputError

COLUMNS = {
    "int": pd.Series([1, 2, 3]),
    "float": pd.Series([1.5, np.nan, np.inf]),
    "bool": pd.Series([True, False, True]),
    "text": pd.Series(["a", None, "ü€"], dtype="str"),
    "string": pd.Series(["a", None, ""], dtype="string"),
    "Int64": pd.Series([1, None, 2**60], dtype="Int64"),
    "boolean": pd.Series([True, None, False], dtype="boolean"),
    "date": pd.Series(pd.to_datetime(["2024-01-01", None, "2024-03-01"])),
    "zone": pd.Series(pd.date_range("2024", periods=3, tz="Europe/Rome")),
    "category": pd.Series(pd.Categorical(["x", None, "y"], ["y", "x", "z"])),
    "ordered": pd.Series(pd.Categorical([1, 2, 1], ordered=True)),
    "period": pd.Series(pd.period_range("2024-01", periods=3, freq="M")),
    "duration": pd.Series(pd.to_timedelta([1, None, 3], unit="h")),
}
INDEXES = {
    "range": pd.RangeIndex(3),
    "step": pd.RangeIndex(5, 11, 2),
    "words": pd.Index(["p", "q", "r"], name="who"),
    "dates": pd.date_range("2024", periods=3, name="when"),
    "same name": pd.Index([7, 8, 9], name="int"),
    "twice": pd.Index([1, 1, 2]),
    "levels": pd.MultiIndex.from_tuples(
        [("a", 1), ("a", 2), ("b", 1)], names=["g", "n"]
    ),
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, unique=True),
    index=st.sampled_from(sorted(INDEXES)),
)
def test_what_is_read_is_what_was_written(
    tmp_path: Path, kinds: list[str], index: str
) -> None:
    """Every kind of column under every index comes back equal, with no warning."""
    frame = pd.DataFrame({kind: COLUMNS[kind] for kind in kinds})
    frame.index = INDEXES[index]
    before = frame.copy(deep=True)
    handed = hand_over(frame, tmp_path, "t")
    assert handed.warnings == ()
    pd.testing.assert_frame_equal(
        pd.read_feather(handed.path), before, check_freq=False
    )
    pd.testing.assert_frame_equal(frame, before)


def test_what_the_format_cannot_hold_becomes_text_aloud(tmp_path: Path) -> None:
    """Mixed objects are written as text, gaps stay gaps, and each is told."""
    frame = pd.DataFrame({"m": [1, "a", None], "c": [1j, 2, 3], "n": [1, 2, 3]})
    before = frame.copy(deep=True)
    handed = hand_over(frame, tmp_path, "t")
    read = pd.read_feather(handed.path)
    assert read["m"].tolist()[:2] == ["1", "a"]
    assert read["m"].isna().tolist() == [False, False, True]
    assert read["n"].tolist() == [1, 2, 3]
    told = zip(("'m'", "'c'"), handed.warnings, strict=True)
    assert all(name in text for name, text in told)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (["x", "x", "x_2"], ["x", "x_3", "x_2"]),
        (pd.Index([1, 2.5, None], dtype=object), ["1", "2.5", "None"]),
        (
            pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", "")]),
            ["a_1", "a_2", "b"],
        ),
    ],
)
def test_names_are_made_text_and_unique_aloud(
    tmp_path: Path, columns: pd.Index, names: list[str]
) -> None:
    """No two columns share a name afterwards, and no value moves."""
    frame = pd.DataFrame([[1, 2, 3]], columns=columns)
    handed = hand_over(frame, tmp_path, "t")
    read = pd.read_feather(handed.path)
    assert sorted(read) == sorted(names)
    assert read.iloc[0].tolist() == [1, 2, 3]
    assert len(handed.warnings) == 1


def test_an_index_of_mixed_kinds_becomes_text_aloud(tmp_path: Path) -> None:
    """The index is kept even where it must change."""
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index([1, "a"], dtype=object))
    handed = hand_over(frame, tmp_path, "t")
    assert pd.read_feather(handed.path).index.tolist() == ["1", "a"]
    assert "index" in handed.warnings[0]


def test_a_series_is_a_table_of_one_column(tmp_path: Path) -> None:
    """It keeps its name, or gets one."""
    assert list(
        pd.read_feather(hand_over(pd.Series([1], name="x"), tmp_path, "t").path)
    ) == ["x"]
    assert list(pd.read_feather(hand_over(pd.Series([1]), tmp_path, "t").path)) == [
        "value"
    ]


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"a": []})])
def test_a_frame_without_rows_is_refused(tmp_path: Path, frame: pd.DataFrame) -> None:
    """There is nothing to ask of it, and no file is left."""
    with pytest.raises(InputError, match="no rows"):
        hand_over(frame, tmp_path / "f", "t")
    assert not (tmp_path / "f").exists()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """What stands in the way stays, and the sentence says what to do."""
    (tmp_path / "f").write_text("mine")
    with pytest.raises(InputError, match="choose another folder"):
        hand_over(pd.DataFrame({"a": [1]}), tmp_path / "f", "t")
    assert (tmp_path / "f").read_text() == "mine"


def test_other_data_gets_another_file(tmp_path: Path) -> None:
    """What an earlier notebook loads is not overwritten; the same data is reused."""
    first = hand_over(pd.DataFrame({"a": [1]}), tmp_path, "t")
    other = hand_over(pd.DataFrame({"a": [2]}), tmp_path, "t")
    again = hand_over(pd.DataFrame({"a": [1]}), tmp_path, "t")
    assert first.path == again.path != other.path
    assert (first.is_new, other.is_new, again.is_new) == (True, True, False)
    assert sorted(tmp_path.iterdir()) == sorted([first.path, other.path])
