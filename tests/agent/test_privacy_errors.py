"""Errors are told by their kind: enough to mend the code, and nothing of the data."""

from __future__ import annotations

import re
import warnings
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.agent.known_errors import CLASSES, TEMPLATES
from analyst.agent.redaction import error_name, error_words
from analyst.events import CellError

SECRET = "Zebedee Quux"
FRAME = pd.DataFrame(
    {
        "who": ["x", "y", SECRET, "z"],
        "when": ["2024-01-01", "q", "z", ""],
        "n": [1.0, 2.0, None, 4.0],
        "g": [1, 1, 2, 2],
    }
)
COLUMNS = list(FRAME.columns)


def raised(source: str) -> CellError:
    """What code raises where the table is `df`."""
    scope: dict[str, Any] = {"df": FRAME.copy(), "pd": pd, "np": np, "duckdb": duckdb}
    try:
        with warnings.catch_warnings(action="ignore"):
            exec(source, scope)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return CellError(name=type(error).__name__, message=str(error))
    raise AssertionError(f"It did not fail: {source}")


def told(source: str) -> str:
    """What the model is told of what its code raises."""
    return error_words(raised(source), source=source, known=COLUMNS, privacy="schema")


MISTAKES = {
    "df['nn']": "'nn'",
    "df[['n', 'nn']]": "['nn'] not in index",
    "df[['nn', 'mm']]": "'nn', 'mm'",
    "df.nn": "'DataFrame' object has no attribute 'nn'",
    "df.drop(columns='nn')": "['nn'] not found in axis",
    "df.groupby('g')['nn'].sum()": "Column not found: nn",
    "df.groupby('g').agg({'nn': 'sum'})": "['nn'] do not exist",
    "df.set_index('nn')": "'nn'",
    "df.query('nn > 1')": "'nn' is not defined",
    "nn": "name 'nn' is not defined",
    "np.nn": "module 'numpy' has no attribute 'nn'",
    "import nn_nn": "No module named 'nn_nn'",
    "df['who'].mean()": "Cannot perform reduction 'mean' with string dtype",
    "df['who'].sum() / 2": "unsupported operand type(s) for /: 'str' and 'int'",
    "df['who'] > 3": "Invalid comparison between dtype=str and int",
    "df.groupby('g').who.mean()": "dtype 'str' does not support operation 'mean'",
    "df['who'].astype(float)": "could not convert string to float",
    "int(df['who'].iloc[2])": "invalid literal for int()",
    "pd.to_numeric(df['who'])": "Unable to parse string",
    "pd.to_datetime(df['when'], format='%Y-%m-%d')": "doesn't match format",
    "df['n'].astype(int)": "Cannot convert non-finite values (NA or inf) to integer",
    "df['n'].str.upper()": "Can only use .str accessor with string values",
    "df['who'].dt.year": "Can only use .dt accessor with datetimelike values",
    "df['n'].iloc[99]": "single positional indexer is out-of-bounds",
    "if df['n']: pass": "The truth value of a Series is ambiguous",
    "df.merge(pd.DataFrame({'g': ['x']}), on='g')": "merge on int64 and str columns",
    "df['x'] = [1]": "does not match length of index",
    "f\"{df['n']:.1f}\"": "unsupported format string passed to Series.__format__",
    "f\"{'a':.1f}\"": "Unknown format code 'f' for object of type 'str'",
    "df.resample('M').sum()": "Please use 'ME' instead",
    "df.sort_values()": "'by'",
    "df.head(a=1)": "unexpected keyword argument 'a'",
    "x, y = 1, 2, 3": "too many values to unpack",
    "max([])": "empty sequence",
    "1 / 0": "division by zero",
    "duckdb.sql('select nn from df')": 'Referenced column "nn" not found',
    "duckdb.sql('select n from nn')": "Table with name nn does not exist",
    "duckdb.sql('select g, sum(n) from df')": 'column "g" must appear in the GROUP BY',
    "duckdb.sql('select sum(who) from df')": "'sum(VARCHAR)'",
    "duckdb.sql('select cast(who as int) from df').df()": "Could not convert string …",
    "def f(:": "line 1",
}


