"""The little world in which attacks take place: a home, inputs, a victim, listeners.

Nothing in it is the machine's own: an attack that succeeds harms files and processes
that were made for it, and `mend` makes them anew.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sysconfig
import textwrap
from dataclasses import dataclass
from pathlib import Path

from analyst.kernel.sandbox.policy import Limits

from .ears import Ears
from .victim import Victim

__all__ = ["LIMITS", "Scene", "Told", "as_cell"]

_MB = 1 << 20
LIMITS = Limits(
    memory_bytes=600 * _MB,  # pandas and the threads of a kernel reserve 340
    processes=64,
    work_bytes=8 * _MB,
    tmp_bytes=16 * _MB,
    open_files=256,
)
"""Small enough for an attack to exceed them by a factor without harm."""

_PREAMBLE = Path(__file__).with_name("preamble.py").read_text()
_AT_FDCWD = -100
_HANDLE_BYTES = 128


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of a hostile cell, as our client tells it."""

    status: str
    seconds: float
    timeout_seconds: float
    word: str
    """What it printed."""
    shown: str
    """Everything that came through our door, as text."""
    error: str = ""
    """The name of the exception that ended it."""
    next_shown: str = ""
    """Everything that came through our door from the cell after it."""


def as_cell(source: str) -> str:
    """The code of an attack as a cell that says where it was refused."""
    return "with Attempt():\n" + textwrap.indent(source.strip("\n"), "    ")


