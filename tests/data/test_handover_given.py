"""Tables of any library, and plain lists, become the frame that they stand for."""

from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as pads
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyst.data.handover import Handover, hand_over, is_live
from analyst.data.inside.code.table import table_code
from analyst.errors import InputError

EXACT = 2**60 + 1
TABLE = pa.table(
    {
        "whole": [1, None, EXACT],
        "yes": [True, None, False],
        "text": ["a", None, "ü"],
        "real": [1.5, None, 2.5],
        "day": [dt.date(2024, 1, 1), None, dt.date(9999, 1, 1)],
        "list": [[EXACT, None], [], None],
    }
)
FRAME = pd.DataFrame(
    {
        "whole": pd.array([1, None, EXACT], dtype="Int64"),
        "yes": pd.array([True, None, False], dtype="boolean"),
        "text": pd.array(["a", None, "ü"], dtype="str"),
        "real": [1.5, None, 2.5],
        "day": pd.array(["2024-01-01", None, "9999-01-01"], dtype="datetime64[ms]"),
        "list": [[EXACT, None], [], None],
    }
)


class Stream:
    """A library's table that speaks the Arrow stream and nothing else."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return TABLE.__arrow_c_stream__(requested_schema)


class Batch:
    """The same as a single array."""

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        batch = TABLE.combine_chunks().to_batches()[0]
        return batch.__arrow_c_array__(requested_schema)


class Interchange:
    """A table that speaks the older protocol between data frames."""

    def __dataframe__(self, *args: Any, **kwargs: Any) -> Any:
        return pa.table({"a": [1, 2]}).__dataframe__(*args, **kwargs)


Pair = namedtuple("Pair", ["a", "b"])  # noqa: PYI024 - the plain kind is also given


@dataclasses.dataclass
class Row:
    """A row as a class."""

    a: int
    b: str


def loaded(handed: Handover) -> pd.DataFrame:
    """What the emitted code makes of the file."""
    code = table_code(handed.reading, name="df", path="DATA")
    parts = [*handed.imports, code.source]
    parts += handed.statements(name="df", path="DATA")
    scope: dict[str, Any] = {"DATA": str(handed.path)}
    exec("\n".join(parts), scope)
    frame: pd.DataFrame = scope["df"]
    return frame


def of_duckdb() -> Any:
    """The table as a relation."""
    return duckdb.connect().from_arrow(TABLE)


@pytest.mark.parametrize(
    "make",
    [
        lambda: TABLE,
        lambda: pads.dataset(TABLE),
        TABLE.to_reader,
        lambda: TABLE.to_batches()[0],
        lambda: pl.from_arrow(TABLE),
        lambda: pl.DataFrame(TABLE).lazy(),
        lambda: nw.from_native(pl.DataFrame(TABLE)),
        of_duckdb,
        Stream,
        Batch,
    ],
    ids=str,
)
def test_one_table_of_any_library(tmp_path: Path, make: Callable[[], Any]) -> None:
    """Whoever made it, the frame is the same: whole numbers and truth values with gaps
    are exact, days are dates, and nothing is said because nothing is lost.
    """
    table = make()
    assert is_live(table)
    handed = hand_over(table, tmp_path, "t")
    assert handed.warnings == ()
    pd.testing.assert_frame_equal(loaded(handed), FRAME)


@pytest.mark.parametrize(
    ("given", "frame"),
    [
        (pd.Series([1, 2], name="x"), pd.DataFrame({"x": [1, 2]})),
        (pd.Series([1, 2]), pd.DataFrame({"value": [1, 2]})),
        (pl.Series("x", [1, 2]), pd.DataFrame({"x": [1, 2]})),
        (pl.Series([1, 2]), pd.DataFrame({"value": [1, 2]})),
        (pa.chunked_array([[1], [2]]), pd.DataFrame({"value": [1, 2]})),
        (pa.array([1, 2]), pd.DataFrame({"value": [1, 2]})),
        (np.array([1, 2]), pd.DataFrame({"value": [1, 2]})),
        (np.array([[1, 2], [3, 4]]), pd.DataFrame([[1, 2], [3, 4]])),
        (np.zeros((0, 2)), pd.DataFrame(np.zeros((0, 2)))),
        (
            np.array([(1, "a")], dtype=[("x", "i8"), ("y", "U3")]),
            pd.DataFrame({"x": [1], "y": ["a"]}),
        ),
        (
            np.ma.masked_array([1, EXACT], [True, False]),
            pd.DataFrame({"value": pd.array([None, EXACT], dtype="Int64")}),
        ),
        ([{"a": 1}, {"b": "x"}], pd.DataFrame({"a": [1, None], "b": [None, "x"]})),
        (
            [{"a": EXACT}, {}],
            pd.DataFrame({"a": pd.array([EXACT, None], dtype="Int64")}),
        ),
        ([(1, "x"), (2, "y")], pd.DataFrame([[1, "x"], [2, "y"]])),
        ([Pair(1, "x"), Pair(2, "y")], pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})),
        ([Row(1, "x"), Row(2, "y")], pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})),
        (
            {"a": [1, 2], "b": np.array([3, 4])},
            pd.DataFrame({"a": [1, 2], "b": [3, 4]}),
        ),
        (Interchange(), pd.DataFrame({"a": [1, 2]})),
    ],
    ids=lambda one: type(one).__name__,
)
def test_columns_arrays_and_lists(
    tmp_path: Path, given: Any, frame: pd.DataFrame
) -> None:
    """A column, an array, rows and columns in lists: each is the table one expects."""
    assert is_live(given)
    handed = hand_over(given, tmp_path, "t")
    assert handed.warnings == ()
    pd.testing.assert_frame_equal(loaded(handed), frame)


@pytest.mark.parametrize(
    "given",
    [
        "t.csv",
        Path("t.csv"),
        None,
        3,
        [],
        {},
        [1, 2],
        ["a.csv", "b.csv"],
        pd.DataFrame,
        {"a": pd.DataFrame({"a": [1]})},
        [pd.DataFrame({"a": [1]})],
        [{"a": pd.DataFrame({"a": [1]})}],
        {"sales": [{"x": 1}], "costs": [{"x": 1}]},
        {"a": [1, 2], "b": [1]},
        {"a": "x.csv"},
        Pair(1, 2),
        {1, 2},
        (n for n in [1]),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_is_no_table_is_refused(tmp_path: Path, given: Any) -> None:
    """Paths, single values and several tables at once are no live table; the sentence
    says what is.
    """
    assert not is_live(given)
    with pytest.raises(InputError, match="cannot be used: give a DataFrame"):
        hand_over(given, tmp_path, "t")


def test_finding_out_loads_nothing() -> None:
    """Whether something is a live table is told without loading a library."""
    code = (
        "import sys\n"
        "from analyst.data.handover import is_live\n"
        "print([is_live(x) for x in ('a', [{'a': 1}], {'a': [1]}, 3)])\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'narwhals', 'polars', 'duckdb'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.split("\n")[:2] == ["[False, True, True, False]", "[]"]


# Arrow columns that pandas cannot read as they are, and what comes of them.
ODD: dict[str, tuple[Any, list[Any], str]] = {
    "several of one kind in chunks": (
        pa.chunked_array([pa.array([t]).dictionary_encode() for t in "ab"]),
        ["a", "b"],
        "",
    ),
    "a category twice": (
        pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", "a"])),
        ["a", "a"],
        "",
    ),
    "a union": (
        pa.UnionArray.from_sparse(
            pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])]
        ),
        [1, "b"],
        "",
    ),
    "runs": (
        pa.RunEndEncodedArray.from_arrays(pa.array([1, 2]), pa.array(["a", "b"])),
        ["a", "b"],
        "",
    ),
    "a view": (pa.array(["a", "b"], pa.string_view()), ["a", "b"], ""),
    "whole decimals": (pa.array([Decimal(3), Decimal(4)]), [3, 4], ""),
    "decimals": (
        pa.array([Decimal("0.10"), Decimal("2.00")]),
        [Decimal("0.10"), Decimal("2.00")],
        "",
    ),
    "a struct with gaps": (
        pa.array([{"a": EXACT}, {"a": None}]),
        [{"a": EXACT}, {"a": None}],
        "",
    ),
    "times": (pa.array([dt.time(1), dt.time(2)]), [dt.time(1), dt.time(2)], ""),
    "times to the nanosecond": (
        pa.array([1, 2], pa.time64("ns")),
        ["00:00:00.000000001", "00:00:00.000000002"],
        "text",
    ),
    "an unknown zone": (
        pa.array([0, 1], pa.timestamp("s", "Nowhere/City")),
        list(pd.to_datetime([0, 1], unit="s", utc=True)),
        "UTC",
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_arrow_columns(tmp_path: Path, case: str) -> None:
    """Every value is there, and where it is not of its kind any more a warning says
    so: nothing is cut short in silence.
    """
    column, values, told = ODD[case]
    handed = hand_over(pa.table({"odd": column}), tmp_path, "t")
    assert loaded(handed)["odd"].tolist() == values
    assert len(handed.warnings) == bool(told)
    assert all(told in text and "'odd'" in text for text in handed.warnings)


def test_names_that_are_twice_there(tmp_path: Path) -> None:
    """An Arrow table and a relation keep all columns of one name."""
    twice = pa.table([pa.array([1]), pa.array([2])], names=["x{", "x{"])
    relation = duckdb.connect().sql('SELECT 1::BIGINT AS "x{", 2::BIGINT AS "x{"')
    for table in (twice, relation):
        read = loaded(hand_over(table, tmp_path, "t"))
        assert (list(read), read.iloc[0].tolist()) == (["x{", "x{"], [1, 2])


def test_notes_of_pandas_are_believed_only_if_they_hold(tmp_path: Path) -> None:
    """An Arrow table that was a frame is that frame again; with notes that are wrong,
    or that later gaps made wrong, it is read without them.
    """
    frame = pd.DataFrame({"x": [1, EXACT]}, index=pd.Index(["a", "b"], name="k"))
    table = pa.Table.from_pandas(frame)
    pd.testing.assert_frame_equal(loaded(hand_over(table, tmp_path, "t")), frame)
    for notes in ("{}", "nonsense", '{"columns": [], "index_columns": ["y"]}'):
        wrong = TABLE.replace_schema_metadata({"pandas": notes})
        read = loaded(hand_over(wrong, tmp_path, "t"))
        assert read["whole"].tolist()[::2] == [1, EXACT]
    gaps = table.set_column(0, "x", pa.array([EXACT, None]))
    later = gaps.replace_schema_metadata(table.schema.metadata)
    assert loaded(hand_over(later, tmp_path, "t"))["x"][0] == EXACT


def test_relations_with_wide_numbers(tmp_path: Path) -> None:
    """Sums of whole numbers are whole numbers; what Arrow would cut short is not."""
    con = duckdb.connect()
    total = con.sql(f"SELECT sum(x) AS s FROM (VALUES ({EXACT}), (1)) t(x)")
    assert loaded(hand_over(total, tmp_path, "t"))["s"].tolist() == [EXACT + 1]
    largest = con.sql(f"SELECT {2**128 - 1}::UHUGEINT AS u, '101'::BIT AS b")
    read = loaded(hand_over(largest, tmp_path, "t"))
    assert read.iloc[0].tolist() == [str(2**128 - 1), "101"]
    with pytest.raises(InputError, match="could not be read as a table"):
        hand_over(con.sql(f"SELECT {2**127 - 1}::HUGEINT AS h"), tmp_path, "t")


def test_categories_of_polars(tmp_path: Path) -> None:
    """Categories stay categories, an order of them included."""
    column = pl.Series("e", ["b", "a", None], dtype=pl.Enum(["b", "a", "c"]))
    read = loaded(hand_over(column, tmp_path, "t"))["e"]
    assert read.cat.categories.tolist() == ["b", "a", "c"]
    assert read.tolist()[:2] == ["b", "a"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: pl.DataFrame({"o": pl.Series([object()], dtype=pl.Object)}),
        lambda: pl.LazyFrame({"a": [1]}).select("b"),
        lambda: duckdb.connect().sql("SELECT error('mine') AS a"),
        lambda: np.zeros((2, 2, 2)),
        lambda: np.array(1),
        lambda: np.zeros((2, 0)),
        lambda: pa.table({}),
    ],
)
def test_a_table_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, make: Callable[[], Any]
) -> None:
    """Whatever a library raises, the user is told what to do, and no file is left."""
    table = make()
    assert is_live(table)
    with pytest.raises(InputError, match=r": (give|make|rename) .*\.$"):
        hand_over(table, tmp_path / "f", "t")
    assert not (tmp_path / "f").exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(
        st.none()
        | st.integers(-(2**63), 2**63 - 1)
        | st.just(EXACT)
        | st.integers(0, 9),
        min_size=1,
        max_size=6,
    )
)
def test_whole_numbers_are_exact_from_everywhere(
    tmp_path: Path, values: list[int | None]
) -> None:
    """The same whole numbers and gaps come out, however the table is given."""
    table = pa.table({"x": pa.array(values, pa.int64())})
    rows = [{"x": value} for value in values]
    for one in (table, pl.DataFrame(table), rows, {"x": values}):
        read = loaded(hand_over(one, tmp_path, "t"))["x"]
        assert [None if pd.isna(v) else int(v) for v in read] == values
