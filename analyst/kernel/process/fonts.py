"""Matplotlib's list of fonts: made once for a user, given to each kernel as a copy.

To look through all fonts takes a second. A kernel that could write the list which
others read would leave something behind, so it gets a private copy.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

__all__ = ["cache_folder", "give_fonts", "make_fonts"]

_LISTS = "fontlist-*.json"
_SETTINGS = "svg.hashsalt: analyst\n"  # else two runs give different files
_MAKE = "import matplotlib.font_manager"
_MAKE_SECONDS = 60.0


def give_fonts(folder: Path, *, cache: Path | None) -> None:
    """Put matplotlib's settings and its list of fonts into a kernel's folder.

    Where there is no list, the kernel makes its own.

    Args:
        folder: matplotlib's folder in the kernel, which is made.
        cache: where the list is kept from one kernel to the next.
    """
    folder.mkdir()
    (folder / "matplotlibrc").write_text(_SETTINGS)
    if cache is None:
        return
    for file in cache.glob(_LISTS):
        shutil.copyfile(file, folder / file.name)


def cache_folder(environ: Mapping[str, str], executable: Path) -> Path | None:
    """Where the list of fonts is kept; None where nothing can be kept.

    Each environment has its own, and a new one when packages are installed in it.
    """
    given = environ.get("XDG_CACHE_HOME", "")
    home = environ.get("HOME", "")
    if Path(given).is_absolute():
        cache = Path(given)
    elif Path(home).is_absolute():
        cache = Path(home) / ".cache"
    else:
        return None
    folder = cache / "analyst" / "matplotlib" / _state_of(executable)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _state_of(executable: Path) -> str:
    packages = executable.parent.parent.glob("lib/python3*/site-packages")
    state = [str(executable), *(str(path.stat().st_mtime_ns) for path in packages)]
    return hashlib.sha256("\0".join(state).encode()).hexdigest()[:16]


@lru_cache
def make_fonts(cache: Path, executable: Path) -> None:
    """Make the list of fonts where there is none; tried once, not at each start.

    Args:
        cache: where it is kept.
        executable: the interpreter that knows matplotlib.
    """
    if any(cache.glob(_LISTS)):
        return
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 - an interpreter, and code that stands above
            [executable, "-I", "-c", _MAKE],
            env={"MPLCONFIGDIR": str(cache)},
            capture_output=True,
            timeout=_MAKE_SECONDS,
            check=False,
        )
