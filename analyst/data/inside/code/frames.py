"""How a file is read that already holds a typed table.

Of `arguments`, `reset_index` makes columns of the labels of rows, and `format="por"` is
the portable kind of SPSS, which pandas does not read. The others are told to the
reader.
"""

from __future__ import annotations

from ..reading import FrameFile
from .expression import PANDAS, Expression
from .literals import call

__all__ = ["expression"]

_READERS = {
    "parquet": "pd.read_parquet",
    "feather": "pd.read_feather",
    "orc": "pd.read_orc",
    "stata": "pd.read_stata",
    "sas": "pd.read_sas",
    "spss": "pd.read_spss",
}


def expression(
    reading: FrameFile, path: str, *, indent: int, before: int
) -> Expression:
    """The expression that reads it."""
    told = dict(reading.arguments)
    ending = ".reset_index()" if told.pop("reset_index", False) else ""
    if reading.reader == "arrow_stream":
        text = f"pa.ipc.open_stream(pa.memory_map({path})).read_pandas(){ending}"
        return Expression(text, (PANDAS, "import pyarrow as pa"))
    if reading.reader == "spss" and told.get("format") == "por":
        named = [("apply_value_formats", True), ("formats_as_category", True)]
        # It returns a pair: the frame, and what is said about it.
        text = call(
            "pyreadstat.read_por", [path], named, indent=indent, before=before + 3
        )
        return Expression(f"{text}[0]{ending}", (PANDAS, "import pyreadstat"))
    given, imports = path, [PANDAS]
    if reading.memory_mapped:
        given = f"pa.memory_map({path})"
        imports.append("import pyarrow as pa")
    text = call(
        _READERS[reading.reader],
        [given],
        list(told.items()),
        indent=indent,
        before=before + len(ending),
    )
    return Expression(text + ending, tuple(imports))
