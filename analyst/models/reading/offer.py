"""What a piece of text means as a call of the tools that were offered.

A name alone is no call: it has to be the name of an offered tool, with the prefixes
that some models put before it. JSON that names nothing can be meant by its keys, and
code by the language of its fence, where that is how the model was told to ask.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from analyst.arguments import read_arguments
from analyst.seams import Request, Tool

__all__ = ["DECODER", "WRITTEN_ID", "Call", "Form", "Offer", "lenient_json"]

Call = tuple[str, str]
"""The name of an offered tool, and arguments as text."""

Form = Literal["tag", "object", "block", "bare"]
"""How a call was written: `block` is code in a fence that names its language, `bare`
is code in one that does not."""

WRITTEN_ID = "written_"
"""How the id of a call begins that stood in a text."""

DECODER = json.JSONDecoder(strict=False)
"""Reads JSON in strings of which line breaks may stand as they are."""

_FUNCTION = re.compile(r"<function=([^>\s]{1,99})>(.*?)(?:</function>|\Z)", re.DOTALL)
_PARAMETER = re.compile(
    r"<parameter=([^>\s]{1,99})>\n?(.*?)\n?(?:</parameter>|(?=<parameter=)|\Z)",
    re.DOTALL,
)
_MARKS = re.compile(
    r"</?tool_call>|</?function\b|^`{3,}\w*|`{3,}$|\[TOOL_CALLS\]|\[ARGS\]"
)
_PRINTED = re.compile(r"[\s\\\"'<>\u2039\u203a]+")
_LEAST_CHARS = 8
"""Of a call; what is shorter stands everywhere."""
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
        takes_objects: calls are also meant by JSON without tags.
        told: what the model was told before, which it may quote.
    """

    def __init__(
        self,
        tools: Sequence[Tool],
        *,
        takes_blocks: bool,
        takes_objects: bool = True,
        told: Iterable[str] = (),
    ) -> None:
        self._tools = {tool.name.lower(): tool for tool in tools}
        self._takes_blocks = takes_blocks
        self._takes_objects = takes_objects
        self._told = tuple(told)

    @classmethod
    def of(cls, request: Request, *, is_text: bool = False) -> Offer:
        """What a reply to a request may mean, where it makes no calls.

        A model that has made one knows how, so from then on what looks like a call is
        one only in tags; and without any call yet it may write code alone.
        """
        calls = [call for message in request.messages for call in message.calls]
        is_native = any(not call.id.startswith(WRITTEN_ID) for call in calls)
        return cls(
            request.tools,
            takes_blocks=is_text or not calls,
            takes_objects=is_text or not is_native,
            told=[m.text for m in request.messages if m.role in {"user", "tool"}],
        )

    def __bool__(self) -> bool:
        return bool(self._tools)

    def is_meant(self, written: str, form: Form, calls: Sequence[Call]) -> bool:
        """Whether calls in a text are made by it, and not quoted from the data."""
        if form == "object" and not self._takes_objects:
            return False
        if form not in {"tag", "object"}:
            return True
        bare = [_bare(_MARKS.sub("", written)), *(_bare(said) for _, said in calls)]
        may_be_quoted = [text for text in bare if len(text) >= _LEAST_CHARS]
        return not any(
            text in told for text in may_be_quoted for told in self._told_bare
        )

    @cached_property
    def _told_bare(self) -> list[str]:
        return [_bare(text) for text in self._told]

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


def _bare(text: str) -> str:
    """A text without what changes when it is printed or quoted."""
    return _PRINTED.sub("", text)


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
