"""The JSON of a reply, spoilt: at any place, however deep, and piece by piece."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

__all__ = ["DEEP", "OF_PIECES", "OF_STREAMS"]

Pieces: TypeAlias = list[Any]
Place: TypeAlias = tuple[Any, ...]
Spoiler: TypeAlias = Callable[[random.Random, Pieces], Pieces]

DEEP = "@deep@"
"""Stands for a value that is nested more deeply than `json.dumps` can write."""

_WRONG: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    7,
    1.5,
    10**30,
    -(10**400),
    float("nan"),
    float("-inf"),
    "",
    "x",
    "null",
    "\ud800",
    "\x00",
    "x" * 3000,
    "length",
    "content_filter",
    "tool_calls",
    "failed",
    "error",
    DEEP,
    [],
    {},
    [[]],
    [None],
    [{}],
    [1, "2", {}],
    {"a": 1},
    {"": None},
)
_WRONG_IDS = ("", None, 0, 0, -1, 1, 99, "0", "x", [], True, 2.0)
_IDS = {"id", "call_id", "item_id", "index", "output_index", "content_index"}
_MOST_OF_A_LIST = 20


def _places(value: Any, path: Place = ()) -> list[Place]:
    """The paths to all that is in a piece, itself included."""
    found = [path]
    if isinstance(value, dict):
        for key, part in value.items():
            found += _places(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value[:_MOST_OF_A_LIST]):
            found += _places(part, (*path, index))
    return found


def _changed(value: Any, path: Place, change: Callable[[Any], Any]) -> Any:
    """A copy in which what is at `path` has been changed."""
    if not path:
        return change(value)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _changed(copy[path[0]], path[1:], change)
    return copy


def _somewhere(
    dice: random.Random,
    pieces: Pieces,
    change: Callable[[Any], Any],
    names: Collection[str] = (),
) -> Pieces:
    """The pieces with one place changed: any, or one that has a name of `names`."""
    if not pieces:
        return pieces
    at = dice.randrange(len(pieces))
    places = [
        path
        for path in _places(pieces[at])
        if not names or (path and path[-1] in names)
    ]
    if not places:
        return pieces
    return _changed(pieces, (at, *dice.choice(places)), change)


def _wrong_types(dice: random.Random, pieces: Pieces) -> Pieces:
    for _ in range(dice.randint(1, 3)):
        pieces = _somewhere(dice, pieces, lambda _: dice.choice(_WRONG))
    return pieces


def _wrong_everywhere(dice: random.Random, pieces: Pieces) -> Pieces:
    """What has one name is wrong wherever it occurs."""
    names = sorted({str(path[-1]) for p in pieces for path in _places(p) if path})
    if not names:
        return pieces
    name, wrong = dice.choice(names), dice.choice(_WRONG)

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: wrong if k == name else spoil(part) for k, part in value.items()}
        return [spoil(part) for part in value] if isinstance(value, list) else value

    return [spoil(piece) for piece in pieces]


def _wrong_ids(dice: random.Random, pieces: Pieces) -> Pieces:
    for _ in range(dice.randint(1, 8)):
        pieces = _somewhere(dice, pieces, lambda _: dice.choice(_WRONG_IDS), _IDS)
    return pieces


def _missing_parts(dice: random.Random, pieces: Pieces) -> Pieces:
    def without_one(value: Any) -> Any:
        if isinstance(value, dict) and value:
            gone = dice.choice(list(value))
            return {key: part for key, part in value.items() if key != gone}
        return value[1:] if isinstance(value, list) else value

    for _ in range(dice.randint(1, 3)):
        pieces = _somewhere(dice, pieces, without_one)
    return pieces


def _with_thoughts(dice: random.Random, pieces: Pieces) -> Pieces:
    """What was thought comes along, over the Responses API as an item of its own."""
    thought = dice.choice(("Hm.", "\ud800", "", "<think>", "x" * 300_000))
    item = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": thought}],
        "encrypted_content": thought,
    }

    def think(value: Any) -> Any:
        if isinstance(value, list):
            return [think(part) for part in value]
        if not isinstance(value, dict):
            return value
        more = {key: think(part) for key, part in value.items()}
        if more.get("role") == "assistant" and "content" in more:
            more["reasoning_content"] = thought
        if isinstance(more.get("output"), list):
            more["output"] = [item, *more["output"]]
        return more

    return [think(piece) for piece in pieces]


def _at(dice: random.Random, pieces: Pieces) -> int:
    return dice.randrange(len(pieces)) if pieces else 0


def _a_piece_twice(dice: random.Random, pieces: Pieces) -> Pieces:
    at = _at(dice, pieces)
    again = pieces[at : at + 1] * dice.choice((1, 1, 5))
    return pieces[: at + 1] + again + pieces[at + 1 :]


def _pieces_gone(dice: random.Random, pieces: Pieces) -> Pieces:
    at = _at(dice, pieces)
    return pieces[:at] + pieces[at + dice.randint(1, 3) :]


def _an_error_within(dice: random.Random, pieces: Pieces) -> Pieces:
    at = _at(dice, pieces)
    late = {"message": "late", "code": "server_error"}
    return [*pieces[:at], {"error": dice.choice((*_WRONG, late, late))}, *pieces[at:]]


OF_PIECES: Mapping[str, Spoiler] = {
    "wrong types": _wrong_types,
    "more wrong types": _wrong_types,
    "wrong everywhere": _wrong_everywhere,
    "wrong ids": _wrong_ids,
    "missing parts": _missing_parts,
    "thoughts": _with_thoughts,
}
"""Also for a reply that comes as one whole."""

OF_STREAMS: Mapping[str, Spoiler] = {
    "a piece twice": _a_piece_twice,
    "all twice": lambda _, pieces: pieces + pieces,
    "pieces gone": _pieces_gone,
    "the end gone": lambda dice, pieces: pieces[: _at(dice, pieces)],
    "disorder": lambda dice, pieces: dice.sample(pieces, len(pieces)),
    "an error within": _an_error_within,
}
"""For what comes in many pieces."""
