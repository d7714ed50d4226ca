"""One column of a pandas frame: its values in Arrow, and how they are made again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analyst.data.handover import objects
from analyst.data.handover.labels import index_code
from analyst.data.handover.stored import label, read_back

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Column", "DtypesThatComeBack", "arrow_backed", "stored"]

_THIS = "{name}[{label}]"
_DOUBLE_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as it is written."""

    values: pa.Array
    head: pd.Series
    """Its first row, if any, of the kind that pandas shall read."""
    recipe: str = ""
    """An expression in which `{name}[{label}]` is the column as it was read."""
    imports: tuple[str, ...] = ()
    change: str = ""
    """What is not as it was; the rest of a sentence that names the column."""


class DtypesThatComeBack:
    """Which kinds pandas reads as they were written; each is tried once."""

    def __init__(self) -> None:
        self._known: dict[Any, bool] = {}

    def has(self, column: pd.Series) -> bool:
        """Whether the kind of this column is one of them."""
        import pandas as pd  # noqa: PLC0415 - the caller has loaded it

        dtype = column.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            return _comes_back(column)
        key: tuple[Any, ...] = (type(dtype), str(dtype))
        if isinstance(dtype, pd.StringDtype):
            key += (dtype.storage, dtype.na_value is pd.NA)
        if key not in self._known:
            self._known[key] = _comes_back(column)
        return self._known[key]


def _comes_back(column: pd.Series) -> bool:
    import pandas as pd  # noqa: PLC0415 - as above
    import pyarrow as pa  # noqa: PLC0415 - as above

    head = column.head(1).reset_index(drop=True).to_frame("column")
    try:
        read = read_back(pa.Table.from_pandas(head))
    except Exception:  # noqa: BLE001 - whatever Arrow says of a kind that it has not
        return False
    if read is None or read["column"].dtype != column.dtype:
        return False
    if isinstance(column.dtype, pd.CategoricalDtype):
        came = read["column"].cat.categories
        return bool(came.dtype == column.cat.categories.dtype) and came.equals(
            column.cat.categories
        )
    return True


def stored(column: pd.Series, known: DtypesThatComeBack) -> Column:
    """The column as it is written. The caller's is only read."""
    import numpy as np  # noqa: PLC0415 - as above
    import pandas as pd  # noqa: PLC0415 - as above

    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        return _of_numpy(column, known)
    if type(dtype).__module__.partition(".")[0] != "pandas":
        return _as_text(column, f"is of the kind {type(dtype).__name__}")
    if isinstance(dtype, pd.SparseDtype):
        return _of_sparse(column, known)
    return _as_it_is(column) if known.has(column) else _of_extension(column)


def _of_extension(column: pd.Series) -> Column:
    """A kind of pandas that does not come back by itself."""
    import pandas as pd  # noqa: PLC0415 - as above

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _of_categories(column)
    if isinstance(dtype, pd.ArrowDtype):
        recipe = (
            "pd.read_feather({path}, columns=[{label}], "
            'dtype_backend="pyarrow")[{label}].array'
        )
        return Column(**arrow_backed(column), recipe=recipe)
    if isinstance(dtype, pd.StringDtype):
        return _of_string(column, dtype)
    return _as_text(column, "is of a kind that Arrow has not")


def _of_numpy(column: pd.Series, known: DtypesThatComeBack) -> Column:
    import pandas as pd  # noqa: PLC0415 - as above
    import pyarrow as pa  # noqa: PLC0415 - as above

    dtype: Any = column.dtype
    if dtype.kind == "O":
        return _of_objects(column)
    if dtype.byteorder == ">":
        turned = stored(column.astype(dtype.newbyteorder("=")), known)
        return Column(
            values=turned.values,
            head=turned.head,
            recipe=f'{_THIS}.astype("{dtype.str}")',
        )
    if dtype.kind == "f" and dtype.itemsize <= _DOUBLE_BYTES:
        # NaN stays NaN: nothing is copied, now or when the file is mapped.
        values = pa.array(column.to_numpy(), from_pandas=False)
        return Column(values=values, head=column.head(1))
    if dtype.kind in {"c", "f"}:
        make = "complex" if dtype.kind == "c" else "np.longdouble"
        imports = () if make == "complex" else ("import numpy as np",)
        recipe = (
            f"pd.Series([{make}(value) for value in {_THIS}], "
            f'index={{name}}.index, dtype="{dtype.name}")'
        )
        texts = pd.Series([str(value) for value in column.to_numpy()], dtype="str")
        return Column(
            values=pa.array(texts), head=texts.head(1), recipe=recipe, imports=imports
        )
    return _as_it_is(column)


