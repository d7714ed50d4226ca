"""A question about a database, from its URL to a notebook that stands alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

import analyst
from analyst.errors import InputError
from analyst.testing import ScriptedServer, plan_and, python, say

from ..tools.postgres_server import (  # noqa: TID252 - tests are no package
    PASSWORD,
    PostgresServer,
    programs,
)

SECRETS = (PASSWORD, "Wombat", "%2541")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL with a small shop."""
    if programs() is None:
        pytest.skip("needs Debian's package postgresql")
    with PostgresServer() as started:
        yield started


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password of all roles, under the name that the URLs tell."""
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    monkeypatch.delenv("PGPASSWORD", raising=False)


def assert_no_secret(*texts: str, folder: Path) -> None:
    """Neither in the texts nor in the name or the content of any file."""
    for text in texts:
        assert not any(secret in text for secret in SECRETS)
    for path in folder.rglob("*"):
        assert not any(secret in path.name for secret in SECRETS)
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret.encode() in content for secret in SECRETS), path


def test_the_built_in_analyst_answers(
    server: PostgresServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With no model: the answer is true of the database, the notebook runs again
    without it, shows how to extract again, and holds no password.
    """
    caplog.set_level(logging.DEBUG)
    run = analyst.ask(
        server.url("reader") + "#orders",
        "What is the mean amount?",
        model="offline",
        notebook=folder / "n.ipynb",
    )
    ((mean,),) = server.execute("SELECT avg(amount) FROM orders")
    assert f"{mean:.1f}" in run.answer.replace(",", "")
    assert run.verdict.status == "reproduced"
    (extracted,) = folder.rglob("orders-*.parquet")
    node = nbformat.read(folder / "n.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in node.cells if cell.cell_type == "code")
    assert extracted.name in code
    assert '# url = url.set(password=os.environ["SHOP_PASSWORD"])' in code
    assert_no_secret(repr(run), str(run.notebook), caplog.text, folder=folder)


def test_a_model_never_sees_the_password(server: PostgresServer, folder: Path) -> None:
    """Neither in any request, nor by a cell that looks for it in the kernel; and the
    kernel does not reach the database.
    """
    looks = """\
import os, socket
found = sorted(name for name, value in os.environ.items() if "ombat" in value)
try:
    socket.create_connection(("127.0.0.1", PORT), timeout=2)
    reached = True
except OSError:
    reached = False
[found, reached]""".replace("PORT", str(server.port))
    script = [
        plan_and(["Sum"], python("total = df['amount'].sum()\ntotal")),
        python(looks),
        say("It is {total:.2f}."),
    ]
    with ScriptedServer(script, models=["m"]) as model:
        run = analyst.ask(
            server.url("writer", "Wombat%2F%2541%20%40x%3A7%23%3F") + "#orders",
            "What is the sum?",
            model="m",
            base_url=model.base_url,
            notebook=folder / "n.ipynb",
        )
        bodies = [json.dumps(r.body, ensure_ascii=False) for r in model.requests]
    ((total,),) = server.execute("SELECT sum(amount) FROM orders")
    assert run.answer == f"It is {total:.2f}."
    assert any("[[], False]" in body for body in bodies)
    assert_no_secret(repr(run), *bodies, folder=folder)
    node = nbformat.read(folder / "n.ipynb", as_version=4)
    assert any("its role may" in cell.source for cell in node.cells)


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ("#nope", "shows no table nope"),
        ("#DELETE FROM orders", "Only a query that begins with SELECT"),
        ("#SELECT adds()", "read-only transaction"),
    ],
)
def test_what_cannot_be_read_is_told_before_the_first_cell(
    server: PostgresServer, folder: Path, chosen: str, told: str
) -> None:
    """One sentence, and nothing is left in the folder."""
    before = sorted(folder.rglob("*"))
    with pytest.raises(InputError, match=told) as caught:
        analyst.ask(server.url("writer") + chosen, "How many?", model="offline")
    assert_no_secret(repr(caught.value), folder=folder)
    assert sorted(folder.rglob("*")) == before
