"""What never leaves: with real kernels and a real server, over several questions."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd
import pytest

import analyst
from analyst.run import Run
from analyst.testing import ScriptedServer, call, plan_and, python, say

Level: TypeAlias = Literal["samples", "aggregates", "schema"]

Session: TypeAlias = tuple[Level, list[Run], list[str]]

CANARY = re.compile(r"quokka", re.IGNORECASE)
NUMBER = re.compile(r"4815|4\.815|9630")
"""The planted number, its four figures, and twice it."""


def planted(folder: Path) -> list[Any]:
    """A file and a live frame with canaries wherever a table can hold one."""
    kinds = ["OtherKind", "QuokkaKind"]
    rows = [
        f"QuokkaCell{n},{kinds[n % 2]},{n * n / 7:.3f},2024-01-01" for n in range(24)
    ]
    rows.append("QuokkaLast,QuokkaRare,48151.62,QuokkaDay")
    path = folder / "quokka_file.csv"
    path.write_text("who,kind,amount,day\n" + "\n".join(rows) + "\n")
    frame = pd.DataFrame(
        {"kind": pd.Categorical(["QuokkaA", "QuokkaB"] * 6), "v": range(12)},
        index=pd.Index([f"QuokkaIndex{n}" for n in range(12)], name="label"),
    )
    return [path, frame]


SHOWING = [
    "print(a)\nprint(b)\na",
    "b.index",
    "a.head()",
    "a.groupby('kind').amount.agg(['mean', 'max', 'count'])",
    "a.pivot_table(index='day', columns='kind', values='amount')",
    "b.groupby('kind', observed=True).v.sum()",
    "a.amount.max()",
    "a.amount.max() * 2",
    "a.who.iloc[0]",
    "a.to_dict('list')",
    "import warnings\nwarnings.warn(a.who.iloc[0])\nprint(path)\npath",
    """\
a.plot.bar(x='who', y='amount', title=a.who.iloc[2])
plt.ylabel(a.kind.iloc[1])
plt.show()""",
    """\
