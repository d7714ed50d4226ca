"""Who shows a run: what was asked for, else what the output can bear."""

from __future__ import annotations

import os
import sys

from analyst.errors import SettingsError
from analyst.faces import plain
from analyst.faces.face import Face

__all__ = ["face_asked_for", "face_of_output"]


def face_asked_for(*, json: bool, events: bool, quiet: bool) -> Face:
    """The face that the options of a command name.

    Raises:
        SettingsError: they name several.
    """
    if json + events + quiet > 1:
        raise SettingsError("--json, --events and --quiet exclude each other: use one.")
    if json:
        return plain.JsonObject(sys.stdout)
    if events:
        return plain.EventLines(sys.stdout)
    if quiet:
        return plain.AnswerOnly(sys.stdout)
    return face_of_output()


def face_of_output() -> Face:
    """The live display on a terminal, a log anywhere else."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return plain.PlainLog(sys.stdout)

    from rich.console import Console  # noqa: PLC0415 - only for a terminal

    from analyst.faces.terminal import Terminal  # noqa: PLC0415 - only for a terminal

    return Terminal(Console(highlight=False))
