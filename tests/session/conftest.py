"""A folder with a small table, and the place where all of a test happens."""

from __future__ import annotations

from pathlib import Path

import pytest

SALES = """\
day,region,revenue
2024-01-01,North,100
2024-01-01,South,50
2024-02-01,North,110
2024-02-01,South,60
2024-03-01,North,120
2024-03-01,South,15
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with `sales.csv`, as the current one and without settings."""
    (tmp_path / "sales.csv").write_text(SALES)
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANALYST_MODEL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path