display(a.describe(include='all'))
display(Markdown(a.who.iloc[0]))""",
]
FAILING = [
    "raise type(a.who.iloc[0], (Exception,), {})(a.who.iloc[1])",
    "int(a.amount.astype(str).max() + a.who.iloc[3])",
]


def script(names: str) -> list[Any]:
    """Two questions whose cells put out, raise and draw all that is planted.

    Args:
        names: what the two tables and the path of the first are called.
    """
    return [
        plan_and(["Look", "Look again"], python(f"a, b, path = {names}")),
        *(python(code) for code in (*SHOWING, *FAILING)),
        call("query_dataframe", sql="select kind, max(amount) as m from a group by 1"),
        call(
            "summarize_findings",
            findings=[{"template": "{a.who.iloc[0]} leads."}],
            answer="It is {b.loc[a.who.iloc[0]]}.",
        ),
        call(
            "summarize_findings",
            findings=[],
            answer="It is {a.who.iloc[0]} of {a.kind.iloc[1]} with {a.amount.max()}.",
        ),
        python("top = a.loc[a.amount.idxmax(), 'who']\ntop"),
        say("It is {top:.1f}."),
        say("It is {top}."),
    ]


@pytest.fixture(scope="module", params=["samples", "aggregates", "schema"])
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Session:
    """A level, the runs of two questions under it, and all that was sent for them."""
    level: Level = request.param
    folder = tmp_path_factory.mktemp(level)
    by_file = "quokka_file, table_2, QUOKKA_FILE"
    names = by_file if level == "samples" else "df_1, df_2, DF_1"
    with ScriptedServer(script(names), models=["played"]) as server:
        with analyst.Analyst(
            planted(folder),
            base_url=server.base_url,
            model="played",
            privacy=level,
            notebook=folder / "n.ipynb",
            max_steps=60,
            verify=False,
        ) as asked:
            runs = [asked.ask("Who leads?"), asked.ask("And who is last?")]
        bodies = [json.dumps(r.body, ensure_ascii=False) for r in server.requests]
    return level, runs, bodies


def test_no_canary_leaves(session: Session) -> None:
    """Cells, index, categories, file names, labels of charts, messages of errors,
    prints and a planted number are in the answers here, and in no request; but they
    are under `samples`, where nothing is kept from the model.
    """
    level, runs, bodies = session
    assert runs[0].answer == "It is QuokkaCell0 of QuokkaKind with 48151.62."
    assert runs[1].answer == "It is QuokkaLast."
    if level == "samples":
        everything = "\n".join(bodies)
        for canary in ("Cell0", "Cell2", "Kind", "Index", "Day", "Rare"):
            assert f"Quokka{canary}" in everything
        for canary in ("quokka_file", "48151", "9630"):
            assert canary in everything
        return
    for body in bodies:
        for forbidden in (CANARY, NUMBER):
            found = forbidden.search(body)
            assert not found, body[found.start() - 300 : found.end() + 100]


def test_each_level_tells_what_it_says(session: Session) -> None:
    """Schema says what there is, aggregates also how many and how much in a group."""
    level, _, bodies = session
    told = bodies[-1].replace("\\n", "\n")
    assert re.search(r"^who str", told, re.MULTILINE)
    mean = f"{sum(round(n * n / 7, 3) for n in range(0, 24, 2)) / 12:.4g}"
    alias = re.compile(rf"kind#\d: {mean}, —, 12$", re.MULTILINE)
    is_told = {
        "rows": re.search(r"^df_1: 25 rows", told, re.MULTILINE) is not None,
        "a mean": mean in told,
        "an alias": alias.search(told) is not None,
        "why not": "groups of fewer than 5 rows" in told,
    }
    assert is_told == {
        "rows": level == "aggregates",
        "a mean": level != "schema",
        "an alias": level == "aggregates",
        "why not": level == "aggregates",
    }


# Questions that are answered without a look at the data.

Question: TypeAlias = tuple[str, str, str, Callable[[pd.DataFrame], str]]


def _orders() -> pd.DataFrame:
    chance = random.Random(1)
    days = pd.date_range("2023-11-20", periods=90, freq="D")
    rows = [
        {
            "day": day,
            "region": chance.choice(["North", "South", "East", "West"]),
            "product": chance.choice(["desk", "chair", "lamp"]),
            "units": chance.randrange(1, 20),
            "price": round(chance.uniform(5, 300), 2)
            if chance.random() > 0.1
            else None,
            "customer": f"C{chance.randrange(30):02}",
            "returned": chance.random() < 0.15,
        }
        for day in days
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(revenue=(frame["units"] * frame["price"]).round(2))


def _staff() -> pd.DataFrame:
    chance = random.Random(2)
    return pd.DataFrame(
        {
            "Name": [f"Person {n}" for n in range(40)],
            "Team": [chance.choice(["Ops", "Sales", "IT", "HR"]) for _ in range(40)],
            "Born": [f"{chance.randrange(1, 28)}.{n % 12 + 1}.1980" for n in range(40)],
            "Salary": [
                chance.choice(["n/a", f"{chance.randrange(30, 90) * 100}"])
                for _ in range(40)
            ],
            "Days off": [chance.randrange(0, 30) for _ in range(40)],
            "Score": [round(chance.gauss(3, 1), 2) for _ in range(40)],
        }
    )


def _top_two(by_region: pd.Series[float]) -> str:
    first, second = by_region.sort_values(ascending=False).index[:2]
    share = (by_region[first] + by_region[second]) / by_region.sum()
    return f"{share:.0%}: {first} and {second}"


ORDERS: list[Question] = [
    (
        "What is the total revenue?",
        "total = df['revenue'].sum()",
        "{total:.2f}",
        lambda d: f"{d['revenue'].sum():.2f}",
    ),
    (
        "Which region sells most?",
        "by = df.groupby('region')['revenue'].sum().sort_values()\nbest = by.index[-1]",
        "{best} with {by.iloc[-1]:.1f}",
        lambda d: (
            f"{d.groupby('region').revenue.sum().idxmax()} with "
            f"{d.groupby('region').revenue.sum().max():.1f}"
        ),
    ),
    (
        "Which month was weakest?",
        "m = df.groupby(df['day'].dt.to_period('M'))['revenue'].sum()",
        "{m.idxmin()}",
        lambda d: f"{d.resample('MS', on='day').revenue.sum().idxmin():%Y-%m}",
    ),
    (
        "How many customers are there?",
        "customers = df['customer'].nunique()",
        "{customers}",
        lambda d: str(len(set(d["customer"]))),
    ),
    (
        "What share of orders is returned?",
        "share = df['returned'].mean()",
        "{share:.1%}",
        lambda d: f"{d.returned.sum() / len(d):.1%}",
    ),
    (
        "Which product has the highest mean price?",
        "p = df.groupby('product')['price'].mean()",
        "{p.idxmax()} ({p.max():.2f})",
        lambda d: (
            f"{d.groupby('product').price.mean().idxmax()} "
            f"({d.groupby('product').price.mean().max():.2f})"
        ),
    ),
    (
        "How many prices are missing?",
        "gaps = int(df['price'].isna().sum())",
        "{gaps} of {len(df)}",
        lambda d: f"{len(d) - d.price.count()} of {d.shape[0]}",
    ),
    (
        "Who bought most units?",
        "u = df.groupby('customer')['units'].sum().sort_index()\nwho = u.idxmax()",
        "{who}",
        lambda d: d.pivot_table(index="customer", values="units", aggfunc="sum")[
            "units"
        ].idxmax(),
    ),
    (
        "From when to when?",
        "first, last = df['day'].min(), df['day'].max()",
        "{first:%d %b %Y} to {last:%d %b %Y}",
        lambda _: "20 Nov 2023 to 17 Feb 2024",
    ),
    (
        "What was the best day?",
        "row = df.loc[df['revenue'].idxmax()]",
        "{row['day']:%Y-%m-%d}: {row['product']} in {row['region']}",
        lambda d: "{day:%Y-%m-%d}: {product} in {region}".format(
            **d.sort_values("revenue", na_position="first").iloc[-1]
        ),
    ),
    (
        "Do units and price go together?",
        "r = df['units'].corr(df['price'])",
        "r = {r:.2f}",
        lambda d: f"r = {d[['units', 'price']].corr().iloc[0, 1]:.2f}",
    ),
    (
        "How much of the revenue comes from the top two regions?",
        """\
