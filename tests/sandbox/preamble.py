"""What a hostile cell finds ready: this runs in the kernel, before each attack.

The names in capitals (`FOLDER`, `SECRET_FILE`, `VICTIM`, ...) are set before it, by
`Scene.preamble`. Nothing imports this file.
"""

# ruff: noqa: F401 - the attacks use what is imported here

from __future__ import annotations

import atexit
import contextlib
import ctypes
import errno
import itertools
import json
import mmap
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path
from types import TracebackType

from ipykernel.kernelapp import IPKernelApp

LIBC = ctypes.CDLL(None, use_errno=True)
MB = 1 << 20


CONNECTION = {
    "ip": IPKernelApp.instance().ip,
    "file": IPKernelApp.instance().abs_connection_file,
}


def PLACES() -> list[str]:  # noqa: N802 - as the other names that are given
    """Where something could lie that the next kernel finds."""
    named = ("HOME", "TMPDIR", "MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR")
    places = [
        *("/tmp", "/var/tmp", "/dev/shm", "/run", "/run/analyst"),
        *(FOLDER, HOME_OUTSIDE, "."),  # type: ignore[name-defined]  # noqa: F821 - set before
        *(os.environ[name] for name in named if name in os.environ),
    ]
    return list(dict.fromkeys(map(os.path.realpath, places)))


class Attempt(contextlib.AbstractContextManager["Attempt"]):
    """Says that it was refused where it was; other mistakes are the attack's own."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Swallow a refusal."""
        refused = isinstance(
            error, OSError | RuntimeError | subprocess.SubprocessError
        ) or "not allowed to raise" in str(error)
        if refused:
            print("REFUSED", type(error).__name__, error)  # noqa: T201 - its word
        return refused


def got(*evidence: object) -> None:
    """Say that the attack has what it wanted."""
    print("GOT", *evidence)  # noqa: T201 - its word


def call(number_by_name: str, *arguments: object) -> int:
    """A system call, by its name or its number; raises what it gives as an error."""
    numbers = {
        "x86_64": {
            "add_key": 248,
            "bpf": 321,
            "io_uring_setup": 425,
            "mq_open": 240,
            "mq_unlink": 241,
            "msgctl": 71,
            "msgget": 68,
            "name_to_handle_at": 303,
            "open_by_handle_at": 304,
            "personality": 135,
            "pidfd_getfd": 438,
            "process_vm_readv": 310,
            "ptrace": 101,
            "shmat": 30,
            "shmctl": 31,
            "shmget": 29,
            "unshare": 272,
            "userfaultfd": 323,
        },
        "aarch64": {
            "add_key": 217,
            "bpf": 280,
            "io_uring_setup": 425,
            "mq_open": 180,
            "mq_unlink": 181,
            "msgctl": 187,
            "msgget": 186,
            "name_to_handle_at": 264,
            "open_by_handle_at": 265,
            "personality": 92,
            "pidfd_getfd": 438,
            "process_vm_readv": 270,
            "ptrace": 117,
            "shmat": 196,
            "shmctl": 195,
            "shmget": 194,
            "unshare": 97,
            "userfaultfd": 282,
        },
    }
    LIBC.syscall.restype = ctypes.c_long
    longs = [
        ctypes.c_long(argument) if isinstance(argument, int) else argument
        for argument in arguments
    ]
    result = LIBC.syscall(
        ctypes.c_long(numbers[os.uname().machine][number_by_name]), *longs
    )
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return int(result)


def in_child(act: object) -> str:
    """What a forked child has to say, where the act may harm its process."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            answer = str(act())  # type: ignore[operator]
        except OSError as error:
            answer = f"refused: {error}"
        os.write(writing, answer.encode()[:4000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        answer = file.read().decode()
    os.waitpid(pid, 0)
    if answer.startswith("refused"):
        raise PermissionError(answer)
    return answer


def fill(size: int) -> bytes:
    """So much memory, really taken."""
    return b"\xaa" * size
