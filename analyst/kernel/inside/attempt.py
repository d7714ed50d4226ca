"""Trying to do what the sandbox says cannot be done.

Runs in place of a kernel, held as one would be, in a folder made for it. Each attempt
says whether it got through; what only the outside can see is looked at there.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

__all__ = ["attempt"]

_AF_ALG, _AF_VSOCK = 38, 40
_CLONE_NEWUSER, _PTRACE_TRACEME = 0x10000000, 0
_PAGE = 4096
_SECONDS = 0.5


def attempt(target: dict[str, Any]) -> dict[str, bool]:
    """Try everything; True where it got through.

    Args:
        target: the paths, numbers and limits to try it on, as `trial.py` makes them.
    """
    tries: dict[str, Callable[[], object]] = {
        "read a file": lambda: _read(target["secret"]),
        "see a file": lambda: os.stat(target["secret"]),  # noqa: PTH116 - no pathlib, to start quickly
        "change its mode": lambda: os.chmod(target["input"], 0o600),  # noqa: PTH101 - as above
        "change its date": lambda: os.utime(target["input"], (1, 1)),
        "change the data": lambda: _overwrite(target["input"]),
        "remove the data": lambda: os.remove(target["input"]),  # noqa: PTH107 - no pathlib, to start quickly
        "read a variable": lambda: _find_variable(target["process"], target["canary"]),
        "connect": lambda: _connect(target["port"]),
        "connect to a unix socket": lambda: _connect_unix(target["socket"]),
        "connect to an abstract socket": lambda: _connect_unix(target["abstract"]),
        "send to a unix socket": lambda: _send(target["datagrams"]),
        "signal a process": lambda: os.kill(target["process"], 0),
        "limit a process": lambda: _limit(target["process"]),
        "slow a process down": lambda: os.setpriority(
            os.PRIO_PROCESS, target["process"], 1
        ),
        "open another family of sockets": _other_families,
        "make a namespace": lambda: _survives(lambda: _call("unshare", _CLONE_NEWUSER)),
        "trace": lambda: _survives(lambda: _call("ptrace", _PTRACE_TRACEME, 0, 0, 0)),
        "allocate": lambda: _survives(lambda: _allocate(2 * target["memory_bytes"])),
        "share memory": lambda: _survives(lambda: _share(2 * target["memory_bytes"])),
        "allocate in several": lambda: _in_several(target["memory_bytes"] * 6 // 10),
        "fork": lambda: _fork(target["processes"] + 8),
        "write a large file": lambda: _write_one(2 * target["work_bytes"]),
        "fill the folder": lambda: _fill(".", target["work_bytes"]),
        "fill the home": lambda: _fill(os.environ["HOME"], 4 * target["tmp_bytes"]),
        "leave a process": lambda: _leave(target["stray"]),
    }
    return {name: _got_through(action) for name, action in tries.items()}


def _got_through(action: Callable[[], object]) -> bool:
    """Whether nothing kept it back."""
    try:
        return action() is not False
    except (OSError, MemoryError):
        return False


def _read(path: str) -> None:
    with open(path, "rb") as file:  # noqa: PTH123 - no pathlib, to start quickly
        file.read()


def _overwrite(path: str) -> None:
    with open(path, "r+b") as file:  # noqa: PTH123 - as above
        file.write(b"?")


def _find_variable(process: int, canary: str) -> bool:
    with open("/proc/%d/environ" % process, "rb") as file:  # noqa: PTH123, UP031 - as above
        return canary.encode() in file.read()


def _connect(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS):
        pass


def _connect_unix(address: str) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.connect(address)


def _send(address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.sendto(b"?", address)


def _limit(process: int) -> None:
    resource.prlimit(process, resource.RLIMIT_CORE, (0, 0))


def _other_families() -> bool:
    opened = False
    for family in (_AF_ALG, _AF_VSOCK):
        with contextlib.suppress(OSError):
            socket.socket(family, socket.SOCK_SEQPACKET).close()
            opened = True
    return opened


def _call(name: str, *arguments: int) -> bool:
    return bool(getattr(ctypes.CDLL(None), name)(*arguments) == 0)


def _allocate(size_bytes: int) -> mmap.mmap:
    memory = mmap.mmap(-1, size_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    _touch(memory)
    return memory


def _share(size_bytes: int) -> None:
    """Memory that belongs to no process: a shared mapping, a file in memory."""
    with contextlib.suppress(OSError):
        _touch(mmap.mmap(-1, size_bytes))
        return
    descriptor = os.memfd_create("attempt")
    os.truncate(descriptor, size_bytes)
    _touch(mmap.mmap(descriptor, size_bytes))


def _touch(memory: mmap.mmap) -> None:
    for place in range(0, len(memory), _PAGE):
        memory[place] = 1


def _survives(action: Callable[[], object]) -> bool:
    """Whether a child gets to the end of it."""
    return _wait_for(_child(action))


def _in_several(size_bytes: int) -> bool:
    """Whether three processes can each hold so much at the same time."""
    read, write = os.pipe()

    def hold() -> None:
        memory = _allocate(size_bytes)
        os.close(write)
        os.read(read, 1)  # ends when all have come here
        memory.close()

    children = [_child(hold) for _ in range(3)]
    os.close(read)
    os.close(write)
    return all([_wait_for(child) for child in children])  # noqa: C419 - wait for each


def _fork(count: int) -> bool:
    children = []
    try:
        for _ in range(count):
            children.append(_child(lambda: time.sleep(60)))  # noqa: PERF401 - it may fail
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return True


def _child(action: Callable[[], object]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os._exit(0 if _got_through(action) else 1)
    finally:
        os._exit(1)


def _wait_for(pid: int) -> bool:
    return os.waitpid(pid, 0)[1] == 0


def _write_one(size_bytes: int) -> None:
    try:
        with open("large", "wb") as file:  # noqa: PTH123 - as above
            file.write(bytes(size_bytes))
    finally:
        with contextlib.suppress(OSError):
            os.remove("large")  # noqa: PTH107 - as above


def _fill(folder: str, size_bytes: int) -> None:
    """Write twice as much in files that are each small enough."""
    names = [os.path.join(folder, "fill-%d" % number) for number in range(8)]  # noqa: PTH118, UP031 - no pathlib
    try:
        for name in names:
            with open(name, "wb") as file:  # noqa: PTH123 - as above
                file.write(bytes(size_bytes // 4))
    finally:
        for name in names:
            with contextlib.suppress(OSError):
                os.remove(name)  # noqa: PTH107 - as above


def _leave(mark: str) -> None:
    """Start a process that is in another session and has another environment."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execve(  # noqa: S606 - this very Python
                sys.executable,
                [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)", mark],
                {},
            )
        os._exit(0)
    os.wait()