class Scene:
    """One world, in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.limits = LIMITS
        self.secret = f"secret-{secrets.token_hex(12)}"
        self.mark = str(secrets.randbelow(10**9) + 10**9)
        self.home = root / "home"
        self.folder = self.home / "project"
        self.signals_heard = 0
        runtime = root / "run"
        runtime.mkdir()
        self.environ = {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(runtime),
            "CANARY_KEY": self.secret,
            "PATH": os.environ["PATH"],
        }
        self.places = {
            "home": self.home,
            "packages": Path(sysconfig.get_path("purelib")),
        }
        self._files = {
            "secret": self.home / ".ssh" / "id_rsa",
            "outside": self.home / "notes.txt",
            "neighbour": self.folder / "report.csv",
            "input": self.folder / "sales.csv",
            "other_input": self.home / "data" / "prices.csv",
        }
        self._make_files()
        self._first_bytes = self._first_files = 0
        self.disk = _disk()
        self.ears = Ears(root, self.mark)
        self.victim = Victim(self.secret)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """What the kernel may read."""
        return self._files["input"], self._files["other_input"]

    def preamble(self) -> str:
        """What runs before an attack: the names that it uses."""
        known: dict[str, object] = {
            "FOLDER": str(self.folder),
            "HOME_OUTSIDE": str(self.home),
            "SECRET_FILE": str(self._files["secret"]),
            "OUTSIDE": str(self._files["outside"]),
            "INPUT": str(self._files["input"]),
            "OTHER_INPUT": str(self._files["other_input"]),
            "HANDLE": _handle(self._files["secret"]),
            "DISK": self.disk[0],
            "DISK_NUMBER": self.disk[1],
            "VICTIM": self.victim.pid,
            "VICTIM_ADDRESS": self.victim.address,
            "VICTIM_FILE": self.victim.file,
            "PARENT": os.getpid(),
            "USER": pwd.getpwuid(os.getuid()).pw_name,
            "MARK": self.mark,
            "TCP_PORT": self.ears.tcp_port,
            "UDP_PORT": self.ears.udp_port,
            "UNIX_PATH": self.ears.unix_path,
            "DATAGRAM_PATH": self.ears.datagram_path,
            "ABSTRACT": self.ears.abstract,
            "MEMORY": self.limits.memory_bytes,
            "PROCESSES": self.limits.processes,
            "WORK": self.limits.work_bytes,
            "TMP": self.limits.tmp_bytes,
            "FILES": self.limits.open_files,
        }
        names = "\n".join(f"{name} = {value!r}" for name, value in known.items())
        code = _PREAMBLE.replace("from __future__ import annotations", "")
        return f"{names}\n{code}"

    def is_changed(self, what: str) -> bool:
        """Whether a file is no longer what it was: content, mode, date, or at all."""
        return _state(self._files[what]) != self._first_states[what]

    def is_written(self, what: str) -> bool:
        """Whether a file has another content."""
        now, first = _state(self._files[what]), self._first_states[what]
        return now is None or first is None or now[-1] != first[-1]

    def strays(self) -> list[int]:
        """Processes that bear the mark of an attack."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                ours = (
                    path / "cmdline"
                ).read_bytes() == f"sleep\0{self.mark}\0".encode()
                ours |= (path / "comm").read_text().strip() == f"an{self.mark}"
                stat = (path / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if ours and stat not in {"Z", "X"}:
                found.append(int(path.name))
        return found

    def weigh_disk(self) -> None:
        """Remember how much is on the disk, in how many files, before an attack."""
        self._first_bytes, self._first_files = self._on_disk()

    def bytes_written(self) -> int:
        """How much has come to the disk since then."""
        return self._on_disk()[0] - self._first_bytes

    def files_made(self) -> int:
        """How many files and folders have come to the disk since then."""
        return self._on_disk()[1] - self._first_files

    def left_behind(self) -> list[str]:
        """What a kernel that is gone has left: files of its own, processes."""
        files = [path.name for path in (self.root / "run").glob("analyst*")]
        return [*files, *map(str, self.strays())]

    def _on_disk(self) -> tuple[int, int]:
        """Bytes and files beneath this world, however deep, and spilled to `/tmp`."""
        spilled = Path("/tmp").glob(f"canary{self.mark}*")
        paths = [str(self.root), *map(str, spilled)]
        sizes = _lines("find", *paths, "-printf", "%s\n")
        return sum(map(int, sizes)), len(sizes)

    def hear_signal(self, *_: object) -> None:
        """Note that this process was signalled."""
        self.signals_heard += 1

    def mend(self) -> None:
        """Make everything as it was in the beginning."""
        for pid in self.strays():
            os.kill(pid, signal.SIGKILL)
        for path in Path("/tmp").glob(f"canary{self.mark}*"):
            path.unlink()
        if any(map(self.is_changed, self._files)) or self._is_littered():
            self._make_files()
        if not self.victim.is_alive() or self.victim.state() != self.victim.first_state:
            self.victim.end()
            self.victim = Victim(self.secret)
        self.ears.heard()
        self.signals_heard = 0

    def close(self) -> None:
        """Leave nothing."""
        self.mend()
        self.victim.end()
        self.ears.close()
        subprocess.run(
            ["rm", "-rf", str(self.home), str(self.root / "run")], check=True
        )

    def _is_littered(self) -> bool:
        known = {path.name for path in self._files.values()}
        return any(path.name not in known for path in self.folder.iterdir())

    def _make_files(self) -> None:
        # In place, where it is: the kernel works in it.
        for folder in (self.folder, self.home / "data", self.home / "data-old"):
            if folder.is_dir():
                # What an attack left running may take files away in the meantime.
                racing = "-ignore_readdir_race"
                command = ["find", str(folder), racing, "-mindepth", "1", "-delete"]
                subprocess.run(command, check=True)
        for path in self._files.values():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.secret if path.name == "id_rsa" else "a,b\n1,2\n")
            path.chmod(0o600)
        shutil.rmtree(self.home / "data-old", ignore_errors=True)
        self._first_states = {name: _state(path) for name, path in self._files.items()}


def _state(path: Path) -> tuple[int, int, bytes] | None:
    try:
        stat = path.stat()
        return stat.st_mode, stat.st_mtime_ns, path.read_bytes()
    except OSError:
        return None


def _lines(*command: str) -> list[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False
    ).stdout.splitlines()


def _disk() -> tuple[str, int]:
    """A disk of the machine: its path and its number."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        path = Path(line.partition(" - ")[2].split()[1])
        if path.is_block_device():
            return str(path), path.stat().st_rdev
    return "/dev/missing", 0


def _handle(path: Path) -> bytes:
    """A file's name in its file system, by which root can open it from anywhere."""
    handle = ctypes.create_string_buffer(
        (_HANDLE_BYTES).to_bytes(4, "little") + bytes(_HANDLE_BYTES + 4)
    )
    mount = ctypes.c_int()
    libc = ctypes.CDLL(None)
    libc.name_to_handle_at(_AT_FDCWD, os.fsencode(path), handle, ctypes.byref(mount), 0)
    return handle.raw
