"""Listeners outside, on whatever a kernel could talk to."""

from __future__ import annotations

import contextlib
import select
import socket
from pathlib import Path

__all__ = ["Ears"]


class Ears:
    """Sockets on which nothing should ever be heard."""

    def __init__(self, folder: Path, mark: str) -> None:
        self.unix_path = str(folder / "unix")
        self.datagram_path = str(folder / "datagram")
        self.abstract = f"canary{mark}"
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(self.unix_path)
        self._datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._datagram.bind(self.datagram_path)
        self._abstract = socket.socket(socket.AF_UNIX)
        self._abstract.bind("\0" + self.abstract)
        for listener in (self._unix, self._abstract):
            listener.listen()
        self.tcp_port = int(self._tcp.getsockname()[1])
        self.udp_port = int(self._udp.getsockname()[1])
        self._all = (self._tcp, self._udp, self._unix, self._datagram, self._abstract)

    def heard(self) -> bool:
        """Whether anything came since the last time."""
        came, _, _ = select.select(self._all, (), (), 0)
        for listener in came:
            listener.setblocking(False)
            with contextlib.suppress(OSError):
                while True:
                    if listener in (self._udp, self._datagram):
                        listener.recv(100)
                    else:
                        listener.accept()[0].close()
            listener.setblocking(True)
        return bool(came)

    def close(self) -> None:
        """Listen no longer."""
        for listener in self._all:
            listener.close()
