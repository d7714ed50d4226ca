"""Which kind of content begins like this: by its first bytes, never by a name."""

from __future__ import annotations

import re

from ..reading import Unreadable

__all__ = ["binary_kind", "refuse_other_kinds", "text_of"]

_KINDS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole2"),
    (0, b"PAR1", "parquet"),
    (0, b"ARROW1\x00\x00", "feather"),
    (0, b"\xff\xff\xff\xff", "arrow_stream"),
    (0, b"ORC", "orc"),
    (0, b"SQLite format 3\x00", "sqlite"),
    (8, b"DUCK", "duckdb"),
    (0, b"<stata_dta>", "stata"),
    (12, b"\xc2\xea\x81\x60\xb3\x14\x11\xcf", "sas7bdat"),
    (0, b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "xport"),
    (0, b"$FL2@(#)", "sav"),
    (0, b"$FL3@(#)", "sav"),
)
_OLD_STATA = re.compile(rb"[\x66-\x73][\x01\x02]\x01")
_PORTABLE_SPSS = (b"ASCII SPSS PORT FILE", b"SPSSPORT")
_PORTABLE_BYTES = 500

_REFUSED: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n", "a PNG image: give the table behind it"),
    (0, b"\xff\xd8\xff", "a JPEG image: give the table behind it"),
    (0, b"GIF8", "a GIF image: give the table behind it"),
    (0, b"II*\x00", "a TIFF image: give the table behind it"),
    (0, b"MM\x00*", "a TIFF image: give the table behind it"),
    (0, b"RIFF", "sound, film or an image: give a table"),
    (0, b"ID3", "sound: give a table"),
    (0, b"OggS", "sound or film: give a table"),
    (0, b"fLaC", "sound: give a table"),
    (4, b"ftyp", "a film: give a table"),
    (0, b"%PDF-", "a PDF document: copy its table to a CSV file or a workbook"),
    (0, b"%!PS", "a PostScript document: give the table behind it"),
    (0, b"{\\rtf", "a text document (RTF): copy its table to a workbook"),
    (0, b"\x7fELF", "a program: give a table"),
    (0, b"\xca\xfe\xba\xbe", "a program: give a table"),
    (0, b"\xcf\xfa\xed\xfe", "a program: give a table"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it"),
    (0, b"Rar!\x1a\x07", "a RAR archive: unpack it"),
    (257, b"ustar", "a tar archive: unpack it"),
    (0, b"\x1f\x9d", "compressed by an old method (.Z): unpack it"),
    (0, b"\x04\x22\x4d\x18", "compressed by lz4: unpack it"),
    (0, b"\x1f\x8b", "compressed twice: unpack it once"),
    (0, b"\xfd7zXZ\x00", "compressed twice: unpack it once"),
    (0, b"\x28\xb5\x2f\xfd", "compressed twice: unpack it once"),
    (0, b"\x89HDF\r\n", "an HDF5 file: write its table as Parquet"),
    (0, b"\x93NUMPY", "a NumPy array: write it as a CSV or Parquet file"),
    (0, b"Obj\x01", "an Avro file: write its table as Parquet"),
    (0, b"FEA1", "of the first Feather format: write it again as Feather or Parquet"),
    (0, b"RDX", "an R workspace: write its table as a CSV or Parquet file"),
    (0, b"RDA", "an R workspace: write its table as a CSV or Parquet file"),
    (0, b"X\n\x00\x00\x00", "an R object: write its table as a CSV or Parquet file"),
    (0, b"MATLAB 5.0 MAT", "a MATLAB file: write its table as a CSV file"),
    (0, b"HEADER RECORD*******LIBV8", "SAS transport of version 8: write version 5"),
    (4, b"Standard Jet DB", "an Access database: export its tables as CSV files"),
    (4, b"Standard ACE DB", "an Access database: export its tables as CSV files"),
    (0, b"-----BEGIN PGP", "encrypted: decrypt it first"),
    (0, b"\x00\x00\x27\x0a", "a shapefile: convert it to GeoJSON"),
)
_PICKLE = re.compile(rb"\x80[\x02-\x05][\x00-\xff]")
_BITMAP = re.compile(rb"BM....\x00\x00\x00\x00", re.DOTALL)
_PROGRAM = re.compile(rb"MZ[\x00-\xff]{0,64}\x00\x00")
_PACKED_BY_BZ2 = re.compile(rb"BZh[1-9]1AY&SY")

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROLS = bytes({*range(2, 9), *range(0x0E, 0x1B)})
"""What no text holds; \\x01 and \\x1c to \\x1f are delimiters here and there."""
_CONTROLS_SHARE = 0.04
_FEW_BYTES = 64
_WORD_CHARS = 5
_NULS_SHARE = 0.3
_WIDE_NULS_SHARE = 0.2
_ONE_SIDED = 0.9


