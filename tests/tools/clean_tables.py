"""Tables as people have them, clean, with their values typed: the truth of the corpus.

Seeded: a table is the same in every run.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .scoring import Plain

__all__ = ["TABLES", "CleanTable", "ColumnKind", "Script"]

ColumnKind = Literal["int", "float", "text", "date", "time", "bool", "code"]
"""`code` is text of digits that must stay text; `time` a date with a time of day."""
Script = Literal["latin", "western", "cyrillic", "greek", "chinese", "japanese"]

_ROWS = 40
_Make = Callable[[random.Random], Plain]


@dataclass(frozen=True)
class CleanTable:
    """Names, kinds and typed values."""

    name: str
    script: Script
    names: tuple[str, ...]
    kinds: tuple[ColumnKind, ...]
    rows: tuple[tuple[Plain, ...], ...]


def _table(
    name: str,
    columns: list[tuple[str, ColumnKind, _Make]],
    *,
    script: Script = "latin",
    rows: int = _ROWS,
) -> CleanTable:
    rng = random.Random(name)
    return CleanTable(
        name,
        script,
        tuple(column for column, _, _ in columns),
        tuple(kind for _, kind, _ in columns),
        tuple(tuple(make(rng) for _, _, make in columns) for _ in range(rows)),
    )


def _one_of(*values: Plain) -> _Make:
    return lambda rng: rng.choice(values)


def _whole(low: int, high: int) -> _Make:
    return lambda rng: rng.randint(low, high)


def _number(low: float, high: float, places: int = 2) -> _Make:
    return lambda rng: round(rng.uniform(low, high), places)


def _gaps(make: _Make, share: float = 0.1) -> _Make:
    return lambda rng: None if rng.random() < share else make(rng)


def _day(first: int = 2019, last: int = 2024) -> _Make:
    return lambda rng: dt.datetime(  # noqa: DTZ001 - the files name no zone
        rng.randint(first, last), rng.randint(1, 12), rng.randint(1, 28)
    )


def _moment(rng: random.Random) -> Plain:
    start = dt.datetime(2023, 3, 1)  # noqa: DTZ001 - as above
    return start + dt.timedelta(seconds=rng.randrange(86_400 * 300))


def _digits(count: int, first: str = "0123456789") -> _Make:
    return lambda rng: (
        rng.choice(first) + "".join(rng.choices("0123456789", k=count - 1))
    )


def _counter(first: int) -> _Make:
    """Rises by a little from row to row."""
    state = [first]

    def following(rng: random.Random) -> Plain:
        state[0] += rng.randint(1, 3)
        return state[0]

    return following


_SALES = _table(
    "sales",
    [
        ("order_id", "int", _counter(1000)),
        ("ordered", "date", _day()),
        ("region", "text", _one_of("North", "South", "East", "West")),
        ("product", "text", _one_of("Mug, large", "Plate", "Bowl 30 cm", "Glass")),
        ("units", "int", _whole(1, 90)),
        ("price", "float", _number(1, 80)),
        ("total", "float", _gaps(_number(900, 98_000))),
        ("paid", "bool", _one_of(True, False)),
    ],
)
_SURVEY = _table(
    "survey",
    [
        ("respondent", "int", _counter(1)),
        ("age", "int", _gaps(_whole(18, 93))),
        ("satisfaction", "text", _one_of("very good", "good", "poor", "no answer")),
        ("rating", "int", _whole(1, 5)),
        (
            "comment",
            "text",
            _gaps(
                _one_of(
                    "Quick, friendly, cheap.",
                    'They said "soon" twice',
                    "fine",
                    "Don't ask; it was late",
                    "Too far away (2 hours)",
                ),
                0.3,
            ),
        ),
    ],
)
_SENSOR = _table(
    "sensor",
    [
        ("time", "time", _moment),
        ("device", "text", _one_of("roof-1", "roof-2", "cellar")),
        ("temperature", "float", _number(-18, 39, 1)),
        ("humidity", "float", _gaps(_number(20, 99, 1))),
        ("pressure", "float", _number(960, 1040, 2)),
        ("alarm", "int", _whole(0, 1)),
    ],
    rows=60,
)
_PEOPLE = _table(
    "people",
    [
        (
            "name",
            "text",
            _one_of(
                "Zoë O'Brien",
                "José Núñez",
                "Jürgen Müller",
                "Søren Å. Kjær",
                "François d'Été",
                "Anna Smith",
            ),
        ),
        ("città", "text", _one_of("München", "São Paulo", "Málaga", "Paris", "Leeds")),
        ("born", "date", _day(1940, 2005)),
        ("height", "float", _number(1.4, 2.1)),
        ("children", "int", _whole(0, 5)),
    ],
    script="western",
)
_FINANCE = _table(
    "finance",
    [
        ("account", "text", _one_of("Travel", "Office rent", "Wages", "Interest")),
        ("booked", "date", _day(2021, 2024)),
        ("amount", "float", _number(-45_000, 45_000)),
        ("fee", "float", _gaps(_number(0, 30))),
        ("balance", "float", _number(1_000, 2_000_000)),
        ("currency", "text", _one_of("EUR", "USD", "CHF")),
    ],
)
_CODES = _table(
    "codes",
    [
        ("zip", "code", _digits(5, "0123")),
        ("card", "code", _digits(18, "4567")),
        ("article", "text", _one_of("A-001", "B-070", "12E4X", "C-100")),
        ("quantity", "int", _whole(1, 500)),
        ("weight", "float", _number(0.1, 9)),
    ],
)
_WIDE = _table(
    "wide",
    [
        ("country", "text", _one_of("Chad", "Peru", "Laos", "Cuba", "Mali")),
        *(
            (f"y{1980 + at}", "float", _number(1, 900, 1))
            if at % 2
            else (f"y{1980 + at}", "int", _whole(1, 900))
            for at in range(40)
        ),
    ],
    rows=25,
)
_NARROW = _table("narrow", [("temperature", "float", _number(-9, 39, 1))])
_RUSSIAN = _table(
    "russian",
    [
        ("имя", "text", _one_of("Иван Петров", "Мария Орлова", "Фёдор", "Ольга")),
        ("город", "text", _one_of("Москва", "Казань", "Томск")),
        ("возраст", "int", _whole(18, 80)),
        ("принят", "date", _day()),
        ("оклад", "float", _number(20_000, 90_000)),
    ],
    script="cyrillic",
)
_GREEK = _table(
    "greek",
    [
        ("νησί", "text", _one_of("Κρήτη", "Ρόδος", "Κέρκυρα", "Νάξος")),
        ("έτος", "int", _whole(1990, 2024)),
        ("επισκέπτες", "float", _number(1, 900)),
    ],
    script="greek",
)
_CHINESE = _table(
    "chinese",
    [
        ("城市", "text", _one_of("北京", "上海", "广州", "成都市")),
        ("部门", "text", _one_of("销售部", "财务部", "人事部门")),
        ("人数", "int", _whole(10, 900)),
        ("金额", "float", _number(100, 9000)),
    ],
    script="chinese",
)
_JAPANESE = _table(
    "japanese",
    [
        ("都市", "text", _one_of("東京", "大阪", "さっぽろ", "ナゴヤ")),
        ("商品", "text", _one_of("お茶", "コーヒー", "みかん", "りんごジュース")),
        ("数量", "int", _whole(1, 90)),
        ("価格", "float", _number(100, 900, 1)),
    ],
    script="japanese",
)

TABLES: tuple[CleanTable, ...] = (
    _SALES,
    _SURVEY,
    _SENSOR,
    _PEOPLE,
    _FINANCE,
    _CODES,
    _WIDE,
    _NARROW,
    _RUSSIAN,
    _GREEK,
    _CHINESE,
    _JAPANESE,
)
