"""Results in numbers of groups: what is told was computed of five rows or more."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import math
import random
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.agent import aggregates
from analyst.agent.aggregates import MARK, aggregates_probe, read_aggregates
from analyst.agent.privacy import known_names
from analyst.agent.probes import aggregates as probe
from analyst.events import Table

RNG = np.random.default_rng(7)
ROWS = 60
FRAME = pd.DataFrame(
    {
        "region": RNG.choice(["Ostmark", "Westend", "Suedbad"], ROWS),
        "year": RNG.choice([2021, 2022], ROWS),
        "sales": RNG.lognormal(5, 1, ROWS),
        "units": RNG.integers(1000, 9000, ROWS),
        "late": RNG.random(ROWS) < 0.4,
        "rare": ["Solo", *["Many"] * (ROWS - 1)],
    }
)
TOLD = re.compile(r"^(\S.*?): (.*)$", re.MULTILINE)


def table(rows: int = ROWS) -> Table:
    """What the look at the frame came to, as far as it matters here."""
    return Table(
        name="df", path="", sha256="a1", bytes=1, rows=rows, columns=(), profile=""
    )


def told(code: str, frame: pd.DataFrame = FRAME) -> str:
    """What the model is told after a cell, where the table is `df`."""
    space: dict[str, Any] = {"df": frame.copy(), "pd": pd, "np": np}
    *before, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)
    exec(compile(ast.Module(before, []), "cell", "exec"), space)
    result = eval(compile(ast.Expression(last.value), "cell", "eval"), space)
    space["_oh"] = {1: None, 7: result}
    names = set(space)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(aggregates_probe([table(len(frame))]), space)
    assert set(space) == names
    known = known_names([], [code]) | set(map(str, frame.columns))
    return read_aggregates(printed.getvalue(), known=known)


def numbers(words: str) -> list[float]:
    """The numbers that were told, line after line."""
    lines = [m[2] for m in TOLD.finditer(words) if not m[0].startswith(("table", "wi"))]
    cells = [cell for line in lines for cell in line.split(", ")]
    return [float(cell) for cell in cells if cell != "—"]


def four(values: Any) -> list[float]:
    """Numbers to four significant figures."""
    return [float(f"{value:.4g}") for value in values]


GROUPED = {
    "df.groupby('region').sales.mean()": FRAME.groupby("region").sales.mean(),
    "df.groupby('region').sales.sum().round(2)": FRAME.groupby("region").sales.sum(),
    "df.groupby('region').sales.sum().sort_values()": (
        FRAME.groupby("region").sales.sum().sort_values()
    ),
    "df.groupby('region').agg(n=('sales', 'size')).reset_index()": (
        FRAME.groupby("region").size()
    ),
    "df.groupby(['region', 'year']).sales.std().reset_index()": (
        FRAME.groupby(["region", "year"]).sales.std()
    ),
    "df.pivot_table(index='region', columns='year', values='sales')": (
        FRAME.groupby(["region", "year"]).sales.mean()
    ),
    "pd.crosstab(df.region, df.year, normalize='index')": (
        FRAME.groupby("region").year.value_counts(normalize=True).sort_index()
    ),
    "df.groupby('year').sales.std()": FRAME.groupby("year").sales.std(),
    "df.groupby('region').late.mean()": FRAME.groupby("region").late.mean(),
    "df['region'].value_counts(normalize=True)": (
        FRAME["region"].value_counts(normalize=True)
    ),
    "df['high'] = df.sales > 100\ndf.groupby('high').units.sum()": (
        FRAME.groupby(FRAME.sales > 100).units.sum()
    ),
    "new = df[df.year == 2022]\nnew.groupby('region').sales.mean()": (
        FRAME[FRAME.year == 2022].groupby("region").sales.mean()
    ),
    "df.sales.mean()": pd.Series([FRAME.sales.mean()]),
    "len(df)": pd.Series([ROWS]),
    "{'mean': df.sales.mean(), 'total': df.units.sum()}": (
        pd.Series([FRAME.sales.mean(), FRAME.units.sum()])
    ),
    "df[['sales', 'units']].corr()": FRAME[["sales", "units"]].corr().stack(),  # noqa: PD013 - the square
    "df[['sales', 'units']].mean()": FRAME[["sales", "units"]].mean(),
    "df.groupby('region').sales.agg(['mean', 'count'])": (
        FRAME.groupby("region").sales.agg(["mean", "count"]).stack()  # noqa: PD013 - as above
    ),
}


@pytest.mark.parametrize("code", GROUPED)
def test_numbers_of_groups_are_told(code: str) -> None:
    """What pandas computes of five rows or more is told to four figures, in order."""
    words = told(code)
    assert numbers(words) == four(GROUPED[code])
    assert "withheld" not in words


def test_labels_are_aliases() -> None:
    """A label is told by a number that stays; years are numbered in their order."""
    by_region = told("df.groupby('region').sales.sum()")
    of_late = told("x = df[df.year == 2022]\nx.groupby('region').units.sum()")
    for words in (by_region, of_late):
        assert re.findall(r"region#\d", words) == re.findall(r"region#\d", by_region)
        assert not any(name in words for name in FRAME["region"].unique())
    by_year = told("df.groupby('year').sales.mean()")
    assert re.findall(r"^(\S+):", by_year, re.MULTILINE) == ["year#1", "year#2"]
    assert "2021" not in by_year


LEAKS = [
    "df.sales.max()",
    "df.sales.iloc[7]",
    "df.sales.iloc[7] * 2",
    "df.sales.nlargest(3)",
    "df.nlargest(3, 'sales')",
    "df.head()",
    "df.tail(2).T",
    "df[df.sales == df.sales.max()]",
    "df.groupby('region').sales.max()",
    "df.groupby('region').sales.first() * 2",
    "df.groupby('region').sales.max().rename('n')",
    "df.sort_values('sales').iloc[[0]]",
    "df.set_index('sales')",
    "df.to_dict('list')",
    "df.sales.tolist()",
    "df.sales.quantile(0.01)",
    "df[df.rare == 'Solo'].sales.sum()",
    "df[df.rare == 'Solo'].groupby('region').sales.mean()",
    "few = df.nlargest(4, 'sales')\nfew.sales.sum()",
    "few = df.nlargest(4, 'sales')\nfew.groupby('region').sales.mean()",
    "df['top'] = df.sales.max() * 3\ndf.groupby('region').top.mean()",
    "df['top'] = df.sales.where(df.rare == 'Solo')\ndf.groupby('region').top.sum()",
    "df['top'] = df.sales.where(df.rare == 'Solo', 0)\ndf.top.sum()",
    "df['top'] = df.sales.where(df.rare == 'Solo', 0)\ndf.groupby('year').top.sum()",
    "df['top'] = df.rare == 'Solo'\ndf.top.sum()",
    "df['top'] = (df.rare == 'Solo').astype(int)\ndf.top.mean()",
    "one = pd.concat([df.iloc[[0]]] * 9, ignore_index=True)\none.sales.mean() * 2",
    "one = df.loc[[7] * 9]\none.sales.sum()",
    "df = df.melt('region')\ndf[df.variable == 'sales'].value.max()",
    "df.describe().loc[['min', 'max', '25%']]",
    "df.sales.cumsum()",
    "df.sales.rank()",
    "df.rare.iloc[0]",
    "df.late.iloc[0]",
    "df.sales.to_numpy()[3]",
    "'Solo'",
    "df.region.unique()",
    "[df.sales.iloc[0], df.sales.iloc[1]]",
    "{'x': df.sales.min()}",
    "pd.DataFrame({'a': df.sales.values[:6]})",
]


@pytest.mark.parametrize("code", LEAKS)
def test_what_is_of_single_rows_is_withheld(code: str) -> None:
    """No number of fewer than five rows is told, whatever it was turned into."""
    words = told(code)
    assert numbers(words) == []
    assert "withheld" in words or "column" in words


def test_groups_of_few_rows_are_withheld_among_others() -> None:
    """The small groups of a result stay out of it, and it says so."""
    words = told("df.groupby('rare').sales.mean()")
    assert numbers(words) == four([FRAME.sales[1:].mean()])
    assert "withheld: 1 groups of fewer than 5 rows" in words


def test_names_that_come_from_data_are_not_told() -> None:
    """Columns are told by names that tables or code have, others by their place."""
    words = told(
        "df.assign(k=0).pivot_table(index='k', columns='rare', values='sales')"
    )
    assert "Solo" not in words
    assert "Many" not in words
    bare = "w = df.pivot_table(index='year', columns='region', values='sales')\n"
    words = told(bare + "w.columns.name = None\nw")
    assert "column 1 float64" in words
    assert not any(name in words for name in FRAME["region"].unique())


def test_what_a_row_stands_for_is_not_cut_up() -> None:
    """After a melt a person's five values are five rows, and still one person's."""
    wide = pd.DataFrame(RNG.normal(50, 9, (8, 6)), columns=list("abcdef"))
    wide["who"] = [f"P{n}" for n in range(8)]
    for name in ("long", "df"):
        words = told(
            f"{name} = df.melt('who')\n{name}.groupby('who').value.mean()", wide
        )
        assert numbers(words) == []


WORDS = ["min", "max", "first", "last"]


@pytest.mark.battery(8, 500)
def test_extremes_of_small_numbers_are_not_told_as_counts(rounds: range) -> None:
    """A cell that happens to be as large as a count of its own column is no count."""
    for seed in rounds:
        chance = random.Random(seed)
        size = chance.randrange(12, 40)
        frame = pd.DataFrame(
            {
                "g": [chance.choice("ab") for _ in range(size)],
                "stars": [chance.randrange(0, 6) for _ in range(size)],
            }
        )
        for way in WORDS:
            words = told(f"df.groupby('g').stars.{way}()", frame)
            assert numbers(words) == [], (seed, way, words)


def test_the_two_sides_keep_to_the_same_bounds() -> None:
    """The bounds are said twice, because neither side trusts the other."""
    for name in ("MARK", "MAX_LINES", "MAX_HEADS", "MAX_KEYS", "NAME_CHARS"):
        assert getattr(aggregates, name) == getattr(probe, name)


def test_large_results_are_told_in_few_words() -> None:
    """However large a result is, what is told of it is a few hundred tokens."""
    wide = pd.DataFrame(RNG.normal(size=(500, 40))).add_prefix("a_long_column_name_")
    wide["g"] = np.arange(500) % 50
    assert len(told("df.groupby('g').mean()", wide)) / 2.5 < 800


@pytest.mark.parametrize(
    "code",
    [
        "object()",
        "df.groupby('region')",
        "df.columns",
        "pd.DataFrame()",
        "pd.DataFrame({'a': [[1], {}]})",
        "pd.DataFrame([[1, 2]], columns=['x', 'x'])",
        "pd.Series([1j])",
        "df.set_index(['region', 'year'])",
        "df.set_axis([None, 1, (2, 3), '', 'x', 'y'], axis=1)",
        "pd.NA",
        "float('nan')",
        "10 ** 400",
        "{}",
        "{'a': None}",
        "del df\n1",
        "df = 5\n1",
        "df.sales.rolling(3)",
        "pd.Timestamp('2024')",
    ],
)
def test_any_result_is_told_of(code: str) -> None:
    """Whatever a cell ends with, the look at it ends, and tells no number."""
    words = told(code)
    assert words
    assert numbers(words) == []


def printed(**changes: Any) -> str:
    """What the probe prints of a small table, with changes."""
    line = {"row": 1, "label": "", "groups": [1], "numbers": [2.5]}
    facts = {
        "kind": "table",
        "rows": 3,
        "columns": 1,
        "keys": ["region"],
        "heads": [{"parts": ["sales"], "dtype": "float64"}],
        "left": 0,
        "lines": [line | changes.pop("line", {})],
        "withheld": {"few": 1},
    }
    return MARK + json.dumps(facts | changes) + "\n"


def test_a_report_is_read() -> None:
    """What fits is told."""
    words = read_aggregates(printed(), known=["region", "sales"])
    assert words.splitlines() == [
        "table of 3 rows, 1 columns: region, sales float64",
        "region#1: 2.5",
        "withheld: 1 groups of fewer than 5 rows",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        MARK,
        MARK + "{",
        MARK + "null",
        MARK + "[" * 5000,
        printed() * 2,
        printed(kind="CANARY"),
        printed(rows="CANARY"),
        printed(rows=-1),
        printed(left=10**13),
        printed(keys=["a"] * 5),
        printed(lines=["CANARY"]),
        printed(line={"groups": []}),
        printed(line={"groups": ["CANARY"]}),
        printed(line={"numbers": ["CANARY"]}),
        printed(line={"numbers": [math.nan]}),
        printed(line={"numbers": [math.inf]}),
        printed(line={"row": 99}),
        printed(withheld={"CANARY": 1}),
        printed(heads=[{"parts": ["x" * 300_000], "dtype": ""}]),
    ],
)
def test_a_forged_report_is_not_read(text: str) -> None:
    """The text is untrusted: what does not fit is not used."""
    assert read_aggregates(text, known=["region", "sales"]) == ""


@given(st.text(max_size=40))
def test_a_report_cannot_carry_text(text: str) -> None:
    """Names and kinds that are not known are never told, wherever they are put."""
    canary = f"qzx{text}"
    words = read_aggregates(
        printed(
            keys=[canary],
            heads=[{"parts": [canary], "dtype": canary}],
            line={"label": canary},
        ),
        known=["region", "sales"],
    )
    assert words
    assert "qzx" not in words
