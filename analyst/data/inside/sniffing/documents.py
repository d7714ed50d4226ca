"""JSON: a document or one a line, its tables found by where the records are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..reading import Doubt, JsonDocument, Reading, Unreadable
from . import geojson
from .delimited.encoding import encoding_of
from .document_frames import frame_of
from .document_shapes import Found, beside_told, of_list, places_of
from .document_start import start_of
from .files import SourceFile
from .loaded import named

__all__ = ["may_be_json", "sniff"]

_SURE_STARTS = ('{"', "{}", "{'", "[{", "[[", '["', "[]")
_NATIVE = {"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"}
_NATIVE |= {"utf-32", "utf-32-le", "utf-32-be"}
"""What `json` tells by itself of bytes."""
_MANY_BAD_LINES = 200
_LINES_TOLD = 5


@dataclass(frozen=True)
class _Parsed:
    """What a file holds, and how it was had."""

    value: Any
    arguments: tuple[tuple[str, Any], ...]
    lines: bool = False
    is_whole: bool = True
    bad_lines: tuple[int, ...] = ()
    path: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def may_be_json(start: str) -> bool:
    """Whether a text that begins like this is worth a try."""
    return start.lstrip()[:1] in {"{", "["}


def sniff(file: SourceFile) -> list[Reading]:
    """The tables of a document; none where it only begins like JSON.

    Raises:
        Unreadable: it is JSON, but damaged or without records.
    """
    try:
        parsed = _parsed(file)
        if parsed is None:
            return []
        readings = _readings(parsed, file)
    except RecursionError:
        raise Unreadable(
            "is JSON of too many levels, one within the other: give a list of objects"
        ) from None
    except UnicodeEncodeError:
        raise Unreadable(
            r"is JSON with half characters such as \ud800: write it again as UTF-8"
        ) from None
    return readings


def _parsed(file: SourceFile) -> _Parsed | None:
    """The document, the values of its lines, or the first records of a large one."""
    data = file.head
    encoding, replaces = encoding_of(data, is_whole=file.is_whole)
    text = data.decode(
        encoding, "replace" if replaces or not file.is_whole else "strict"
    )
    text = text.removeprefix("\ufeff")
    arguments, doubts = _encoding_told(encoding, replaces=replaces)
    repeated: list[str] = []
    wrong: ValueError | None = None
    if file.is_whole:
        try:
            value = json.loads(text, object_pairs_hook=_noting(repeated))
        except ValueError as error:
            wrong = error
        else:
            _refuse_other_documents(value)
            doubts = (*doubts, *_repeated_told(repeated))
            return _Parsed(value, arguments, doubts=doubts)
    lines = _of_lines(text, is_whole=file.is_whole, repeated=repeated)
    if lines is not None:
        values, bad = lines
        if not arguments and encoding not in {"utf-8", "utf-8-sig"}:
            arguments = (("encoding", encoding),)
        doubts = (*doubts, *_bad_lines_told(bad), *_repeated_told(repeated))
        return _Parsed(
            values,
            arguments,
            lines=True,
            is_whole=file.is_whole,
            bad_lines=bad,
            doubts=doubts,
        )
    if not file.is_whole:
        path, records = start_of(text)
        if records:
            return _Parsed(records, arguments, is_whole=False, path=path, doubts=doubts)
    if not text.lstrip().startswith(_SURE_STARTS):
        return None
    raise Unreadable(_what_is_wrong(wrong))


def _what_is_wrong(wrong: ValueError | None) -> str:
    if wrong is None:
        return "is a large JSON document without a list of records at its start"
    if not isinstance(wrong, json.JSONDecodeError):
        return "is JSON with a number of thousands of digits: write it as text"
    if wrong.msg == "Extra data":
        return (
            "holds several JSON documents, one after the other: write each on a line "
            "of its own"
        )
    return (
        f"is JSON that is cut off or damaged at line {wrong.lineno}, character "
        f"{wrong.colno}: mend it there or download it again"
    )


def _refuse_other_documents(value: Any) -> None:  # noqa: ANN401 - any parsed JSON
    """Raise Unreadable for what is a notebook, a map or a chart, but no table."""
    if not isinstance(value, dict):
        return
    if "nbformat" in value and "cells" in value:
        raise Unreadable("is a notebook: give the table that it works on")
    if value.get("type") == "Topology":
        raise Unreadable("is TopoJSON: convert it to GeoJSON")


def _encoding_told(
    encoding: str, *, replaces: bool
) -> tuple[tuple[tuple[str, Any], ...], tuple[Doubt, ...]]:
    if encoding in _NATIVE and not replaces:
        return (), ()
    errors = (("encoding_errors", "replace"),) if replaces else ()
    told = "with some bytes that are not of it" if replaces else "not UTF-8"
    doubt = Doubt(f"The text is {encoding}, {told}.", of_file=True)
    return (("encoding", encoding), *errors), (doubt,)


def _noting(repeated: list[str]) -> Any:  # noqa: ANN401 - a hook of json
    """A hook that makes objects and notes keys that are repeated within one."""

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs) and len(repeated) < _LINES_TOLD:
            keys = [key for key, _ in pairs]
            repeated.extend(key for key in value if keys.count(key) > 1)
        return value

    return made


def _repeated_told(repeated: Sequence[str]) -> tuple[Doubt, ...]:
    if not repeated:
        return ()
    keys = named(list(dict.fromkeys(repeated)))
    told = f"Within one object {keys} stands twice; the last value counts."
    return (Doubt(told, of_file=True),)


def _of_lines(
    text: str, *, is_whole: bool, repeated: list[str]
) -> tuple[list[Any], tuple[int, ...]] | None:
    """The values of lines, and the lines that are none; None: no document a line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not is_whole:
        del lines[-1]
    values: list[Any] = []
    bad: list[int] = []
    hook = _noting(repeated)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, object_pairs_hook=hook)
        except (ValueError, RecursionError):
            bad.append(number)
        else:
            values.append(value)
        if len(bad) > _MANY_BAD_LINES and len(bad) > len(values):
            return None
    if len(values) <= len(bad) or not any(isinstance(v, dict | list) for v in values):
        return None
    if len(values) + len(bad) < 2:  # noqa: PLR2004 - one line is a document
        return None
    if len(bad) > _MANY_BAD_LINES:
        raise Unreadable(
            f"has {len(bad)} lines that are no JSON, the first of them line {bad[0]}: "
            "mend them or take them out"
        )
    return values, tuple(bad)


