"""The variables of a kernel: all that could change a result, in one place.

The environment is rebuilt from nothing rather than filtered, so no key, proxy or
Python setting of the caller can slip through because nobody thought of its name.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["kernel_environment"]

_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_EPOCH_SECONDS = "315532800"  # 1980: the earliest date that a zip file can hold


def kernel_environment(
    executable: Path, *, hash_seed: int, user_site: bool = False
) -> dict[str, str]:
    """What every kernel finds, wherever it runs.

    Whatever differs between two machines and could change a result is fixed: locale,
    time zone, hash seed, dates in files, threads that add numbers in another order.

    Args:
        executable: the interpreter, whose folder comes first in `PATH`.
        hash_seed: seed of the order of sets.
        user_site: whether packages in the user's home are needed.
    """
    rebuilt = {
        "PATH": f"{executable.parent}:{_SYSTEM_PATH}",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": str(hash_seed),
        "SOURCE_DATE_EPOCH": _EPOCH_SECONDS,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    if not user_site:
        rebuilt["PYTHONNOUSERSITE"] = "1"
    return rebuilt
