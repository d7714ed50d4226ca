"""What is too large for memory is told so, and stays in its file."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyst.data.inside.code.in_place import can_stay, expression
from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import Delimited, Reading, Unreadable
from analyst.data.inside.sniffing import large
from analyst.data.inside.sniffing.files import open_file
from analyst.data.inside.sniffing.free_memory import free_memory_bytes
from analyst.data.inside.sniffing.large import placed
from analyst.data.inside.sniffing.route import readings_of
from analyst.data.inside.sniffing.values.words import MISSING_BY_DEFAULT

ROWS = 3_000


@pytest.fixture
def sales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that counts as large wherever memory is said to be short."""
    monkeypatch.setattr(large, "_TOO_SMALL_TO_CARE", 0)
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "day": pd.date_range("2024-01-13", periods=ROWS).strftime("%d/%m/%Y"),
            "zip": [f"0{n:04d}" for n in range(ROWS)],
            "amount": rng.gamma(2, 50, ROWS).round(2),
            "gap": np.where(rng.random(ROWS) < 0.1, np.nan, 1.5),
            "note": ["word " * 40] * ROWS,
        }
    )
    path = tmp_path / "sales.csv"
    frame.to_csv(path, index=False, sep=";", decimal=",")
    return path


def loaded(reading: Reading, path: Path) -> Any:
    """What the code of a reading makes."""
    scope: dict[str, Any] = {"DATA": str(path)}
    exec(table_code(reading, name="df", path="DATA").source, scope)
    return scope["df"]


def placed_in(path: Path, share: float) -> Reading:
    """The reading where the frame would take such a share of the memory."""
    [reading] = readings_of(path)
    size = path.stat().st_size * 2.8
    return placed(reading, open_file(path), free_bytes=int(size / share))


def test_a_small_share_is_loaded_as_it_is(sales: Path) -> None:
    """Up to a tenth of the memory nothing changes."""
    [reading] = readings_of(sales)
    assert placed_in(sales, 0.09).doubts == reading.doubts
    assert len(loaded(placed_in(sales, 0.09), sales)) == ROWS


def test_a_larger_share_is_loaded_without_long_texts(sales: Path) -> None:
    """They are named, and all else is there with its types."""
    reading = placed_in(sales, 0.25)
    [said] = [doubt.text for doubt in reading.doubts if "long text" in doubt.text]
    assert "note" in said
    frame = loaded(reading, sales)
    assert list(frame) == ["id", "day", "zip", "amount", "gap"]
    assert frame["zip"][7] == "00007"
    assert frame["day"].dt.day[0] == 13


def test_the_rest_stays_in_its_file(sales: Path) -> None:
    """A relation with the same values and types as the frame would have."""
    reading = placed_in(sales, 0.5)
    assert reading.in_place
    assert any("stays in its file" in doubt.text for doubt in reading.doubts)
    [small] = readings_of(sales)
    frame, relation = loaded(small, sales), loaded(reading, sales)
    assert not isinstance(relation, pd.DataFrame)
    asked = relation.df()
    assert list(asked) == list(frame)
    assert asked["id"].sum() == frame["id"].sum()
    assert asked["amount"].sum() == pytest.approx(frame["amount"].sum())
    assert asked["gap"].isna().sum() == frame["gap"].isna().sum()
    assert asked["zip"].tolist() == frame["zip"].tolist()
    assert (pd.to_datetime(asked["day"]) == frame["day"]).all()


def test_parquet_stays_in_its_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size as a frame is known from its footer."""
    monkeypatch.setattr(large, "_TOO_SMALL_TO_CARE", 0)
    path = tmp_path / "a.parquet"
    pd.DataFrame({"x": np.arange(100_000.0), "g": ["a", "b"] * 50_000}).to_parquet(path)
    [reading] = readings_of(path)
    kept = placed(reading, open_file(path), free_bytes=1_000_000)
    assert kept.in_place
    relation = loaded(kept, path)
    assert relation.aggregate("sum(x) AS x").df()["x"][0] == 4999950000.0


def test_what_cannot_stay_and_does_not_fit_is_refused(sales: Path) -> None:
    """The sentence says why, and what to do."""
    [reading] = readings_of(sales)
    assert isinstance(reading, Delimited)
    odd = replace(reading, arguments=(*reading.arguments, ("encoding", "cp1251")))
    assert "cp1251" in can_stay(odd)
    with pytest.raises(Unreadable, match="convert it to Parquet"):
        placed(odd, open_file(sales), free_bytes=1000)


def test_in_place_a_word_of_one_column_erases_no_value_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column with words of its own for missing values stays text, which is told."""
    monkeypatch.setattr(large, "_TOO_SMALL_TO_CARE", 0)
    path = tmp_path / "a.csv"
    rows = [
        f"{'unknown' if n % 50 == 0 else n / 4},{['a', 'unknown', 'n/a'][n % 3]},{n}"
        for n in range(3_000)
    ]
    path.write_text("temp,grade,n\n" + "\n".join(rows) + "\n")
    frame = loaded(readings_of(path)[0], path)
    reading = placed_in(path, 0.5)
    asked = loaded(reading, path).df()
    assert asked["grade"].fillna("").tolist() == frame["grade"].fillna("").tolist()
    assert (asked["grade"] == "unknown").sum() == 1000
    assert asked["n"].sum() == frame["n"].sum()
    assert asked["temp"].tolist().count("unknown") == 60
    assert any("stay text as it is: temp" in doubt.text for doubt in reading.doubts)


def test_in_place_the_same_words_are_missing_as_in_a_frame() -> None:
    """All that pandas takes as missing by itself, and nothing else."""
    text = expression(Delimited(in_place=True), "DATA").text
    scope: dict[str, Any] = {"DATA": ""}
    told = eval(
        text.replace("duckdb.read_csv", "lambda_", 1), scope | {"lambda_": _told}
    )
    assert set(told["na_values"]) == MISSING_BY_DEFAULT


def _told(*_: object, **named: Any) -> dict[str, Any]:
    return named


def test_free_memory_is_what_a_limit_leaves() -> None:
    """What the process already holds is taken off."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30));"
        "from analyst.data.inside.sniffing.free_memory import free_memory_bytes as f;"
        "before = f(); held = bytearray(200 << 20); print(before, before - f())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    before, less = map(int, done.stdout.split())
    assert before < 1 << 30
    assert 190 << 20 < less < 300 << 20
    assert free_memory_bytes() > 0
