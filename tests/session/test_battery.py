"""Random sessions: whatever fails on the way, memory is what the good cells make."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

import analyst
from analyst.testing import ScriptedModel, python, say

# Each good cell has its number: the same code right after itself is not run again.
GOOD = (
    "df['revenue'] = df['revenue'] + {n}",
    "df = df.sort_values('revenue', ascending={n} % 2 == 0).reset_index(drop=True)",
    "df.loc[{n} % len(df), 'revenue'] = {n}",
    "kept.append(int(df['revenue'].sum()) + {n})",
    "df['share_{n}'] = df['revenue'] / df['revenue'].sum()",
)
BAD = (
    "df['revenue'] *= 1000\n1 / 0",
    "kept.clear()\ndf.drop(df.index, inplace=True)\nraise SystemExit('half')\n1 / 0",
    "del df\nmissing_name",
    "kept.append(-1)\nimport os\nos._exit({n} % 3)",
    "kept +=",
    "df.attrs['spoilt'] = True\nkept.append('x')\nint('x')",
    "df['revenue'] = 0\nkept.append('half')\nreturn 5",
    "import pandas\npandas.DataFrame.sum = None\n1 / 0",
    "import os, signal\nkept.append(0)\nos.kill(os.getpid(), signal.SIGKILL)",
)
TELL = """\
result = [kept, df['revenue'].round(6).tolist(), sorted(df.columns)]
print(result)"""


@pytest.mark.battery(2, 60)
def test_memory_is_what_good_cells_make(folder: Path, rounds: range) -> None:
    """After any mixture of good and failing cells the answer is that of the good
    cells alone, and the notebook of the good cells reproduces it.
    """
    for seed in rounds:
        dice = random.Random(seed)
        sources = ["kept = []"]
        good = ["kept = []"]
        for n in range(dice.randint(3, 7)):
            for _ in range(dice.choice((0, 0, 1, 2))):
                sources.append(dice.choice(BAD).format(n=n))
            good.append(dice.choice(GOOD).format(n=n + 1))
            sources.append(good[-1])
        script = [*map(python, [*sources, TELL]), say("{result}")]
        with analyst.Analyst(
            "sales.csv",
            model=ScriptedModel(script),
            max_fixes=20,
            max_steps=200,
            notebook=f"{seed}.ipynb",
        ) as session:
            run = session.ask("What is left?")
        namespace: dict[str, object] = {"df": pd.read_csv("sales.csv")}
        exec("\n".join([*good, TELL.partition("\n")[0]]), namespace)
        assert run.answer == str(namespace["result"]), seed
        assert run.verdict.status == "reproduced", seed
