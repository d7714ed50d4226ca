"""The hostile table: every attack, in the order in which it is shown."""

from __future__ import annotations

from .attacks_copies import COPIES
from .attacks_files import CHANGING, READING
from .attacks_kernel import ENDLESS, FATAL
from .attacks_limits import COUNTS, DISK, MEMORY
from .attacks_network import NETWORK
from .attacks_outputs import FLOODS, FORGED, LIVE
from .attacks_processes import HARMING, PEEKING, SYSTEM, WARDEN

__all__ = ["ATTACKS"]

ATTACKS = (
    *READING,
    *CHANGING,
    *COPIES,
    *NETWORK,
    *PEEKING,
    *HARMING,
    WARDEN,
    *SYSTEM,
    *MEMORY,
    *COUNTS,
    *DISK,
    *ENDLESS,
    *FATAL,
    *FLOODS,
    *LIVE,
    *FORGED,
)
"""Each once; a name is unique."""