def _as_it_is(column: pd.Series) -> Column:
    """Arrow has its kind, and pandas reads it back."""
    import pandas as pd  # noqa: PLC0415 - as above
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.compute as pc  # noqa: PLC0415 - as above

    values = pa.Array.from_pandas(column)
    change = ""
    if isinstance(column.dtype, pd.Float32Dtype | pd.Float64Dtype) and (
        pc.any(pc.is_nan(values)).as_py()
    ):
        change = "held NaN beside missing values: both are missing."
    return Column(values=values, head=column.head(1), change=change)


def _of_sparse(column: pd.Series, known: DtypesThatComeBack) -> Column:
    import numpy as np  # noqa: PLC0415 - as above
    import pandas as pd  # noqa: PLC0415 - as above

    dtype: Any = column.dtype
    dense = stored(pd.Series(np.asarray(column)), known)
    fill = dtype.fill_value
    if dense.recipe or dense.change or not isinstance(fill, int | float | np.number):
        return _as_text(column, "is sparse")
    written = str(fill) if np.isfinite(fill) else f'float("{fill}")'
    kind = f'pd.SparseDtype("{dtype.subtype}", {written})'
    return Column(
        values=dense.values, head=dense.head, recipe=f"{_THIS}.astype({kind})"
    )


def _of_categories(column: pd.Series) -> Column:
    """Its codes, where its categories can be written down; else its values."""
    import pandas as pd  # noqa: PLC0415 - as above
    import pyarrow as pa  # noqa: PLC0415 - as above

    categories = index_code(column.cat.categories)
    if categories is None:
        return _as_text(column, "has categories that Arrow has not")
    codes = column.cat.codes
    ordered = ", ordered=True" if column.cat.ordered else ""
    return Column(
        values=pa.array(codes),
        head=pd.Series(codes.head(1)),
        recipe=f"pd.Categorical.from_codes({_THIS}, categories={categories}{ordered})",
    )


def _of_string(column: pd.Series, dtype: pd.StringDtype) -> Column:
    """Text that pandas keeps in another way than the usual one."""
    import pandas as pd  # noqa: PLC0415 - as above

    missing = "" if dtype.na_value is pd.NA else ', na_value=float("nan")'
    kind = f"pd.StringDtype({label(str(dtype.storage))}{missing})"
    usual = pd.Series([], dtype="string" if dtype.na_value is pd.NA else "str")
    made = objects.texts(column.astype(object).to_numpy())
    return Column(
        values=made.values,
        head=usual.reindex(range(min(1, len(column)))),
        recipe=f"{_THIS}.astype({kind})",
        change=made.change,
    )


def arrow_backed(column: pd.Series) -> dict[str, Any]:
    """Values and head of a column that pandas itself keeps in Arrow."""
    import pandas as pd  # noqa: PLC0415 - as above
    import pyarrow as pa  # noqa: PLC0415 - as above

    values = pa.array(column.array)
    head = pd.Series([None] * min(1, len(column)), dtype=object)
    return {"values": values, "head": head}


def _of_objects(column: pd.Series) -> Column:
    import pandas as pd  # noqa: PLC0415 - as above

    made = objects.stored(column.to_numpy())
    nothing = None if made.dtype in {"object", "str"} else 0
    return Column(
        values=made.values,
        head=pd.Series([nothing] * min(1, len(column)), dtype=made.dtype),
        recipe=made.recipe,
        imports=made.imports,
        change=made.change,
    )


def _as_text(column: pd.Series, why: str) -> Column:
    """Value by value; what it was is lost, and that is said."""
    import numpy as np  # noqa: PLC0415 - as above
    import pandas as pd  # noqa: PLC0415 - as above

    values = np.fromiter(column, dtype=object, count=len(column))
    made = objects.texts(values)
    return Column(
        values=made.values,
        head=pd.Series([None] * min(1, len(column)), dtype=made.dtype),
        change=f"{why}: it became text.",
    )
