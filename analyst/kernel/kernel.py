"""One live namespace: `LocalKernel`, an IPython kernel on this machine.

    new --start--> live --a cell kills it--> dead --rollback--> live
                    |                          |
                    +----------close-----------+--> closed, for good

A cell is stopped, answered or dead before the next one begins. What it may touch is for
the sandbox to keep; no key is in its environment, and nothing that it started outlives
it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from analyst.errors import KernelStartError, ReplayError
from analyst.events import Output, Sandbox
from analyst.kernel.cell import LiveCell, never_ran
from analyst.kernel.files.copy_out import Copied, CopiedFile, copy_out
from analyst.kernel.files.leftovers import changes, list_files
from analyst.kernel.process.premises import prepare
from analyst.kernel.process.process import NO_ANSWER, START_SECONDS, KernelProcess
from analyst.kernel.terms import Terms
from analyst.kernel.trial import try_out, was_bounded
from analyst.kernel.wire import Wire
from analyst.seams import Collected, Execution

__all__ = ["LocalKernel"]


class LocalKernel:
    """A persistent IPython kernel, started in the folder of the notebook.

    Satisfies `analyst.seams.Kernel`. It belongs to the event loop that started it.

    Args:
        terms: where, on what and under which sandbox it works.

    Example:
        >>> kernel = LocalKernel(Terms(folder=Path()))  # doctest: +SKIP
        >>> await kernel.start()  # doctest: +SKIP
        >>> async for output in kernel.execute("1 + 1", timeout_seconds=30):
        ...     print(output)  # doctest: +SKIP
        >>> await kernel.close()  # doctest: +SKIP
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._process: KernelProcess | None = None
        self._wire: Wire | None = None
        self._turn = asyncio.Lock()
        self._is_closed = False
        self._copied: dict[str, CopiedFile] = {}

    @property
    def sandbox(self) -> Sandbox:
        """What holds the code, and how far: found by trying, once."""
        if self._terms.sandbox == "none":
            return Sandbox(name="none")
        return try_out(self._terms.sandbox)

    async def start(self) -> None:
        """Start the process; nothing happens where it is already there.

        Raises:
            KernelStartError: it did not come up.
        """
        async with self._turn:
            if self._process is None:
                await self._spawn()

    async def execute(
        self, source: str, *, timeout_seconds: float, hidden: bool = False
    ) -> AsyncGenerator[Output | Execution]:
        """Run a cell: yield its output as it comes, and at last its `Execution`.

        The exception that ended the cell is yielded before the `Execution`, in which
        it is the last output. An update of an earlier display is seen only there.

        A Python error, a timeout and the death of the kernel are results. When the
        iterator is closed early, the cell is stopped; the kernel is then idle or dead.

        Args:
            source: the code.
            timeout_seconds: counted from when the cell is sent to the kernel.
            hidden: leave no trace in `In`, `Out` and `_`.
        """
        cell = LiveCell(source, timeout_seconds=timeout_seconds, hidden=hidden)
        # A task of its own: the time limit holds even while nobody asks for output.
        running = asyncio.create_task(self._run(cell))
        running.add_done_callback(lambda _: cell.said.put_nowait(None))
        try:
            while (output := await cell.said.get()) is not None:
                yield output
            execution = await running
            if execution.error is not None:
                yield execution.error
            yield execution
        finally:
            cell.stop()
            await asyncio.wait({running})

    async def rollback(self, sources: Sequence[str], *, timeout_seconds: float) -> None:
        """Make a fresh process whose memory is what `sources` make of it, in order.

        Each may take twice `timeout_seconds`. Should one fail, the process is ended:
        a half-made memory is never left behind.

        Raises:
            KernelStartError: the fresh process did not come up.
            ReplayError: a source did not succeed this time.
        """
        if self._process is not None:
            self._process.kill("The kernel was stopped to start again.")
        async with self._turn:
            await self._end()
            process, wire = await self._spawn()
            try:
                await _replay(process, wire, sources, 2 * timeout_seconds)
            except BaseException:
                process.kill("The kernel was stopped: its cells did not run again.")
                raise

    async def collect(self) -> Collected:
        """Copy out what cells wrote in the working folder, beside the notebook.

        Only data, text and pictures, and nothing over a file of the user's.
        """
        async with self._turn:
            work = self._process.work if self._process is not None else None
            if work is None:
                return Collected()
            # Of one that was killed, too, as long as nothing has taken its place.
            copied = await asyncio.to_thread(self._copy_out, work)
        self._copied |= {file.name: file for file in copied.files}
        renamed = (
            f"{file.name} was there before, so the new one is {file.path}."
            for file in copied.files
            if file.renamed_from
        )
        return Collected(
            files=tuple(file.path for file in copied.files),
            left=(*renamed, *copied.left),
        )

    async def close(self) -> None:
        """End the process and all that it started. May be called more than once."""
        self._is_closed = True
        if self._process is not None:
            self._process.kill("The kernel was closed.")
        async with self._turn:
            await self._end()

    def _copy_out(self, work: int) -> Copied:
        folder = self._terms.folder.resolve()
        inputs = (os.path.relpath(path, folder) for path in self._terms.policy.inputs)
        return copy_out(
            work,
            folder,
            already=self._copied,
            max_bytes=self._terms.limits.work_bytes,
            ignored=frozenset(inputs),
        )

    async def _spawn(self) -> tuple[KernelProcess, Wire]:
        """Put a fresh process in its place.

        Raises:
            KernelStartError: it did not come up.
        """
        if self._is_closed:
            raise KernelStartError("The kernel was closed: make a new one.")
        await asyncio.to_thread(prepare, self._terms)
        process = KernelProcess(self._terms)
        self._process = process
        try:
            _check_bound(self._terms, process)
            await process.start_kernel()
            self._wire = Wire(process)
            await _open(process, self._wire)
        except BaseException:
            await self._end()
            raise
        return process, self._wire

    async def _run(self, cell: LiveCell) -> Execution:
        async with self._turn:
            process, wire = self._process, self._wire
            if process is None or wire is None:
                closed = "The kernel was closed." if self._is_closed else ""
                return never_ran(closed or "The kernel was not started.")
            if process.dead.done():
                return never_ran(await process.obituary())
            if self._terms.sandbox != "none":
                return await cell.run(process, wire)
            before = list_files(self._terms.folder)
            execution = await cell.run(process, wire)
            if execution.status == "ok":
                return execution
            files = changes(before, list_files(self._terms.folder))
            return replace(execution, files=files)

    async def _end(self) -> None:
        """Let go of the process, if there is one; safe while being cancelled."""
        process, wire = self._process, self._wire
        self._process = self._wire = None
        if process is None:
            return
        process.kill()
        try:
            if wire is not None:
                await wire.close()
        finally:
            await process.dispose()


