"""Errors, told by their kind: nothing of the data in what is said of them.

Messages of exceptions quote what they choke on. Only sentences that are known
beforehand are told, and in their holes only words that say nothing new to the model:
it wrote them itself, or they are names that it may know, or words of the libraries.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterator
from functools import cache

from analyst.agent.known_errors import CLASSES, TEMPLATES, VOCABULARY
from analyst.events import CellError, Privacy

__all__ = ["error_name", "error_words", "words_of"]

WITHHELD = "…"
_MAX_MESSAGE_CHARS = 2_000
_HOLE = re.compile(r"\{(\w+)\}")
_ANYTHING = "[^\n]{1,200}?"
_PATTERNS = {"op": r"[^\w\s]{1,3}"}
_PREFIX = re.compile(r"\A(?:[A-Z][a-z]+ ){1,3}Error: ")
_ITEM = re.compile(r"""'[^'\n]*'|"[^"\n]*"|[^\s,\[\](){}='"]+""")
_AMONG_ITEMS = frozenset({"and", "dtype", "float64", "Index", "int64", "object", "str"})
"""What stands in a printed list besides its items."""
_LITERAL = re.compile(r"""'([^'\n]{0,200})'|"([^"\n]{0,200})\"""")
_FENCES = "'\"`\\"
_OF_PARSING = {"SyntaxError", "IndentationError", "TabError"}
_OF_US = {
    "CellTimeout": "it took longer than a cell may",
    "KernelDied": "its kernel ended",
    "OutputLimit": "it put out more than can be kept",
    "KeyboardInterrupt": "it was interrupted",
}


def error_name(error: CellError, privacy: Privacy) -> str:
    """The class of an exception; where it may be made of anything, that of them all."""
    if privacy == "samples" or error.name in CLASSES:
        return error.name
    return "Exception"


def error_words(
    error: CellError, *, source: str, known: Collection[str], privacy: Privacy
) -> str:
    """What the model is told of an exception.

    Args:
        error: the exception of a cell.
        source: the code that raised it, as the model wrote it.
        known: names that it may be told: of columns, of variables.
        privacy: `samples` tells the message as it is.

    >>> failed = CellError(name="KeyError", message="'Ann'")
    >>> error_words(failed, source="ages[who]", known=(), privacy="schema")
    'KeyError: …'
    """
    if privacy == "samples":
        return f"{error.name}: {error.message.strip()}"
    name = error_name(error, privacy)
    if name in _OF_PARSING:
        message = _parsing_problem(source)
    elif name in _OF_US:
        message = _OF_US[name]
    else:
        message = _told(name, error.message, words_of(source) | set(known))
    return f"{name}: {message}"


def words_of(source: str) -> frozenset[str]:
    """The words and texts that code consists of.

    >>> sorted(words_of('df["a b"].sum()'))
    ['a', 'a b', 'b', 'df', 'sum']
    """
    texts = (first or second for first, second in _LITERAL.findall(source))
    return frozenset({*re.findall(r"\w+", source), *texts})


def _parsing_problem(source: str) -> str:
    """Why the code itself cannot be read; a text that it evaluates is not looked at."""
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(source)
    except SyntaxError as problem:
        return f"{problem.msg} (line {problem.lineno})"
    except (ValueError, RecursionError, MemoryError):
        return WITHHELD
    return "invalid syntax"


def _told(name: str, message: str, allowed: Collection[str]) -> str:
    """The sentence that a message is, its holes filled as far as they may be."""
    text = _PREFIX.sub("", _bare(name, message[:_MAX_MESSAGE_CHARS].strip()))
    for template, pattern in _patterns():
        found = pattern.match(text)
        if found:
            return "".join(_filled(template, found.groups(), allowed))
    words = {*allowed, *_AMONG_ITEMS}
    return _names(message.strip(), words) if name == "KeyError" else WITHHELD


def _bare(name: str, message: str) -> str:
    """The message of a KeyError, which comes as a literal, as the text that it is."""
    if name != "KeyError":
        return message
    try:
        with warnings.catch_warnings(action="ignore"):
            value = ast.literal_eval(message)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return message
    return value if isinstance(value, str) else message


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each template and the pattern of messages that begin like it."""
    return tuple((template, re.compile(_pattern(template))) for template in TEMPLATES)


def _pattern(template: str) -> str:
    pieces = _HOLE.split(template)
    for at in range(0, len(pieces), 2):
        pieces[at] = re.escape(pieces[at])
    for at in range(1, len(pieces), 2):
        pieces[at] = f"({_PATTERNS.get(pieces[at], _ANYTHING)})"
    # A hole at the end takes the whole line, or it would be filled with one letter.
    return "".join(pieces) + ("" if pieces[-1] else "(?=\n|\\Z)")


def _filled(
    template: str, found: tuple[str, ...], allowed: Collection[str]
) -> Iterator[str]:
    pieces = _HOLE.split(template)
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            yield piece
            continue
        text = found[at // 2]
        match piece:
            case "op":
                yield text
            case "name":
                yield _name(text, allowed)
            case "type":
                yield _name(text, {*allowed, *VOCABULARY})
            case "names":
                yield _names(text, {*allowed, *_AMONG_ITEMS})
            case "types":
                yield _names(text, {*allowed, *VOCABULARY})
            case _:
                yield WITHHELD


def _name(text: str, allowed: Collection[str]) -> str:
    """A name where it may be told, with the quotes that it stands in."""
    bare = text.strip(_FENCES)
    is_known = bare in allowed or all(part in allowed for part in bare.split("."))
    return text if is_known else WITHHELD


def _names(text: str, allowed: Collection[str]) -> str:
    """A list where all of it may be told: how long it is says something, too."""
    items = _ITEM.findall(text)
    known = all(_name(item, allowed) != WITHHELD for item in items)
    return text if items and known else WITHHELD