def _bad_lines_told(bad: Sequence[int]) -> tuple[Doubt, ...]:
    if not bad:
        return ()
    what = "1 line is" if len(bad) == 1 else f"{len(bad)} lines are"
    return (Doubt(f"{what} no JSON and left out.", tuple(bad[:_LINES_TOLD]), len(bad)),)


def _readings(parsed: _Parsed, file: SourceFile) -> list[Reading]:
    features = geojson.features_of(parsed.value)
    if features:
        return [_of_features(parsed, features, file)]
    if parsed.lines or parsed.path or not parsed.is_whole:
        found = of_list(parsed.value)
        if found is None:
            raise Unreadable("is JSON without records: give a list of objects")
        return [_reading(parsed, found, file, parsed.doubts)]
    places = places_of(parsed.value)
    doubts = (*parsed.doubts, *beside_told(places.beside))
    readings: list[Reading] = []
    for at, found in enumerate(places.tables):
        label = ".".join(found.path) if len(places.tables) > 1 else ""
        told = doubts if at == 0 else ()
        readings.append(_reading(parsed, found, file, told, label=label))
    return readings


def _of_features(
    parsed: _Parsed, features: list[dict[str, Any]], file: SourceFile
) -> JsonDocument:
    arguments = geojson.geometry_arguments(features)
    records = geojson.flattened(features, dict(arguments))
    doubts = geojson.geometry_doubts(parsed.value, features, dict(arguments))
    path = parsed.path
    if isinstance(parsed.value, dict):
        path = ("features",)
    found = Found(records, "records", path, len(records), arguments)
    told = (*parsed.doubts, *doubts)
    return _reading(parsed, found, file, told, is_geo=True)


def _reading(
    parsed: _Parsed,
    found: Found,
    file: SourceFile,
    doubts: tuple[Doubt, ...],
    *,
    label: str = "",
    is_geo: bool = False,
) -> JsonDocument:
    """How a table that was found is read."""
    framed = frame_of(found, is_whole=parsed.is_whole)
    return JsonDocument(
        label=label,
        compression=file.compression,
        member=file.member or file.only_member,
        arguments=(*parsed.arguments, *found.arguments, *framed.arguments),
        conversions=framed.conversions,
        rows=found.rows if parsed.is_whole else None,
        columns=framed.columns,
        doubts=(*doubts, *found.doubts, *framed.doubts),
        lines=parsed.lines,
        bad_lines=parsed.bad_lines,
        records=parsed.path or found.path,
        nested=framed.is_nested,
        geo=is_geo,
        form=found.form,
    )
