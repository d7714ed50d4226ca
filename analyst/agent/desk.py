"""What lies before the agent while it works, and how a wait is cut short."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

from analyst.events import Event, Fact, Journal, Output, Stream, of_question
from analyst.seams import Data, Execution, Kernel, Model
from analyst.settings import READING_TIMEOUTS, Settings

__all__ = ["Desk", "Halted"]

T = TypeVar("T")
F = TypeVar("F", bound=Fact)
_END = object()


async def _next(stream: AsyncIterator[T]) -> T | object:
    """The next item, or `_END`: a task cannot carry a StopAsyncIteration."""
    return await anext(stream, _END)


async def _cancelled(task: asyncio.Future[object]) -> None:
    """Cancel a task and wait until it has cleaned up."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


class Halted(Exception):  # noqa: N818 - not a fault
    """The user or the clock ended the work. Never leaves the agent."""

    def __init__(self, stop: Literal["interrupted", "seconds"]) -> None:
        super().__init__(stop)
        self.stop: Literal["interrupted", "seconds"] = stop


@dataclass(slots=True)
class Desk:
    """The model, the kernel, the data and the facts of one session."""

    model: Model
    kernel: Kernel
    data: Data
    settings: Settings
    journal: Journal = field(default_factory=Journal)
    interrupted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set from outside to end the running question soon."""
    deadline: float | None = None
    """When what is going on now must end, by `time.monotonic`."""
    ends_at: float | None = None
    """When the running question must end; work ends before, for the answer's sake."""
    marker: str = field(default_factory=lambda: f"data-{secrets.token_hex(4)}")
    """What stands around all that is quoted to the model in this session."""
    outbox: asyncio.Queue[Event] = field(default_factory=lambda: asyncio.Queue(1))
    """Facts on their way out. It holds one, so that the agent waits for whoever
    watches instead of running ahead."""
    watched: bool = False
    """Somebody takes the facts; else they only go into the journal."""

    @property
    def facts(self) -> tuple[Event, ...]:
        """The facts of the running question."""
        return of_question(self.journal.events, self.journal.question)

    async def add(self, event: F) -> F:
        """Make something a fact: stamped, kept, and handed to whoever watches."""
        stamped = self.journal.add(event)
        if self.watched:
            await self.outbox.put(cast("Event", stamped))
        return stamped

    def timeout_seconds(self, *, loading: bool = False) -> float:
        """How long a cell may take: longer where it reads a whole file."""
        reads = loading or self.data.stays_in_files
        return self.settings.timeout * (READING_TIMEOUTS if reads else 1)

    def execute(
        self, source: str, *, hidden: bool = False, loading: bool = False
    ) -> AsyncGenerator[Output | Execution]:
        """Run a cell in the kernel, watched."""
        limit = self.timeout_seconds(loading=loading)
        return self.watch(
            self.kernel.execute(source, timeout_seconds=limit, hidden=hidden)
        )

    async def ask(self, source: str, *, loading: bool = False) -> tuple[str, Execution]:
        """Run a hidden cell: what it printed, and how it ended."""
        printed = ""
        running = self.execute(source, hidden=True, loading=loading)
        async with aclosing(running) as stream:
            async for item in stream:
                if isinstance(item, Stream) and item.name == "stdout":
                    printed += item.text
                elif isinstance(item, Execution):
                    return printed, item
        raise AssertionError("A cell ended without an end.")

    async def hurry(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something, unless the user interrupts or the time is up.

        Raises:
            Halted: it was cut short, and has cleaned up.
        """

        async def once() -> AsyncGenerator[T]:
            yield await work

        try:
            async with aclosing(self.watch(once())) as stream:
                async for result in stream:
                    return result
        finally:
            work.close()  # where it was halted before it began
        raise AssertionError("It ended without a result.")

    async def watch(self, stream: AsyncIterator[T]) -> AsyncGenerator[T]:
        """Pass `stream` on until it ends, the user interrupts or the time is up.

        Raises:
            Halted: it was cut short. The stream has been closed by then, so a
                cell has been interrupted and a connection let go.
        """
        halt = asyncio.ensure_future(self.interrupted.wait())
        try:
            while not self.interrupted.is_set():
                item = asyncio.ensure_future(_next(stream))
                try:
                    await asyncio.wait(
                        {item, halt},
                        timeout=self._seconds_left(),
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                finally:
                    if not item.done():
                        await _cancelled(item)
                if item.cancelled():
                    raise Halted("interrupted" if halt.done() else "seconds")
                if item.result() is _END:
                    return
                yield cast("T", item.result())
            raise Halted("interrupted")
        finally:
            halt.cancel()
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()

    def _seconds_left(self) -> float | None:
        if self.deadline is None:
            return None
        return max(self.deadline - time.monotonic(), 0.0)
