"""Reading what stands behind `%analyst`: options, data, and the question verbatim.

Only what leads is read: options first, then words that name data. From the first
other word on everything is the question, and not a character of it is changed, so
that quotes, `-5%`, `$` and braces reach the model as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from analyst.errors import InputError, SettingsError

__all__ = ["FLAGS", "OPTIONS", "MagicLine", "read_magic_line"]

OPTIONS = {
    "-o": "output",
    "--output": "output",
    "--model": "model",
    "--base-url": "base_url",
    "--key-env": "key_env",
    "--wire": "wire",
    "--window": "window",
    "--timeout": "timeout",
    "--max-steps": "max_steps",
    "--max-tokens": "max_tokens",
    "--max-cost": "max_cost",
    "--max-seconds": "max_seconds",
    "--privacy": "privacy",
    "--vision": "vision",
    "--record": "record",
    "--sandbox": "sandbox",
    "--memory": "memory",
    "--kernel": "kernel",
    "-n": "name",
    "--name": "name",
}
"""Options that take a value, and what they set."""

FLAGS = {"--no-verify": "no_verify", "--dry-run": "dry_run"}
"""Options that take none."""

_NO_SETTINGS = {"output", "key_env", "name", *FLAGS.values()}
"""Options that say something else than a field of `Settings`."""

_WORD = re.compile(r"\s*(\"[^\"\n]*\"(?=\s|$)|'[^'\n]*'(?=\s|$)|\S+)")
_OPTION = re.compile(r"--?[A-Za-z]")
_DASHES = re.compile(r"--(?!\S)")
_DATA_FILE = re.compile(
    r".+\.(?:csv|tsv|xls[xbm]?|ods|parquet|feather|arrow|jsonl?|ndjson|geojson|sqlite"
    r"|db|duckdb|sav|dta)(?:\.(?:gz|bz2|xz|zip|zst))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MagicLine:
    """What was asked."""

    options: dict[str, str] = field(default_factory=dict)
    """By the names in `OPTIONS` and `FLAGS`; a flag that was given is `yes`."""
    frames: tuple[str, ...] = ()
    """Variables that hold data."""
    paths: tuple[str, ...] = ()
    """Files, folders and addresses that hold data."""
    question: str

    @property
    def settings(self) -> dict[str, str]:
        """The options that are fields of `Settings`."""
        given = self.options.items()
        return {name: value for name, value in given if name not in _NO_SETTINGS}


def read_magic_line(
    line: str,
    body: str = "",
    *,
    is_frame: Callable[[str], bool],
    is_data: Callable[[str], bool],
) -> MagicLine:
    """Read the text behind `%analyst`.

    Args:
        line: what stands on its line.
        body: the body of the cell; all of it belongs to the question.
        is_frame: whether a word names a variable that holds data.
        is_data: whether a word names files or a database.

    Raises:
        SettingsError: an option is unknown or lacks its value.
        InputError: a word looks like a data file and is none.

    Example:
        >>> read_magic_line(
        ...     "--timeout 5 df Is it -5%?", is_frame={"df"}.__contains__, is_data=bool
        ... ).question
        'Is it -5%?'
    """
    options, rest = _leading_options(line)
    frames: list[str] = []
    paths: list[str] = []
    while found := _WORD.match(rest):
        word = _unquoted(found[1])
        # A name that was given already can only be the first word of the question.
        if found[1] == word and is_frame(word) and word not in frames:
            frames.append(word)
        elif is_data(word) and word not in paths:
            paths.append(word)
        elif _DATA_FILE.fullmatch(word):
            raise InputError(
                f"There is no file {word} here: check its name, or put -- before a"
                " question that begins so."
            )
        else:
            break
        rest = rest[found.end() :]
    return MagicLine(
        options=options,
        frames=tuple(frames),
        paths=tuple(paths),
        question=f"{_without_dashes(rest.strip())}\n{body}".strip(),
    )


def _leading_options(text: str) -> tuple[dict[str, str], str]:
    """The options in front, and the text behind them."""
    options: dict[str, str] = {}
    while (found := _WORD.match(text)) and _OPTION.match(found[1]):
        word, equals, value = found[1].partition("=")
        text = text[found.end() :]
        if word in FLAGS and not equals:
            options[FLAGS[word]] = "yes"
            continue
        if word not in OPTIONS:
            known = ", ".join([*OPTIONS, *FLAGS])
            raise SettingsError(f"%analyst has no option {word}; there are: {known}.")
        if not equals:
            following = _WORD.match(text)
            if following is None:
                raise SettingsError(
                    f"The option {word} needs a value: write it after {word}."
                )
            value = following[1]
            text = text[following.end() :]
        options[OPTIONS[word]] = _unquoted(value)
    return options, text


def _unquoted(word: str) -> str:
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'":
        return word[1:-1]
    return word


def _without_dashes(question: str) -> str:
    """`--` ends what is read; it is no part of the question."""
    return question[2:].lstrip() if _DASHES.match(question) else question
