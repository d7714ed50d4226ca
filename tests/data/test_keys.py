"""How tables join is found by names and proven by values."""

from __future__ import annotations

import contextlib
import io
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from analyst.data.inside.probing.names import singular, words_of
from analyst.data.inside.probing.report import report
from analyst.data.joins import join_sentence
from analyst.data.look import Join
from analyst.data.profile import read_joins, read_probe

RNG = np.random.default_rng(0)
CUSTOMERS = pd.DataFrame(
    {
        "id": np.arange(1, 501),
        "name": [f"Customer {n}" for n in range(500)],
        "country": RNG.choice(["FR", "DE", "IT"], 500),
    }
)
ORDERS = pd.DataFrame(
    {
        "id": np.arange(1, 6001),
        "customer_id": RNG.integers(1, 501, 6000),
        "amount": RNG.normal(100, 15, 6000).round(2),
    }
)


def joins(**tables: Any) -> tuple[Join, ...]:
    """How tables join, checked as on the other side of the border."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        report(tables)
    return read_joins(printed.getvalue(), read_probe(printed.getvalue(), list(tables)))


def sides(join: Join) -> tuple[str, str, str]:
    """A join in short."""
    left = f"{join.left_table}.{'+'.join(join.left_columns)}"
    return left, f"{join.right_table}.{'+'.join(join.right_columns)}", join.relation


def test_a_foreign_key_is_found_and_counted() -> None:
    """Rows without a match and without a value are counted apart."""
    orders = ORDERS.assign(customer_id=ORDERS["customer_id"].astype(float))
    orders.loc[:11, "customer_id"] = 9000 + np.arange(12.0)
    orders.loc[100:104, "customer_id"] = np.nan
    for tables in (
        {"orders": orders, "customers": CUSTOMERS},
        {"customers": CUSTOMERS, "orders": orders},
    ):
        [join] = joins(**tables)
        assert sides(join) == ("orders.customer_id", "customers.id", "many-to-one")
        assert (join.rows, join.unmatched, join.missing) == (5995, 12, 5)
        merged = orders.merge(
            CUSTOMERS, left_on="customer_id", right_on="id", how="left"
        )
        assert merged["name"].isna().sum() == join.unmatched + join.missing
        assert join_sentence(join) == (
            "orders.customer_id joins customers.id (many to one, 99.8% found, "
            "12 rows without a match, 5 rows without a value)."
        )
        assert join_sentence(join, counts=False) == (
            "orders.customer_id joins customers.id (many to one)."
        )


@pytest.mark.parametrize(
    ("left", "table", "right"),
    [
        ("customer_id", "customers", "id"),
        ("CustomerID", "customers", "ID"),
        ("customer", "customers", "id"),
        ("customer_id", "clients", "customer_id"),
        ("billing_customer_id", "customers", "customer_id"),
        ("billing_customer_id", "customers", "id"),
        ("cust_id", "customers", "customer_id"),
        ("category_id", "categories_2024", "id"),
    ],
)
def test_names_that_people_give_are_understood(
    left: str, table: str, right: str
) -> None:
    """A reference is known by the table's or the column's name, in usual spellings."""
    orders = ORDERS.rename(columns={"customer_id": left})
    found = joins(**{"orders": orders, table: CUSTOMERS.rename(columns={"id": right})})
    assert list(map(sides, found)) == [
        (f"orders.{left}", f"{table}.{right}", "many-to-one")
    ]


def test_texts_join_without_a_name() -> None:
    """Codes that are all found in a column of keys join, whatever they are called."""
    airports = pd.DataFrame({"iata": [f"A{n:02}" for n in range(90)], "elevation": 1.5})
    flights = pd.DataFrame(
        {
            "origin": RNG.choice(airports["iata"], 800),
            "carrier": RNG.choice(["AA", "BB"], 800),
        }
    )
    [join] = joins(flights=flights, airports=airports)
    assert sides(join) == ("flights.origin", "airports.iata", "many-to-one")
    assert not join.unmatched


def test_two_references_to_one_table_are_both_found() -> None:
    """Home and away are two joins."""
    teams = pd.DataFrame({"team_id": range(20), "stadium": "x"})
    games = pd.DataFrame(
        {
            "home_team_id": RNG.integers(0, 20, 300),
            "away_team_id": RNG.integers(0, 20, 300),
        }
    )
    assert {join.left_columns for join in joins(games=games, teams=teams)} == {
        ("home_team_id",),
        ("away_team_id",),
    }


def test_columns_that_are_a_key_together_are_found() -> None:
    """Where neither year nor region stands once, both together may."""
    budget = pd.DataFrame(
        [(year, region, year / 7) for year in range(2000, 2020) for region in "NESW"],
        columns=["year", "region", "budget"],
    )
    sales = pd.DataFrame(
        {
            "region": RNG.choice(list("NESW"), 500),
            "year": RNG.integers(2010, 2022, 500),
            "amount": RNG.normal(0, 1, 500),
        }
    )
    [join] = joins(sales=sales, budget=budget)
    assert sides(join) == ("sales.region+year", "budget.region+year", "many-to-one")
    assert join.unmatched == (sales["year"] > 2019).sum()
    assert join_sentence(join).startswith(
        "sales (region, year) joins budget (region, year) (many to one, "
    )


def test_one_row_each_is_one_to_one() -> None:
    """Two keys of the same things join row to row."""
    details = pd.DataFrame({"customer_id": np.arange(1, 401), "score": 0.5})
    [join] = joins(customers=CUSTOMERS, details=details)
    assert sides(join) == ("details.customer_id", "customers.id", "one-to-one")


def test_a_join_that_multiplies_rows_is_warned_of() -> None:
    """Where neither side stands once, the rows that a join would make are counted."""
    visits = pd.DataFrame({"customer_id": RNG.integers(1, 501, 2000), "page": 1.5})
    [join] = joins(orders=ORDERS, visits=visits)
    assert join.is_warning
    assert join.rows_after == len(ORDERS.merge(visits, on="customer_id"))
    assert "both repeat their values: a join would multiply" in join_sentence(join)


def test_keys_of_different_types_are_warned_of() -> None:
    """Numbers here and the same as text there are found, zeros in front or not."""
    texts = CUSTOMERS.assign(id=CUSTOMERS["id"].map("{:05}".format))
    [join] = joins(orders=ORDERS, customers=texts)
    assert (join.relation, join.types) == ("none", ("numbers", "text"))
    assert join_sentence(join) == (
        "orders.customer_id holds numbers and customers.id the same as text: "
        "make them one type before joining."
    )


def test_keys_that_share_nothing_are_warned_of() -> None:
    """Names that promise a join whose values are all apart are told."""
    [join] = joins(
        orders=ORDERS, customers=CUSTOMERS.assign(id=CUSTOMERS["id"] + 100_000)
    )
    assert join.relation == "none"
    assert join_sentence(join) == (
        "orders.customer_id and customers.id share no value: a join would find nothing."
    )


def test_tables_of_one_shape_are_stacked() -> None:
    """Two years of the same columns are no join."""
    [join] = joins(sales_2023=ORDERS, sales_2024=ORDERS.assign(amount=1.5))
    assert join_sentence(join) == (
        "sales_2023 and sales_2024 have the same columns: "
        "they are to be stacked rather than joined."
    )


def test_numbers_that_only_happen_to_agree_join_nothing() -> None:
    """Row numbers, years, amounts and flags of unrelated tables are no keys."""
    planets = pd.DataFrame(
        {
            "id": range(300),
            "year": RNG.integers(2000, 2020, 300),
            "amount": RNG.integers(0, 50, 300),
            "visible": ["yes", "no"] * 150,
        }
    )
    dogs = pd.DataFrame(
        {
            "id": range(300),
            "year": RNG.integers(2000, 2020, 300),
            "amount": RNG.integers(0, 50, 300),
            "good": ["yes", "no"] * 150,
        }
    )
    assert joins(planets=planets, dogs=dogs) == ()


def test_long_tables_are_looked_up_in_a_sample(tmp_path: Path) -> None:
    """Half a million orders take moments; what was looked up is said."""
    many = pd.DataFrame({"customer_id": RNG.integers(1, 626, 500_000), "n": 1.5})
    began = time.monotonic()
    [join] = joins(orders=many, customers=CUSTOMERS)
    assert time.monotonic() - began < 5
    assert (join.sampled, join.rows) == (True, 50_000)
    assert join.overlap == pytest.approx(0.8, abs=0.01)
    assert "found of 50,000 rows looked up" in join_sentence(join)

    many.to_parquet(tmp_path / "t.parquet")
    relation = duckdb.connect().read_parquet(str(tmp_path / "t.parquet"))
    [in_place] = joins(orders=relation, customers=CUSTOMERS)
    assert sides(in_place) == ("orders.customer_id", "customers.id", "many-to-one")
    assert in_place.sampled


def test_many_wide_tables_are_done_soon() -> None:
    """Twenty tables of a hundred columns are looked through in bounded time."""
    tables = {
        f"t{at}": pd.DataFrame(
            {f"c{at}_{n}_id": RNG.integers(0, 9, 50) for n in range(100)}
        )
        for at in range(20)
    }
    began = time.monotonic()
    assert len(joins(**tables)) <= 20
    assert time.monotonic() - began < 20


def test_odd_tables_join_nothing_and_make_nothing_fail() -> None:
    """Objects, equal names, no columns and no rows are no reason to fail."""
    joined = joins(
        lists=pd.DataFrame({"a_id": [[1], [2]]}),
        twins=pd.DataFrame([[1, 2], [3, 4]], columns=["a_id", "a_id"]),
        nothing=pd.DataFrame(),
        empty=pd.DataFrame({"a_id": pd.Series([], dtype="int64")}),
        big=pd.DataFrame({"a_id": [10**40, 1]}),
    )
    assert all(isinstance(join_sentence(join), str) for join in joined)


def test_words_of_names() -> None:
    """Names are read in the usual ways of writing them."""
    assert words_of("customerID") == ["customer", "id"]
    assert words_of("Straßen-Nr 2") == ["straßen", "nr", "2"]
    assert words_of("HTTPStatus_code") == ["http", "status", "code"]
    assert [singular(word) for word in ("boxes", "class", "bus", "cities")] == [
        "box",
        "class",
        "bus",
        "city",
    ]
