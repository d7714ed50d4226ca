"""Texts that speak to a language model: orders, and what chats are made of."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from .seen import Seen

__all__ = ["orders_in", "texts_of"]

SUSPECT_TEXTS = 20_000
SUSPECT_CHARS = 1_000
_READ = (str, list, dict, tuple)

# Each pattern stands after a word without which it cannot match, because words are
# found fast.
_OF_OLD = r"(?:previous|prior|above|earlier|preceding|foregoing|system|all|your)"
_RULES = r"(?:instruction|prompt|directive|guideline)s?\b"
_DISOBEY = (
    r"\b(?:ignore|disregard|forget|override|bypass)\s+(?:\w+\s+){0,3}?"
    rf"{_OF_OLD}\s+(?:\w+\s+){{0,2}}?{_RULES}"
    rf"|\b(?:reveal|repeat|print|leak)\s+(?:\w+\s+){{0,2}}?your\s+(?:\w+\s+)?{_RULES}"
    r"|\b(?:new|updated|real)\s+(?:system\s+)?instructions?\s*:"
    r"|\b(?:ignore|ignorez|oubliez|ignora|olvida|ignori)\s+(?:\w+\s+){0,2}?"
    r"(?:les|las|le|todas|toutes|tutte|as)\s+(?:\w+\s+){0,2}?"
    r"(?:instructions|instrucciones|istruzioni|instruções)\b"
)
_PERSONA = (
    r"\byou are now\s+(?:\w+\s+){0,3}?(?:ai|assistant|agent|model|bot|dan|mode|admin|"
    r"administrator|root|hacker|developer|unrestricted|jailbroken)\b"
)
_FORGED_TURN = (
    r"[\r\n]\s*(?:system|assistant|developer):\s*"
    r"(?:you|ignore|do|call|from now|the user)\b"
)
_ORDERS = tuple(
    (word, re.compile(pattern, re.IGNORECASE))
    for words, pattern in (
        ("instru istruzioni prompt directive guideline", _DISOBEY),
        ("anweisung", r"\b(?:ignoriere|vergiss)\s+(?:\w+\s+){0,3}?anweisung"),
        ("инструкци", r"\b(?:игнорируй|забудь)(?:те)?\s+(?:\w+\s+){0,3}?инструкци"),
        ("忽略", r"忽略.{0,8}(?:指令|指示|提示)"),
        ("無視", r"指示.{0,6}無視"),
        ("무시", r"지시.{0,6}무시"),
        ("prompt", r"\bsystem prompt\b"),
        ("now", _PERSONA),
        ("user", r"\b(?:do not|don't|never)\s+(?:tell|inform|warn)\s+the user\b"),
        ("tool", r"\bcall\s+the\s+tool\b"),
        (
            "execute_python query_dataframe summarize_findings",
            r"\b(?:execute_python|query_dataframe|summarize_findings)\b",
        ),
        ("tool_call function_call", r"""[<\["']/?(?:tool|function)_calls?\b"""),
        ("<function= <invoke", r"<(?:function=\w|invoke\s+name\s*=)"),
        ("role", r"""["']role["']\s*:\s*["'](?:system|assistant|developer|tool)\b"""),
        ("<|", r"<\|[\w.-]{2,40}\|>"),
        ("inst] sys>>", r"\[/?INST\]|<</?SYS>>"),
        ("###", r"^\s*###\s*(?:instructions?|system|assistant|response|human)\b"),
        ("data-", r"</?data-[0-9a-f]{4,}"),
        ("system: assistant: developer:", _FORGED_TURN),
    )
    for word in words.split()
)
_NOT_SEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def orders_in(texts: list[str]) -> int:
    """How many texts read like an order to a language model."""
    together = "\n".join(texts).lower().translate(_NOT_SEEN)
    likely = [pattern for word, pattern in _ORDERS if word in together]
    if not likely:
        return 0
    seen = [text.translate(_NOT_SEEN) for text in texts]
    return sum(any(pattern.search(text) for pattern in likely) for text in seen)


def texts_of(seen: Seen) -> list[str]:
    """The different texts of a column, so many of them and so much of each."""
    try:
        values = _different(seen)
    except Exception:  # noqa: BLE001 - a cell may hold any object
        return []
    every = max(1, -(-len(values) // SUSPECT_TEXTS))
    return [_read(value) for value in values[::every] if isinstance(value, _READ)]


def _read(value: object) -> str:
    """As much of a value as is read."""
    if isinstance(value, str):
        return value[:SUSPECT_CHARS]
    return str(value)[:SUSPECT_CHARS]


def _different(seen: Seen) -> Any:  # noqa: ANN401 - a list or array of anything
    import pandas as pd  # noqa: PLC0415 - only once there is a table

    dtype = seen.series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return dtype.categories.to_numpy(dtype=object)
    if seen.kind in {"bool", "int", "float", "date"} and dtype != "object":
        return []
    if seen.kind == "str":
        return seen.counts.index.to_numpy(dtype=object)
    different = seen.sample
    with contextlib.suppress(TypeError):  # what cannot be hashed stays as it is
        different = different.drop_duplicates()
    values = different.to_numpy(dtype=object)
    return [v.tolist() if hasattr(v, "tolist") else v for v in values]
