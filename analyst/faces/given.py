"""What a person wrote on a command line or after a magic, and what it stands for.

A key never stands there itself, where it would be kept and seen, but the name of the
environment variable that holds it.
"""

from __future__ import annotations

import os
from pathlib import Path

from analyst.errors import SettingsError

__all__ = ["is_file", "key_in"]


def key_in(variable: str | None) -> str | None:
    """The key in an environment variable; None where no variable is named.

    Raises:
        SettingsError: the variable is empty, or a key was given for its name.
    """
    if variable is None:
        return None
    if not variable.isidentifier():
        raise SettingsError(
            "--key-env takes the name of an environment variable that holds the key,"
            " not the key: set the variable and give its name."
        )
    key = os.environ.get(variable, "")
    if not key:
        raise SettingsError(
            f"The environment variable {variable} holds no key: set it, or leave out"
            " --key-env."
        )
    return key


def is_file(word: str) -> bool:
    """Whether a word names a file, however long or odd it is."""
    try:
        return Path(word).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False
