"""A frame of pandas becomes a file, and the emitted code the same frame again."""

from __future__ import annotations

import ast
import datetime as dt
import pickle
import uuid
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analyst.data.handover import Handover, hand_over
from analyst.data.inside.code.table import table_code
from analyst.errors import InputError

NAN = float("nan")
ROME = "Europe/Rome"


def objects(*values: Any) -> pd.Series:
    """A column of Python objects, just as they are."""
    array = np.fromiter(values, dtype=object, count=len(values))
    return pd.Series(array, dtype=object)


def arrow(values: list[Any], kind: pa.DataType) -> pd.Series:
    """A column that pandas keeps in Arrow."""
    return pd.Series(values, dtype=pd.ArrowDtype(kind))


COLUMNS = {
    "int8": pd.Series([1, -2, 3], dtype="int8"),
    "uint64": pd.Series([1, 2**64 - 1, 3], dtype="uint64"),
    "float": pd.Series([1.5, NAN, np.inf]),
    "float16": pd.Series([1.5, NAN, -np.inf], dtype="float16"),
    "big end": pd.Series(np.array([1.5, 2, 3], dtype=">f8")),
    "complex": pd.Series([1j, complex(NAN, -np.inf), 2]),
    "complex64": pd.Series([0.1j, 1, 2], dtype="complex64"),
    "bool": pd.Series([True, False, True]),
    "text": pd.Series(["a", None, "ü€"], dtype="str"),
    "string": pd.Series(["a", None, ""], dtype="string"),
    "python string": pd.Series(["a", None, ""], dtype=pd.StringDtype("python")),
    "Int64": pd.Series([1, None, 2**60 + 1], dtype="Int64"),
    "Float32": pd.Series([1.5, None, 2], dtype="Float32"),
    "boolean": pd.Series([True, None, False], dtype="boolean"),
    "date s": pd.Series(["2024-01-01", None, "9999-01-01"], dtype="datetime64[s]"),
    "date ns": pd.Series([1, None, 3], dtype="datetime64[ns]"),
    "zone": pd.Series(pd.date_range("2024", periods=3, tz=ROME)),
    "offset": pd.Series(pd.date_range("2024", periods=3, tz="+05:30")),
    "duration": pd.Series(pd.to_timedelta([1, None, 3], unit="h")),
    "period": pd.Series(pd.period_range("2024-01", periods=3, freq="M")),
    "week": pd.Series(pd.period_range("2024-01", periods=3, freq="W-WED")),
    "interval": pd.Series(pd.interval_range(0.0, 3.0, closed="left")),
    "interval of dates": pd.Series(
        pd.interval_range(pd.Timestamp("2024", tz=ROME), periods=3)
    ),
    "category": pd.Series(pd.Categorical(["x", None, "y"], ["y", "x", "z"])),
    "ordered": pd.Series(pd.Categorical([1, 2, 1], [3, 2, 1], ordered=True)),
    "cut": pd.cut(pd.Series([1, 5, 99]), [0, 3, 9]),
    "category mixed": pd.Series(pd.Categorical([1, "a", None])),
    "category Int": pd.Series(pd.Categorical(pd.array([1, 2, None], dtype="Int64"))),
    "category zone": pd.Series(
        pd.Categorical(pd.to_datetime(["2024", "2025", "2024"]).tz_localize(ROME))
    ),
    "sparse": pd.Series(pd.arrays.SparseArray([0, 0, 1])),
    "sparse nan": pd.Series(pd.arrays.SparseArray([NAN, 2.5, NAN])),
    "arrow int": arrow([1, None, 3], pa.int64()),
    "arrow text": arrow(["a", None, ""], pa.string()),
    "arrow time": arrow([dt.time(1), None, dt.time(2)], pa.time64("us")),
    "arrow zone": arrow([pd.Timestamp("2024", tz=ROME)] * 3, pa.timestamp("ns", ROME)),
    "arrow list": arrow([[1, None], None, []], pa.list_(pa.int64())),
    "arrow struct": arrow([{"a": 1}, None, {"a": 2}], pa.struct([("a", pa.int8())])),
    "arrow map": arrow([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
    "arrow decimal": arrow([Decimal("1.50"), None, Decimal(2)], pa.decimal128(9, 2)),
    "arrow category": arrow(["a", None, "b"], pa.dictionary(pa.int32(), pa.string())),
    "arrow nothing": arrow([None] * 3, pa.null()),
    "objects str": objects("a", None, "b"),
    "objects str nan": objects("a", NAN, "b"),
    "objects str NA": objects("a", pd.NA, "b"),
    "objects int": objects(1, 2, 3),
    "objects float": objects(1.5, NAN, 2.5),
    "objects bool": objects(True, None, False),
    "bool or int": objects(True, 1, 1.0),
    "mixed": objects(1, "a", None),
    "mixed gaps": objects(None, NAN, "a"),
    "huge": objects(2**70, None, -1),
    "nothing": objects(None, None, None),
    "nothing nan": objects(NAN, NAN, NAN),
    "nothing NaT": objects(pd.NaT, pd.NaT, pd.NaT),
    "lists": objects([1, "a"], [], None),
    "dicts": objects({"a": 1}, {"b": [{"c": None}]}, NAN),
    "tuples": objects((1, "a"), (), None),
    "vectors": objects(np.array([1.5, 2]), np.array([]), None),
    "bytes": objects(b"a", None, b"\x00"),
    "bytes nan": objects(b"a", NAN, b""),
    "days": objects(dt.date(1, 1, 1), None, dt.date(9999, 12, 31)),
    "days NaT": objects(dt.date(2024, 1, 1), pd.NaT, dt.date(2024, 1, 2)),
    "moments": objects(
        dt.datetime.fromisoformat("0001-01-01"),
        None,
        dt.datetime.fromisoformat("2024-01-01T02:03:04.000005"),
    ),
    "zones": objects(
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        None,
    ),
    "times": objects(dt.time(1, 2, 3, 4), None, dt.time(1, tzinfo=dt.UTC)),
    "spans": objects(dt.timedelta(1, 2, 3), None, dt.timedelta(-1)),
    "decimals": objects(Decimal("1.50"), Decimal("NaN"), None),
    "fractions": objects(Fraction(1, 3), None, Fraction(2)),
    "uuids": objects(uuid.UUID(int=7), None, uuid.UUID(int=8)),
    "paths": objects(Path("/a/{b}"), None, Path("c")),
    "pure paths": objects(PurePosixPath("a"), None, PurePosixPath("b")),
    "complexes": objects(1j, None, 2 + 0j),
}
INDEXES = {
    "range": pd.RangeIndex(3),
    "step": pd.RangeIndex(5, 11, 2, name=0),
    "numbers": pd.Index([7, 8, 9], name="int8"),
    "twice": pd.Index([1, 1, 2], dtype="uint8"),
    "floats": pd.Index([1.5, NAN, np.inf]),
    "words": pd.Index(["p", "q", "p"], name="who"),
    "words as objects": pd.Index(["p", "q", "p"], dtype="object", name=("a", 1)),
    "string": pd.Index(["p", "q", "p"], dtype="string"),
    "mixed": pd.Index([1, "a", None]),
    "bools": pd.Index([True, False, True]),
    "nullable": pd.Index([1, 2, None], dtype="Int64", name="x{name}"),
    "arrow": pd.Index([1, 2, 3], dtype="int64[pyarrow]"),
    "dates": pd.date_range("2024", periods=3, name="when", unit="s"),
    "business days": pd.bdate_range("2024", periods=3),
    "hours": pd.date_range("2024-03-31", periods=3, freq="h", tz=ROME),
    "spans": pd.timedelta_range("1h", periods=3, freq="2h"),
    "periods": pd.period_range("2024", periods=3, freq="Q", name=3),
    "intervals": pd.interval_range(0, 3),
    "categories": pd.CategoricalIndex(["a", "b", "a"], ["b", "a", "c"], ordered=True),
    "tuples": pd.Index([("a", 1), ("b", 2), ("a", 1)], tupleize_cols=False),
    "days": pd.Index([dt.date(2024, 1, 1), dt.date(2024, 1, 2), None]),
    "levels": pd.MultiIndex.from_tuples(
        [("a", 1), ("a", 2), ("b", 1)], names=["g", None]
    ),
    "mixed levels": pd.MultiIndex.from_arrays([[1, "a", 1], [1.5, 2.5, 1.5]]),
    "same levels": pd.MultiIndex.from_tuples([("a", 1)] * 3, names=["g", "g"]),
    "odd levels": pd.MultiIndex.from_arrays(
        [pd.period_range("2024", periods=3, freq="D"), pd.Categorical(["a", "b", "a"])],
        names=[None, 7],
    ),
    "one level": pd.MultiIndex.from_arrays([["a", "b", "a"]], names=["g"]),
}
TWO_LABELS = {
    "plain": pd.Index(["a", "b"]),
    "named": pd.Index(["a", "b"], name="n"),
    "objects": pd.Index(["a", "b"], dtype="object"),
    "twice": pd.Index(["x", "x"]),
    "braces": pd.Index(["{name}", '{path}"\\{']),
    "not to be seen": pd.Index(["a\u202eb", "\n"]),
    "as pandas calls an index": pd.Index(["__index_level_0__", "index"]),
    "empty": pd.Index(["", ""]),
    "halves": pd.Index(["a", "\ud800"], dtype="object"),
    "numbers like text": pd.Index([1, "1"]),
    "missing": pd.Index(["a", None]),
    "NA": pd.Index([pd.NA, "x"], dtype="object"),
    **{name: index[:2] for name, index in INDEXES.items()},
}


def loaded(handed: Handover) -> pd.DataFrame:
    """What the emitted code makes of the file."""
    code = table_code(handed.reading, name="df", path="DATA")
    parts = [*handed.imports, code.source]
    parts += handed.statements(name="df", path="DATA")
    scope: dict[str, Any] = {"DATA": str(handed.path)}
    exec("\n".join(parts), scope)
    frame: pd.DataFrame = scope["df"]
    return frame


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Equal in values, kinds, index, labels, order, and the types of objects."""
    pd.testing.assert_frame_equal(one, other, check_freq=True, check_column_type=True)
    assert type(one.columns) is type(other.columns)
    for at in range(one.shape[1]):
        if one.dtypes.iloc[at] == "object":
            kept = list(map(repr, one.iloc[:, at]))
            assert kept == list(map(repr, other.iloc[:, at]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=9),
    index=st.sampled_from(sorted(INDEXES)),
    rows=st.integers(0, 3),
)
@example(kinds=sorted(COLUMNS), index="range", rows=3)
@example(kinds=sorted(COLUMNS), index="odd levels", rows=3)
@example(kinds=sorted(COLUMNS), index="range", rows=0)
@example(kinds=["arrow int", "arrow list", "arrow text"], index="range", rows=2)
def test_every_kind_comes_back(
    tmp_path: Path, kinds: list[str], index: str, rows: int
) -> None:
    """Any columns under any index come back the same, with no warning, also when they
    are several of one name or have no rows (an index of several levels then has no
    values to tell the kinds of its levels); and the caller's frame is as it was.
    """
    frame = pd.concat([COLUMNS[kind] for kind in kinds], axis="columns", keys=kinds)
    frame.index = INDEXES[index]
    frame = frame.head(rows)
    if isinstance(frame.index, pd.MultiIndex):
        frame.index = frame.index.remove_unused_levels()
    before = frame.copy(deep=True)
    handed = hand_over(frame, tmp_path, "t")
    assert handed.warnings == ()
    assert handed.reading.rows == rows
    if not (rows == 0 and isinstance(frame.index, pd.MultiIndex)):
        assert_same(loaded(handed), frame)
    assert_same(frame, before)


@pytest.mark.parametrize("labels", TWO_LABELS)
@pytest.mark.parametrize("first", ["float", "mixed"])
@pytest.mark.parametrize("index", ["range", "mixed"])
def test_every_label_comes_back(
    tmp_path: Path, labels: str, first: str, index: str
) -> None:
    """Labels that are no text, several of one name, of several levels: all as they
    were, whether or not columns and index have to be made again too.
    """
    frame = pd.DataFrame({0: COLUMNS[first], 1: [1, 2, 3]})
    frame.columns = TWO_LABELS[labels]
    frame.index = INDEXES[index]
    handed = hand_over(frame, tmp_path, "t")
    assert handed.warnings == ()
    assert_same(loaded(handed), frame)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.binary(max_size=4)
)
ANY = st.one_of(
    PLAIN,
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.decimals(),
    st.uuids(),
    st.complex_numbers(),
    st.lists(PLAIN, max_size=3),
    st.dictionaries(TEXT, PLAIN, max_size=3),
    st.tuples(PLAIN, PLAIN),
    st.sampled_from([pd.NA, pd.NaT, np.int64(3), pd.Timestamp("2024"), {1}]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    columns=st.dictionaries(
        TEXT, st.lists(ANY, min_size=3, max_size=3) | TEXT.map(list), max_size=4
    ),
    labels=st.lists(PLAIN, min_size=4, max_size=4),
)
def test_any_objects_come_back_or_are_named(
    tmp_path: Path, columns: dict[str, list[Any]], labels: list[Any]
) -> None:
    """Python values of any kind under labels of any kind are the same afterwards, or
    a warning says that the column is text, or that labels were changed.
    """
    given_columns = [objects(*(values * 3)[:3]) for values in columns.values()]
    given_columns = [one for one in given_columns if len(one) == 3] or [
        objects(1, 2, 3)
    ]
    frame = pd.concat(given_columns, axis="columns", keys=range(len(given_columns)))
    frame.columns = pd.Index(objects(*labels[: frame.shape[1]]), tupleize_cols=False)
    handed = hand_over(frame, tmp_path, "t")
    read = loaded(handed)
    assert read.shape == frame.shape
    for at in range(frame.shape[1]):
        if read.dtypes.iloc[at] == "object":
            pairs = zip(read.iloc[:, at], frame.iloc[:, at], strict=True)
            assert all(repr(a) == repr(_plain(b)) for a, b in pairs)
        else:
            assert any("became text" in warning for warning in handed.warnings)
    if list(map(repr, read.columns)) != list(map(repr, frame.columns)):
        assert any("names" in warning for warning in handed.warnings)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


class Point:
    """An object of the caller's, with code of its own."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        if not self.text:
            raise RuntimeError("mine")
        return self.text

    def __reduce__(self) -> Any:
        raise AssertionError("it was pickled")


def test_what_cannot_come_back_is_text_aloud(tmp_path: Path) -> None:
    """Objects of other kinds become text, gaps stay gaps, and each column is named;
    an object that cannot say what it is, and halves of characters, end nothing.
    """
    frame = pd.DataFrame(
        {
            "points": objects(Point("POINT (1 2)"), None, Point("")),
            "sets": objects({1}, 2, "a"),
            "halves": objects("a\ud800", None, "b"),
            "n": [1, 2, 3],
        }
    )
    before = list(frame["points"])
    handed = hand_over(frame, tmp_path, "t")
    read = loaded(handed)
    assert read["points"].tolist()[::2] == ["POINT (1 2)", "<Point>"]
    assert read["points"].isna().tolist() == [False, True, False]
    assert read["sets"].tolist() == ["{1}", "2", "a"]
    assert read["halves"].tolist()[::2] == ["a?", "b"]
    assert read["n"].tolist() == [1, 2, 3]
    told = zip(("'points'", "'sets'", "'halves'"), handed.warnings, strict=True)
    assert all(name in warning for name, warning in told)
    assert list(frame["points"]) == before


def test_nothing_is_pickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No column, label or note goes through pickle, on the way in or out."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("it was pickled")

    for name in ("dump", "dumps", "load", "loads"):
        monkeypatch.setattr(pickle, name, refuse)
    frame = pd.concat(COLUMNS, axis="columns")
    assert_same(loaded(hand_over(frame, tmp_path, "t")), frame)


class Own(pd.DataFrame):
    """A subclass whose own code must not be needed."""

    @property
    def _constructor(self) -> Any:
        raise AssertionError("it was called")

    _constructor_sliced = _constructor


def test_subclass_and_attributes_are_left_behind(tmp_path: Path) -> None:
    """A subclass comes back as a frame, without what else was tied to it."""
    frame = Own({"a": [1, 2]})
    frame.attrs["key"] = Point("secret")
    handed = hand_over(frame, tmp_path, "t")
    read = loaded(handed)
    assert type(read) is pd.DataFrame
    assert (read["a"].tolist(), read.attrs) == ([1, 2], {})
    assert b"secret" not in handed.path.read_bytes()


def test_nan_beside_missing_is_told(tmp_path: Path) -> None:
    """A nullable column that holds NaN as a value cannot be kept, and is named."""
    column = pd.arrays.FloatingArray(np.array([1, NAN, 2]), np.array([0, 0, 1], bool))
    handed = hand_over(pd.DataFrame({"f": column}), tmp_path, "t")
    assert loaded(handed)["f"].isna().tolist() == [False, True, True]
    assert "'f'" in handed.warnings[0]


def test_many_odd_labels_are_changed_aloud(tmp_path: Path) -> None:
    """A statement with thousands of labels is no longer plain: they are renamed."""
    frame = pd.DataFrame([range(3000)], columns=["x"] * 3000)
    handed = hand_over(frame, tmp_path, "t")
    read = loaded(handed)
    assert read.columns.is_unique
    assert read.iloc[0].tolist() == list(range(3000))
    assert "2999 column names" in handed.warnings[0]


def test_statements_are_plain(tmp_path: Path) -> None:
    """Columns that are made in the same way share a statement, and what is emitted
    knows nothing but the variable, the path and plain libraries.
    """
    frame = pd.DataFrame({"a": objects([1], [2]), "b": objects({}, 1), "c": [1, 2]})
    handed = hand_over(frame, tmp_path, "t")
    assert handed.imports == ("import json", "import pandas as pd")
    (statement,) = handed.statements(name="sales", path="SALES")
    names = {n.id for n in ast.walk(ast.parse(statement)) if isinstance(n, ast.Name)}
    assert names == {"sales", "_column", "pd", "json", "value"}


def test_a_frame_without_columns_is_refused(tmp_path: Path) -> None:
    """There is nothing to ask of it, and no file is left."""
    for frame in (pd.DataFrame(), pd.DataFrame(index=[1, 2])):
        with pytest.raises(InputError, match="no columns"):
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


def test_a_single_value_makes_other_data(tmp_path: Path) -> None:
    """Large data that differs in one value, wherever it is, is not taken for the same:
    the name is made of pieces of the file, but the whole is compared.
    """
    values = np.zeros(2_000_000)
    first = hand_over(pd.DataFrame({"a": values}), tmp_path, "t")
    paths = {first.path}
    for at in (123_456, 1_000_001, 1_999_999):
        other = values.copy()
        other[at] = 1
        handed = hand_over(pd.DataFrame({"a": other}), tmp_path, "t")
        assert handed.is_new
        assert loaded(handed)["a"].to_numpy().nonzero()[0].tolist() == [at]
        paths.add(handed.path)
    assert len(paths) == 4
    assert loaded(first)["a"].sum() == 0


def test_a_file_that_was_changed_is_not_taken_for_the_data(tmp_path: Path) -> None:
    """Somebody's own file under the same name stays, and the data lies beside it."""
    frame = pd.DataFrame({"a": [1]})
    first = hand_over(frame, tmp_path, "t")
    first.path.write_bytes(b"mine")
    again = hand_over(frame, tmp_path, "t")
    assert first.path.read_bytes() == b"mine"
    assert again.is_new
    assert_same(loaded(again), frame)


def test_a_large_file_is_mapped(tmp_path: Path) -> None:
    """It says so, and a mapped frame can still be changed without the file."""
    small = hand_over(pd.DataFrame({"a": [1.5]}), tmp_path, "t")
    large = hand_over(pd.DataFrame({"a": np.arange(9e6)}), tmp_path, "t")
    assert (small.reading.memory_mapped, large.reading.memory_mapped) == (False, True)
    with pa.memory_map(str(large.path)) as file:
        frame = pd.read_feather(file)
        frame.loc[0, "a"] = -1.0
        frame["a"] += 1
        assert frame["a"].head(3).tolist() == [0, 2, 3]
    assert pd.read_feather(large.path)["a"].head(2).tolist() == [0, 1]
