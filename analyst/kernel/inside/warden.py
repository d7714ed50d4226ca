"""The process above a kernel that has no namespace of its own.

Whatever a cell starts comes back to the warden when its parent ends, also what has
left its session and wiped its environment. When the kernel ends, or whoever asked for
it, the warden ends all of it, and then itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import socket
import time

__all__ = ["watch"]

_PR_SET_CHILD_SUBREAPER, _PR_SET_PDEATHSIG = 36, 1
_REAP_AGAIN_MS = 1000
_SWEEP_SECONDS = 5.0


def watch(gate: socket.socket) -> None:
    """Return in a new process, whose warden this one becomes for the rest of its life.

    Args:
        gate: closed by the other end when nobody needs the kernel any more.
    """
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    warden = os.getpid()
    kernel = os.fork()
    if kernel == 0:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != warden:
            os._exit(1)
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os._exit(_until_the_end(kernel, gate))


def _until_the_end(kernel: int, gate: socket.socket) -> int:
    """Wait for the end of the kernel; return its exit code, 128 + n for a signal."""
    pidfd = os.pidfd_open(kernel)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(gate, 0)  # only that the other end is gone
    status = None
    while status is None:
        for descriptor, _ in poll.poll(_REAP_AGAIN_MS):
            if descriptor != pidfd:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        status = _reap(kernel)
    _end_the_rest()
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _reap(kernel: int) -> int | None:
    """Wait for those that have ended; the kernel's status, if it is among them."""
    found = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if os.WIFSTOPPED(status):
                os.kill(pid, signal.SIGKILL)  # it made itself traced by its parent
            elif pid == kernel:
                found = status
    return found


def _end_the_rest() -> None:
    """Kill what is below, generation by generation, until nothing is."""
    deadline = time.monotonic() + _SWEEP_SECONDS
    while time.monotonic() < deadline:
        children = _children()
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for child in children:
                with contextlib.suppress(OSError):
                    os.kill(child, number)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def _children() -> list[int]:
    me = os.getpid()
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are all that is needed
        if not name.isdigit():
            continue
        try:
            with open("/proc/" + name + "/stat", "rb") as file:  # noqa: PTH123 - as quick as it gets
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        if parent == me:
            found.append(int(name))
    return found


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
