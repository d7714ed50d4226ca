"""Whatever is written in a format that is known reads back equal, or stays text."""

from __future__ import annotations

import csv
import io
import math
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analyst.data.inside.code.conversions import conversion_statements
from analyst.data.inside.code.literals import call
from analyst.data.inside.sniffing.check import kind_of
from analyst.data.inside.sniffing.values import Values, convert_texts, read_values

Engine = Literal["c", "python"]
ENGINES = st.sampled_from(["c", "python"])
DELIMITERS = st.sampled_from([",", ";", "\t", "|"])


def table(
    columns: dict[str, list[str]], delimiter: str = ",", engine: Engine = "c"
) -> tuple[pd.DataFrame, Values]:
    """What the emitted code reads of these columns, and what was found of them."""
    rows = list(zip(*columns.values(), strict=True))
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows(rows)
    found = read_values(list(columns), rows, delimiter=delimiter)
    named = [("sep", delimiter), *found.arguments, ("skip_blank_lines", False)]
    if engine == "python":
        named.append(("engine", engine))
    statements = [s for _, s in conversion_statements(found.conversions, "df")]
    scope: dict[str, Any] = {"pd": pd, "FILE": io.StringIO(file.getvalue())}
    code = [f"df = {call('pd.read_csv', ['FILE'], named)}", *statements]
    exec("\n".join(code), scope)
    return scope["df"], found


def assert_kinds(df: pd.DataFrame, found: Values) -> None:
    """The columns are of the kinds that were foretold."""
    for column in found.columns:
        kind = kind_of(df[column.name])
        is_wider = (kind, column.kind) in {("float", "int"), ("float", "str")}
        assert kind == column.kind or is_wider or kind == "other", column


def is_text(df: pd.DataFrame, name: str, texts: list[str]) -> bool:
    """Whether a column holds exactly these texts, empty ones as missing."""
    got = ["" if pd.isna(value) else value for value in df[name]]
    return got == texts


def written(
    number: Decimal, places: int, marks: tuple[str, str], how: tuple[str, str, str]
) -> str:
    """The number as people write it: with these marks, and this sign or unit."""
    decimal, thousands = marks
    before, after, negative = how
    digits = f"{abs(number):,.{places}f}"
    swap = {",": thousands, ".": decimal}
    body = before + "".join(swap.get(c, c) for c in digits) + after
    if number >= 0:
        return body
    return {"-": f"-{body}", "()": f"({body})", "trailing": f"{body}-"}[negative]


MARKS = st.sampled_from(
    [
        *((d, t) for d in ".," for t in ("", " ", "\u00a0", "\u202f", "'", "’")),  # noqa: RUF001 - an apostrophe as it is printed
        (".", ","),
        (",", "."),
    ]
)
UNITS = st.sampled_from(
    [("", ""), ("$", ""), ("€ ", ""), ("", " €"), ("", " EUR"), ("CHF ", ""), ("", "%")]
)
NEGATIVES = st.sampled_from(["-", "-", "()", "trailing"])
GAPS = st.sampled_from(["", "", "NA", "-", "n.a.", "?", " "])


Amounts = tuple[list[Decimal | None], list[str]]


@st.composite
def amounts(draw: st.DrawFn, marks: tuple[str, str]) -> Amounts:
    """Numbers, some of them missing, and how they stand in a file."""
    places = draw(st.integers(0, 4))
    whole = st.integers(-(10**9), 10**9)
    numbers = draw(st.lists(st.none() | whole, min_size=1, max_size=12))
    unit = draw(UNITS)
    how = (*unit, draw(NEGATIVES))
    gap = draw(GAPS)
    values = [None if n is None else Decimal(n).scaleb(-places) for n in numbers]
    texts = [gap if v is None else written(v, places, marks, how) for v in values]
    if unit[1] == "%":
        values = [None if v is None else v / 100 for v in values]
    return values, texts


FILES = st.tuples(DELIMITERS, MARKS)


