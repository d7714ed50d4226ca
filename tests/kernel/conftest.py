"""Real kernels for the tests, and a way to run a cell in one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from analyst.events import Output, Stream
from analyst.kernel.kernel import LocalKernel
from analyst.seams import Execution


class Bench:
    """A kernel, and the whole of what a cell yields."""

    def __init__(self, kernel: LocalKernel) -> None:
        self.kernel = kernel
        self.yielded: list[Output] = []

    async def run(
        self, source: str, *, timeout_seconds: float = 20, hidden: bool = False
    ) -> Execution:
        """Run a cell to its end."""
        everything = [
            item
            async for item in self.kernel.execute(
                source, timeout_seconds=timeout_seconds, hidden=hidden
            )
        ]
        execution = everything.pop()
        assert isinstance(execution, Execution)
        self.yielded = [item for item in everything if not isinstance(item, Execution)]
        return execution

    async def printed(self, source: str, *, hidden: bool = False) -> str:
        """What a cell that succeeds prints."""
        execution = await self.run(source, hidden=hidden)
        assert execution.status == "ok", execution
        return "".join(o.text for o in execution.outputs if isinstance(o, Stream))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Bench]:
    """One kernel for all tests of a file that leave it as they found it."""
    kernel = LocalKernel(folder=tmp_path_factory.mktemp("shared"))
    await kernel.start()
    yield Bench(kernel)
    await kernel.close()


@pytest_asyncio.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Bench]:
    """A kernel of its own for a test that ends it or fills it."""
    kernel = LocalKernel(folder=tmp_path)
    await kernel.start()
    yield Bench(kernel)
    await kernel.close()
