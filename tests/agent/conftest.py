"""A desk whose kernel is a namespace of this process, so that the loop takes no time.

The code really runs, fails and is rolled back; only the process around it is missing.
"""

from __future__ import annotations

import ast
import contextlib
import io
import traceback
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from analyst import outputs
from analyst.agent.desk import Desk
from analyst.events import Column, Output, Rich, Stream, Table
from analyst.seams import Cell, Execution, Looked
from analyst.settings import Settings
from analyst.testing import ScriptedModel


@dataclass
class Markdown:
    """What IPython calls so."""

    data: str


@dataclass
class NamespaceKernel:
    """A namespace that cells are executed in."""

    sandbox: str = "none"
    namespace: dict[str, Any] = field(default_factory=dict)
    shown: list[Output] = field(default_factory=list)
    rollbacks: int = 0

    async def start(self) -> None:
        """Begin with an empty namespace."""
        self.namespace = {"display": self._display, "Markdown": Markdown}

    def _display(self, value: object) -> None:
        if isinstance(value, Markdown):
            shown = outputs.rich({"text/markdown": value.data})
        else:
            shown = Rich(data={"text/plain": repr(value)})
        if shown:
            self.shown.append(shown)

    async def execute(
        self, source: str, *, timeout_seconds: float, hidden: bool = False
    ) -> AsyncGenerator[Output | Execution]:
        """Run a cell; what it printed comes first."""
        del timeout_seconds, hidden
        self.shown = []
        printed = io.StringIO()
        status = "ok"
        ends: list[Output] = []
        try:
            with contextlib.redirect_stdout(printed):
                self._exec(source)
        except SystemExit as end:
            status = "died"
            ends = [outputs.error("KernelDied", f"exit code {end.code}")]
        except Exception as fault:  # noqa: BLE001 - whatever the cell raises
            status = "error"
            told = traceback.format_exc()
            ends = [outputs.error(type(fault).__name__, str(fault), told)]
        streams = [Stream(text=printed.getvalue())] if printed.getvalue() else []
        everything = (*streams, *self.shown, *ends)
        for output in everything:
            yield output
        yield Execution(status=status, outputs=everything, seconds=0.001)

    def _exec(self, source: str) -> None:
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body else None
        if not isinstance(last, ast.Expr):
            tree.body += [last] if last else []
            last = None
        exec(compile(tree, "cell", "exec"), self.namespace)
        if last is not None:
            code = compile(ast.Expression(last.value), "cell", "eval")
            value = eval(code, self.namespace)
            if value is not None:
                text = {"text/plain": repr(value)}
                self.shown.append(Rich(data=text, is_result=True))

    async def rollback(self, sources: Sequence[str], *, timeout_seconds: float) -> None:
        """Begin again and replay."""
        del timeout_seconds
        self.rollbacks += 1
        await self.start()
        for source in sources:
            self._exec(source)

    async def close(self) -> None:
        """Nothing to end."""


@dataclass(frozen=True)
class Numbers:
    """One table, a list of four numbers."""

    cells: tuple[Cell, ...] = (
        Cell(source='DATA = "numbers.csv"', role="parameters"),
        Cell(source="numbers = [1, 2, 3, 4]", role="load"),
    )
    probe: str = "print(len(numbers))"
    warnings: tuple[str, ...] = ()
    sniffing: str = ""
    stays_in_files: bool = False

    def sniffed(self, printed: str) -> Numbers:
        """There is nothing to find out."""
        assert not printed
        return self

    def looked_at(self, printed: str) -> Looked:
        """The table, with as many rows as the probe counted."""
        nothing = dict.fromkeys(("samples", "aggregates", "schema"), ())
        return Looked(tables=(self._table(printed),), joins=nothing, oddities=nothing)

    def _table(self, printed: str) -> Table:
        return Table(
            name="numbers",
            path="numbers.csv",
            sha256="0" * 64,
            bytes=8,
            rows=int(printed),
            columns=(Column(name="value", kind="int"),),
            profile="numbers: 4 rows\nvalue int 1..4",
        )


def desk_for(
    *replies: Any,
    window_tokens: int = 128_000,
    usd_a_token: float | None = None,
    **settings: Any,
) -> Desk:
    """A desk for a script of replies and some settings."""
    return Desk(
        model=ScriptedModel(
            replies, window_tokens=window_tokens, usd_a_token=usd_a_token
        ),
        kernel=NamespaceKernel(),
        data=Numbers(),
        settings=Settings(**settings),
    )


@pytest.fixture(scope="session")
def make_desk() -> Callable[..., Desk]:
    """A desk for a script of replies and some settings, as often as is asked."""
    return desk_for
