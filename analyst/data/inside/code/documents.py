"""How a table of a JSON document is read.

`json` keeps every value as it stands there: pandas' own reader guesses dates, and
rounds long numbers.

Of `arguments`, `encoding`, `encoding_errors` and `parse_int` are told to `json`, `sep`
to `pd.json_normalize` and `columns` to `pd.DataFrame`; `drop` names columns that hold
nulls alone, as the objects that stand there elsewhere have columns of their own. The
others speak of the records: `key` is the column of their keys, `skip` the number of
first rows that are none, `labels` says that rows have labels, and `objects_only` leaves
out what is no object.
For GeoJSON `id`, `type`, `longitude`, `latitude` and `z` are the columns of those, and
`points_only` says that there is nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..reading import JsonDocument
from .expression import PANDAS, Expression
from .literals import LINE_CHARS, call, comment, quoted
from .opened import content_bytes

__all__ = ["expression"]

_FORMS = {"numbered": "list({}.values())", "split": "**{}", "one": "[{}]"}
_COORDINATES = ("longitude", "latitude", "z")


def expression(
    reading: JsonDocument, path: str, *, indent: int, before: int
) -> Expression:
    """The expression that reads it."""
    told = dict(reading.arguments)
    document, imports = _document(reading, told, path, indent + 4)
    records = _records(reading, told, document, indent + 4)
    flattens = reading.nested or reading.geo
    names = ["sep"] if flattens else ["columns"]
    text = call(
        "pd.json_normalize" if flattens else "pd.DataFrame",
        [records],
        [(name, told[name]) for name in names if name in told],
        indent=indent,
        before=before,
    )
    if told.get("drop"):
        text = call(
            f"{text}.drop",
            [],
            [("columns", list(told["drop"])), ("errors", "ignore")],
            indent=indent,
            before=before,
        )
    if told.get("labels"):
        drop = "drop=True" if reading.form == "columns" else ""
        text += f".reset_index({drop})"
    remarks = tuple(comment(remark) for remark in _remarks(reading, told))
    return Expression(text, (PANDAS, "import json", *imports), before=remarks)


def _remarks(reading: JsonDocument, told: dict[str, Any]) -> Iterator[str]:
    """What a reader of the code should know."""
    if reading.bad_lines:
        yield "The lines whose numbers are listed are no JSON and are left out."
    if told.get("parse_int"):
        yield "Long whole numbers stay exact as text; the other ones are converted."
    if told.get("drop"):
        yield "Null instead of an object makes no column of its own."
    if told.get("objects_only"):
        yield "What is no object is left out."


def _document(
    reading: JsonDocument, told: dict[str, Any], path: str, indent: int
) -> tuple[str, tuple[str, ...]]:
    """The parsed document, or the list of what its lines hold."""
    content, imports = content_bytes(reading, path)
    encoding = told.get("encoding")
    if encoding:
        errors = told.get("encoding_errors")
        decoding = ", ".join(map(quoted, filter(None, (encoding, errors))))
        content = f"{content}.decode({decoding})"
    ints = f", parse_int={told['parse_int']}" if told.get("parse_int") == "str" else ""
    if not reading.lines:
        keys = "".join(f"[{quoted(key)}]" for key in reading.records)
        return f"json.loads({content}{ints}){keys}", imports
    lines = f'{content}.split("\\n")' if encoding else f"{content}.splitlines()"
    if not reading.bad_lines:
        clauses = [f"for line in {lines}", "if line.strip()"]
    else:
        bad = ", ".join(map(str, reading.bad_lines))
        clauses = [
            f"for number, line in enumerate({lines}, start=1)",
            f"if line.strip() and number not in {{{bad}}}",
        ]
    return _comprehension(f"json.loads(line{ints})", clauses, indent), imports


def _records(
    reading: JsonDocument, told: dict[str, Any], document: str, indent: int
) -> str:
    """What the frame is made of."""
    if reading.geo:
        feature = _feature(told, indent + 4)
        return _comprehension(feature, [f"for feature in {document}"], indent)
    if told.get("objects_only"):
        clauses = [f"for record in {document}", "if isinstance(record, dict)"]
        return _comprehension("record", clauses, indent)
    if reading.form == "keyed":
        keyed = f"{{{quoted(told['key'])}: key, **record}}"
        return _comprehension(keyed, [f"for key, record in {document}.items()"], indent)
    skipped = f"[{int(told['skip'])}:]" if told.get("skip") else ""
    return _FORMS.get(reading.form, "{}").format(document) + skipped


def _feature(told: dict[str, Any], indent: int) -> str:
    """A feature of GeoJSON as one flat object."""
    only_points = bool(told.get("points_only"))
    geometry = 'feature["geometry"]'
    fields = []
    if "id" in told:
        fields.append(f'{quoted(told["id"])}: feature.get("id")')
    fields.append('**(feature.get("properties") or {})')
    if "type" in told:
        kind = f'({geometry} or {{}}).get("type")'
        fields.append(f"{quoted(told['type'])}: {kind}")
    inner = " " * (indent + 8)
    for at, coordinate in enumerate(_COORDINATES):
        if coordinate not in told:
            continue
        value = f'{geometry}["coordinates"][{at}]'
        if not only_points:
            test = f'{geometry} and {geometry}["type"] == "Point"'
            parts = [value, f"if {test}", "else None"]
            lines = "".join(f"{inner}{part}\n" for part in parts)
            value = f"(\n{lines}{' ' * (indent + 4)})"
        fields.append(f"{quoted(told[coordinate])}: {value}")
    body = "".join(f"{' ' * (indent + 4)}{field},\n" for field in fields)
    return f"{{\n{body}{' ' * indent}}}"


def _comprehension(item: str, clauses: list[str], indent: int) -> str:
    """A list of items, on one line where it fits."""
    flat = f"[{' '.join([item, *clauses])}]"
    if indent + len(flat) + 1 <= LINE_CHARS and "\n" not in flat:
        return flat
    lines = "".join(f"{' ' * (indent + 4)}{part}\n" for part in [item, *clauses])
    return f"[\n{lines}{' ' * indent}]"
