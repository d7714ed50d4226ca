"""The expression that reads a table of a workbook."""

from __future__ import annotations

from ..reading import Reading
from .expression import PANDAS, Expression
from .literals import call, quoted

__all__ = ["expression"]

_OPENED = {
    "gzip": ("import gzip", "gzip.open({path})"),
    "bz2": ("import bz2", "bz2.open({path})"),
    "xz": ("import lzma", "lzma.open({path})"),
    "zstd": ("import zstandard", "zstandard.open({path})"),
}


def expression(reading: Reading, path: str, *, indent: int, before: int) -> Expression:
    """`pd.read_excel` by calamine, which reads all kinds of workbooks.

    A compressed workbook is unpacked first: the reader moves about in it.
    """
    named = [*reading.arguments, ("engine", "calamine")]
    if not reading.compression:
        text = call("pd.read_excel", [path], named, indent=indent, before=before)
        return Expression(text)
    if reading.compression == "zip":
        module = "import zipfile"
        head = (
            f"with zipfile.ZipFile({path}) as archive,"
            f" archive.open({quoted(reading.member)}) as stream:"
        )
    else:
        module, opening = _OPENED[reading.compression]
        head = f"with {opening.format(path=path)} as stream:"
    content = "io.BytesIO(stream.read())"
    return Expression(
        call("pd.read_excel", [content], named, indent=4, before=before),
        imports=(PANDAS, "import io", module),
        within=head,
    )