def binary_kind(start: bytes) -> str:
    """The name of the kind of table that begins like this; empty: none of those.

    Example:
        >>> binary_kind(b"PAR1")
        'parquet'
    """
    for at, magic, kind in _KINDS:
        if _begins(start, at, magic):
            return kind
    if _OLD_STATA.match(start):
        return "stata"
    first = start[:_PORTABLE_BYTES].replace(b"\r", b"").replace(b"\n", b"")
    return "por" if any(tag in first for tag in _PORTABLE_SPSS) else ""


def refuse_other_kinds(start: bytes) -> None:
    """Nothing, where it may be text.

    Raises:
        Unreadable: it is something else, which is named.
    """
    for at, magic, told in _REFUSED:
        if _begins(start, at, magic):
            raise Unreadable(f"is {told}")
    if _BITMAP.match(start):
        raise Unreadable("is an image: give the table behind it")
    if _PROGRAM.match(start):
        raise Unreadable("is a program: give a table")
    if _PACKED_BY_BZ2.match(start):
        raise Unreadable("is compressed twice: unpack it once")
    if _PICKLE.match(start) and not _is_text(start):
        raise Unreadable(
            "is a pickle, which can run code when it is opened: write the table as "
            "Parquet"
        )
    if not _is_text(start):
        raise Unreadable(
            "is neither text nor a kind of table that is known: export it as a CSV "
            "file, or decrypt it if it is encrypted"
        )


def text_of(start: bytes) -> str:
    """The beginning as text, whatever its encoding: enough to see a brace or a tag."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return start.decode(encoding, "ignore").lstrip("\ufeff")
    side = _wide_side(start)
    if side is not None:
        return start.decode("utf-16-le" if side else "utf-16-be", "ignore")
    return start.decode("latin-1")


def _begins(start: bytes, at: int, magic: bytes) -> bool:
    """Whether the magic number is there, and no header of a text: `ORC,ID3`."""
    if start[at : at + len(magic)] != magic:
        return False
    first = start[:_FEW_BYTES]
    is_word = len(magic) <= _WORD_CHARS and magic.isalnum()
    return not is_word or first.translate(None, b"\x00\x01" + _CONTROLS) != first


def _is_text(start: bytes) -> bool:
    if any(start.startswith(mark) for mark, _ in _MARKS):
        return True
    if _wide_side(start) is not None:
        return True
    if start.count(0) > _NULS_SHARE * len(start):
        return False
    controls = len(start) - len(start.translate(None, _CONTROLS))
    share = _CONTROLS_SHARE if _is_utf8(start) else _CONTROLS_SHARE / 10
    return controls <= share * len(start)


def _is_utf8(start: bytes) -> bool:
    try:
        # The last character may be cut off.
        start[: max(1, len(start) - 3)].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(start) - 8
    return True


def _wide_side(start: bytes) -> int | None:
    """Where UTF-16 or UTF-32 without a mark has its zeros: 1 behind, 0 before."""
    nuls = start.count(0)
    if nuls < _WIDE_NULS_SHARE * len(start) or nuls == len(start):
        return None
    for side in (0, 1):
        own = start[side::2].count(0)
        other = nuls - own
        # Of the four bytes of UTF-32 three are zero: one side entirely.
        if own >= _ONE_SIDED * nuls or (
            own >= _ONE_SIDED * len(start[side::2]) and other < own
        ):
            return side
    return None
