"""A policy made ready to start one process under it, whatever keeps the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analyst.kernel.sandbox.policy import SandboxName

__all__ = ["Enclosure", "private_folders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """How to start a process so that it is held, and how to reach into its world."""

    name: SandboxName
    prefix: tuple[str, ...] = ()
    """What stands before the command."""
    orders: Mapping[str, Any] = field(default_factory=dict)
    """What the process does to itself first: see `inside/confine.py`."""
    environment: Mapping[str, str]
    """All of its variables."""
    sockets: Path
    """The folder for its sockets, as it is named inside."""
    start_in: Path
    """The working folder, as it is named outside."""
    work: Path | None = None
    """Where what cells write is kept apart, as it is named inside; None where cells
    write beside the notebook."""
    has_own_root: bool = False
    """Paths inside are found beneath the root of the process only."""

    def outside(self, path: Path, pid: int) -> Path:
        """A path of the inside as it is reached from here."""
        return Path(f"/proc/{pid}/root{path}") if self.has_own_root else path


def private_folders(private: Path, *, matplotlib: Path | None = None) -> dict[str, str]:
    """Where a kernel's tools keep what they keep: in folders that end with it.

    Args:
        private: a folder that ends with the process.
        matplotlib: matplotlib's, where it lies elsewhere.
    """
    return {
        "MPLCONFIGDIR": str(matplotlib or private / "matplotlib"),
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_CONFIG_DIR": str(private / "jupyter-config"),
        "JUPYTER_DATA_DIR": str(private / "jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(private),
    }
