"""One kernel process, from its start to the last trace of it.

`KernelProcess` is a kernel manager as jupyter_client and nbclient know them, with
three things decided: the environment is rebuilt, the sockets are private files, and
nothing that a cell started outlives the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from analyst.errors import KernelStartError
from analyst.kernel.environment import (
    SOCKET_PREFIX,
    cache_folder,
    kernel_environment,
    needs_user_site,
    runtime_folder,
)
from analyst.kernel.reaper import DeathWatch, kill_group, kill_marked

__all__ = ["KernelProcess", "spawned_manager"]

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""A kernel that sends a longer message loses its connection."""

_REAP_SECONDS = 5.0
_LOG_CHARS = 400
_QUEUED_MESSAGES = 10_000


class KernelProcess(AsyncKernelManager):
    """A kernel process of our own making, at work in `folder`.

    Whoever starts it calls `dispose` in the end. Should that fail to happen, it is
    killed when this object is collected, when the interpreter exits, and, by the
    kernel itself, a second after this process is gone.
    """

    def __init__(
        self, *, folder: Path, hash_seed: int, environ: Mapping[str, str] | None = None
    ) -> None:
        """Prepare a start.

        Raises:
            KernelStartError: there is no place for its sockets.
        """
        environ = os.environ if environ is None else environ
        self._folder = folder
        self._runtime = runtime_folder(environ)
        self._environment = kernel_environment(
            environ,
            runtime=self._runtime,
            cache=cache_folder(environ, runtime=self._runtime),
            hash_seed=hash_seed,
            user_site=needs_user_site(),
        )
        self._mark = f"JUPYTER_RUNTIME_DIR={self._runtime}"
        self._popen: subprocess.Popen[bytes] | None = None
        self._watch: DeathWatch | None = None
        self._reason = ""
        self._clients: list[AsyncKernelClient] = []
        self.dead: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done as soon as the process has ended."""
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        context.setsockopt(zmq.RCVHWM, _QUEUED_MESSAGES)
        context.setsockopt(zmq.LINGER, 0)
        super().__init__(
            context=context,
            transport="ipc",
            ip=str(self._runtime / SOCKET_PREFIX),
            connection_file=str(self._runtime / "connection.json"),
        )
        self._last_resort = weakref.finalize(
            self, _leave_nothing, None, self._mark, self._runtime
        )

    @property
    def kernel_spec(self) -> KernelSpec:
        """How the process is started; nothing on disk is asked."""
        return KernelSpec(
            argv=[
                sys.executable,
                str(Path(__file__).with_name("launch.py")),
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

        Raises:
            KernelStartError: it cannot be started.
        """
        if not self._folder.is_dir():
            raise KernelStartError(
                f"The kernel cannot work in {self._folder}: there is no such folder."
            )
        try:
            with (self._runtime / "log").open("wb") as log:
                await super().start_kernel(
                    **options
                    | {
                        "cwd": str(self._folder.resolve()),
                        "env": dict(self._environment),
                        "stdin": subprocess.DEVNULL,
                        "stdout": subprocess.DEVNULL,
                        "stderr": log,
                    }
                )
        except OSError as error:
            raise KernelStartError(f"The kernel did not start: {error}.") from error
        finally:
            # Also where the start was cancelled: the process may be there already.
            self._adopt()

    def _adopt(self) -> None:
        """Make the process that was started ours to end."""
        process = getattr(self.provisioner, "process", None)
        if self._popen is not None or not isinstance(process, subprocess.Popen):
            return
        self._popen = process
        self._last_resort.detach()
        self._last_resort = weakref.finalize(
            self, _leave_nothing, process.pid, self._mark, self._runtime
        )
        self._watch = DeathWatch(
            process.pid, is_alive=self.is_alive, on_death=self._died
        )

    def client(  # type: ignore[override]  # as AsyncKernelManager has it
        self,
        **options: Any,  # noqa: ANN401 - the base class's signature
    ) -> AsyncKernelClient:
        """A client of this kernel; `dispose` closes it."""
        client = super().client(**{"context": self.context} | options)
        self._clients.append(client)
        return client

    def sockets(self) -> list[Path]:
        """The files that are there when the kernel listens."""
        return [Path(f"{self.ip}-{port}") for port in self.ports]

    def log_tail(self) -> str:
        """The end of what the process wrote outside of cells, on one line."""
        try:
            text = (self._runtime / "log").read_text(errors="replace")
        except OSError:
            return ""
        return " ".join(text.split())[-_LOG_CHARS:]

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the running cell and what it started."""
        if self._popen is not None and not self.dead.done():
            try:
                os.killpg(self._popen.pid, signal.SIGINT)
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
        self._kill_everything()

    def obituary(self) -> str:
        """One sentence that says how the process ended."""
        if self._reason:
            return self._reason
        code = None if self._popen is None else self._popen.returncode
        if code is None:
            return "The kernel process ended."
        if code >= 0:
            return f"The kernel process ended (exit code {code})."
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = ", as happens when memory runs out" if name == "SIGKILL" else ""
        return f"The kernel process was killed ({name}{hint})."

    async def dispose(self) -> None:
        """End the process, all that it started, and every trace of it.

        May be called more than once. What matters is done before the first await, so
        that a cancelled caller leaves nothing behind either.
        """
        self.kill()
        self._last_resort.detach()
        for client in self._clients:
            client.stop_channels()
        self._clients.clear()
        shutil.rmtree(self._runtime, ignore_errors=True)
        try:
            if self._popen is not None:
                await asyncio.wait({self.dead}, timeout=_REAP_SECONDS)
        finally:
            if self._popen is not None and self._popen.returncode is None:
                # The caller was cancelled: a killed process ends within milliseconds.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._popen.wait(timeout=_REAP_SECONDS)
            if self._watch is not None:
                self._watch.close()
            await self.cleanup_resources()
            self.context.destroy(linger=0)

    def _died(self) -> None:
        self._kill_everything()
        if self._popen is not None:
            self._popen.poll()
        if not self.dead.done():
            self.dead.set_result(None)

    def _kill_everything(self) -> None:
        # Until it is waited for, its number cannot be given to another process.
        if self._popen is not None and self._popen.returncode is None:
            kill_group(self._popen.pid)
        kill_marked(self._mark)


def _leave_nothing(pid: int | None, mark: str, runtime: Path) -> None:
    if pid is not None:
        kill_group(pid)
        kill_marked(mark)
    shutil.rmtree(runtime, ignore_errors=True)


@asynccontextmanager
async def spawned_manager(
    folder: Path, *, hash_seed: int = 1, environ: Mapping[str, str] | None = None
) -> AsyncIterator[KernelProcess]:
    """A kernel manager for nbclient, not started yet, that leaves nothing behind.

    Its process has nothing in common with that of a live session but the code: its
    own start, another hash seed, no `analyst`. It works in `folder`.

    Example:
        >>> async with spawned_manager(path.parent) as km:  # doctest: +SKIP
        ...     await NotebookClient(notebook, km=km).async_execute()
    """
    process = KernelProcess(folder=folder, hash_seed=hash_seed, environ=environ)
    try:
        yield process
    finally:
        await process.dispose()
