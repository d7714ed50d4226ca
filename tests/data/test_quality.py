"""What is odd in a table is noticed, and nothing is noticed where nothing is odd."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.inside.probing.report import report
from analyst.data.look import Look, Noticed
from analyst.data.profile import read_probe
from analyst.data.quality import FEWEST_ROWS, MAX_NOTES, notes

ROWS = 400
RNG = np.random.default_rng(0)
REPOSITORY = Path(__file__).parents[2]
CLEAN = [
    *(REPOSITORY / "notebooks" / "data").glob("*.csv"),
    *(
        REPOSITORY.parent / "shared" / "data" / f"{name}.csv"
        for name in ("airports", "bechdel-movies", "drinks", "healthexp", "penguins")
    ),
]


def look(table: Any) -> Look:
    """What is said of a table, checked as on the other side of the border."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        report({"df": table})
    return read_probe(printed.getvalue(), ["df"])["df"]


def clean() -> dict[str, Any]:
    """A table in which nothing is odd."""
    return {
        "order_id": np.arange(1, ROWS + 1),
        "city": RNG.choice(["Rome", "Paris", "New York", "Łódź"], ROWS),
        "amount": RNG.normal(100, 15, ROWS).round(2),
        "revenue": RNG.lognormal(3, 2, ROWS).round(2),
        "count": RNG.poisson(3, ROWS),
        "change": RNG.normal(0, 1, ROWS),
        "day": pd.date_range("2023-01-01", periods=ROWS),
        "paid": RNG.random(ROWS) < 0.9,
        "rating": RNG.choice([1.0, 2.0, 3.0, np.nan], ROWS),
        "customer": [f"Customer {n}" for n in RNG.integers(0, 90, ROWS)],
        "zip": [f"{n:05}" for n in RNG.integers(1000, 99999, ROWS)],
        "remark": [f"remark number {n} " for n in range(ROWS)],
        "year": RNG.choice([2021, 2022, 2023], ROWS),
        "group": pd.Categorical(RNG.choice(list("abc"), ROWS)),
    }


def noticed_with(**changed: Any) -> tuple[Noticed, ...]:
    """What is noticed in the clean table when columns of it are changed."""
    return look(pd.DataFrame(clean() | changed)).noticed


