"""A key by the name of the environment variable that holds it.

A key never stands on a command line or in a notebook, where it would be kept and
seen; what is written there is the name of its variable.
"""

from __future__ import annotations

import os

from analyst.errors import SettingsError

__all__ = ["key_in"]


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
