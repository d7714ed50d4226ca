"""What a kernel process finds around itself: its environment and its folders.

The environment is rebuilt from nothing rather than filtered, so no key, proxy or
Python setting of the caller can slip through because nobody thought of its name.
"""

from __future__ import annotations

import os
import site
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from analyst.errors import KernelStartError

__all__ = ["cache_folder", "kernel_environment", "needs_user_site", "runtime_folder"]

SOCKET_PREFIX = "k"
"""Sockets lie in the runtime folder as `k-1` to `k-5`."""

_MAX_SOCKET_PATH_BYTES = 107  # what a unix socket's address can hold
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_EPOCH_SECONDS = "315532800"  # 1980: the earliest date that a zip file can hold


def kernel_environment(
    environ: Mapping[str, str],
    *,
    runtime: Path,
    cache: Path,
    hash_seed: int,
    user_site: bool = False,
) -> dict[str, str]:
    """The whole environment of a kernel process.

    Of `environ` only `HOME` is taken. Whatever else differs between two machines and
    could change a result is fixed: locale, time zone, hash seed, dates in files,
    threads that add numbers in another order.

    Args:
        environ: the caller's environment.
        runtime: a private folder that ends with the process.
        cache: where matplotlib keeps its list of fonts.
        hash_seed: seed of the order of sets.
        user_site: whether packages in the user's home are needed.
    """
    rebuilt = {
        "PATH": f"{Path(sys.executable).parent}:{_SYSTEM_PATH}",
        "HOME": environ.get("HOME") or str(runtime),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": str(hash_seed),
        "SOURCE_DATE_EPOCH": _EPOCH_SECONDS,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MPLCONFIGDIR": str(cache),
        "IPYTHONDIR": str(runtime / "ipython"),
        "JUPYTER_CONFIG_DIR": str(runtime / "jupyter-config"),
        "JUPYTER_DATA_DIR": str(runtime / "jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
    }
    if not user_site:
        rebuilt["PYTHONNOUSERSITE"] = "1"
    return rebuilt


def needs_user_site() -> bool:
    """Whether the kernel's own packages are installed in the user's home."""
    if not site.ENABLE_USER_SITE:
        return False
    spec = find_spec("ipykernel")
    if spec is None or spec.origin is None:
        return False
    return Path(spec.origin).is_relative_to(site.getusersitepackages())


def runtime_folder(environ: Mapping[str, str]) -> Path:
    """Make a private folder, short enough in name to hold sockets.

    Raises:
        KernelStartError: there is no place for one.
    """
    for place in (environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - only as a parent of a folder of mode 0700
        if not place or not Path(place).is_absolute():
            continue
        try:
            folder = Path(tempfile.mkdtemp(prefix="analyst-", dir=place))
        except OSError:
            continue
        if len(os.fsencode(folder / f"{SOCKET_PREFIX}-5")) <= _MAX_SOCKET_PATH_BYTES:
            return folder
        folder.rmdir()
    raise KernelStartError(
        "There is no place for the kernel's sockets: set TMPDIR to a writable folder "
        "with a short name."
    )


def cache_folder(environ: Mapping[str, str], *, runtime: Path) -> Path:
    """Where matplotlib may keep its list of fonts, kept from one kernel to the next.

    In `runtime` where the user's cache cannot be written.
    """
    given = environ.get("XDG_CACHE_HOME", "")
    home = environ.get("HOME", "")
    if Path(given).is_absolute():
        cache = Path(given)
    elif Path(home).is_absolute():
        cache = Path(home) / ".cache"
    else:
        cache = runtime
    try:
        folder = cache / "analyst" / "matplotlib"
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return runtime / "matplotlib"
    return folder if os.access(folder, os.W_OK) else runtime / "matplotlib"
