"""The kernel: one live namespace in a process of its own, started by `LocalKernel`."""

from __future__ import annotations
