"""Looks at the loaded tables. This source runs inside the kernel, not here.

It needs the standard library and pandas alone, because it is sent as text and the
kernel may not have this package. What it prints is bounded, and so is the time it
takes: large tables are counted in a sample. Nothing in a table may make it fail.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import re
import warnings
from typing import Any

import pandas as pd

MARK = "analyst-probe: "
MAX_COLUMNS = 200
NAME_CHARS = 300
VALUE_CHARS = 40
FEW_VALUES = 12
FREQUENT_VALUES = 4
SAMPLE_ROWS = 200_000
ODD_ROWS = 5_000
TEXT_ROWS = 1_000
EXACT_BELOW = 1e15
SUSPECT_TEXTS = 20_000
SUSPECT_CHARS = 1_000

_NUMBER = re.compile(r"[-+(]?\s*[$€£¥]?\s*-?(0|[1-9][\d.,' ]*|0?[.,]\d+)\s*[%€)]?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")

# Orders to a language model, and what chats and tool calls are made of. Each pattern
# stands after a word without which it cannot match, because words are found fast.
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


def report(tables: dict[str, pd.DataFrame]) -> None:
    """Print one marked line of JSON for each table."""
    for name, frame in tables.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            facts = {
                "name": name,
                "rows": len(frame),
                "column_count": frame.shape[1],
                "columns": [
                    look(str(frame.columns[at]), frame.iloc[:, at])
                    for at in range(min(frame.shape[1], MAX_COLUMNS))
                ],
            }
        print(MARK + json.dumps(facts))  # noqa: T201 - printing is how it reports


def look(name: str, series: pd.Series) -> dict[str, object]:
    """What is known of one column; less, where its values are too odd."""
    facts: dict[str, object] = {"name": _clip(name, NAME_CHARS), "kind": "other"}
    for part in (_missing, _content, _texts):
        try:
            facts |= part(series)
        except Exception:  # noqa: BLE001, S112 - a cell may hold any object
            continue
    texts: Any = facts.pop("texts", [])
    return facts | {"suspicious": _orders_in([name, *texts])}


def _missing(series: pd.Series) -> dict[str, object]:
    return {"missing": int(series.isna().sum())}


def _content(series: pd.Series) -> dict[str, object]:
    every = max(1, -(-len(series) // SAMPLE_ROWS))
    sample = series.iloc[::every].dropna()
    kind = _kind(sample)
    if kind == "other":
        sample = sample.iloc[:ODD_ROWS].map(str)
    counts = sample.value_counts()
    counts = counts[counts > 0]
    facts: dict[str, object] = {
        "kind": kind,
        "distinct": len(counts),
        "sampled": every > 1,
        "unique": _is_unique(series, sample, len(counts), every),
    }
    if kind in {"int", "float", "date"} and len(sample):
        facts |= _range(series, sample, kind)
    if kind in {"str", "bool", "int", "float"}:
        facts["values"] = _values(counts, kind)
    if kind == "str":
        facts["text_of"] = _text_of(sample)
    return facts


def _kind(sample: pd.Series) -> str:
    """What the values are, whatever the dtype is called."""
    dtype = sample.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    types = pd.api.types
    if types.is_bool_dtype(dtype):
        return "bool"
    if types.is_integer_dtype(dtype):
        return "int"
    if types.is_float_dtype(dtype):
        return "float"
    if types.is_datetime64_any_dtype(dtype):
        return "date"
    if not (types.is_object_dtype(dtype) or types.is_string_dtype(dtype)):
        return "other"
    values = sample.iloc[:ODD_ROWS]
    if isinstance(sample.dtype, pd.CategoricalDtype):
        values = values.astype(dtype)
    found = pd.api.types.infer_dtype(values, skipna=True)
    return {
        "string": "str",
        "integer": "int",
        "floating": "float",
        "decimal": "float",
        "mixed-integer-float": "float",
        "boolean": "bool",
        "datetime": "date",
        "date": "date",
        "empty": "str",
    }.get(found, "other")


def _is_unique(series: pd.Series, sample: pd.Series, distinct: int, every: int) -> bool:
    """Whether each row has a value of its own; of a large table only if it rises."""
    if len(series) == 0 or distinct < len(sample):
        return False
    if every == 1:
        return len(sample) == len(series)
    if not pd.api.types.is_numeric_dtype(series.dtype):
        return False
    return bool((series.diff().iloc[1:] > 0).all())


def _range(series: pd.Series, sample: pd.Series, kind: str) -> dict[str, object]:
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = sample = sample.astype(sample.cat.categories.dtype)
    if kind == "date":
        days = pd.to_datetime(sample)
        clock = bool((days != days.dt.normalize()).any())
        form = "%Y-%m-%d %H:%M" if clock else "%Y-%m-%d"
        return {
            "low": pd.Timestamp(series.min()).strftime(form),
            "high": pd.Timestamp(series.max()).strftime(form),
        }
    low, median, high = series.min(), sample.median(), series.max()
    return {"low": _number(low), "median": _number(median), "high": _number(high)}


def _number(value: object) -> str:
    if pd.api.types.is_integer(value):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    whole = number.is_integer() and abs(number) < EXACT_BELOW
    return str(int(number)) if whole else f"{number:.6g}"


def _values(counts: pd.Series, kind: str) -> list[str]:
    """All values where there are few, else the most frequent of text."""
    few = len(counts) <= FEW_VALUES
    if kind in {"int", "float"}:
        return [_number(value) for value in sorted(counts.index)] if few else []
    ranked = heapq.nsmallest(
        FEW_VALUES if few else FREQUENT_VALUES,
        zip(-counts, map(str, counts.index), strict=True),
    )
    return [_clip(text, VALUE_CHARS) for _, text in ranked]


def _text_of(sample: pd.Series) -> str:
    texts = [str(value).strip() for value in sample.iloc[:TEXT_ROWS]]
    texts = [text for text in texts if text]
    for what, pattern in (("dates", _DATE), ("numbers", _NUMBER)):
        if texts and all(map(pattern.fullmatch, texts)):
            return what
    return ""


def _texts(series: pd.Series) -> dict[str, object]:
    """The different texts of a column, so many of them and so much of each."""
    if pd.api.types.is_numeric_dtype(series.dtype):
        return {}
    different: Any = series
    if isinstance(series.dtype, pd.CategoricalDtype):
        different = series.cat.categories
    else:
        different = series.iloc[:: max(1, -(-len(series) // SAMPLE_ROWS))]
        with contextlib.suppress(TypeError):  # what cannot be hashed stays as it is
            different = different.drop_duplicates()
    every = max(1, -(-len(different) // SUSPECT_TEXTS))
    texts = [v for v in different[::every] if isinstance(v, str | list | dict | tuple)]
    return {"texts": [str(value)[:SUSPECT_CHARS] for value in texts]}


def _orders_in(texts: list[str]) -> int:
    """How many texts read like an order to a language model."""
    together = "\n".join(texts).lower().translate(_NOT_SEEN)
    likely = [pattern for word, pattern in _ORDERS if word in together]
    if not likely:
        return 0
    seen = [text.translate(_NOT_SEEN) for text in texts]
    return sum(any(pattern.search(text) for pattern in likely) for text in seen)


def _clip(text: str, chars: int) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= chars else text[: chars - 1] + "…"