@given(
    FILES.flatmap(
        lambda file: st.tuples(
            st.just(file[0]),
            st.lists(
                amounts(file[1] if file[0] != "," else (".", ",")),
                min_size=1,
                max_size=3,
            ),
        )
    ),
    ENGINES,
    st.lists(st.sampled_from(["x", "1.5", "1,5", "01", "a.b", "12.000"]), min_size=1),
)
@example(
    (
        ";",
        [
            ([None, Decimal(1000)], ["-", "1.000"]),
            ([None, Decimal("0.5")], ["", "0,5"]),
        ],
    ),
    "c",
    ["1.5"],
)
def test_numbers_of_every_place_read_back_equal(
    file: tuple[str, list[Amounts]], engine: Engine, words: list[str]
) -> None:
    """Numbers in any marks, units and signs come back as they were, or as their text
    with a doubt; words beside them never change.
    """
    delimiter, made = file
    rows = min(len(values) for values, _ in made)
    columns = {f"c{at}": texts[:rows] for at, (_, texts) in enumerate(made)}
    columns["word"] = [*["x", *words][:rows], *["y"] * (rows - len(words) - 1)]
    df, found = table(columns, delimiter, engine)
    assert_kinds(df, found)
    assert is_text(df, "word", columns["word"])
    doubts = " ".join(doubt.text for doubt in found.doubts)
    for at, (values, _) in enumerate(made):
        name = f"c{at}"
        if kind_of(df[name]) == "str":
            given_texts = ["" if t == "NA" else t for t in columns[name]]
            assert is_text(df, name, given_texts)
            if any(value is not None for value in values[:rows]):
                assert f'"{name}"' in doubts
            continue
        for value, got in zip(values[:rows], df[name], strict=True):
            if value is None:
                assert pd.isna(got)
            else:
                assert math.isclose(got, value, rel_tol=1e-15), (columns[name], got)


@given(
    st.lists(st.floats(allow_nan=True) | st.integers(-(10**20), 10**20), min_size=1),
    st.sampled_from([".", ","]),
    ENGINES,
)
@example([1e-320, 1.0], ".", "c")
@example([5e22], ".", "c")
def test_any_float_reads_back_equal(
    numbers: list[float], decimal: str, engine: Engine
) -> None:
    """What Python writes of a number is that number again, or text with a doubt."""
    texts = [repr(number).replace(".", decimal) for number in numbers]
    df, found = table({"n": texts, "x": ["x"] * len(texts)}, ";", engine)
    if kind_of(df["n"]) == "str":
        assert is_text(df, "n", ["" if text == "nan" else text for text in texts])
        assert found.doubts
        return
    assert_kinds(df, found)
    for number, got in zip(numbers, df["n"], strict=True):
        assert math.isnan(number) if pd.isna(got) else got == number


FORMATS = st.sampled_from(
    """%Y-%m-%d|%Y/%m/%d|%d.%m.%Y|%d/%m/%Y|%m/%d/%Y|%d-%m-%Y|%d.%m.%y|%m/%d/%y|%y-%m-%d
    %d %b %Y|%d-%b-%Y|%d-%b-%y|%B %d, %Y|%b %d %Y|%d %B %Y|%Y%m%d|%Y-%m-%d %H:%M
    %Y-%m-%d %H:%M:%S|%Y-%m-%dT%H:%M:%S.%f|%Y-%m-%dT%H:%M:%S%z|%Y-%m-%d %H:%M:%S.%f%z
    %d.%m.%Y %H:%M|%m/%d/%Y %I:%M:%S %p|%d/%m/%Y %I:%M %p|%d %b %Y %H:%M:%S UTC
    """.replace("\n", "|").split("|")
).map(str.strip)
ZONES = st.sampled_from(
    [UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=5))]
)


def lost(moment: datetime, form: str) -> datetime:
    """What is left of a moment that is written in this format."""
    if "%z" not in form:
        moment = moment.replace(tzinfo=UTC if "UTC" in form else None)
    if "%f" in form:
        return moment
    if "%S" in form:
        return moment.replace(microsecond=0)
    if "%M" in form:
        return moment.replace(second=0, microsecond=0)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@given(
    st.lists(
        st.none()
        | st.datetimes(datetime(1969, 1, 1), datetime(2068, 12, 31), timezones=ZONES),  # noqa: DTZ001 - bounds have no zone
        min_size=1,
        max_size=20,
    ),
    FORMATS.filter(bool),
    GAPS,
    ENGINES,
)
def test_dates_of_every_format_read_back_equal(
    moments: list[datetime | None], form: str, gap: str, engine: Engine
) -> None:
    """Days and moments come back as they were, or as their text with a doubt."""
    texts = [gap if m is None else m.strftime(form) for m in moments]
    df, found = table({"day": texts, "x": ["x"] * len(texts)}, ";", engine)
    assert_kinds(df, found)
    if all(moment is None for moment in moments):
        return
    if kind_of(df["day"]) == "str":
        assert is_text(df, "day", ["" if t == "NA" else t for t in texts])
        assert found.doubts
        return
    assert kind_of(df["day"]) == "date"
    for moment, got in zip(moments, df["day"], strict=True):
        assert pd.isna(got) if moment is None else got == lost(moment, form)


