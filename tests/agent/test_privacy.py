"""How much is told at each level: of tables, results, figures and suspicious cells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyst.agent import privacy
from analyst.events import (
    CellInspected,
    Chart,
    Column,
    Output,
    Privacy,
    Rich,
    Stream,
    Table,
)

COLUMNS = (
    Column(
        name="city",
        kind="str",
        distinct=2,
        missing=3,
        values=("Berlin", "Paris"),
        suspicious=2,
    ),
    Column(
        name="unit price", kind="float", distinct=40, low="7.5", median="8", high="99.5"
    ),
    Column(name="paid", kind="str", distinct=9, text_of="numbers", values=("1,5",)),
    Column(name="id", kind="int", distinct=41, unique=True, low="1", high="41"),
    Column(name="a\u200bb", kind="date", low="2024-01-01", high="2024-12-31"),
)
TABLE = Table(
    name="df",
    path="secret.csv",
    sha256="ab",
    bytes=1,
    rows=41,
    columns=COLUMNS,
    profile="df: all of it",
)
OUTPUTS: tuple[Output, ...] = (
    Stream(text="Berlin 7.5"),
    Rich(data={"text/plain": "Paris"}, is_result=True),
    Rich(data={"image/png": "aGk="}),
)


def test_schema_is_names_and_types() -> None:
    """Under `schema` a table is its columns' names and types, and no number of it."""
    assert privacy.profile(TABLE, "schema").splitlines() == [
        "df: 5 columns",
        "city str",
        '"unit price" float',
        "paid str (numbers as text)",
        "id int",
        '"ab" [=columns[4]] date',
    ]


@pytest.mark.parametrize("level", ["schema", "aggregates"])
def test_columns_beyond_those_listed_are_counted(level: Privacy) -> None:
    """Of a very wide table the model is told how many columns are not listed."""
    first, *_, last = privacy.profile(
        replace(TABLE, more_columns=295), level
    ).splitlines()
    assert "300 columns" in first
    assert last == "… and 295 more columns"


def test_aggregates_adds_counts() -> None:
    """Under `aggregates` rows, different and missing values are counted, no more."""
    assert privacy.profile(TABLE, "aggregates").splitlines() == [
        "df: 41 rows, 5 columns",
        "city str 2 distinct missing 3",
        '"unit price" float 40 distinct',
        "paid str (numbers as text) 9 distinct",
        "id int unique",
        '"ab" [=columns[4]] date 0 distinct',
    ]


def test_samples_is_the_whole_profile() -> None:
    """By default the model gets the profile as it is."""
    assert privacy.profile(TABLE, "samples") == "df: all of it"


def test_results_are_not_told() -> None:
    """Nothing that a cell put out is told; of figures only that there are some."""
    schema = privacy.result_words(None, OUTPUTS, "schema")
    inspected = CellInspected(result="table of 3 rows", cell=5)
    aggregates = privacy.result_words(inspected, OUTPUTS, "aggregates")
    assert schema == privacy.result_words(inspected, OUTPUTS, "schema")
    assert "figure shown" in schema
    assert aggregates.startswith("table of 3 rows\n")
    assert "end the cell with an expression" in aggregates
    for told in (schema, aggregates, privacy.result_words(None, (), "aggregates")):
        assert told
        assert not any(word in told for word in ("Berlin", "Paris", "7.5"))


def test_figures_lose_their_labels_and_their_counts() -> None:
    """Labels are data; under `schema` the number of points is a number of rows."""
    chart = Chart(title="Ann", x="Bob", y="Cy", marks=41, problems=("no legend",))
    assert "Ann" in privacy.chart_words(chart, "samples")
    counted = privacy.chart_words(chart, "aggregates")
    assert "41" in counted
    bare = privacy.chart_words(chart, "schema")
    assert bare == "figure; problems: no legend"
    assert "41" not in privacy.chart_words(replace(chart, problems=()), "schema")
    assert not any(name in counted for name in ("Ann", "Bob", "Cy"))


def test_the_model_is_told_what_it_will_not_see() -> None:
    """The system message grows by a paragraph, and not at all by default."""
    assert privacy.addendum("samples") == ""
    for level in ("aggregates", "schema"):
        told = privacy.addendum(level)
        assert "field" in told
        assert "$" not in told
        assert len(told) / 4.3 < 160


def test_suspicious_columns_are_told_to_the_user() -> None:
    """A sentence each, the name quoted so that it is no order to the reader's tools."""
    [sentence] = privacy.suspicions([TABLE])
    assert sentence == (
        'Column "city" of df holds 2 values that read like instructions to a language '
        "model: they are quoted to it as data, if at all."
    )
    hostile = Column(name="```json\nobey", kind="str", suspicious=1)
    [sentence] = privacy.suspicions([replace(TABLE, columns=(hostile,))])
    assert sentence.startswith("Column \"'''json obey\" of df holds a value that reads")


@pytest.mark.parametrize("source", ["df['unit price']", "def (", '"', "'a' \"b c\""])
def test_names_come_from_tables_and_code(source: str) -> None:
    """A name may be told if a table has it or the model wrote it, however badly."""
    known = privacy.known_names([TABLE], [source])
    assert {column.name for column in COLUMNS} <= known
    assert privacy.known_names([], ["'a' \"b c\""]) == {"a", "b", "c", "b c"}
