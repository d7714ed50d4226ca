"""How the bytes of a file are had in an expression, whatever is wrapped around them."""

from __future__ import annotations

from ..reading import Reading
from .literals import quoted

__all__ = ["content_bytes", "within_archive"]

_PATHLIB = "from pathlib import Path"
_UNPACKED = {
    "gzip": ("gzip.decompress({})", "import gzip"),
    "bz2": ("bz2.decompress({})", "import bz2"),
    "xz": ("lzma.decompress({})", "import lzma"),
    "zstd": (
        "zstandard.ZstdDecompressor().decompressobj().decompress({})",
        "import zstandard",
    ),
}


def content_bytes(reading: Reading, path: str) -> tuple[str, tuple[str, ...]]:
    """The expression for the bytes of the content, and what it imports.

    Args:
        reading: says what is wrapped around them.
        path: an expression for the path of the file.
    """
    if reading.compression == "zip":
        text = f"zipfile.ZipFile({path}).read({quoted(reading.member)})"
        return text, ("import zipfile",)
    packed = f"Path({path}).read_bytes()"
    if not reading.compression:
        return packed, (_PATHLIB,)
    form, imported = _UNPACKED[reading.compression]
    return form.format(packed), (_PATHLIB, imported)


def within_archive(reading: Reading, path: str) -> str:
    """The head of the `with` in which a member of a zip archive is open as `file`."""
    member = f"archive.open({quoted(reading.member)})"
    return f"with zipfile.ZipFile({path}) as archive, {member} as file:"
