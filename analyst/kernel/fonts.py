"""Matplotlib's list of fonts: made once for a user, given to each kernel as a copy.

To look through all fonts takes a second. A kernel that could write the list which
others read would leave something behind, so it gets a private copy.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

__all__ = ["cache_folder", "give_fonts"]

_LISTS = "fontlist-*.json"
_SETTINGS = "svg.hashsalt: analyst\n"  # else two runs give different files
_MAKE = "import matplotlib.font_manager"
_MAKE_SECONDS = 60.0


def give_fonts(folder: Path, *, cache: Path | None, executable: Path) -> None:
    """Put matplotlib's settings and its list of fonts into a kernel's folder.

    The list is made first where there is none. Where that fails, the kernel makes its
    own.

    Args:
        folder: matplotlib's folder in the kernel, which is made.
        cache: where the list is kept from one kernel to the next.
        executable: the interpreter that knows matplotlib.
    """
    folder.mkdir()
    (folder / "matplotlibrc").write_text(_SETTINGS)
    if cache is None:
        return
    if not any(cache.glob(_LISTS)):
        _make_list(cache, executable)
    for file in cache.glob(_LISTS):
        shutil.copyfile(file, folder / file.name)


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """Where the list of fonts is kept; None where nothing can be kept."""
    given = environ.get("XDG_CACHE_HOME", "")
    home = environ.get("HOME", "")
    if Path(given).is_absolute():
        cache = Path(given)
    elif Path(home).is_absolute():
        cache = Path(home) / ".cache"
    else:
        return None
    folder = cache / "analyst" / "matplotlib"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _make_list(cache: Path, executable: Path) -> None:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 - an interpreter, and code that stands above
            [executable, "-I", "-c", _MAKE],
            env={"MPLCONFIGDIR": str(cache)},
            capture_output=True,
            timeout=_MAKE_SECONDS,
            check=False,
        )
