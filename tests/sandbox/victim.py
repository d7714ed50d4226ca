"""A process of the user's that has nothing to do with the kernel, and has secrets."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

__all__ = ["Victim"]

_PROGRAM = """
import ctypes, os, signal, sys, tempfile
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # may be traced
memory = ctypes.create_string_buffer(os.environ["CANARY_KEY"].encode())
file = tempfile.TemporaryFile()
file.write(memory.value)
file.flush()
print(ctypes.addressof(memory), file.fileno(), flush=True)
while True:
    signal.pause()
"""


class Victim:
    """A process with a secret in its memory, environment, arguments and a file."""

    def __init__(self, secret: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, f"--canary={secret}"],
            env={"CANARY_KEY": secret},
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        address, file = self._process.stdout.readline().split()
        self.pid = self._process.pid
        self.address = int(address)
        """Where in its memory the secret lies."""
        self.file = int(file)
        """Its descriptor of a file that holds the secret and has no name."""
        self.first_state = self.state()

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Whether it has ended, or does so soon."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def state(self) -> dict[str, object]:
        """What others may not change about it."""
        return {
            "nice": os.getpriority(os.PRIO_PROCESS, self.pid),
            "cores": os.sched_getaffinity(self.pid),
            "files": resource.prlimit(self.pid, resource.RLIMIT_NOFILE),
            "oom": Path(f"/proc/{self.pid}/oom_score_adj").read_text(),
        }

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
