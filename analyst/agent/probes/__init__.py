"""Sources that run inside the kernel, sent as text: they look and print."""

from __future__ import annotations
