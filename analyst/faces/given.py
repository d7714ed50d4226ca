"""What a person wrote on a command line or after a magic, and what it stands for.

A key never stands there itself, where it would be kept and seen, but the name of the
environment variable that holds it.
"""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from analyst.errors import InputError, SettingsError

__all__ = ["data_and_question", "is_data", "is_file", "key_in", "one_or_many"]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://\S+")


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


def is_data(word: str) -> bool:
    """Whether a word among others names data: a file, a folder, a pattern, an address.

    A folder is meant only where it is written as a path: `data/`, not `data`.
    """
    if is_file(word) or _ADDRESS.fullmatch(word):
        return True
    try:
        is_folder = "/" in word and Path(word).expanduser().is_dir()
        return is_folder or (glob.has_magic(word) and bool(glob.glob(word)))  # noqa: PTH207 - from the root too
    except (OSError, ValueError, RuntimeError):
        return False


def data_and_question(words: list[str]) -> tuple[str | list[str], str]:
    """The last word is the question, all before it are data.

    Raises:
        InputError: one of the two is missing.
    """
    *data, question = words
    if not data:
        raise InputError(
            "There is data or a question missing: write"
            ' analyst ask DATA "QUESTION", the question in quotes.'
        )
    if is_file(question):
        raise InputError(
            f"The last word must be the question, but {question} is a file: write"
            ' analyst ask DATA "QUESTION".'
        )
    return one_or_many(data), question


def one_or_many(data: list[str]) -> str | list[str]:
    """A single path as itself, several as a list."""
    return data[0] if len(data) == 1 else data
