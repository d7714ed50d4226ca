"""Reading what a model wrote as the arguments of a tool.

Models write JSON almost always, and almost JSON otherwise: raw line breaks, quotes
that are not escaped, an object inside a string, a fenced block, or just the code.
What was clearly meant is read; the rest is said back to the model.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["read_arguments"]

_FENCE = re.compile(r"```[\w+-]*[ \t]*\r?\n(.*?)\s*(?:```\s*)?", re.DOTALL)
_TRIPLE_QUOTED = re.compile(r"(\"\"\"|''')(.*?)\1", re.DOTALL)


def read_arguments(text: str, *, only: str | None = None) -> dict[str, Any]:
    r"""The arguments that `text` means.

    Args:
        text: what the model wrote.
        only: the argument that is meant where there is no object but bare text, for
            a tool whose main argument is code.

    Raises:
        ValueError: it means nothing that can be told; the message is for the model.

    Example:
        >>> read_arguments('{"code": "df.head()"}')
        {'code': 'df.head()'}
        >>> read_arguments("```python\ndf.head()\n```", only="code")
        {'code': 'df.head()'}
    """
    text = text.strip()
    try:
        return _read(text, only)
    except RecursionError:
        raise ValueError("The arguments are nested too deeply.") from None


def _read(text: str, only: str | None) -> dict[str, Any]:
    if not text:
        return {}
    if fenced := _FENCE.fullmatch(text):
        return _fenced(fenced[1], only)
    try:
        value = _loads(text)
    except ValueError as error:
        return _not_json(text, only, error)
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    return _bare(value.strip() if isinstance(value, str) else text, only)


def _loads(text: str) -> Any:  # noqa: ANN401 - JSON may be anything
    """JSON, in strings of which line breaks may stand as they are."""
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(text, strict=False)


def _fenced(inner: str, only: str | None) -> dict[str, Any]:
    """What stands in a fenced block: an object, or else code as it is."""
    if only is None or inner.lstrip().startswith("{"):
        return _read(inner.strip(), only)
    return {only: inner}


def _bare(text: str, only: str | None) -> dict[str, Any]:
    """Valid JSON that is no object: one inside a string, or bare text."""
    if text.startswith("{"):
        return _read(text, only)
    if only is None:
        raise ValueError(_advice("it is no object"))
    return {only: text}


def _not_json(text: str, only: str | None, error: ValueError) -> dict[str, Any]:
    """Bare text, or an object that can be mended."""
    if not text.startswith("{"):
        if only is None or text.startswith(('"', "[")):
            raise ValueError(_advice(str(error))) from None
        return {only: text}
    mended = _mended(text)
    if not mended or (only is not None and only not in mended):
        raise ValueError(_advice(str(error))) from None
    return mended


def _mended(text: str) -> dict[str, Any]:
    """The object that was meant, or an empty one."""
    import json_repair  # noqa: PLC0415 - only broken JSON needs it

    # Python's long strings are no JSON, but what they mean is beyond doubt.
    quoted = _TRIPLE_QUOTED.sub(lambda found: json.dumps(found[2]), text)
    try:
        value = _loads(quoted)
    except ValueError:
        try:
            value = json_repair.loads(text)
        except Exception:  # noqa: BLE001 - whatever it stumbles over, it was not mended
            return {}
    return value if isinstance(value, dict) else {}


def _advice(reason: str) -> str:
    """What the model reads."""
    return (
        f"The arguments are not a JSON object ({reason}): send one, with line breaks "
        'in strings written as \\n and quotes as \\".'
    )