SOUP = st.text("0123456789.,-+eE$%()' /:T", max_size=9)
NEAR = st.from_regex(
    r"[-+(]?[$]?[0-9]{1,3}([.,' ][0-9]{2,3}){0,2}[%)-]?", fullmatch=True
)


def possible(text: str) -> set[float]:
    """Every number that somebody may see in a text."""
    head, _, exponent = (
        re.sub(r"[^0-9.,eE+()%-]", "", text).replace("E", "e").partition("e")
    )
    sign = -1 if "-" in head or "(" in head else 1
    scale = 100 if "%" in text else 1
    numbers = set()
    for mark in (".", ",", "none"):
        digits = re.sub(
            r"[^0-9.]",
            "",
            re.sub(rf"[^0-9{re.escape(mark[0])}]", "", head).replace(mark, "."),
        )
        try:
            numbers.add(
                sign * float(digits + ("e" + exponent if exponent else "")) / scale
            )
        except ValueError:
            continue
    return numbers


@given(
    st.lists(st.tuples(SOUP | NEAR, NEAR, SOUP), min_size=1, max_size=6),
    DELIMITERS,
    ENGINES,
)
def test_no_text_becomes_a_value_that_it_does_not_say(
    rows: list[tuple[str, str, str]], delimiter: str, engine: Engine
) -> None:
    """Whatever stands in the cells: text stays that text, and a number or a day is one
    that can be seen in it.
    """
    columns = {f"c{at}": [row[at] for row in rows] for at in range(3)}
    df, found = table(columns, delimiter, engine)
    assert_kinds(df, found)
    for name, texts in columns.items():
        kind = kind_of(df[name])
        for text, got in zip(texts, df[name], strict=True):
            if pd.isna(got):
                assert not re.search("[0-9]", text)
            elif kind in {"int", "float"}:
                assert any(math.isclose(got, n) for n in possible(text)), (text, got)
            elif kind == "date":
                assert f"{got.year % 100:02d}" in text
            else:
                assert got == text


@given(
    st.lists(st.tuples(SOUP | NEAR), max_size=6).map(lambda rows: [r for (r,) in rows])
)
def test_a_column_of_text_is_converted_to_what_the_reader_would_give(
    texts: list[str],
) -> None:
    """A column that a sheet left as text: numbers are seen in it, or it stays."""
    conversions, kind, _ = convert_texts("c", texts)
    scope: dict[str, Any] = {"pd": pd, "df": pd.DataFrame({"c": texts}, dtype="str")}
    exec("\n".join(s for _, s in conversion_statements(conversions, "df")), scope)
    if not conversions:
        assert list(scope["df"]["c"]) == texts
        assert kind == "str"
        return
    for text, got in zip(texts, scope["df"]["c"], strict=True):
        if kind == "date" and not pd.isna(got):
            assert f"{got.year % 100:02d}" in text
        elif not pd.isna(got):
            assert any(math.isclose(got, n) for n in possible(text))
        else:
            assert not re.search("[0-9]", text)


@pytest.mark.parametrize("year", [1, 1500, 3000, 9999])
def test_days_far_from_now_are_days_or_told(year: int) -> None:
    """A day that only newer versions of pandas can hold never breaks the cell."""
    days = [date(year, 12, 31).isoformat(), "2024-01-31"]
    df, found = table({"day": days})
    if kind_of(df["day"]) == "date":
        assert [f"{day:%d.%m.}{day.year}" for day in df["day"]] == [
            f"31.12.{year}",
            "31.01.2024",
        ]
    else:
        assert found.doubts
