"""What the hostile table needs: a world, and kernels that are held in three ways."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from analyst.kernel import cell

from .attack import SANDBOXES, SandboxName
from .facts import Facts, is_missing, measure_facts
from .plain_kernel import PlainKernel
from .scene import Scene
from .stage import Stage


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One world for all attacks, mended after each."""
    made = Scene(tmp_path_factory.mktemp("scene"))
    before = signal.signal(signal.SIGURG, made.hear_signal)
    yield made
    signal.signal(signal.SIGURG, before)
    made.close()


@pytest.fixture(scope="module")
def facts(scene: Scene) -> Facts:
    """What this machine has, and what this user may do."""
    return measure_facts(scene)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=SANDBOXES)
async def stage(request: pytest.FixtureRequest, scene: Scene) -> AsyncIterator[Stage]:
    """A kernel in one of the sandboxes, with its good cells run."""
    sandbox: SandboxName = request.param
    if missing := is_missing(sandbox):
        pytest.skip(missing)
    made = Stage(scene, sandbox)
    with pytest.MonkeyPatch.context() as patch:
        # Those that swallow interrupts use up all of it, in each sandbox.
        patch.setattr(cell, "GRACE_SECONDS", 0.5)
        await made.open()
        yield made
        await made.close()
    assert scene.left_behind() == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain(scene: Scene) -> AsyncIterator[PlainKernel]:
    """A kernel that nothing holds, and a client that trusts it."""
    made = PlainKernel(scene)
    yield made
    await made.kill()
