"""Synchronous calls into one event loop on one thread of its own.

So one asynchronous body serves scripts and notebook cells alike, where a loop is
already running, and what is bound to a loop always meets its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any, Generic, TypeVar, cast

__all__ = ["Portal", "Pulled", "run_to_end"]

T = TypeVar("T")
_END = object()


class Portal:
    """One event loop on one thread, for as long as one synchronous object lives."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="analyst", daemon=True
        )
        self._thread.start()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end; an interrupt of the caller cancels it."""
        future = self.submit(coroutine)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def soon(self, action: Callable[[], object]) -> None:
        """Do something on the loop's thread, without waiting for it."""
        self._loop.call_soon_threadsafe(action)

    @property
    def closed(self) -> bool:
        """Whether the loop has ended."""
        return self._loop.is_closed()

    def close(self) -> None:
        """End what is left on the loop, then the loop and its thread."""
        if self._loop.is_closed():
            return
        self.call(self._cancel_rest())
        self.call(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _cancel_rest(self) -> None:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest)


class Pulled(Iterator[T], Generic[T]):
    """An asynchronous generator as a plain iterator.

    A KeyboardInterrupt leaves `next` without losing anything: the next `next` waits
    on for the same item.
    """

    def __init__(self, portal: Portal, stream: AsyncGenerator[T]) -> None:
        self._portal = portal
        self._stream = stream
        self._pending: Future[T | object] | None = None
        self._task: asyncio.Task[Any] | None = None

    def __iter__(self) -> Pulled[T]:
        return self

    def __next__(self) -> T:
        if self._pending is None:
            self._pending = self._portal.submit(self._pull())
        item = self._pending.result()
        self._pending = None
        if item is _END:
            raise StopIteration
        return cast("T", item)

    async def _pull(self) -> T | object:
        self._task = asyncio.current_task()
        return await anext(self._stream, _END)

    def close(self) -> None:
        """End the work behind the iterator."""
        if self._portal.closed:
            return
        if self._pending is not None:
            self._pending.cancel()
        self._portal.call(self._end())

    async def _end(self) -> None:
        if self._task is not None:
            await asyncio.wait({self._task})  # it still unwinds
        await self._stream.aclose()


def run_to_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, also where a loop is already running."""
    portal = Portal()
    try:
        return portal.call(coroutine)
    finally:
        portal.close()
