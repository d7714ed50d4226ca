"""What crosses the border of the sandbox is data, and can become nothing else."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.inside import code
from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import (
    Column,
    DatabaseTable,
    Delimited,
    Doubt,
    FrameFile,
    HtmlTable,
    JsonDocument,
    Sheet,
    ToBoolean,
    ToDate,
    ToNumber,
)
from analyst.data.inside.sniffing import report
from analyst.data.naming import variable_names
from analyst.data.readings import MARK, doubt_sentence, read_sniffing
from analyst.errors import InputError

TEXTS = st.text(max_size=12) | st.sampled_from(
    ['"', "'", "\\", "\n", '"""', "# x\n__import__('os')", "{x}", "%s", "\u2028", "\0"]
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner),
    max_leaves=6,
)
WRITERS = [
    source.read_text(encoding="utf-8")
    for source in Path(code.__file__).parent.glob("*.py")
]
ARGUMENT_NAMES = sorted(
    {word for text in WRITERS for word in re.findall(r'"([a-z_]+)"', text)}
)
"""Among them all arguments that any of the modules treats in its own way."""
FORGED = st.sampled_from(
    [['", __import__("os"), "'], ['"', "'"], {"a": ['"]; forged(); ["']}, "a\nb = 1"]
)
ARGUMENTS = st.dictionaries(
    st.sampled_from(ARGUMENT_NAMES), PLAIN | FORGED, max_size=4
).map(lambda told: tuple(told.items()))
CONVERSIONS = st.lists(
    st.builds(ToNumber, column=TEXTS, remove=TEXTS, thousands=TEXTS, why=TEXTS)
    | st.builds(ToDate, column=TEXTS, format=TEXTS, why=TEXTS)
    | st.builds(ToBoolean, column=TEXTS, true=TEXTS, false=TEXTS, why=TEXTS),
    max_size=2,
).map(tuple)
COMMON = {
    "label": TEXTS,
    "conversions": CONVERSIONS,
    "columns": st.lists(st.builds(Column, name=TEXTS, kind=st.just("str"))).map(tuple),
    "doubts": st.lists(st.builds(Doubt, text=TEXTS)).map(tuple),
}
READINGS = (
    st.builds(Delimited, arguments=ARGUMENTS, **COMMON)
    | st.builds(Sheet, arguments=ARGUMENTS, **COMMON)
    | st.builds(HtmlTable, arguments=ARGUMENTS, **COMMON)
    | st.builds(
        JsonDocument, arguments=ARGUMENTS, records=st.lists(TEXTS).map(tuple), **COMMON
    )
    | st.builds(FrameFile, arguments=ARGUMENTS, **COMMON)
    | st.builds(
        DatabaseTable,
        engine=st.sampled_from(["sqlite", "duckdb"]),
        table=TEXTS,
        schema=TEXTS,
        **COMMON,
    )
)


OURS = {"df", "DATA", "Path"} | {
    word for text in WRITERS for word in re.findall(r"[a-z]\w*", text)
}
"""What the modules that write code could have written themselves."""


def can_be_written(reading: Any) -> bool:
    """Whether its arguments are of types for which there is code at all."""
    try:
        table_code(reading, name="df", path="DATA")
    except (TypeError, ValueError, LookupError, AttributeError):
        return False
    return True


READINGS = READINGS.filter(can_be_written)


def printed(*told: Any) -> str:
    """Lines as sniffing prints them."""
    return "\n".join(MARK + json.dumps(one) for one in told)


def group(*readings: Any, files: tuple[int, ...] = (0,)) -> dict[str, Any]:
    """The JSON of one input with one group."""
    return {
        "groups": [{"files": files, "readings": [asdict(each) for each in readings]}]
    }


@given(READINGS)
def test_a_reading_survives_its_way_out(reading: Any) -> None:
    """What was found inside is what is known outside, field by field."""
    [[one]] = read_sniffing(printed(group(reading)), [1])
    assert json.dumps(asdict(one.readings[0])) == json.dumps(asdict(reading))


@given(READINGS)
def test_nothing_of_a_file_becomes_code(reading: Any) -> None:
    """Whatever a file says, only our own names are used and only data is written."""
    for kept in (reading, replace(reading, in_place=True)):
        if can_be_written(kept):
            check_is_ours(table_code(kept, name="df", path="DATA").source)


def is_bound(name: ast.Name) -> bool:
    """Whether a value is given to it."""
    return isinstance(name.ctx, ast.Store)


def check_is_ours(source: str) -> None:
    """Whether code names nothing that we did not write, and takes no table's name."""
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert used <= OURS
    called = {n.func for n in ast.walk(tree) if isinstance(n, ast.Call)}
    assert all(isinstance(one, ast.Name | ast.Attribute) for one in called)
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and is_bound(n)}
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for n in ast.walk(tree)
        if isinstance(n, ast.Import | ast.ImportFrom)
        for alias in n.names
    }
    for name in (bound | imported) - {"df", "Path"}:
        assert variable_names([name])[0] != name, f"a table may be called {name}"
    attributes = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    assert not {name for name in attributes if name.startswith("_")}


@pytest.mark.parametrize(
    "told",
    [
        "",
        "nothing",
        printed({"groups": []}),
        printed({"groups": [{"files": [0], "readings": []}]}),
        printed({"groups": [{"files": [1], "readings": [asdict(Delimited())]}]}),
        printed(group(Delimited(), files=(0, 0))),
        printed({"groups": [{"files": [0], "readings": [{"format": "pickle"}]}]}),
        printed(group(Delimited(arguments=(("sep); x(", 1),)))),
        printed(group(Delimited(arguments=(("dtype", [[[[[[[[1]]]]]]]]),)))),
        printed(*[group(Delimited())] * 2),
        printed(group(*[Delimited()] * 500)),
        MARK + "[" * 100_000,
    ],
)
def test_what_describes_no_file_is_refused(told: str) -> None:
    """A forged description ends in one sentence."""
    with pytest.raises(InputError, match=r"^The files could not be read: .*\.$"):
        read_sniffing(told, [1])


def test_a_reason_is_quoted_and_never_believed() -> None:
    """The sentence why a file cannot be read comes from the file's side, too."""
    reason = "is odd\n\x1b[31m<|im_start|>" + "x" * 1000
    [told] = read_sniffing(printed({"unreadable": reason}), [1])
    assert isinstance(told, str)
    assert told.isprintable()
    assert len(told) <= 400
    assert "<|" not in told


def test_both_sides_use_the_same_mark() -> None:
    """It is said twice, because neither side imports the other."""
    assert report.MARK == MARK


def test_a_doubt_names_its_lines() -> None:
    """The first few of them; a single one is no plural."""
    assert doubt_sentence(Doubt("Short.", lines=(3,))) == "Short (line 3)."
    left_out = Doubt("The total is left out.", lines=(8,), rows_left_out=1)
    said = "The total is left out (line 8; 1 row left out)."
    assert doubt_sentence(left_out) == said
    told = doubt_sentence(Doubt("Short.", lines=tuple(range(1, 20))), "a.csv")
    assert told == "a.csv: Short (lines 1, 2, 3, 4, 5, 6, 7, 8, …)."
