"""What runs inside the kernel process, by its path: nothing imports these files."""

from __future__ import annotations
