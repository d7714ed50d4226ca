"""A notebook is proven: executed from zero in a kernel that knows nothing of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from analyst.events import NotebookVerified
from analyst.kernel.process import spawned_manager
from analyst.kernel.terms import Terms
from analyst.notebook.execute import verify
from analyst.notebook.read import read_notebook
from analyst.run import Verdict
from analyst.settings import Settings

__all__ = ["verified", "verify_notebook"]

_HASH_SEED = 1
"""Another one than the live kernel's, so that an order of sets cannot hide."""


_STOPPED = Verdict(
    status="unchecked", differences=("You interrupted the verification.",)
)


async def verify_notebook(path: Path, settings: Settings) -> Verdict:
    """Execute the notebook on disk from zero, where it lies, and compare.

    Raises:
        NotebookError: it cannot be read.
    """
    node = read_notebook(path)
    folder = _folder(path)
    async with spawned_manager(Terms(folder=folder, hash_seed=_HASH_SEED)) as manager:
        return await verify(
            node,
            manager=manager,
            folder=folder,
            # A cell that came near the limit must not fail for a busier machine.
            timeout_seconds=2 * settings.timeout,
        )


def _folder(path: Path) -> Path:
    return path.absolute().parent


async def verified(
    path: Path, settings: Settings, *, interrupted: asyncio.Event
) -> NotebookVerified:
    """`verify_notebook` as a fact; `unchecked` where the user interrupts it."""
    work = asyncio.ensure_future(verify_notebook(path, settings))
    halt = asyncio.ensure_future(interrupted.wait())
    try:
        await asyncio.wait({work, halt}, return_when=asyncio.FIRST_COMPLETED)
        stopped = not work.done()
    finally:
        halt.cancel()
        work.cancel()
        await asyncio.wait({work})
    verdict = _STOPPED if stopped else work.result()
    return NotebookVerified(
        path=str(path),
        status=verdict.status,
        differences=verdict.differences,
        seconds=verdict.seconds,
    )