t = df.groupby('region')['revenue'].sum().nlargest(2)
part = t.sum() / df['revenue'].sum()""",
        "{part:.0%}: {' and '.join(t.index)}",
        lambda d: _top_two(d.groupby("region").revenue.sum()),
    ),
]
STAFF: list[Question] = [
    (
        "How many people are there?",
        "n = len(df)",
        "{n}",
        lambda _: "40",
    ),
    (
        "What is the mean salary?",
        """\
df['pay'] = pd.to_numeric(df['Salary'], errors='coerce')
mean = df['pay'].mean()""",
        "{mean:,.0f}",
        lambda d: f"{d.Salary[d.Salary != 'n/a'].astype(int).mean():,.0f}",
    ),
    (
        "How many salaries are unknown?",
        "unknown = df['pay'].isna().sum()",
        "{unknown}",
        lambda d: str((d.Salary == "n/a").sum()),
    ),
    (
        "Which team is largest?",
        "teams = df['Team'].value_counts()",
        "{teams.index[0]}: {teams.iloc[0]}",
        lambda d: f"{d.Team.mode()[0]}: {(d.Team == d.Team.mode()[0]).sum()}",
    ),
    (
        "Who scored best?",
        "best = df.sort_values('Score').iloc[-1]",
        "{best['Name']} ({best['Score']})",
        lambda d: "{Name} ({Score})".format(**d.loc[d.Score.idxmax()]),
    ),
    (
        "In which month are most birthdays?",
        """\
born = pd.to_datetime(df['Born'], format='%d.%m.%Y', errors='coerce')
months = born.dt.month_name().value_counts().sort_index()""",
        "{months.max()} in {months.idxmax()}",
        lambda _: "4 in April",
    ),
    (
        "Which team has most days off on average?",
        "off = df.groupby('Team')['Days off'].mean()",
        "{off.idxmax()} with {off.max():.1f}",
        lambda d: (
            f"{d.groupby('Team')['Days off'].mean().sort_values().index[-1]} with "
            f"{d.groupby('Team')['Days off'].mean().max():.1f}"
        ),
    ),
    (
        "What is the median score?",
        "mid = df['Score'].median()",
        "{mid:.2f}",
        lambda d: f"{d.Score.quantile(0.5):.2f}",
    ),
    (
        "Is Nobody in the list?",
        "there = (df['Name'] == 'Nobody').any()",
        "{'yes' if there else 'no'}",
        lambda _: "no",
    ),
    (
        "How many took no day off?",
        "none = (df['Days off'] == 0).sum()",
        "{none}",
        lambda d: str(list(d["Days off"]).count(0)),
    ),
]
SETS = {"orders": (_orders, ORDERS), "staff": (_staff, STAFF)}
ALL = [(name, at) for name, (_, asked) in SETS.items() for at in range(len(asked))]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], Run]:
    """All questions, answered in a session for each table, and nothing shown."""
    runs: dict[tuple[str, int], Run] = {}
    for name, (make, asked) in SETS.items():
        folder = tmp_path_factory.mktemp(name)
        make().to_csv(folder / f"{name}.csv", index=False)
        replies = [r for _, code, text, _ in asked for r in (python(code), say(text))]
        with (
            ScriptedServer(replies, models=["played"]) as server,
            analyst.Analyst(
                folder / f"{name}.csv",
                base_url=server.base_url,
                model="played",
                privacy="schema",
                notebook=folder / "n.ipynb",
                verify=False,
            ) as session,
        ):
            for at, (question, *_) in enumerate(asked):
                runs[name, at] = session.ask(question)
    return runs


@pytest.mark.parametrize(("name", "at"), ALL)
def test_questions_are_answered_blindly(
    answered: dict[tuple[str, int], Run], name: str, at: int
) -> None:
    """Under `schema` the answer is right and filled in, by code that saw no value."""
    make, asked = SETS[name]
    run = answered[name, at]
    assert run.stop == "answered"
    assert run.answer == asked[at][3](make())
    assert not run.unbound
