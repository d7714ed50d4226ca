"""A pipe that swallows what a process writes outside of cells, and keeps the end."""

from __future__ import annotations

import asyncio
import contextlib
import os

__all__ = ["Drain"]

_READ_BYTES = 1 << 16
_KEPT_BYTES = 4096
_SHOWN_CHARS = 300


class Drain:
    """Reads as long as somebody writes, so that a writer is never held up for long."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._read, write = os.pipe()
        self.write = write
        """The end that the process gets."""
        os.set_blocking(self._read, False)
        self._kept = b""
        self._loop.add_reader(self._read, self._take)

    def last_line(self) -> str:
        """The last line that was written, as far as anybody wants to read it."""
        with contextlib.suppress(OSError):
            self._keep(os.read(self._read, _READ_BYTES))
        lines = self._kept.decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return last[:_SHOWN_CHARS]

    def handed_over(self) -> None:
        """The process has its end now."""
        if self.write >= 0:
            os.close(self.write)
            self.write = -1

    def close(self) -> None:
        """Stop reading. May be called more than once."""
        self.handed_over()
        if self._read >= 0:
            self._loop.remove_reader(self._read)
            os.close(self._read)
            self._read = -1

    def _take(self) -> None:
        try:
            written = os.read(self._read, _READ_BYTES)
        except BlockingIOError:
            return
        if not written:
            self._loop.remove_reader(self._read)
        self._keep(written)

    def _keep(self, written: bytes) -> None:
        self._kept = (self._kept + written)[-_KEPT_BYTES:]
