"""One kernel process, from its start to the last trace of it.

`KernelProcess` is a kernel manager as jupyter_client and nbclient know them, with
four things decided: what the process may touch, its environment, that its sockets are
private files, and that nothing which a cell started outlives it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from analyst.errors import KernelStartError
from analyst.kernel.files.copy_in import copy_in
from analyst.kernel.process.drain import Drain
from analyst.kernel.process.obituary import how_it_ended, out_of_memory
from analyst.kernel.process.premises import Premises, prepare
from analyst.kernel.process.reaper import DeathWatch, kill_group, kill_marked
from analyst.kernel.terms import Terms

__all__ = ["NO_ANSWER", "START_SECONDS", "KernelProcess", "spawned_manager"]

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""A kernel that sends a longer message loses its connection."""

START_SECONDS = 60.0
NO_ANSWER = f"it did not answer within {START_SECONDS:g} s"
_REAP_SECONDS = 10.0
_REAP_AGAIN_SECONDS = 0.002
_QUEUED_MESSAGES = 10_000
_NEVER_MS = 1_000_000_000
_LISTENS_AGAIN_SECONDS = 0.005
_OOM_SCORE = b"500"  # rather this one than the program that started it


class KernelProcess(AsyncKernelManager):
    """A kernel process of our own making.

    Whoever starts it calls `dispose` in the end. Should that fail to happen, it is
    killed when this object is collected, when the interpreter exits, and when this
    process is gone.

    Raises:
        KernelStartError: there is no place for its sockets, or the sandbox lacks a
            library.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._premises = Premises(terms)
        self._drain = Drain()
        self._popen: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._watches: list[DeathWatch] = []
        self._reason = ""
        self._clients: list[AsyncKernelClient] = []
        self.dead: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done as soon as the process has ended."""
        self.work: int | None = None
        """A descriptor of the folder in which what cells write is kept apart."""
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        context.setsockopt(zmq.RCVHWM, _QUEUED_MESSAGES)
        context.setsockopt(zmq.LINGER, 0)
        # Once only: a cell may put a link to a socket of ours in the place of its own.
        context.setsockopt(zmq.RECONNECT_IVL, _NEVER_MS)
        super().__init__(
            context=context,
            transport="ipc",
            ip=str(self._premises.enclosure.sockets / "k"),
            connection_file=str(self._premises.connection_file),
        )
        self._last_resort = weakref.finalize(
            self, _leave_nothing, os.getpid(), None, self._premises
        )

    @property
    def kernel_spec(self) -> KernelSpec:
        """How the process is started; nothing on disk is asked."""
        return KernelSpec(
            argv=[
                *self._premises.command(),
                "-f",
                "{connection_file}",
                "--HistoryManager.enabled=False",
            ],
            display_name="Python 3",
            language="python",
            interrupt_mode="signal",
            metadata={
                "kernel_provisioner": {"provisioner_name": "local-provisioner"},
            },
        )

    async def start_kernel(  # type: ignore[override]  # as AsyncKernelManager has it
        self,
        **options: Any,  # noqa: ANN401 - the base class's signature
    ) -> None:
        """Start the process; its environment and folder are ours whatever is asked.

        Returns when it is held and listens.

        Raises:
            KernelStartError: it cannot be started.
        """
        folder, enclosure = self._terms.folder, self._premises.enclosure
        if enclosure.work is not None and folder.resolve() == Path("/"):
            raise KernelStartError(
                "A notebook in / cannot be kept apart: choose another folder with -o."
            )
        if not folder.is_dir():
            raise KernelStartError(
                f"The kernel cannot work in {folder}: there is no such folder."
            )
        try:
            await super().start_kernel(
                **options
                | {
                    "cwd": str(enclosure.start_in),
                    "env": dict(enclosure.environment),
                    "stdin": subprocess.DEVNULL,
                    "stdout": subprocess.DEVNULL,
                    "stderr": self._drain.write,
                    "pass_fds": self._premises.gate.descriptors,
                }
            )
        except OSError as error:
            raise KernelStartError(f"The kernel did not start: {error}.") from error
        finally:
            # Also where the start was cancelled: the process may be there already.
            self._adopt()
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._listening()
        except TimeoutError:
            raise await self.did_not_start(NO_ANSWER) from None

    async def _listening(self) -> None:
        """Return when the process is held and its sockets are there.

        Raises:
            KernelStartError: it has ended.
        """
        pid = await self._premises.gate.confined()
        if pid is None:
            raise await self.did_not_start()
        self._know(pid or self._started)
        if self.work is not None and self._terms.with_copies:
            folder, size = self._terms.folder, self._terms.limits.work_bytes
            await asyncio.to_thread(copy_in, folder, self.work, max_bytes=size)
        while not all(map(_listens, self.sockets())):
            if self.dead.done():
                raise await self.did_not_start()
            await asyncio.wait({self.dead}, timeout=_LISTENS_AGAIN_SECONDS)

    async def did_not_start(self, trouble: str = "") -> KernelStartError:
        """The error to raise, with what the process wrote.

        Args:
            trouble: what went wrong, as a clause; how it ended where that is empty.
        """
        if not trouble:
            sentence = await self.obituary()
            trouble = sentence[0].lower() + sentence[1:].rstrip(".")
        wrote = f" It wrote: {tail}" if (tail := self._drain.last_line()) else ""
        return KernelStartError(f"The kernel did not start: {trouble}.{wrote}")

    @property
    def _started(self) -> int:
        assert self._popen is not None
        return self._popen.pid

    def _adopt(self) -> None:
        """Make the process that was started ours to end."""
        self._premises.gate.handed_over()
        self._drain.handed_over()
        process = getattr(self.provisioner, "process", None)
        if self._popen is not None or not isinstance(process, subprocess.Popen):
            return
        self._popen = process
        self._last_resort.detach()
        self._last_resort = weakref.finalize(
            self, _leave_nothing, os.getpid(), process.pid, self._premises
        )
        self._watch(process.pid)

    def _know(self, pid: int) -> None:
        """From now on the kernel itself can be signalled, watched and reached."""
        self._pid = pid
        self._watch(pid)
        enclosure = self._premises.enclosure
        self.ip = str(enclosure.outside(enclosure.sockets / "k", pid))
        if enclosure.work is not None:
            # Now, before a cell could put a link in its place.
            place = enclosure.outside(enclosure.work, pid)
            self.work = os.open(place, os.O_PATH | os.O_DIRECTORY)
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/oom_score_adj").write_bytes(_OOM_SCORE)

    def _watch(self, pid: int) -> None:
        watch = DeathWatch(pid, is_alive=self.is_alive, on_death=self._died)
        self._watches.append(watch)

    def client(  # type: ignore[override]  # as AsyncKernelManager has it
        self,
        **options: Any,  # noqa: ANN401 - the base class's signature
    ) -> AsyncKernelClient:
        """A client of this kernel; `dispose` closes it."""
        client = super().client(**{"context": self.context} | options)
        self._clients.append(client)
        return client

    @property
    def is_bounded(self) -> bool:
        """Whether something bounds what it and all that it starts take together."""
        return self._premises.bound is not None

    def sockets(self) -> list[Path]:
        """The files that are there when the kernel listens."""
        return [Path(f"{self.ip}-{port}") for port in self.ports]

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the running cell and what it started."""
        if self._pid and not self.dead.done():
            try:
                os.killpg(self._pid, signal.SIGINT)
            except OSError:
                return

    def kill(self, reason: str = "") -> None:
        """Kill the process and all that it started, without waiting for their end.

        Args:
            reason: what `obituary` will say instead of how it ended.
        """
        if self.dead.done():
            return
        self._reason = self._reason or reason
        if self._watches:
            self._watches[-1].kill()
        elif self._popen is not None:
            kill_group(self._popen.pid)

    @property
    def out_of_memory(self) -> str:
        """One sentence for the end of a process that took too much memory."""
        return out_of_memory(self._terms)

    async def obituary(self) -> str:
        """One sentence that says how the process ended."""
        await self._reaped()
        if self._reason:
            return self._reason
        if self._premises.bound is not None and self._premises.bound.was_exceeded():
            return self.out_of_memory
        return how_it_ended(None if self._popen is None else self._popen.returncode)

    async def dispose(self) -> None:
        """End the process, all that it started, and every trace of it.

        May be called more than once. That it ends is seen to before the first await,
        so that a cancelled caller leaves nothing running either.
        """
        self.kill()
        self._last_resort.detach()
        for client in self._clients:
            client.stop_channels()
        self._clients.clear()
        try:
            await self._reaped()
        finally:
            self._end_what_is_left()
            for watch in self._watches:
                watch.close()
            self._drain.close()
            if self.work is not None:
                os.close(self.work)
                self.work = None
            # What a cell has left may be much, and to remove it takes its time.
            await asyncio.to_thread(self._premises.close)
            await self.cleanup_resources()
            self.context.destroy(linger=0)

    async def _reaped(self) -> None:
        """Wait until the process and all that was below it has ended."""
        if self._popen is None:
            return
        deadline = asyncio.get_running_loop().time() + _REAP_SECONDS
        while self._popen.poll() is None:
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(_REAP_AGAIN_SECONDS)

    def _died(self) -> None:
        if not self.dead.done():
            self.dead.set_result(None)

    def _end_what_is_left(self) -> None:
        """Whatever became of the warden or the namespace, nothing stays."""
        if self._popen is None:
            return
        if self._popen.returncode is None:
            kill_group(self._popen.pid)
            # The caller was cancelled: a killed process ends within milliseconds.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(timeout=_REAP_SECONDS)
        kill_marked(self._premises.mark)
        self._died()


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as end:
        try:
            end.connect(str(path))
        except OSError:
            return False
    return True


def _leave_nothing(owner: int, pid: int | None, premises: Premises) -> None:
    if os.getpid() != owner:
        return  # a fork of the owner ends, who still needs it
    if pid is not None:
        kill_group(pid)
        kill_marked(premises.mark)
    premises.close()


@asynccontextmanager
async def spawned_manager(terms: Terms) -> AsyncIterator[KernelProcess]:
    """A kernel manager for nbclient, not started yet, that leaves nothing behind.

    Example:
        >>> terms = Terms(folder=path.parent, hash_seed=1)  # doctest: +SKIP
        >>> async with spawned_manager(terms) as km:  # doctest: +SKIP
        ...     await NotebookClient(notebook, km=km).async_execute()
    """
    await asyncio.to_thread(prepare, terms)
    process = KernelProcess(terms)
    try:
        yield process
    finally:
        await process.dispose()
