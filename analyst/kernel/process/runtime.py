"""The private folder of one kernel process, which ends with it.

A process that was killed cannot remove its folders, so the next one does: a folder
whose lock nobody holds belongs to nobody.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from analyst.errors import KernelStartError

__all__ = ["RuntimeFolder"]

_PREFIX = "analyst-"
_NEW_PREFIX = "analyst."  # of the same length
_LOCK = "lock"
_NAME = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")
_MAX_SOCKET_PATH_BYTES = 107  # what a unix socket's address can hold
_LONGEST_SOCKET = Path("sockets", "k-5")


class RuntimeFolder:
    """A folder for sockets and whatever else one process needs, private to the user.

    Its name is short enough for the sockets in it, `sockets/k-1` to `sockets/k-5`.

    Args:
        environ: the caller's environment, for the place where such folders lie.

    Raises:
        KernelStartError: there is no place for one.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        made = _make(environ)
        (made / "sockets").mkdir()
        self._lock = os.open(made / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Under this name others look at it, so it comes after the lock.
        self.path = made.rename(made.with_name(_PREFIX + made.name[len(_PREFIX) :]))

    def remove(self) -> None:
        """Remove it with all that is in it. May be called more than once."""
        if self._lock < 0:
            return
        _remove(self.path)
        os.close(self._lock)
        self._lock = -1


def _make(environ: Mapping[str, str]) -> Path:
    for place in _places(environ):
        _remove_abandoned(place)
        try:
            folder = Path(tempfile.mkdtemp(prefix=_NEW_PREFIX, dir=place))
        except OSError:
            continue
        if len(os.fsencode(folder / _LONGEST_SOCKET)) <= _MAX_SOCKET_PATH_BYTES:
            return folder
        folder.rmdir()
    raise KernelStartError(
        "There is no place for the kernel's sockets: set TMPDIR to a writable folder "
        "with a short name."
    )


def _places(environ: Mapping[str, str]) -> Iterator[Path]:
    for place in (environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - only as a parent of a folder of mode 0700
        if place and Path(place).is_absolute():
            yield Path(place)


def _remove_abandoned(place: Path) -> None:
    """Remove the folders of processes that were killed."""
    for lock in place.glob(f"{_PREFIX}*/{_LOCK}"):
        if not _is_ours(lock.parent):
            continue
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(lock.parent)
        except OSError:
            continue  # it is somebody's
        finally:
            os.close(descriptor)


def _is_ours(folder: Path) -> bool:
    """Whether it is such a folder, and not one of the user's that is called so."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return (
        _NAME.fullmatch(folder.name) is not None
        and status.st_uid == os.getuid()
        and stat.S_IMODE(status.st_mode) == stat.S_IRWXU
        and (folder / "sockets").is_dir()
        and (folder / _LOCK).stat().st_size == 0
    )


def _remove(folder: Path) -> None:
    """Remove a folder with whatever is in it; what makes it ours goes last."""
    keep = {"sockets", _LOCK}
    with contextlib.suppress(OSError):
        for child in folder.iterdir():
            if child.name not in keep:
                _remove_whole(child)
    _remove_whole(folder)


def _remove_whole(path: Path) -> None:
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return
    with contextlib.suppress(RecursionError):
        shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        # Nested too deep for Python, or closed to us.
        for command in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
            words = [*command, "--", str(path)]
            subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - ours
