"""A notebook is proven: executed from zero in a kernel that knows nothing of it."""

from __future__ import annotations

import asyncio
import glob
from dataclasses import replace
from itertools import islice
from pathlib import Path

from analyst.events import NotebookVerified
from analyst.kernel.process.process import spawned_manager
from analyst.kernel.terms import Terms
from analyst.notebook.execute import verify
from analyst.notebook.read import claims, read_notebook
from analyst.run import Verdict
from analyst.settings import READING_TIMEOUTS, Settings

__all__ = ["terms_for", "verified", "verify_notebook"]

_MAX_FILES = 1_000
"""So many of a pattern are shown to a notebook that may come from anybody."""
_HASH_SEED = 1
"""Another one than the live kernel's, so that an order of sets cannot hide."""


_STOPPED = Verdict(
    status="unchecked", differences=("You interrupted the verification.",)
)


async def verify_notebook(path: Path, settings: Settings, terms: Terms) -> Verdict:
    """Execute the notebook on disk from zero, where it lies, and compare.

    What it writes is kept apart and thrown away, where a sandbox can do that.

    Args:
        path: the notebook.
        settings: how long a cell may take.
        terms: those under which it was made.

    Raises:
        NotebookError: it cannot be read.
    """
    node = read_notebook(path)
    async with spawned_manager(
        replace(terms, hash_seed=_HASH_SEED, code=())
    ) as manager:
        return await verify(
            node,
            manager=manager,
            folder=terms.folder,
            # A cell that came near the limit must not fail for a busier machine.
            timeout_seconds=2 * settings.timeout,
            reading_timeout_seconds=2 * READING_TIMEOUTS * settings.timeout,
        )


def terms_for(path: Path, terms: Terms) -> Terms:
    """The terms under which a notebook's code may run: with the inputs that it names.

    It may come from anybody, so an input is a plain file, and neither hidden nor in a
    hidden folder. One that was not made here names none, and gets copies of what lies
    beside it.

    Raises:
        NotebookError: it cannot be read.
    """
    named = claims(read_notebook(path)).get("inputs")
    if not isinstance(named, list):
        return replace(terms, with_copies=True)
    paths = (
        path
        for each in named
        if isinstance(each, dict) and "path" in each
        for path in _files_of(terms.folder / str(each["path"]))
    )
    return replace(terms, inputs=tuple(filter(_may_be_shown, paths)))


def _files_of(path: Path) -> list[Path]:
    """The file of this name, or those that fit the pattern that it is."""
    try:
        if path.exists() or not glob.has_magic(str(path)):
            return [path]
        found = islice(glob.iglob(str(path)), _MAX_FILES)  # noqa: PTH207 - from the root too
        return [Path(each) for each in found]
    except (OSError, ValueError):
        return []


def _may_be_shown(path: Path) -> bool:
    try:
        really = path.resolve(strict=True)
    except (OSError, ValueError):
        return False
    return really.is_file() and not any(part.startswith(".") for part in really.parts)


async def verified(
    path: Path, settings: Settings, terms: Terms, *, interrupted: asyncio.Event
) -> NotebookVerified:
    """`verify_notebook` as a fact; `unchecked` where the user interrupts it."""
    work = asyncio.ensure_future(verify_notebook(path, settings, terms))
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