def put(values: Any, *odd: Any, every: int = 50) -> Any:
    """Odd values in some places of a column."""
    changed = pd.Series(values).copy()
    if any(isinstance(one, str) for one in odd):
        changed = changed.astype(object)
    for at, one in enumerate(odd):
        changed.iloc[7 + at * every // len(odd) :: every] = one
    return changed


def once(values: Any, *odd: Any) -> Any:
    """Odd values in one place each."""
    changed = pd.Series(values).copy()
    for at, one in enumerate(odd):
        changed.iloc[11 + 17 * at] = one
    return changed


def test_nothing_is_noticed_in_a_clean_table() -> None:
    """Skewed, sparse, textual and numbered columns are no reason for a note."""
    assert noticed_with() == ()


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_nothing_is_noticed_in_clean_real_tables(path: Path) -> None:
    """Tables that people published with care hold nothing of note."""
    if not path.exists():
        pytest.xfail("the real tables are not beside this repository")
    assert look(pd.read_csv(path)).noticed == ()


C = clean()
DAYS = pd.Series(C["day"])
ODD: dict[str, tuple[dict[str, Any], str, int, tuple[str, ...]]] = {
    "a key with three repeats": (
        {"order_id": once(C["order_id"], 1, 2, 3)},
        "nearly_unique",
        3,
        ("1", "2", "3"),
    ),
    "a key with a gap": (
        {"order_id": once(C["order_id"].astype(float), np.nan)},
        "key_missing",
        1,
        (),
    ),
    "-999 among sizes": (
        {"amount": put(C["amount"], -999.0)},
        "sentinel",
        8,
        ("-999",),
    ),
    "9999 among counts": ({"count": put(C["count"], 9999)}, "sentinel", 8, ("9999",)),
    "99 among grades": ({"rating": put(C["rating"], 99.0)}, "sentinel", 8, ("99",)),
    "1900 among dates": (
        {"day": put(DAYS, pd.Timestamp("1900-01-01"))},
        "sentinel",
        8,
        ("1900-01-01",),
    ),
    "a year typed wrong": (
        {"day": once(DAYS, pd.Timestamp("2203-05-01"))},
        "far_dates",
        1,
        ("2203-05-01",),
    ),
    "a point in the wrong place": (
        {"amount": once(C["amount"], 9801.0)},
        "outliers",
        1,
        ("9801",),
    ),
    "a negative age": (
        {"age": once(RNG.integers(18, 80, ROWS), -4)},
        "negative",
        1,
        ("-4",),
    ),
    "endless numbers": (
        {"change": once(C["change"], np.inf, -np.inf)},
        "infinite",
        2,
        (),
    ),
    "hidden zeros": (
        {"tolls": np.where(np.arange(ROWS) < 20, np.arange(ROWS), 0)},
        "zeros",
        381,
        (),
    ),
    "two spellings": (
        {"city": put(C["city"], "paris ", " Paris", every=40)},
        "spellings",
        20,
        ("Paris", "paris ", " Paris"),
    ),
    "blanks around": (
        {"city": [f"{name} " for name in C["city"]]},
        "untrimmed",
        ROWS,
        (),
    ),
    "words for missing": ({"city": put(C["city"], "n/a")}, "placeholder", 8, ("n/a",)),
    "numbers in text": (
        {"amount": [f"{n:.2f}" for n in C["amount"]]},
        "text_numbers",
        ROWS,
        (),
    ),
    "dates in text": (
        {"day": DAYS.dt.strftime("%d/%m/%Y")},
        "text_dates",
        ROWS,
        (),
    ),
    "words among numbers in text": (
        {"amount": put([f"{n:.2f}" for n in C["amount"]], "cancelled")},
        "nearly_numbers",
        8,
        ("cancelled",),
    ),
    "text among numbers": (
        {"count": put(pd.Series(C["count"], dtype=object), "many")},
        "mixed",
        8,
        ("many",),
    ),
    "lost characters": (
        {"city": put(C["city"], "Z\ufffdrich")},
        "damaged",
        8,
        ("Z\ufffdrich",),
    ),
    "doubly encoded characters": (
        {"city": put(C["city"], "ZÃ\xbcrich")},
        "damaged",
        8,
        (),
    ),
    "one value": ({"source": ["web"] * ROWS}, "constant", ROWS, ()),
    "no value": ({"notes": [None] * ROWS}, "empty", ROWS, ()),
    "few values": (
        {"rating": once([np.nan] * ROWS, 1.0, 2.0)},
        "mostly_missing",
        ROWS - 2,
        (),
    ),
    "a copy": ({"total": C["amount"]}, "equal", ROWS, ()),
}


@pytest.mark.parametrize(
    ("changed", "kind", "count", "examples"), ODD.values(), ids=list(ODD)
)
def test_each_oddity_is_noticed_alone(
    changed: dict[str, Any], kind: str, count: int, examples: tuple[str, ...]
) -> None:
    """What was done to a clean table is the one thing noticed, with its count."""
    [one] = look(pd.DataFrame(C | changed)).noticed
    assert (one.kind, one.count) == (kind, count)
    assert set(changed) <= set(one.columns)
    assert set(examples) <= set(one.examples)
    assert not one.sampled


def test_rows_that_repeat_are_counted() -> None:
    """Twelve rows that were pasted twice are found, though no column is unique."""
    frame = pd.DataFrame(C).drop(columns=["order_id", "remark", "day"])
    [one] = look(pd.concat([frame, frame.iloc[:12]])).noticed
    assert (one.kind, one.columns, one.count) == ("duplicate_rows", (), 12)
    few = pd.DataFrame({"sex": C["group"], "paid": C["paid"]})
    assert look(few).noticed == (), "rows of few values repeat by chance"


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("shape", ["normal", "lognormal", "exponential", "uniform"])
def test_no_distribution_is_full_of_outliers(shape: str, seed: int) -> None:
    """Of values that are all drawn from one distribution, none is called odd."""
    values = getattr(np.random.default_rng(seed), shape)(size=2000)
    assert look(pd.DataFrame({"size_in_m": values})).noticed == ()


def test_codes_that_are_values_are_left_alone() -> None:
    """99 among two-digit numbers, -9 among both signs, a day of 1970 are data."""
    some = RNG.integers(0, 100, ROWS)
    days = pd.Series(pd.date_range("1960-01-01", periods=ROWS, freq="MS"))
    seventies = put(days, pd.Timestamp("1970-01-01"))
    assert noticed_with(score=some, change_in_k=RNG.integers(-9, 9, ROWS)) == ()
    assert noticed_with(born=seventies) == ()


def test_long_tables_are_counted_where_it_is_cheap() -> None:
    """In 300,000 rows codes are counted in all of them, spellings in a sample."""
    rows = 300_000
    amount = np.random.default_rng(1).normal(100, 15, rows)
    amount[:5] = -999
    city = np.array(["Rome", "Paris"])[np.arange(rows) % 2]
    city[::100] = "rome"
    code, spelled = look(pd.DataFrame({"amount": amount, "city": city})).noticed
    assert (code.kind, code.count, code.sampled) == ("sentinel", 5, False)
    assert (spelled.kind, spelled.sampled) == ("spellings", True)
    assert spelled.of == 50_000


def test_of_a_file_in_place_only_the_first_rows_are_judged(tmp_path: Path) -> None:
    """What is noticed there is said to be of so many rows."""
    frame = pd.DataFrame({"n": np.arange(50_000) * 1.5, "c": ["a", "A"] * 25_000})
    frame.to_parquet(tmp_path / "t.parquet")
    seen = look(duckdb.connect().read_parquet(str(tmp_path / "t.parquet")))
    [one] = seen.noticed
    assert (one.kind, one.of, one.sampled) == ("spellings", 20_000, True)


def test_a_table_in_which_all_is_odd_gets_few_notes() -> None:
    """However much is odd, there are eight sentences, the gravest first."""
    frame = pd.DataFrame(
        {f"id_{n} key": once(C["order_id"], 1, 2) + n for n in range(60)}
        | {f"c{n}": ["x"] * ROWS for n in range(60)}
        | {f"t{n}": put(C["city"], "paris") for n in range(60)}
    )
    seen = look(frame)
    told = notes(seen, "samples")
    assert len(told) <= MAX_NOTES
    assert [one.kind for one in seen.noticed[:3]] == ["nearly_unique"] * 3
    assert seen.noticed[2].more_columns == 57
    [constant] = [one for one in seen.noticed if one.kind == "constant"]
    assert len(constant.columns) + constant.more_columns == 60


def test_notes_are_sentences() -> None:
    """A note names table and column, says how many, and may quote a few values."""
    seen = look(
        pd.DataFrame(
            C
            | {
                "order_id": once(C["order_id"], 1, 2, 3),
                "amount": put(C["amount"], -999.0),
                "web site": ["x"] * ROWS,
                "via": ["y"] * ROWS,
            }
        )
    )
    repeated, code, constant = notes(seen, "samples")
    assert repeated.startswith("df.order_id is not quite unique: 3 rows repeat an ")
    assert repeated.endswith(' earlier value ("1", "2", "3").')
    assert code.startswith("df.amount holds a value 8 times that is far from all ")
    assert code.endswith(' and may stand for a missing one ("-999").')
    assert constant == 'df["web site"] and df.via hold one value throughout.'


@pytest.mark.parametrize("case", ODD.values(), ids=list(ODD))
def test_values_are_quoted_only_where_they_may_be(
    case: tuple[dict[str, Any], str, int, tuple[str, ...]],
) -> None:
    """Below that it holds names, and counts of five rows or more, or is not there."""
    seen = look(pd.DataFrame(C | case[0]))
    [one] = seen.noticed
    bare = notes(seen, "aggregates")
    [full] = notes(seen, "samples")
    assert notes(seen, "schema") == ()
    assert len(bare) == (one.count >= FEWEST_ROWS)
    assert '"' not in "".join(bare)
    assert ('"' in full) == bool(one.examples)


cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=5),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, dt.UTC])),
    st.decimals(allow_nan=False),  # pandas itself cannot look at a signalling one
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


@given(st.lists(cells, min_size=1, max_size=8), st.integers(1, 60), st.text(max_size=9))
def test_no_mixture_of_values_makes_it_fail(
    values: list[Any], times: int, name: str
) -> None:
    """Whatever objects stand in a column, it is looked at, and notes are bounded."""
    column = pd.Series(values * times, dtype=object)
    frame = pd.DataFrame({0: column, 1: range(len(column))})
    seen = look(frame.set_axis([name, "n"], axis=1))
    assert seen.columns[0].missing == column.isna().sum()
    assert all(len(note) < 1000 for note in notes(seen, "samples"))
