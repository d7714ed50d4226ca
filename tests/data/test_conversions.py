"""The statements after the reading: plain, right, and never silent on new data."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.inside.code.conversions import conversion_statements
from analyst.data.inside.reading import (
    Conversion,
    DropEmptyRows,
    FillDown,
    ToBoolean,
    ToDate,
    ToNumber,
)

DTYPES = ["object", "str", "string"]


def statement(conversion: Conversion) -> str:
    """The one statement that it becomes."""
    [(_, text)] = conversion_statements([conversion], "df")
    return text


def after(conversion: Conversion, values: list[Any], dtype: str = "str") -> pd.Series:
    """A column once its statement ran."""
    series = pd.Series(values, dtype=dtype)
    scope: dict[str, Any] = {"pd": pd, "df": pd.DataFrame({"a": series})}
    exec(statement(conversion), scope)
    column: pd.Series = scope["df"]["a"]
    return column


def test_a_statement_reads_as_a_person_would_write_it() -> None:
    """One line where it fits, with what it is about beside it."""
    assert statement(ToNumber("price", remove="$", thousands=",", why="$1,200")) == (
        '# $1,200\ndf["price"] = pd.to_numeric('
        'df["price"].str.replace("$", "").str.replace(",", ""))'
    )
    assert statement(ToNumber("share", remove="%", percent=True, why="12%")) == (
        'df["share"] = pd.to_numeric(df["share"].str.replace("%", "")) / 100  # 12%'
    )
    assert statement(ToDate("day", format="%d.%m.%Y", why="31.12.2024")) == (
        'df["day"] = pd.to_datetime(df["day"], format="%d.%m.%Y")  # 31.12.2024'
    )
    assert statement(FillDown("region", why="merged cells")) == (
        'df["region"] = df["region"].ffill()  # merged cells'
    )
    assert statement(DropEmptyRows(3)) == (
        'df = df.dropna(how="all").reset_index(drop=True)  # 3 empty rows'
    )
    assert statement(ToBoolean("paid", "yes", "no")) == (
        'df["paid"] = (\n    df["paid"]\n'
        '    .map(lambda word: {"yes": True, "no": False}[word], na_action="ignore")\n'
        '    .astype("boolean")\n)'
    )


def test_each_names_the_imports_that_it_needs() -> None:
    """Only what is used is imported."""
    made: list[Conversion] = [
        ToNumber("a"),
        ToDate("a", format="%Y"),
        FillDown("a"),
        DropEmptyRows(1),
    ]
    imports = [needed for needed, _ in conversion_statements(made, "df")]
    assert imports == [("import pandas as pd",), ("import pandas as pd",), (), ()]


@pytest.mark.parametrize("dtype", DTYPES)
def test_gaps_stay_gaps_in_every_dtype_of_text(dtype: str) -> None:
    """Whatever a reader calls its text, a missing cell is missing afterwards."""
    number = ToNumber(
        "a",
        remove="€ ",
        decimal=",",
        thousands=".",
        parentheses=True,
        minus="\u2212",
        missing=("-", "n.a."),
    )
    texts = ["1.234,50 €", "(30)", "\u22127", "-", None, "n.a."]
    assert after(number, texts, dtype).dropna().tolist() == [1234.5, -30, -7]
    date = ToDate("a", format="%d.%m.%Y", strip=True, missing=("?",))
    assert after(date, [" 31.12.2024", "?", None], dtype).dropna().tolist() == [
        pd.Timestamp(2024, 12, 31)
    ]
    boolean = ToBoolean("a", "ja", "nein", missing=("?",))
    assert after(boolean, ["ja", "?", None, "nein"], dtype).tolist() == [
        True,
        pd.NA,
        pd.NA,
        False,
    ]
    assert after(boolean, [None, None], dtype).isna().all()


@pytest.mark.parametrize(
    ("conversion", "strange"),
    [
        (ToNumber("a", thousands=","), "about 5"),
        (ToNumber("a", parentheses=True), "(5"),
        (ToNumber("a", trailing_minus=True), "5--"),
        (ToDate("a", format="%d.%m.%Y"), "2024-12-31"),
        (ToDate("a", format="%d.%m.%Y"), "31.02.2024"),
        (ToBoolean("a", "yes", "no"), "maybe"),
    ],
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_new_data_that_does_not_fit_is_an_error(
    conversion: Conversion, strange: str, dtype: str
) -> None:
    """It raises; nothing turns into a gap unseen."""
    with pytest.raises((ValueError, KeyError)):
        after(conversion, [strange, None], dtype)


@given(
    st.text(max_size=30),
    st.text(max_size=8),
    st.lists(st.text(max_size=8), max_size=4),
    st.text(min_size=1, max_size=2),
)
def test_nothing_of_a_file_becomes_code(
    name: str, characters: str, words: list[str], true: str
) -> None:
    """Names, characters, words and comments of any kind are literals: the statement
    runs, and it changes the column of that name alone.
    """
    made: list[Conversion] = [
        ToNumber(name, remove=characters, missing=tuple(words), why=true),
        ToBoolean(name, true, true + "x", missing=tuple(words), why=name),
        ToDate(name, format="%Y", missing=tuple(words), why=characters),
    ]
    for conversion in made:
        df = pd.DataFrame({name: pd.Series([None], dtype="str"), name + "2": ["kept"]})
        scope: dict[str, Any] = {"pd": pd, "df": df}
        exec(statement(conversion), scope)
        assert set(scope) == {"pd", "df", "__builtins__"}
        assert list(df.columns) == [name, name + "2"]
        assert df[name].isna().all()
        assert df[name + "2"].tolist() == ["kept"]


@given(st.text("]^-[\\$€ .,a", min_size=1, max_size=6))
def test_exactly_the_named_characters_are_taken_away(characters: str) -> None:
    """Characters that mean something in a pattern are only themselves."""
    number = ToNumber("a", remove=characters)
    assert after(number, ["1" + characters + "2", "34"]).tolist() == [12, 34]
