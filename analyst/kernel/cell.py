"""One cell, from its request to its end: answered, dead or stopped.

A cell that has to stop climbs down a ladder: it is interrupted, then it has a moment
to end, then the process is killed. Whatever happens, in the end the kernel is either
idle or dead, never running on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from analyst.events import CellError, CellStatus, Output
from analyst.kernel.process.process import KernelProcess
from analyst.kernel.transcript import (
    MAX_IMAGE_CHARS,
    MAX_TEXT_CHARS,
    Transcript,
    cell_error,
)
from analyst.kernel.wire import Wire
from analyst.outputs import error
from analyst.seams import Execution

__all__ = ["LiveCell", "StopReason", "never_ran"]

StopReason: TypeAlias = Literal["timeout", "interrupted", "flooded"]
"""Why a cell was stopped by us."""

GRACE_SECONDS = 2.0
"""How long an interrupted cell may take to end."""

_LAST_WORDS_SECONDS = 0.25
"""How long the connection of a dead kernel may take to notice."""


class LiveCell:
    """One cell on its way through a kernel.

    `said` holds what it put out and nobody has taken yet.
    """

    def __init__(self, source: str, *, timeout_seconds: float, hidden: bool) -> None:
        self.said: asyncio.Queue[Output | None] = asyncio.Queue()
        self._source = source
        self._timeout_seconds = timeout_seconds
        self._hidden = hidden
        self._transcript = Transcript()
        self._is_flooded = False
        self._halt: asyncio.Future[StopReason] = (
            asyncio.get_running_loop().create_future()
        )

    def stop(self, reason: StopReason = "interrupted") -> None:
        """Have the cell stopped; `run` sees to it."""
        if not self._halt.done():
            self._halt.set_result(reason)

    async def run(self, process: KernelProcess, wire: Wire) -> Execution:
        """Run the cell to its end.

        When this is cancelled, the process is killed: there is no time for a ladder.
        """
        began = time.monotonic()
        timer = asyncio.get_running_loop().call_later(
            self._timeout_seconds, self.stop, "timeout"
        )
        answered = wire.execute(self._source, hidden=self._hidden, hear=self._take)
        try:
            await _first_of(answered, process.dead, self._halt)
            was_stopped = self._halt.done() and not answered.done()
            if was_stopped:
                await _interrupt(process, wire, answered)
            if process.dead.done():
                await _first_of(
                    answered, wire.ended, timeout_seconds=_LAST_WORDS_SECONDS
                )
            elif farewell := _farewell(answered.result(), process):
                process.kill(farewell)
                await process.dead
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
            wire.forget()
        reason = self._halt.result() if was_stopped else None
        if self._is_flooded:
            reason = "flooded"
        status, ending = await self._judge(reason, process, answered)
        return Execution(
            status=status,
            outputs=self._transcript.outputs(ending=ending),
            seconds=time.monotonic() - began,
        )

    def _take(self, kind: str, content: Mapping[str, Any]) -> None:
        clearings = self._transcript.clearings
        output = self._transcript.add(kind, content)
        if self._transcript.clearings != clearings:
            self._forget_unseen()
        if output is not None:
            self.said.put_nowait(output)
        if self._transcript.is_full or kind == "disconnected":
            self._is_flooded = True
            self.stop("flooded")

    def _forget_unseen(self) -> None:
        """What was cleared before anybody took it need not be seen."""
        while not self.said.empty():
            self.said.get_nowait()

    async def _judge(
        self,
        reason: StopReason | None,
        process: KernelProcess,
        answered: asyncio.Future[Mapping[str, Any]],
    ) -> tuple[CellStatus, CellError | None]:
        """How the cell ended; the kernel's reply counts where nothing else does."""
        shown = self._transcript.shown_error
        where = shown.traceback if shown else ""
        match reason:
            case "timeout":
                limit = f"{self._timeout_seconds:g} s"
                message = f"The cell ran longer than {limit} and was stopped."
                return "timeout", error("CellTimeout", message, where)
            case "flooded":
                message = (
                    f"The cell put out more than {MAX_TEXT_CHARS:,} characters of text "
                    f"or {MAX_IMAGE_CHARS:,} of figures and was stopped."
                )
                return "error", error("OutputLimit", message)
            case "interrupted":
                message = "The cell was interrupted."
                return "interrupted", error("KeyboardInterrupt", message, where)
        if process.dead.done():
            return "died", error("KernelDied", await process.obituary(), where)
        return _judge_reply(answered.result(), shown)


def never_ran(message: str) -> Execution:
    """The execution of a cell for which there was no live kernel."""
    died = error("KernelDied", message)
    return Execution(status="died", outputs=(died,), seconds=0.0)


def _judge_reply(
    reply: Mapping[str, Any], shown: CellError | None
) -> tuple[CellStatus, CellError | None]:
    if reply.get("status") == "ok":
        return "ok", None
    raised = cell_error(reply)
    # Where showing a value failed, the reply does not know the exception's name.
    if shown is not None and raised.name in {shown.name, "NoneType"}:
        raised = shown
    return ("interrupted" if raised.name == "KeyboardInterrupt" else "error"), raised


def _farewell(reply: Mapping[str, Any], process: KernelProcess) -> str:
    """Why a kernel that gave this reply is of no more use; empty where it is."""
    if str(reply.get("ename")).endswith("MemoryError"):
        # What filled the memory lives on in the traceback, so later cells would fail.
        return process.out_of_memory
    if any(part.get("source") == "ask_exit" for part in reply.get("payload") or ()):
        return "The cell asked the kernel to exit."
    return ""


async def _interrupt(
    process: KernelProcess, wire: Wire, answered: asyncio.Future[Mapping[str, Any]]
) -> None:
    """Climb down the ladder: on return the kernel is idle or dead.

    That it is idle is not believed until it has answered something else.
    """
    # A signal that comes before the cell has begun is ignored by the kernel, so
    # there are two.
    for _ in range(2):
        process.interrupt()
        wire.nudge()
        await _first_of(answered, process.dead, timeout_seconds=GRACE_SECONDS / 2)
        if answered.done() or process.dead.done():
            break
    if answered.done() and not process.dead.done():
        probe = wire.execute("", hidden=True, hear=_ignore)
        await _first_of(probe, process.dead, timeout_seconds=GRACE_SECONDS)
        if probe.done():
            return
    process.kill("The last cell could not be interrupted, so its kernel was stopped.")
    await process.dead


def _ignore(kind: str, content: Mapping[str, Any]) -> None:
    """What a probe puts out was put out by what still runs."""
    del kind, content


async def _first_of(
    *futures: asyncio.Future[Any], timeout_seconds: float | None = None
) -> None:
    await asyncio.wait(
        futures, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED
    )
