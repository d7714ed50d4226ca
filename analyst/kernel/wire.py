"""Requests to a kernel process and what it says to them, matched by their ids.

Both sockets are read all the time, also between cells: a thread that goes on printing
can then neither fill a queue nor be heard in a later cell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import zmq
import zmq.asyncio

from analyst.kernel.process.process import KernelProcess

__all__ = ["Hear", "Wire"]

Hear = Callable[[str, Mapping[str, Any]], None]
"""Takes the kind and the content of each message that a cell causes.

The kind `disconnected`, which no kernel sends, says that output was lost: a connection
breaks under a message that is too long.
"""

_ASK_AGAIN_SECONDS = 0.2
_DEATH_SECONDS = 0.25
_BROKEN = "The connection to the kernel broke."
_MESSAGES_IN_A_ROW = 100  # then everybody else has a turn


class Wire:
    """The conversation with one kernel process; one cell at a time."""

    def __init__(self, process: KernelProcess) -> None:
        loop = asyncio.get_running_loop()
        self._process = process
        self._client = process.client()
        self._tasks: list[asyncio.Task[None]] = []
        self._iopub_heard: asyncio.Future[None] = loop.create_future()
        self._shell_heard: asyncio.Future[None] = loop.create_future()
        self._request = ""
        self._hear: Hear | None = None
        self._reply: Mapping[str, Any] | None = None
        self._is_idle = False
        self._answered: asyncio.Future[Mapping[str, Any]] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        """Done when the kernel has gone and all that it said was heard."""

    async def open(self) -> None:
        """Return when the kernel answers on both sockets, or has died."""
        dead = self._process.dead
        self._client.start_channels(hb=False, stdin=False, control=False)
        self._tasks = [
            asyncio.create_task(self._listen(self._client.iopub_channel, self._iopub)),
            asyncio.create_task(self._listen(self._client.shell_channel, self._shell)),
            asyncio.create_task(self._mind_iopub()),
            asyncio.create_task(self._mind_shell()),
        ]
        while not dead.done() and (unheard := self._unheard()):
            self.nudge()
            await asyncio.wait(
                {dead, unheard},
                timeout=_ASK_AGAIN_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )

    def execute(
        self, source: str, *, hidden: bool, hear: Hear
    ) -> asyncio.Future[Mapping[str, Any]]:
        """Send a cell. What it puts out goes to `hear`.

        The future is done, with the content of the kernel's reply, when both have
        come: the reply, and the word that there will be no more output.
        """
        self._hear = hear
        self._reply = None
        self._is_idle = False
        self._answered = asyncio.get_running_loop().create_future()
        self._request = self._client.execute(
            source,
            silent=False,
            store_history=not hidden,
            allow_stdin=False,
            stop_on_error=False,
        )
        self._hear_shell()
        return self._answered

    def nudge(self) -> None:
        """Make the kernel's event loop turn once.

        A cell that awaits notices an interrupt only when its loop wakes.
        """
        self._client.kernel_info()
        self._hear_shell()

    def forget(self) -> None:
        """Hear no more of the last cell."""
        self._request = ""
        self._hear = None

    async def close(self) -> None:
        """Stop reading."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _unheard(self) -> asyncio.Future[None] | None:
        """That of the two sockets by which nothing has come yet."""
        both = (self._iopub_heard, self._shell_heard)
        return next((heard for heard in both if not heard.done()), None)

    async def _listen(
        self,
        channel: Any,  # noqa: ANN401 - jupyter_client has no type for it
        take: Callable[[Mapping[str, Any]], None],
    ) -> None:
        socket: zmq.asyncio.Socket = channel.socket
        while self._take_what_came(channel, take):
            await asyncio.sleep(0)
            await socket.poll()

    def _hear_shell(self) -> None:
        # To send swallows the sign that something has come, so it is looked for; what
        # comes after that gives a new sign.
        self._take_what_came(self._client.shell_channel, self._shell)

    def _take_what_came(
        self,
        channel: Any,  # noqa: ANN401 - jupyter_client has no type for it
        take: Callable[[Mapping[str, Any]], None],
    ) -> bool:
        """Take messages without waiting; False where the kernel cannot be read."""
        direct: zmq.Socket[bytes] = zmq.Socket.shadow(channel.socket.underlying)
        try:
            for _ in range(_MESSAGES_IN_A_ROW):
                _, message = channel.session.recv(direct)
                if message is None:
                    break
                take(message)
        except Exception:  # noqa: BLE001 - whatever it sent, it cannot be talked to
            self._process.kill(
                "The kernel sent a message that cannot be read, so it was stopped."
            )
            return False
        return True

    async def _mind_iopub(self) -> None:
        await self._broken(self._client.iopub_channel)
        if not self._process.dead.done() and self._hear is not None:
            self._hear("disconnected", {})
        self._process.kill(_BROKEN)
        self._take_what_came(self._client.iopub_channel, self._iopub)
        _settle(self.ended)

    async def _mind_shell(self) -> None:
        await self._broken(self._client.shell_channel)
        self._process.kill(_BROKEN)

    async def _broken(self, channel: Any) -> None:  # noqa: ANN401 - as above
        """Return when a connection has broken; it is never made again."""
        socket: zmq.asyncio.Socket = channel.socket
        monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        try:
            await monitor.poll()
            # Most often it is the kernel's death that breaks the connection.
            await asyncio.wait({self._process.dead}, timeout=_DEATH_SECONDS)
        finally:
            socket.disable_monitor()

    def _iopub(self, message: Mapping[str, Any]) -> None:
        _settle(self._iopub_heard)
        kind, content = message["msg_type"], message["content"]
        if not self._request or _parent(message) != self._request:
            return
        if kind == "status":
            self._is_idle = self._is_idle or content["execution_state"] == "idle"
            self._answer()
        elif self._hear is not None and not self._is_idle:
            self._hear(kind, content)

    def _shell(self, message: Mapping[str, Any]) -> None:
        _settle(self._shell_heard)
        if self._request and _parent(message) == self._request:
            self._reply = message["content"]
            self._answer()

    def _answer(self) -> None:
        if self._reply is not None and self._is_idle and not self._answered.done():
            self._answered.set_result(self._reply)


def _parent(message: Mapping[str, Any]) -> object:
    return message["parent_header"].get("msg_id")


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
