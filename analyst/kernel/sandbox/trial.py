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
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from analyst.events import Holding, Protection, Sandbox
from analyst.kernel.gate import Gate
from analyst.kernel.runtime import RuntimeFolder
from analyst.kernel.sandbox.cgroup import total_bound
from analyst.kernel.sandbox.compile import enclose
from analyst.kernel.sandbox.enclosure import Enclosure
from analyst.kernel.sandbox.policy import Limits, SandboxName
from analyst.kernel.terms import INSIDE, Terms

__all__ = ["SandboxFailure", "try_out"]

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


@dataclass(frozen=True, slots=True)
class _Kept:
    """A protection, and the attempts that must all fail for it to hold."""

    name: str
    attempts: tuple[str, ...]
    otherwise: str
    """What is said where it does not hold."""
    if_bounded: Holding = "open"
    """What is left of it where the attempts succeed in the sandbox `landlock`."""


_PROTECTIONS = (
    _Kept("files", ("read a file",), "your files can be read"),
    _Kept(
        "data",
        ("change the data", "remove the data", "data changed"),
        "the data can be changed",
    ),
    _Kept("secrets", ("read a variable",), "variables of this process can be read"),
    _Kept(
        "network",
        ("connect", "connect to a unix socket", "connect to an abstract socket"),
        "the network can be used",
    ),
    _Kept("processes", ("signal a process",), "other processes can be signalled"),
    _Kept(
        "system calls",
        ("open another family of sockets", "make a namespace", "trace"),
        "risky system calls are allowed",
    ),
    _Kept("memory", ("allocate", "share memory"), "memory not bounded"),
    _Kept("total memory", ("allocate in several",), "total memory not bounded"),
    _Kept("process count", ("fork",), "number of processes not bounded"),
    _Kept(
        "disk",
        ("fill the folder", "fill the home"),
        "disk bounded by file only",
        if_bounded="partial",
    ),
    _Kept("cleanup", ("process left",), "a process can outlive its kernel"),
)


def try_out(name: SandboxName) -> Sandbox:
    """Start a process in a sandbox and have it try to get out. Done once, then known.

    Raises:
        SandboxFailure: the sandbox cannot be used here.
    """
    found = _tried(name)
    if isinstance(found, str):
        raise SandboxFailure(found)
    return found


@lru_cache
def _tried(name: SandboxName) -> Sandbox | str:
    """What was found out; a clause where the sandbox cannot be used."""
    try:
        with _target() as target:
            succeeded = _succeeded(name, target)
    except SandboxFailure as failure:
        return str(failure)
    return Sandbox(
        name=name,
        protections=tuple(_judged(kept, name, succeeded) for kept in _PROTECTIONS),
    )


def _judged(
    kept: _Kept, sandbox: SandboxName, succeeded: Mapping[str, bool]
) -> Protection:
    if not any(succeeded[attempt] for attempt in kept.attempts):
        return Protection(name=kept.name, holding="held")
    holding = kept.if_bounded if sandbox != "none" else "open"
    return Protection(name=kept.name, holding=holding, note=kept.otherwise)


def _succeeded(name: SandboxName, target: Mapping[str, Any]) -> dict[str, bool]:
    """Which attempts got through.

    Raises:
        SandboxFailure: the process did not come as far as to try.
    """
    terms = Terms(
        folder=Path(target["folder"]),
        inputs=(Path(target["input"]),),
        sandbox=name,
        limits=_LIMITS,
        environ={"HOME": target["home"]},
    )
    runtime = RuntimeFolder(os.environ)
    bound = None if name == "none" else total_bound(_LIMITS, f"trial{name}")
    try:
        (runtime.path / "connection.json").touch()
        enclosure = enclose(name, terms.policy, runtime.path)
        prefix = (*(bound.prefix if bound else ()), *enclosure.prefix)
        enclosure = replace(enclosure, prefix=prefix)
        succeeded = _told(enclosure, terms.interpreter.executable, target)
    except ImportError as error:
        raise SandboxFailure(f"libseccomp cannot be used: {error}") from None
    finally:
        left = _stays(target["stray"])
        if bound is not None:
            bound.close()
        runtime.remove()
    unchanged = _is_unchanged(Path(target["input"]))
    return succeeded | {"data changed": not unchanged, "process left": left}


def _told(
    enclosure: Enclosure, executable: Path, target: Mapping[str, Any]
) -> dict[str, bool]:
    """What the process says of its attempts.

    Raises:
        SandboxFailure: it says nothing.
    """
    gate = Gate({**enclosure.orders, "attempt": dict(target)})
    try:
        done = subprocess.run(  # noqa: S603 - bubblewrap, and our own code
            [
                *enclosure.prefix,
                str(executable),
                *("-E", "-s", "-S"),
                str(INSIDE / "launch.py"),
                str(gate.descriptor),
            ],
            env=dict(enclosure.environment),
            cwd=enclosure.start_in,
            pass_fds=(gate.descriptor,),
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
    finally:
        gate.close()
    return told


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
        abstract = f"\0analyst-{secrets.token_hex(8)}"
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in (abstract, str(place / "outside" / "socket")):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
        yield {
            "folder": str(place / "folder"),
            "home": str(place / "home"),
            "input": str(data),
            "secret": str(secret),
            "canary": _a_variable(),
            "port": tcp.getsockname()[1],
            "socket": str(place / "outside" / "socket"),
            "abstract": abstract,
            "parent": os.getpid(),
            "stray": f"analyst-stray-{secrets.token_hex(8)}",
            "memory_bytes": _LIMITS.memory_bytes,
            "processes": _LIMITS.processes,
            "work_bytes": _LIMITS.work_bytes,
            "tmp_bytes": _LIMITS.tmp_bytes,
        }


def _is_unchanged(data: Path) -> bool:
    return data.exists() and data.read_text() == _CONTENT


def _a_variable() -> str:
    """A line of this process's environment as it was at its start."""
    with suppress(OSError):
        lines = Path("/proc/self/environ").read_text(errors="replace").split("\0")
        return max(lines, key=len)
    return "\0"


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
