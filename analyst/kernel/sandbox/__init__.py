"""What holds a kernel in: a policy, and the two ways in which Linux can keep it."""

from __future__ import annotations
