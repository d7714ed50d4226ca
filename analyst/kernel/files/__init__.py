"""Files that cross the border of a sandbox, and those that failed cells leave."""

from __future__ import annotations
