"""The faces: how a person sees a run in a shell, a terminal and a notebook."""

from __future__ import annotations
