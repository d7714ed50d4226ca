"""Values and calls of Python, written as a formatter would leave them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["LINE_CHARS", "call", "comment", "literal", "quoted"]

LINE_CHARS = 88
_COMMENT_CHARS = 200
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    r"""Text as a literal in double quotes, all of it to be seen.

    Raises:
        TypeError: it is no text, though it may look like it where it is iterated.

    >>> quoted('a"b\u202e')
    '"a\\"b\\u202e"'
    """
    if type(text) is not str:
        raise TypeError(f"{type(text).__name__} is no text")
    return '"' + "".join(map(_shown, text)) + '"'


def _shown(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    point = ord(character)
    if point <= 0xFF:  # noqa: PLR2004 - what \x can say
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"  # noqa: PLR2004 - what \u can say


def literal(value: Any, *, indent: int = 0, before: int = 0) -> str:  # noqa: ANN401 - any plain value
    """A plain value as its literal, in several lines where one would be too long.

    Args:
        value: None, a bool, a number, text, or a list, tuple or dict of those.
        indent: blanks before the line in which it begins.
        before: characters that stand in this line before and after it.

    Raises:
        TypeError: it is no plain value.
    """
    flat = _flat(value)
    if not isinstance(value, Mapping | list | tuple) or not value:
        return flat
    if indent + before + len(flat) <= LINE_CHARS:
        return flat
    if isinstance(value, Mapping):
        parts = [
            f"{_flat(key)}: "
            + literal(each, indent=indent + 4, before=len(_flat(key)) + 3)
            for key, each in value.items()
        ]
    else:
        parts = [literal(each, indent=indent + 4, before=1) for each in value]
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    inner = "".join(f"{' ' * (indent + 4)}{part},\n" for part in parts)
    return f"{opening}\n{inner}{' ' * indent}{closing}"


def _flat(value: Any) -> str:  # noqa: ANN401 - as above
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = (f"{_flat(key)}: {_flat(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flat, value))}]"
    raise TypeError(f"{type(value).__name__} is no plain value")


def call(
    function: str,
    positional: Sequence[str] = (),
    named: Sequence[tuple[str, Any]] = (),
    *,
    indent: int = 0,
    before: int = 0,
) -> str:
    """A call; an argument a line where it is too long for one.

    Args:
        function: such as `pd.read_csv`.
        positional: expressions, written as they are.
        named: names, and plain values that are written as literals.
        indent: blanks before the line in which it begins.
        before: characters that stand in this line before and after it, such as `df = `.

    Raises:
        ValueError: an argument has a name that is none.
        TypeError: a value is no plain one.

    Example:
        >>> call("pd.read_csv", ["DATA"], [("sep", ";")])
        'pd.read_csv(DATA, sep=";")'
    """
    for name, _ in named:
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name of an argument")
    flat = [*positional, *(f"{name}={_flat(value)}" for name, value in named)]
    line = f"{function}({', '.join(flat)})"
    if indent + before + len(line) <= LINE_CHARS and "\n" not in line:
        return line
    parts = [
        *positional,
        *(
            f"{name}={literal(value, indent=indent + 4, before=len(name) + 2)}"
            for name, value in named
        ),
    ]
    inner = "".join(f"{' ' * (indent + 4)}{part},\n" for part in parts)
    return f"{function}(\n{inner}{' ' * indent})"


def comment(text: str) -> str:
    r"""A comment on one line; what is not to be seen is dropped.

    >>> comment("two\nlines")
    '# two lines'
    """
    seen = "".join(c if c.isprintable() else " " for c in str(text))
    words = " ".join(seen.split())
    clipped = (
        words if len(words) <= _COMMENT_CHARS else words[: _COMMENT_CHARS - 1] + "…"
    )
    return f"# {clipped}" if clipped else "#"
