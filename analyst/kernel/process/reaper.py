"""Noticing that a process ended, and ending all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

__all__ = ["DeathWatch", "kill_group", "kill_marked"]

_POLL_SECONDS = 0.1
_SWEEPS = 10  # enough for processes that were forking while being killed


class DeathWatch:
    """Calls back once when a process has ended, without delay where Linux can tell."""

    def __init__(
        self,
        pid: int,
        *,
        is_alive: Callable[[], Awaitable[bool]],
        on_death: Callable[[], None],
    ) -> None:
        self._on_death = on_death
        self._loop = asyncio.get_running_loop()
        self._pidfd: int | None = None
        self._poll: asyncio.Task[None] | None = None
        try:
            self._pidfd = os.pidfd_open(pid)
        except (AttributeError, OSError):
            self._poll = asyncio.create_task(self._ask_again_and_again(is_alive))
        else:
            self._loop.add_reader(self._pidfd, self._died)

    def kill(self) -> None:
        """Kill the process; no other one that got its number since."""
        if self._pidfd is None:
            return
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Watch no longer."""
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None
        if self._poll is not None:
            self._poll.cancel()
            self._poll = None

    def _died(self) -> None:
        self.close()
        self._on_death()

    async def _ask_again_and_again(
        self, is_alive: Callable[[], Awaitable[bool]]
    ) -> None:
        while await is_alive():  # noqa: ASYNC110 - a process sets no event
            await asyncio.sleep(_POLL_SECONDS)
        self._poll = None
        self._died()


def kill_group(pid: int) -> None:
    """Kill a process and its group, of which it is the leader.

    Its number must not have been given to another process yet.
    """
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        return


def kill_marked(mark: str) -> None:
    """Kill every process whose environment holds the line `mark`.

    Children inherit their environment, so this finds those that left the group, too.
    Best effort: one that wiped its environment stays, and only Linux can tell.
    """
    line = mark.encode()
    if not line:
        return
    for _ in range(_SWEEPS):
        killed = [pid for pid in _numbers() if _kill_if_marked(pid, line)]
        if not killed:
            return


def _numbers() -> list[int]:
    """The numbers of all processes."""
    try:
        names = [path.name for path in Path("/proc").iterdir()]
    except OSError:
        return []
    return [int(name) for name in names if name.isdigit()]


def _kill_if_marked(pid: int, line: bytes) -> bool:
    # The descriptor is opened before the look: a number that is given to another
    # process in between cannot make us kill that one.
    try:
        pidfd = os.pidfd_open(pid)
    except (AttributeError, OSError):
        return False
    try:
        if line not in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            return False
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(pidfd)
