"""One kernel process: what it needs around it, its start, and the last trace of it."""

from __future__ import annotations
