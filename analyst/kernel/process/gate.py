"""The way in which a new process gets its orders and says that it is held.

Linux adds the true number of the sender to what it says, so the process is known also
where it lives in a namespace and knows itself by another number.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import tempfile
from collections.abc import Mapping
from typing import Any

__all__ = ["Gate"]

_KNOWS_SENDERS = hasattr(socket, "SO_PASSCRED")
_CREDENTIALS = struct.Struct("3i")  # process, user, group
_MAX_WORD_BYTES = 64


class Gate:
    """A socket, and a file with the orders, however many.

    To close our end of the socket tells a warden that nobody needs the kernel.
    """

    def __init__(self, orders: Mapping[str, Any]) -> None:
        kind = socket.SOCK_SEQPACKET if _KNOWS_SENDERS else socket.SOCK_DGRAM
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, kind)
        if _KNOWS_SENDERS:
            self._ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._ours.setblocking(False)
        self._orders = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._orders.write(json.dumps(dict(orders)).encode())
        self._orders.flush()
        self._orders.seek(0)

    @property
    def descriptors(self) -> tuple[int, int]:
        """Their end and the orders, to be inherited."""
        return self._theirs.fileno(), self._orders.fileno()

    def handed_over(self) -> None:
        """The process has its end now; ours shall notice when it is gone."""
        self._theirs.close()
        self._orders.close()

    async def confined(self) -> int | None:
        """Return when the process has carried out its orders: its number.

        0 where the system does not tell numbers, None where it ended before that.
        """
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(self._ours, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self._ours)
        try:
            word, extra, _, _ = self._ours.recvmsg(
                _MAX_WORD_BYTES, socket.CMSG_SPACE(_CREDENTIALS.size)
            )
        except OSError:
            return None
        if not _KNOWS_SENDERS:
            return 0 if word else None
        for level, kind, content in extra:
            if word and (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                return int(_CREDENTIALS.unpack(content)[0])
        return None

    def close(self) -> None:
        """Close all of it. May be called more than once."""
        self._ours.close()
        self.handed_over()
