"""Real kernels for the tests, and a way to run a cell in one."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from analyst.events import Output, Stream
from analyst.kernel.choose import why_not
from analyst.kernel.interpreter import Interpreter, named_interpreter, this_interpreter
from analyst.kernel.kernel import LocalKernel
from analyst.kernel.sandbox.policy import SandboxName
from analyst.kernel.terms import Terms
from analyst.seams import Execution

from .kinds import KINDS, SANDBOXES, Kind
from .other_environment import KERNEL_NAME, make_other_environment


def own_threads() -> set[str]:
    """The threads of this process, but those that the loop keeps for its own use."""
    names = {thread.name for thread in threading.enumerate()}
    return {name for name in names if not name.startswith("asyncio_")}


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
    kernel = LocalKernel(Terms(folder=tmp_path_factory.mktemp("shared")))
    await kernel.start()
    yield Bench(kernel)
    await kernel.close()


@pytest_asyncio.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Bench]:
    """A kernel of its own for a test that ends it or fills it."""
    kernel = LocalKernel(Terms(folder=tmp_path))
    await kernel.start()
    yield Bench(kernel)
    await kernel.close()


class Ours(Bench):
    """A kernel of one kind, whose inputs are two tables that hold the same.

    Args:
        kernel: made already, not started.
        kind: its kind.
        near: a table in the kernel's folder.
        far: a table in another folder.
    """

    def __init__(self, kernel: LocalKernel, kind: Kind, near: Path, far: Path) -> None:
        super().__init__(kernel)
        self.kind = kind
        self.near = near
        self.far = far

    @property
    def folder(self) -> Path:
        """Where the notebook would lie."""
        return self.near.parent


@pytest.fixture(scope="session")
def another(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interpreter]:
    """The Python of another environment, found as Jupyter finds it."""
    path = make_other_environment(tmp_path_factory.mktemp("another"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(path))
        yield named_interpreter(KERNEL_NAME)


@pytest.fixture(scope="module", params=KINDS, ids=str)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of kernel."""
    found: Kind = request.param
    need(found.sandbox)
    return found


@pytest.fixture(params=SANDBOXES)
def sandbox(request: pytest.FixtureRequest) -> SandboxName:
    """Each sandbox, and none."""
    found: SandboxName = request.param
    need(found)
    return found


def need(sandbox: SandboxName) -> None:
    """Skip, aloud, where a sandbox does not work."""
    if sandbox != "none" and (missing := why_not(sandbox)):
        pytest.skip(f"the sandbox {sandbox} does not work here: {missing}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ours(
    kind: Kind,
    tmp_path_factory: pytest.TempPathFactory,
    another: Interpreter,
) -> AsyncIterator[Ours]:
    """One kernel of each kind for all tests of a file."""
    near = tmp_path_factory.mktemp("near") / "near.csv"
    far = tmp_path_factory.mktemp("far") / "far.csv"
    for table in (near, far):
        table.write_text("a,b\n1,x\n2,y\n")
    kernel = LocalKernel(
        Terms(
            folder=near.parent,
            inputs=(near, far),
            sandbox=kind.sandbox,
            interpreter=another
            if kind.environment == "another"
            else this_interpreter(),
        )
    )
    await kernel.start()
    yield Ours(kernel, kind, near, far)
    await kernel.close()
