"""A pandas frame as an Arrow table: its columns, its index and its labels.

What pandas writes about itself into a Feather file brings back most frames. Each part
is tried on the first row, and where it would come back changed it is stored in a
plainer way and a statement makes it again: labels, index, then columns.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analyst.data.handover import columns as column_kinds
from analyst.data.handover.columns import Column, DtypesThatComeBack
from analyst.data.handover.labels import index_code, is_same_index, value_code
from analyst.data.handover.stored import (
    PANDAS,
    StoredTable,
    label,
    labels,
    made_again,
    mentioned,
    read_back,
    unique_names,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["stored"]


@dataclass(slots=True)
class _Plan:
    """What is found out about a frame, step by step."""

    columns: list[Column]
    names: list[str]
    """Of the columns in the file."""
    labels: pd.Index
    """What pandas is told that the labels are."""
    levels: list[Column] = field(default_factory=list)
    """Of an index that is stored as columns."""
    level_names: list[str] = field(default_factory=list)
    index: pd.Index | None = None
    """An index that pandas brings back itself."""
    after: list[str] = field(default_factory=list)
    """Statements about index and labels."""
    warnings: list[str] = field(default_factory=list)


def stored(given: pd.DataFrame) -> StoredTable:
    """The frame as it is written. It is only read; its own methods are not called."""
    import pandas as pd  # noqa: PLC0415 - slow, and only a live frame needs it

    frame = pd.DataFrame(given, copy=False)
    known = DtypesThatComeBack()
    arguments: tuple[tuple[str, str], ...] = ()
    if _is_all_arrow(frame):
        arguments = (("dtype_backend", "pyarrow"),)
        columns = [
            Column(**column_kinds.arrow_backed(frame.iloc[:, at]))
            for at in range(frame.shape[1])
        ]
    else:
        columns = [
            column_kinds.stored(frame.iloc[:, at], known)
            for at in range(frame.shape[1])
        ]
    plan = _Plan(columns, _names(frame.columns), frame.columns)
    for name, column in zip(frame.columns, columns, strict=True):
        if column.change:
            plan.warnings.append(f"{mentioned(name)} {column.change}")
    _plan_index(plan, frame, known)
    _plan_labels(plan, frame)
    imports = {each for one in plan.columns + plan.levels for each in one.imports}
    recipes = {
        name: column.recipe
        for name, column in zip(
            plan.names + plan.level_names, plan.columns + plan.levels, strict=True
        )
        if column.recipe
    }
    restore = (*made_again(recipes), *plan.after)
    return StoredTable(
        table=_table(plan, frame),
        restore=restore,
        imports=tuple(sorted({PANDAS, *imports})) if restore else (),
        arguments=arguments,
        warnings=tuple(plan.warnings),
    )


def _is_all_arrow(frame: pd.DataFrame) -> bool:
    """Whether pandas keeps all of it in Arrow, so that it can be read like that."""
    import pandas as pd  # noqa: PLC0415 - as above

    return (
        frame.shape[1] > 0
        and isinstance(frame.index, pd.RangeIndex)
        and all(isinstance(dtype, pd.ArrowDtype) for dtype in frame.dtypes)
    )


def _names(index: pd.Index) -> list[str]:
    """Unique names of text for labels of any kind."""
    import pandas as pd  # noqa: PLC0415 - as above

    if isinstance(index, pd.MultiIndex):
        return unique_names(
            ["_".join(_text(part) for part in one if _text(part)) for one in index]
        )
    return unique_names([_text(one) for one in index])


def _text(value: Any) -> str:  # noqa: ANN401 - a label may be anything
    """A label as text; nothing of the caller's is run."""
    known = {"builtins", "datetime", "decimal", "uuid"}
    plain = type(value).__module__ in known or value_code(value) is not None
    text = str(value) if plain else type(value).__name__
    return text.encode("utf-8", "replace").decode("utf-8")


def _plan_index(plan: _Plan, frame: pd.DataFrame, known: DtypesThatComeBack) -> None:
    """The index, as pandas keeps it or as columns."""
    import pandas as pd  # noqa: PLC0415 - as above

    index = frame.index
    names = list(index.names)
    nameless = index.set_names([None] * len(names))
    if _index_comes_back(index):
        plan.index = index
    elif _index_comes_back(nameless):
        plan.index = nameless
        _plan_names(plan, names)
    else:
        levels = [index.get_level_values(at) for at in range(index.nlevels)]
        plan.levels = [column_kinds.stored(pd.Series(level), known) for level in levels]
        wanted = [_text(name) if name is not None else "index" for name in names]
        plan.level_names = unique_names([*plan.names, *wanted])[len(plan.names) :]
        listed = labels(plan.level_names, before=len("df = df.set_index()"))
        plan.after.append(f"{{name}} = {{name}}.set_index({listed})")
        if isinstance(index, pd.MultiIndex) and index.nlevels == 1:
            plan.after.append(
                "{name}.index = pd.MultiIndex.from_arrays([{name}.index])"
            )
        _plan_names(plan, names)
        plan.warnings += [
            f"The index {one.change}" for one in plan.levels if one.change
        ]
    _plan_frequency(plan, index, "index")


def _plan_names(plan: _Plan, names: Sequence[Any]) -> None:
    """The names of the index, where they are not those of its columns in the file."""
    codes = [value_code(name) for name in names]
    if None in codes:
        plan.warnings.append("The names of the index were dropped.")
    if codes != [label(name) for name in plan.level_names]:
        written = ", ".join(map(str, codes))
        plan.after.append(f"{{name}}.index.names = [{written}]")