@pytest.mark.parametrize("source", MISTAKES)
def test_a_mistake_is_told_so_that_it_can_be_mended(source: str) -> None:
    """The frequent mistakes are told with the model's own names in them."""
    assert MISTAKES[source] in told(source)


LEAKS = [
    "raise ValueError(df['who'].iloc[2])",
    "raise KeyError(df['who'].iloc[2])",
    "raise NameError(f\"name '{df['who'].iloc[2]}' is not defined\")",
    "raise KeyError(f\"['{df['who'].iloc[2]}', 'n'] not in index\")",
    "assert False, df['who'].iloc[2]",
    "{}[df['who'].iloc[2]]",
    "df.set_index('who').loc['nobody', df['who'].iloc[2]]",
    "df.loc[df['who']]",
    "df.pivot_table(index='g', columns='who', values='n')[df['who'].iloc[2] + '!']",
    "float(df['who'].iloc[2])",
    "df['who'].iloc[2:].astype(int)",
    "pd.to_numeric(df['who'].iloc[2:])",
    "pd.to_datetime(df['who'].iloc[2:])",
    "pd.Timestamp(df['who'].iloc[2])",
    "eval(df['who'].iloc[2])",
    "open(df['who'].iloc[2])",
    "getattr(df, df['who'].iloc[2])",
    "__import__(df['who'].iloc[2])",
    "duckdb.sql('select cast(who as int) from df where g = 2').df()",
    "duckdb.sql(f\"select '{df['who'].iloc[2]}' from\")",
    "type(df['who'].iloc[2], (Exception,), {})",
]


@pytest.mark.parametrize("source", LEAKS[:-1])
def test_a_value_in_a_message_is_not_told(source: str) -> None:
    """Whatever quotes a cell, the cell is not in what is told, nor a part of it."""
    error = raised(source)
    words = told(source)
    assert not any(part in words for part in SECRET.split()), words
    assert error.name in words


def test_a_class_made_of_a_value_is_not_told() -> None:
    """The name of an exception is told where it is a known one."""
    error = CellError(name=SECRET, message=SECRET)
    for level in ("aggregates", "schema"):
        told = error_words(error, source="", known=(), privacy=level)
        assert told == "Exception: …"
        assert error_name(error, level) == "Exception"
    assert error_name(error, "samples") == SECRET


def test_lists_do_not_tell_how_long_they_are() -> None:
    """A list of values is one mark, however many there are."""
    error = CellError(name="KeyError", message="['a1', 'a2', 'a3'] not in index")
    words = error_words(error, source="", known=(), privacy="schema")
    assert words == "KeyError: … not in index"


def test_by_default_a_message_is_told_as_it_is() -> None:
    """Under `samples` nothing is taken from it."""
    error = CellError(name="ValueError", message=f"no {SECRET}")
    words = error_words(error, source="", known=(), privacy="samples")
    assert words == f"ValueError: no {SECRET}"


TEXTS = st.text(max_size=300) | st.text("'\"[](){},.: =Zab\n", max_size=300)
HOLE = re.compile(r"\{\w+\}")


@given(
    name=st.sampled_from(sorted(CLASSES)) | TEXTS,
    template=st.sampled_from(TEMPLATES) | st.just("{value}"),
    texts=st.lists(TEXTS, min_size=4, max_size=4),
    source=TEXTS,
)
def test_only_known_words_are_told(
    name: str, template: str, texts: list[str], source: str
) -> None:
    """Whatever fills a message, a value that nobody wrote is never told."""
    values = iter([f"{text}qzx" for text in texts])
    message = HOLE.sub(lambda _: next(values, "qzx"), template)
    error = CellError(name=name, message=message)
    words = error_words(error, source=source, known=["a"], privacy="schema")
    assert "qzx" not in words
    assert len(words) < 3000


def test_no_template_is_in_vain() -> None:
    """Each template is a sentence that is told."""
    for template in TEMPLATES:
        plain = HOLE.sub("a", template.replace("{op}", "+"))
        error = CellError(name="ValueError", message=plain)
        words = error_words(error, source="a", known=(), privacy="schema")
        assert words != "ValueError: …", template
