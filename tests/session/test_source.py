"""Data without a question: the code that loads them, tried in the sandbox."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analyst
from analyst.testing import ScriptedModel, call, plan_and


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_file_is_its_code_its_warnings_and_its_table(tmp_path: Path) -> None:
    """What is shown is what is run, and what was noticed is told."""
    path = tmp_path / "sales.csv"
    path.write_text(
        "Report;;\n\nday;zip;price\n03/04/2024;01067;1,50\n04/05/2024;1;2,5\n"
    )
    source = analyst.source("sales.csv")
    assert source.code.startswith('import pandas as pd\n\nDATA = "sales.csv"\n\n')
    assert source.names == ("df",)
    assert source.fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()
    assert any("3 April 2024" in warning for warning in source.warnings)
    frame = source.read()
    assert isinstance(frame, pd.DataFrame)
    assert frame["price"].sum() == 4.0
    assert frame["zip"].tolist() == ["01067", "1"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["sales.csv"]


def test_several_tables_are_read_by_their_names(tmp_path: Path) -> None:
    """A dict of frames, each under the variable that the code gives it."""
    (tmp_path / "orders.csv").write_text("id,n\n1,2\n")
    (tmp_path / "people.json").write_text('[{"name": "Ann", "age": 5}]')
    source = analyst.source(["orders.csv", "people.json"])
    frames = source.read()
    assert isinstance(frames, dict)
    assert list(frames) == ["orders", "people"]
    assert frames["people"]["age"].tolist() == [5]


def test_a_live_table_comes_back_equal() -> None:
    """It is handed over and read again as it was."""
    frame = pd.DataFrame(
        {"day": pd.date_range("2024", periods=3, tz="Europe/Berlin"), "x": [1, None, 3]}
    )
    back = analyst.source(frame).read()
    assert isinstance(back, pd.DataFrame)
    pd.testing.assert_frame_equal(back, frame)


def test_columns_of_mixed_kinds_come_back_as_they_are(tmp_path: Path) -> None:
    """Numbers stay numbers among words, and lists stay lists."""
    rows = [{"id": 1, "price": 12.5}, {"id": "x", "price": "on request"}, {"id": 3}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    frame = analyst.source("a.jsonl").read()
    assert isinstance(frame, pd.DataFrame)
    assert frame["id"].tolist() == [1, "x", 3]
    assert frame["price"].tolist()[:2] == [12.5, "on request"]
    assert frame["price"].isna().tolist() == [False, False, True]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    """In one sentence that names it."""
    (tmp_path / "a.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    with pytest.raises(analyst.AnalystError, match=r"a\.csv is a PNG image.*\.$"):
        analyst.source("a.csv")


def test_the_model_and_the_user_are_told_what_was_noticed(tmp_path: Path) -> None:
    """How tables join, and what is odd in them, stands in the first message."""
    customers = pd.DataFrame({"id": range(100), "age": [30, *range(99)]})
    orders = pd.DataFrame({"customer_id": np.arange(300) % 100, "spent": 1.5})
    customers.to_csv(tmp_path / "customers.csv", index=False)
    orders.to_csv(tmp_path / "orders.csv", index=False)
    model = ScriptedModel(
        [
            plan_and("Count", call("execute_python", code="n = len(orders)")),
            call("summarize_findings", findings=[], answer="{n} orders."),
        ]
    )
    run = analyst.ask(
        ["customers.csv", "orders.csv"], "How many?", model=model, verify=False
    )
    assert run.answer == "300 orders."
    [first] = [m.text for m in model.requests[0].messages if m.role == "user"]
    assert "orders.customer_id joins customers.id" in first
