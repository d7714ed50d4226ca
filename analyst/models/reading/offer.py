"""What a piece of text means as a call of the tools that were offered.

A name alone is no call: it has to be the name of an offered tool, with the prefixes
that some models put before it. JSON that names nothing can be meant by its keys, and
code by the language of its fence, where that is how the model was told to ask.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyst.arguments import read_arguments
from analyst.seams import Tool

__all__ = ["DECODER", "Call", "Offer", "lenient_json"]

Call = tuple[str, str]
"""The name of an offered tool, and arguments as text."""

DECODER = json.JSONDecoder(strict=False)
"""Reads JSON in strings of which line breaks may stand as they are."""

_FUNCTION = re.compile(r"<function=([^>\s]{1,99})>(.*?)(?:</function>|\Z)", re.DOTALL)
_PARAMETER = re.compile(
    r"<parameter=([^>\s]{1,99})>\n?(.*?)\n?(?:</parameter>|(?=<parameter=)|\Z)",
    re.DOTALL,
)
_NAME_KEYS = ("name", "tool", "tool_name", "function")
_ARGUMENTS_KEYS = ("arguments", "parameters", "args", "input")
_LANGUAGES = {
    "py": "python",
    "python3": "python",
    "ipython": "python",
    "tool_code": "python",
    "duckdb": "sql",
}


class Offer:
    """The tools that were offered.

    Args:
        tools: all of them.
        takes_blocks: calls are also meant without a name, by keys or by a language.
    """

    def __init__(self, tools: Sequence[Tool], *, takes_blocks: bool) -> None:
        self._tools = {tool.name.lower(): tool for tool in tools}
        self._takes_blocks = takes_blocks

    def __bool__(self) -> bool:
        return bool(self._tools)

    def meant_by(self, value: object) -> Iterator[Call]:
        """The calls that JSON means."""
        if isinstance(value, list):
            for part in value:
                yield from self.meant_by(part)
        elif isinstance(value, dict):
            for key in ("tool_calls", "function"):
                if isinstance(value.get(key), list | dict):
                    yield from self.meant_by(value[key])
                    return
            names = (value.get(key) for key in _NAME_KEYS)
            name = next((name for name in names if isinstance(name, str)), "")
            key = next((key for key in _ARGUMENTS_KEYS if key in value), "")
            if name and key:
                yield from self.named(name, value[key])
            elif self._takes_blocks:
                yield from self._by_keys(value)

    def named(self, name: str, arguments: object) -> Iterator[Call]:
        """The call of the tool of that name; none where it was not offered."""
        tool = self._tool(name)
        if tool is not None:
            said = arguments if isinstance(arguments, str) else _dumps(arguments)
            yield tool.name, said

    def functions(self, text: str) -> Iterator[Call]:
        """The calls in `<function=NAME>…</function>`, of JSON or of parameters."""
        for name, inner in _FUNCTION.findall(text):
            tool = self._tool(name)
            if tool is None:
                continue
            given = {
                key: _typed(value, tool.parameters, key)
                for key, value in _PARAMETER.findall(inner)
            }
            yield tool.name, _dumps(given) if given else inner.strip()

    def block(self, language: str, code: str) -> Iterator[Call]:
        """The call whose main argument is a block of code.

        A block that names no language is Python where it could be.
        """
        language = _LANGUAGES.get(language, language)
        code = code.removesuffix("\n")
        if not self._takes_blocks or not code.strip():
            return
        if not language and _is_python(code):
            language = "python"
        for tool in self._tools.values():
            if tool.main and language == tool.fence:
                yield tool.name, _dumps({tool.main: code})
                return

    def _by_keys(self, value: dict[str, Any]) -> Iterator[Call]:
        """The tool whose arguments these are, all of them."""
        for tool in self._tools.values():
            known = tool.parameters.get("properties", {})
            has_main = not tool.main or tool.main in value
            if value and has_main and value.keys() <= known.keys():
                yield tool.name, _dumps(value)
                return

    def _tool(self, name: str) -> Tool | None:
        plain = name.strip().partition(":")[0].rpartition(".")[2]
        return self._tools.get(plain.lower())


def lenient_json(text: str) -> object:
    """The JSON that a text holds from end to end, mended where that is needed."""
    try:
        return DECODER.decode(text.strip())
    except (ValueError, RecursionError):
        pass
    try:
        return read_arguments(text)
    except ValueError:
        return None


def _typed(value: str, parameters: Mapping[str, Any], name: str) -> object:
    """A parameter in tags, which is text, as the type that the tool wants."""
    wanted = parameters.get("properties", {}).get(name, {})
    if wanted.get("type") == "string":
        return value
    try:
        return DECODER.decode(value.strip())
    except (ValueError, RecursionError):
        return value


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
