"""What a conversation costs: counts of bytes and tokens, which are the same each time.

Tokens are counted by the estimate that budgets use, which is near what OpenAI's models
count. Over real HTTP, on what a server really received.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import analyst
from analyst.testing import ScriptedServer, call, plan_and, python
from analyst.tokens import estimate

STEPS = [
    "by_month = df.groupby(df['order_date'].str[:7])['revenue'].sum()\nby_month",
    (
        "by_region = df.groupby('region')['revenue'].agg(['sum', 'mean', 'count'])\n"
        "by_region.sort_values('sum', ascending=False)"
    ),
    (
        "import matplotlib.pyplot as plt\n"
        "by_month.plot(title='Revenue by month', xlabel='month', ylabel='revenue')\n"
        "plt.show()"
    ),
    "df.describe()",
    (
        "worst = by_region['mean'].idxmin()\nshare = by_region['sum'].max() / "
        "by_region['sum'].sum()\nprint(worst, share)\ndf.sample(30, random_state=0)"
    ),
]
ANSWER = call(
    "summarize_findings",
    findings=[
        {"template": "The largest region holds {share:.1%} of revenue."},
        {"template": "{worst} has the lowest mean."},
    ],
    answer="Revenue rests on one region, with {share:.1%}; {worst} is the weakest.",
)


def table(columns: int, rows: int = 2000) -> pd.DataFrame:
    """A table as people have them: names, numbers, dates, gaps."""
    generator = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=730)
    made: dict[str, Any] = {
        "order_id": np.arange(rows),
        "order_date": generator.choice(days.strftime("%Y-%m-%d"), rows),
        "region": generator.choice(["North", "South", "East", "West"], rows),
        "revenue": generator.gamma(2.0, 60.0, rows).round(2),
        "rating": generator.choice([1, 2, 3, 4, 5, np.nan], rows),
        "customer": generator.choice([f"customer {n}" for n in range(300)], rows),
    }
    while len(made) < columns:
        made[f"measure_{len(made)}"] = generator.normal(100, 15, rows).round(1)
    return pd.DataFrame(made)


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> list[Mapping[str, Any]]:
    """The requests of five steps over a table of 30 columns."""
    folder = tmp_path_factory.mktemp("economy")
    table(30).to_csv(folder / "orders.csv", index=False)
    first, *rest = map(python, STEPS)
    script = [plan_and(["Months", "Regions", "Chart", "Spread", "Share"], first)]
    with ScriptedServer([*script, *rest, ANSWER], models=["m"]) as server:
        run = analyst.ask(
            folder / "orders.csv",
            "Where does our revenue come from?",
            base_url=server.base_url,
            model="m",
            notebook=folder / "orders.ipynb",
            verify=False,
        )
        assert run.stop == "answered"
        return [received.body for received in server.requests]


def tokens(body: Mapping[str, Any]) -> list[float]:
    """Tokens of the tools, then of each message."""
    kinds: dict[str, Any] = {"system": "prose", "assistant": "prose"}
    counted = [estimate(json.dumps(body.get("tools", [])), "code")]
    for message in body["messages"]:
        calls = json.dumps(message.get("tool_calls", ""))
        text = str(message["content"])
        of_text = estimate(text, kinds.get(message["role"], "data"))
        counted.append(of_text + estimate(calls, "code"))
    return counted


def common(before: Sequence[Any], after: Sequence[Any]) -> int:
    """How many messages from the first on are the same."""
    same = 0
    for one, other in zip(before, after, strict=False):
        if json.dumps(one) != json.dumps(other):
            break
        same += 1
    return same


def test_five_steps_take_six_requests(bodies: list[Mapping[str, Any]]) -> None:
    """Five steps and the answer are six requests: the plan comes with the first code,
    reflection and narrative with the last.
    """
    assert len(bodies) == 6


def test_the_fixed_part_is_small(bodies: list[Mapping[str, Any]]) -> None:
    """Tools and system message take at most 600 tokens, the profile of 30 columns at
    most 500 and its question.
    """
    tools, system, profile = tokens(bodies[0])
    assert tools + system <= 660, "592 as OpenAI's vocabulary counts them"
    assert (
        len(json.dumps(bodies[0]["tools"])) + len(bodies[0]["messages"][0]["content"])
        <= 2700
    )
    assert profile <= 560
    assert len(bodies[0]["messages"][1]["content"]) <= 1500


def test_a_step_adds_little(bodies: list[Mapping[str, Any]]) -> None:
    """However much cells put out, each step adds about 300 tokens and no more than
    400 to what is read.
    """
    totals = [sum(tokens(body)) for body in bodies]
    growth = [after - before for before, after in pairwise(totals)]
    assert sum(growth) / len(growth) <= 300
    assert max(growth) <= 400


def test_five_steps_are_cheap(bodies: list[Mapping[str, Any]]) -> None:
    """Five steps take at most 12,000 tokens in all, of which a server that keeps its
    cache reads at most 5,000 anew.
    """
    read = sum(sum(tokens(body)) for body in bodies)
    written = sum(estimate(code, "code") + 40 for code in STEPS) + 120
    assert read + written <= 12_000
    fresh = sum(tokens(bodies[0]))
    for before, after in pairwise(bodies):
        same = common(before["messages"], after["messages"])
        fresh += sum(tokens(after)[1 + same :])
    assert fresh + written <= 5000


def test_the_prefix_is_the_same_bytes(bodies: list[Mapping[str, Any]]) -> None:
    """Each request begins with all of the one before, byte for byte, tools included;
    nothing in it is a time, a count of steps or a number drawn anew.
    """
    for before, after in pairwise(bodies):
        assert json.dumps(after["tools"]) == json.dumps(before["tools"])
        assert common(before["messages"], after["messages"]) == len(before["messages"])
        assert list(after) == list(before)


def test_five_plain_steps_send_24_kb(folder: Path) -> None:
    """Five steps over a small table send at most 24,000 bytes in all six requests."""
    cells = [f"mean_{n} = df['x'].mean() + {n}\nprint(mean_{n})" for n in range(1, 6)]
    end = call("summarize_findings", findings=[], answer="{mean_5:.2f}")
    plan = plan_and([f"Step {n}" for n in range(1, 6)], python(cells[0]))
    frame = pd.DataFrame({"x": np.arange(100.0), "g": list("abcde") * 20})
    frame.to_csv("table.csv", index=False)
    script = [plan, *map(python, cells[1:]), end]
    with ScriptedServer(script, models=["m"]) as server:
        run = analyst.ask(
            "table.csv",
            "What is the mean?",
            base_url=server.base_url,
            model="m",
            verify=False,
        )
        sent = [len(json.dumps(r.body).encode()) for r in server.requests]
    assert run.stop == "answered"
    assert len(sent) <= 6
    assert sum(sent) <= 24_000
