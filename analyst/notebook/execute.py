"""Executing a notebook from zero, by the executor that everybody uses."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode

from analyst.notebook.compare import compare
from analyst.notebook.read import has_tag
from analyst.outputs import plain_text
from analyst.run import Verdict

__all__ = ["verify"]


class _Client(NotebookClient):
    """The executor, leaving the signals of the process to whoever runs the loop."""

    @asynccontextmanager
    async def async_setup_kernel(self, **kwargs: Any) -> AsyncIterator[None]:  # noqa: ANN401 - as inherited
        await self.async_start_new_kernel(**kwargs)
        await self.async_start_new_kernel_client()
        try:
            yield
        finally:
            if self.kc is not None:
                self.kc.stop_channels()
                self.kc = None


async def verify(
    node: NotebookNode,
    *,
    manager: Any,  # noqa: ANN401 - a jupyter_client.KernelManager, not ours to import
    folder: Path,
    timeout_seconds: float,
    reading_timeout_seconds: float,
) -> Verdict:
    """Execute a notebook from zero and compare what it shows with what it held.

    Args:
        node: the notebook; it stays as it is.
        manager: starts the kernel; no sibling of the one that made the notebook.
        folder: where the notebook lies.
        timeout_seconds: how long a cell may take.
        reading_timeout_seconds: how long one may take that reads a whole file.
    """
    stays = any(_is_load(cell) and "duckdb.read_" in cell.source for cell in node.cells)

    def reads(cell: NotebookNode) -> bool:
        """Whether a cell may have to read a whole file."""
        return stays or _is_load(cell)

    began = time.monotonic()
    executed = copy.deepcopy(node)
    client = _Client(
        executed,
        km=manager,
        timeout_func=lambda cell: math.ceil(
            reading_timeout_seconds if reads(cell) else timeout_seconds
        ),
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    )
    try:
        await client.async_execute()
    except (CellControlSignal, DeadKernelError, TimeoutError) as fault:
        told = plain_text(str(fault)).strip().splitlines() or [type(fault).__name__]
        verdict = Verdict(status="failed", differences=(told[-1][:300],))
    else:
        verdict = compare(node, executed)
    return replace(verdict, seconds=time.monotonic() - began)


def _is_load(cell: NotebookNode) -> bool:
    return has_tag(cell, "analyst-load")
