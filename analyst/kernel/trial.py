"""What a sandbox holds on this machine, found by trying to get out of it.

A process is started exactly as a kernel is, with an input to spoil, a secret to read, a
listener to reach and small limits to exceed; it tries everything, and the outside
looks at what became of it.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyst.errors import KernelStartError
from analyst.events import Protection, Sandbox
from analyst.kernel.process.premises import Premises
from analyst.kernel.sandbox.policy import Limits, SandboxName
from analyst.kernel.terms import Terms

__all__ = ["SandboxFailure", "try_out", "was_bounded"]

_LIMITS = Limits(
    memory_bytes=96 << 20,
    processes=48,
    work_bytes=8 << 20,
    tmp_bytes=4 << 20,
    open_files=256,
)
_SECONDS = 60.0
_STRAY_SECONDS = 2.0
_CONTENT = "a,b\n1,2\n"


class SandboxFailure(Exception):  # noqa: N818 - a fact about the machine
    """The sandbox cannot be used here; the message says why, in a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A protection, and the attempts that must all fail for it to hold."""

    name: str
    attempts: tuple[str, ...]
    """If one gets through, it is open."""
    note: str
    """What is said then."""
    lesser: tuple[str, ...] = ()
    """If one of these alone gets through, it holds in part."""
    lesser_note: str = ""


_PROTECTIONS = (
    _Kept(
        name="files",
        attempts=("read a file",),
        note="your files can be read",
        lesser=("see a file",),
        lesser_note="names and sizes of your files can be asked for",
    ),
    _Kept(
        name="data",
        attempts=("change the data", "remove the data", "data changed"),
        note="the data can be changed",
        lesser=("mode or date changed",),
        lesser_note="mode and date of the data can be changed",
    ),
    _Kept(
        name="secrets",
        attempts=("read a variable",),
        note="variables of your processes can be read",
    ),
    _Kept(
        name="network",
        attempts=(
            "connect",
            "connect to a unix socket",
            "connect to an abstract socket",
            "send to a unix socket",
        ),
        note="the network or a socket of another program can be used",
    ),
    _Kept(
        name="processes",
        attempts=("signal a process", "limit a process", "slow a process down"),
        note="other processes can be signalled or hindered",
    ),
    _Kept(
        name="system calls",
        attempts=("open another family of sockets", "make a namespace", "trace"),
        note="risky system calls are allowed",
    ),
    _Kept(
        name="memory",
        attempts=("allocate", "share memory"),
        note="memory not bounded",
    ),
    _Kept(
        name="total memory",
        attempts=("allocate in several",),
        note="total memory not bounded",
    ),
    _Kept(
        name="process count",
        attempts=("fork",),
        note="number of processes not bounded",
    ),
    _Kept(
        name="disk",
        attempts=("write a large file",),
        note="disk not bounded",
        lesser=("fill the folder", "fill the home"),
        lesser_note="disk bounded by file only",
    ),
    _Kept(
        name="cleanup",
        attempts=("process left",),
        note="a process can outlive its kernel",
    ),
)


_ONE_AT_A_TIME = threading.Lock()
_FOUND: dict[SandboxName, Sandbox | str] = {}
"""What was found out; a clause where a sandbox cannot be used."""


def try_out(name: SandboxName) -> Sandbox:
    """Start a process in a sandbox and have it try to get out. Done once, then known.

    Raises:
        SandboxFailure: the sandbox cannot be used here.
    """
    with _ONE_AT_A_TIME:
        found = _FOUND.get(name) or _tried(name)
        _FOUND[name] = found
    if isinstance(found, str):
        raise SandboxFailure(found)
    return found


def was_bounded(name: SandboxName) -> bool:
    """Whether a sandbox was seen, earlier, to bound the memory of all together."""
    found = _FOUND.get(name)
    return isinstance(found, Sandbox) and any(
        each.name == "total memory" and each.holding == "held"
        for each in found.protections
    )


def _tried(name: SandboxName) -> Sandbox | str:
    """What was found out; a clause where the sandbox cannot be used."""
    try:
        with _target() as target:
            succeeded = _succeeded(name, target)
    except SandboxFailure as failure:
        return str(failure)
    return Sandbox(
        name=name, protections=tuple(_judged(kept, succeeded) for kept in _PROTECTIONS)
    )


def _judged(kept: _Kept, succeeded: Mapping[str, bool]) -> Protection:
    if any(succeeded[attempt] for attempt in kept.attempts):
        return Protection(name=kept.name, holding="open", note=kept.note)
    if any(succeeded[attempt] for attempt in kept.lesser):
        return Protection(name=kept.name, holding="partial", note=kept.lesser_note)
    return Protection(name=kept.name, holding="held")


def _succeeded(name: SandboxName, target: Mapping[str, Any]) -> dict[str, bool]:
    """Which attempts got through.

    Raises:
        SandboxFailure: the process did not come as far as to try.
    """
    data = Path(target["input"])
    before = _state(data)
    terms = Terms(
        folder=Path(target["folder"]),
        inputs=(data,),
        sandbox=name,
        limits=_LIMITS,
        environ={"HOME": target["home"]},
    )
    try:
        premises = Premises(terms, task={"attempt": dict(target)})
    except KernelStartError as error:
        raise SandboxFailure(str(error)) from None
    try:
        premises.connection_file.touch()
        succeeded = _told(premises)
    finally:
        left = _stays(target["stray"])
        premises.close()
    after = _state(data)
    return succeeded | {
        "data changed": before[0] != after[0],
        "mode or date changed": before[1:] != after[1:],
        "process left": left,
    }


def _told(premises: Premises) -> dict[str, bool]:
    """What the process says of its attempts.

    Raises:
        SandboxFailure: it says nothing.
    """
    try:
        done = subprocess.run(  # noqa: S603 - bubblewrap, and our own code
            premises.command("-E", "-s", "-S"),
            env=dict(premises.enclosure.environment),
            cwd=premises.enclosure.start_in,
            pass_fds=premises.gate.descriptors,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            start_new_session=True,
            check=True,
        )
        told: dict[str, bool] = json.loads(done.stdout)
    except subprocess.CalledProcessError as error:
        raise SandboxFailure(_last_line(error.stderr)) from None
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise SandboxFailure(_last_line(str(error))) from None
    return told


def _state(data: Path) -> tuple[str, int, int]:
    """The content, the mode and the date of a file; all of nothing where it is gone."""
    if not data.exists():
        return "", 0, 0
    status = data.stat()
    return data.read_text(), status.st_mode, status.st_mtime_ns


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "it says nothing"


@contextmanager
def _target() -> Iterator[dict[str, Any]]:
    """Everything that can be attacked, made for it."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("folder", "home", "outside"):
            (place / name).mkdir()
        secret, data = place / "outside" / "secret", place / "folder" / "data.csv"
        secret.write_text(secrets.token_hex())
        data.write_text(_CONTENT)
        token = secrets.token_hex(8)
        abstract, named = f"\0analyst-{token}", str(place / "outside" / "socket")
        datagrams = str(place / "outside" / "datagrams")
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in (abstract, named):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
        ear = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        ear.bind(datagrams)
        other = subprocess.Popen(["sleep", "600"], env={"ANALYST_CANARY": token})  # noqa: S607 - wherever it lies
        stack.callback(other.wait)
        stack.callback(other.kill)
        yield {
            "folder": str(place / "folder"),
            "home": str(place / "home"),
            "input": str(data),
            "secret": str(secret),
            "canary": token,
            "port": tcp.getsockname()[1],
            "socket": named,
            "abstract": abstract,
            "datagrams": datagrams,
            "process": other.pid,
            "stray": f"analyst-stray-{token}",
            "memory_bytes": _LIMITS.memory_bytes,
            "processes": _LIMITS.processes,
            "work_bytes": _LIMITS.work_bytes,
            "tmp_bytes": _LIMITS.tmp_bytes,
        }


def _stays(mark: str) -> bool:
    """Whether the process that was left behind is still there a moment later."""
    deadline = time.monotonic() + _STRAY_SECONDS
    while found := _processes_with(mark):
        if time.monotonic() > deadline:
            for pid in found:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            return True
        time.sleep(0.005)
    return False


def _processes_with(argument: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if argument.encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found