def _index_comes_back(index: pd.Index) -> bool:
    """Whether pandas reads this index as it was written."""
    import pandas as pd  # noqa: PLC0415 - as above

    levels = index.levels if isinstance(index, pd.MultiIndex) else [index]
    if any(level.dtype == object for level in levels):
        return False
    head = pd.DataFrame({"column": [0] * min(1, len(index))}, index=index[:1])
    arrow = _from_pandas(head)
    read = None if arrow is None else read_back(arrow)
    return read is not None and is_same_index(read.index, index[:1])


def _plan_labels(plan: _Plan, frame: pd.DataFrame) -> None:
    """The labels, as pandas keeps them or by a statement."""
    import pandas as pd  # noqa: PLC0415 - as above

    given = frame.columns
    as_text = not _changed(given, plan.names)
    if not (plan.levels or any(column.recipe for column in plan.columns)) or as_text:
        read = _labels_read(given, plan)
        if read is not None and is_same_index(read, given):
            _plan_frequency(plan, given, "columns")
            return
    plan.labels = pd.Index(plan.names)
    if as_text and _is_only_of(given, plan.labels):
        dtype = label(str(given.dtype))
        plan.after.append(f"{{name}}.columns = {{name}}.columns.astype({dtype})")
        return
    code = index_code(given)
    if code is not None:
        plan.after.append(f"{{name}}.columns = {code}")
        _plan_frequency(plan, given, "columns")
        return
    changed = _changed(given, plan.names)
    plan.warnings.append(
        f"{changed} column names that were no text, or not unique, were changed."
        if changed
        else "What the labels of the columns are besides their text was dropped."
    )


def _is_only_of(given: pd.Index, plain: pd.Index) -> bool:
    """Whether the kind of these labels alone is not the plain one."""
    try:
        return is_same_index(plain.astype(str(given.dtype)), given)
    except (TypeError, ValueError):  # a kind that no text makes
        return False


def _changed(given: pd.Index, names: Sequence[str]) -> int:
    """How many labels are another text, or none."""
    return sum(
        type(one) is not str or one != name
        for one, name in zip(given, names, strict=True)
    )


def _labels_read(given: pd.Index, plan: _Plan) -> pd.Index | None:
    """The labels as pandas would read them."""
    import pandas as pd  # noqa: PLC0415 - as above

    head = pd.DataFrame([[0] * len(given)], columns=given).head(0)
    arrow = _from_pandas(head)
    if arrow is None or len(set(arrow.column_names)) < len(given):
        return None
    if plan.levels and set(plan.level_names) & set(arrow.column_names):
        return None
    read = read_back(arrow)
    return None if read is None else read.columns


def _plan_frequency(plan: _Plan, index: pd.Index, axis: str) -> None:
    """The frequency of dates, which no file keeps."""
    import pandas as pd  # noqa: PLC0415 - as above

    if not isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex):
        return
    if index.freq is None:
        return
    frequency = index.freqstr
    if pd.tseries.frequencies.to_offset(frequency) == index.freq:
        plan.after.append(f"{{name}}.{axis}.freq = {label(str(frequency))}")
    else:
        plan.warnings.append(f"The frequency of the {axis} was dropped.")


def _from_pandas(head: pd.DataFrame) -> pa.Table | None:
    import pyarrow as pa  # noqa: PLC0415 - as above

    head.attrs = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return pa.Table.from_pandas(head)
        except Exception:  # noqa: BLE001 - whatever Arrow says of odd names
            return None


def _table(plan: _Plan, frame: pd.DataFrame) -> pa.Table:
    """All columns with the names and notes that pandas makes for the first row."""
    import pandas as pd  # noqa: PLC0415 - as above
    import pyarrow as pa  # noqa: PLC0415 - as above

    every = plan.columns + plan.levels
    rows = min(1, len(frame))
    index = plan.index if plan.index is not None else frame.index[:0]
    native = index[:rows] if plan.index is not None else pd.RangeIndex(rows)
    parts = [one.head.set_axis(range(rows)) for one in every]
    head = pd.concat(parts, axis="columns", keys=range(len(parts)))
    names = pd.Index(plan.names + plan.level_names, name=plan.labels.name)
    head = head.set_axis(names if plan.levels else plan.labels, axis="columns")
    head = head.set_axis(native, axis="index")
    first = _from_pandas(head)
    assert first is not None, "each part of it was tried"
    arrays = [one.values for one in every]  # noqa: PD011 - a field of ours
    if plan.index is not None and not isinstance(plan.index, pd.RangeIndex):
        arrays += [
            pa.Array.from_pandas(pd.Series(plan.index.get_level_values(at)))
            for at in range(plan.index.nlevels)
        ]
    notes = _with_range(first.schema, plan.index, len(frame))
    fields = [
        pa.field(name, array.type)
        for name, array in zip(first.column_names, arrays, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=notes))


def _with_range(
    schema: pa.Schema, index: pd.Index | None, rows: int
) -> dict[bytes, bytes]:
    """The notes of pandas, with the range of all rows instead of the first."""
    import pandas as pd  # noqa: PLC0415 - as above

    notes = json.loads(schema.metadata[b"pandas"])
    whole = index if isinstance(index, pd.RangeIndex) else pd.RangeIndex(rows)
    for each in notes["index_columns"]:
        if isinstance(each, dict):
            each |= {"start": whole.start, "stop": whole.stop, "step": whole.step}
    return {**schema.metadata, b"pandas": json.dumps(notes).encode()}
