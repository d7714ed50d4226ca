"""What a model says, spoilt: arguments, names and texts that no model should send."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from analyst.events import ToolCall
from analyst.seams import Reply
from analyst.testing import python

__all__ = ["ENDS", "ODD", "OF_REPLIES"]

Spoiler: TypeAlias = Callable[[random.Random, Reply], Reply]

_MEGABYTE = 1_000_000
_MANY = 10_000
_CALLS = python("x = 1\nprint('one')").calls
_NAMES = (
    "",
    "functions.execute_python",
    "EXECUTE_PYTHON",
    "rm -rf",
    "n" * 5000,
    "\ud800",
    "execute_python\x00",
    "summarize findings",
    "python",
)
_UNITS = ("word ", "\n", "{", "{x} ", "```\n", "ä€😀", "<think>", "1,234.5 ")
ENDS = (
    "\ud800",
    "\x00",
    "\ufeff",
    "Ã¤Ã¶",
    "\u202e",
    "\r\n\u2028\x85",
    "$" * 100,
    "*" * 3000,
    "~~~\n" * 300,
    "{",
    "}",
    "{}",
    "{0}",
    "{a.b[c]!z:>{w}}",
    "{x\x00}",
    "{'\ud800'}",
    "{x:" + "9" * 400 + "}",
    "{1:>9000000000000000000}",
    "{'x':.{9 ** 9}}",
    "{exit()}",
    "{__import__('os')._exit(1)}",
    "{" * 5000,
    "{" + "-" * 20_000 + "1}",
    "{" + "(" * 300 + ")" * 300 + "}",
    "{1" + "+1" * 5000 + "}",
    "[" * 5000,
    '{"a":' * 2000,
    '{"plan": ' + "[" * 5000,
    '{"plan": [[], {}, 1, null]}',
    '{"plan": ["' + "a" * 5000 + '"]}',
    "</think>",
    "<function=",
    "<tool_call>",
    "[TOOL_CALLS]",
    "```python\n",
    "```json\n{",
    '<tool_call>{"name": "execute_python", "arguments": ' + "{" * 3000 + "</tool_call>",
)


def _arguments(spoil: Callable[[str], str]) -> Spoiler:
    """Spoils the arguments of all calls."""

    def spoilt(dice: random.Random, reply: Reply) -> Reply:
        del dice
        calls = reply.calls or _CALLS
        return replace(
            reply,
            calls=tuple(replace(c, arguments=spoil(c.arguments)) for c in calls),
        )

    return spoilt


def _always(arguments: str) -> Spoiler:
    return _arguments(lambda _: arguments)


def _renamed(dice: random.Random, reply: Reply) -> Reply:
    calls = reply.calls or _CALLS
    return replace(
        reply, calls=tuple(replace(c, name=dice.choice(_NAMES)) for c in calls)
    )


def _many_calls(dice: random.Random, reply: Reply) -> Reply:
    name = dice.choice(("execute_python", "execute_python", "unheard_of"))
    code = dice.choice(("x = 0", "x = {}", "1 / {}"))
    calls = (
        ToolCall(
            id=f"many_{n}", name=name, arguments=json.dumps({"code": code.format(n)})
        )
        for n in range(_MANY)
    )
    return replace(reply, calls=tuple(calls))


def _huge_text(dice: random.Random, reply: Reply) -> Reply:
    return replace(
        reply, text=(reply.text + dice.choice(_UNITS) * _MEGABYTE)[:_MEGABYTE]
    )


def _odd_end(dice: random.Random, reply: Reply) -> Reply:
    return replace(reply, text=reply.text + dice.choice(ENDS))


def _odd_arguments(dice: random.Random, reply: Reply) -> Reply:
    """Every text in the arguments has an odd end."""

    def spoilt(value: Any) -> Any:
        if isinstance(value, str):
            return value + dice.choice(ENDS)
        if isinstance(value, list):
            return [spoilt(part) for part in value]
        if isinstance(value, dict):
            return {key: spoilt(part) for key, part in value.items()}
        return value

    calls = (
        replace(c, arguments=json.dumps(spoilt(json.loads(c.arguments))))
        for c in reply.calls or _CALLS
    )
    return replace(reply, calls=tuple(calls))


ODD: Mapping[str, Spoiler] = {"an odd end": _odd_end, "odd arguments": _odd_arguments}
"""Spoil what is read further: plans, templates, code."""

OF_REPLIES: Mapping[str, Spoiler] = {
    "raw newlines in arguments": _arguments(lambda a: a.replace("\\n", "\n")),
    "open quotes in arguments": _arguments(lambda a: a.replace('\\"', '"')),
    "arguments in single quotes": _arguments(lambda a: a.replace('"', "'")),
    "arguments not closed": _arguments(lambda a: a[: len(a) * 2 // 3]),
    "arguments twice encoded": _arguments(json.dumps),
    "arguments thrice encoded": _arguments(lambda a: json.dumps(json.dumps(a))),
    "arguments in a list": _arguments(lambda a: f"[{a}]"),
    "no arguments": _always(""),
    "null as arguments": _always("null"),
    "bare code as arguments": _always("v = 1\nprint('a')"),
    "arguments of wrong types": _always(
        '{"code": 7, "sql": [], "findings": "all", "answer": {}, "step": "x"}'
    ),
    "deep arguments": _always('{"code":' * 20_000),
    "arguments not finite": _always('{"code": NaN, "step": 1e999}'),
    "a huge number in arguments": _always(
        '{"code": "y = 1", "step": ' + "9" * 4000 + "}"
    ),
    "half a character in arguments": _always(
        '{"code": "z = \'\\ud83d\'", "purpose": "\\ud800"}'
    ),
    "control characters in arguments": _always(
        '{"code": "w = 1 \\u0000 \\u001b[31m", "purpose": "\\u0000\\u202e"}'
    ),
    "huge arguments": _always(json.dumps({"code": f"u = '{'x' * _MEGABYTE}'"})),
    "other names": _renamed,
    "many calls": _many_calls,
    "huge text": _huge_text,
    "cut at a limit": lambda _, reply: replace(reply, truncated=True),
}