def _check_bound(terms: Terms, process: KernelProcess) -> None:
    """See that what was said of the sandbox is still true.

    Raises:
        KernelStartError: it is not.
    """
    if was_bounded(terms.sandbox) and not process.is_bounded:
        raise KernelStartError(
            "The memory of the kernel cannot be bounded any more as it was before: "
            "ask again, or say --sandbox none."
        )


async def _open(process: KernelProcess, wire: Wire) -> None:
    """Wait until the kernel answers.

    Raises:
        KernelStartError: it died or does not answer; says what it wrote.
    """
    try:
        async with asyncio.timeout(START_SECONDS):
            await wire.open()
    except TimeoutError:
        raise await process.did_not_start(NO_ANSWER) from None
    if process.dead.done():
        raise await process.did_not_start()


async def _replay(
    process: KernelProcess, wire: Wire, sources: Sequence[str], timeout_seconds: float
) -> None:
    """Run cells again that have succeeded before.

    Raises:
        ReplayError: one did not.
    """
    for number, source in enumerate(sources, start=1):
        cell = LiveCell(source, timeout_seconds=timeout_seconds, hidden=False)
        execution = await cell.run(process, wire)
        if execution.status != "ok":
            error = execution.error
            what = f"{error.name}: {error.message}" if error else execution.status
            raise ReplayError(
                f"Cell {number} of {len(sources)} succeeded before, but did not "
                f"run again in a fresh kernel: {what}"
            )
