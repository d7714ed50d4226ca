"""A plain IPython kernel and jupyter_client's own client: what attacks do unopposed.

An attack that our client holds in every sandbox would prove nothing if it did no harm
anywhere: here it does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from .scene import Scene, as_cell

__all__ = [
    "PlainKernel",
    "answers_no_more",
    "cannot_be_reached",
    "carries",
    "ends_by_itself",
    "filled_disk",
    "floods",
    "hangs_at_its_end",
    "has_no_memory_left",
    "left_a_process",
    "told_a_secret",
    "was_idle_too_early",
]

_PLENTY = 4_500_000
"""More characters than our client lets through."""
_SOON_SECONDS = 0.7


class PlainKernel:
    """A kernel as Jupyter starts it, and what its client heard last."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.chars = 0
        """How much came on iopub of the last cell."""
        self.reply: Mapping[str, Any] | None = None
        self.idle_seconds: float | None = None
        self.reply_seconds: float | None = None
        self.is_fresh = False
        """It was started and nothing hostile has run in it."""
        self._heard: list[str] = []
        self._manager: AsyncKernelManager | None = None
        self._client: AsyncKernelClient | None = None

    @property
    def text(self) -> str:
        """All that came on iopub of the last cell, as JSON."""
        return "".join(self._heard)

    async def start(self) -> None:
        """Start a fresh one, unless this one is."""
        if self.is_fresh:
            return
        await self.kill()
        ip = str(self.scene.root / "run" / "plain")
        self._manager = AsyncKernelManager(
            transport="ipc", ip=ip, connection_file=f"{ip}.json"
        )
        with (self.scene.root / "run" / "plain.log").open("wb") as log:
            await self._manager.start_kernel(
                cwd=str(self.scene.folder),
                env=self.scene.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self._client = self._manager.client()
        self._client.start_channels()
        await self._client.wait_for_ready(timeout=30)
        self.is_fresh = True

    async def attack(self, source: str, *, seconds: float) -> None:
        """Run a hostile cell and hear what comes of it, for so long at most."""
        await self.run(self.scene.preamble(), seconds=20)
        assert self.reply is not None, self.text
        assert self.reply["status"] == "ok", self.text
        self.is_fresh = False
        self.scene.weigh_disk()
        await self.run(as_cell(source), seconds=seconds)

    async def run(self, source: str, *, seconds: float) -> bool:
        """Run a cell; whether it was answered in time and could be understood."""
        assert self._client is not None
        self._heard, self.chars, self.reply = [], 0, None
        self.idle_seconds = self.reply_seconds = None
        began = time.monotonic()
        request = self._client.execute(source, allow_stdin=True)
        try:
            while time.monotonic() - began < seconds and self.chars < 2 * _PLENTY:
                await self._hear(request, began)
                if self._is_answered():
                    return True
        except Exception:  # noqa: BLE001 - jupyter_client trusts what a kernel sends
            return False
        return False

    async def answers(self, seconds: float) -> bool:
        """Whether another client, told by the connection file, gets an answer."""
        assert self._manager is not None
        client = AsyncKernelClient()
        try:
            client.load_connection_file(self._manager.connection_file)
            client.start_channels()
            await client.wait_for_ready(timeout=seconds)
        except (RuntimeError, OSError):
            return False
        else:
            return True
        finally:
            client.stop_channels()

    def ask_to_end(self) -> None:
        """Have it end, as a client asks for it."""
        assert self._client is not None
        self._client.shutdown()

    async def ends(self, seconds: float) -> bool:
        """Whether it ends within this time."""
        assert self._manager is not None
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not await self._manager.is_alive():
                return True
            await asyncio.sleep(0.05)
        return False

    async def kill(self) -> None:
        """End it, if there is one."""
        self.is_fresh = False
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
        if self._manager is not None:
            await self._manager.shutdown_kernel(now=True)
            self._manager = None

    def _is_answered(self) -> bool:
        return self.reply is not None and self.idle_seconds is not None

    async def _hear(self, request: str, began: float) -> None:
        assert self._client is not None
        with contextlib.suppress(queue.Empty):
            message = await self._client.get_iopub_msg(timeout=0.02)
            if message["parent_header"].get("msg_id") == request:
                self._take(message, began)
        with contextlib.suppress(queue.Empty):
            reply = await self._client.get_shell_msg(timeout=0)
            if reply["parent_header"].get("msg_id") == request:
                self.reply = reply["content"]
                self.reply_seconds = time.monotonic() - began

    def _take(self, message: Mapping[str, Any], began: float) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            self.idle_seconds = self.idle_seconds or time.monotonic() - began
        elif kind != "execute_input":
            self._heard.append(json.dumps({kind: content}))
            self.chars += len(self._heard[-1])


async def answers_no_more(plain: PlainKernel) -> bool:
    """Whether the next cell is never answered, or not so that it is understood."""
    return not await plain.run("1", seconds=_SOON_SECONDS)


async def has_no_memory_left(plain: PlainKernel) -> bool:
    """Whether a small cell fails after it."""
    await plain.run("len(bytearray(50_000_000))", seconds=2)
    return plain.reply is None or plain.reply["status"] != "ok"


async def hangs_at_its_end(plain: PlainKernel) -> bool:
    """Whether it does not end when asked to."""
    plain.ask_to_end()
    return not await plain.ends(_SOON_SECONDS)


async def ends_by_itself(plain: PlainKernel) -> bool:
    """Whether it ends though nobody asked it to."""
    return await plain.ends(2 * _SOON_SECONDS)


async def cannot_be_reached(plain: PlainKernel) -> bool:
    """Whether nobody else can connect to it."""
    return not await plain.answers(_SOON_SECONDS)


async def was_idle_too_early(plain: PlainKernel) -> bool:
    """Whether it was said to be idle long before the cell had ended."""
    idle, reply = plain.idle_seconds, plain.reply_seconds
    return idle is not None and reply is not None and reply - idle > 0.5


async def floods(plain: PlainKernel) -> bool:
    """Whether the client took in more than anybody can read."""
    return plain.chars > _PLENTY


async def filled_disk(plain: PlainKernel) -> bool:
    """Whether it put more on the disk than it should."""
    return plain.scene.bytes_written() > plain.scene.limits.work_bytes * 1.5


async def told_a_secret(plain: PlainKernel) -> bool:
    """Whether the secret came out."""
    return plain.scene.secret in plain.text


async def left_a_process(plain: PlainKernel) -> bool:
    """Whether something that it started runs on after its end."""
    await plain.kill()
    return bool(plain.scene.strays())


def carries(*needles: str) -> Callable[[PlainKernel], Awaitable[bool]]:
    """Whether all of this reached the client."""

    async def look(plain: PlainKernel) -> bool:
        heard = plain.text + json.dumps(plain.reply)
        plain.is_fresh = plain.reply is not None  # what it said does it no harm
        return all(needle in heard for needle in needles)

    return look
