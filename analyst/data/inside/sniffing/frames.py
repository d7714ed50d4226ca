"""Files that already hold a typed table: rows and columns from what they say of it.

Parquet, Arrow and ORC tell both without being loaded. The files of statistics programs
are read in pieces, so that their size is never that of the memory.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..reading import Column, Doubt, FrameFile, Reading, Unreadable
from .files import WHOLE_BYTES, SourceFile
from .loaded import kind_of_loaded, named

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["sniff"]

_PIECE_ROWS = 10_000
_CARD_BYTES = 80
"""Of which a SAS transport file is a multiple."""
_SAS_DATES = ("DATE", "DDMMYY", "MMDDYY", "YYMMDD", "DATETIME", "TIME")


def sniff(file: SourceFile, kind: str) -> list[Reading]:
    """The table of a file.

    Args:
        file: it is not compressed.
        kind: as `signatures.binary_kind` names it.

    Raises:
        Unreadable: it is damaged, empty, or a package is missing.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [_SNIFFERS[kind](file)]
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - each library has errors of its own
        told = " ".join(str(error).split())[:100] or type(error).__name__
        raise Unreadable(
            f"is a damaged {_NAMES[kind]} file ({told}): write or download it again"
        ) from None


def _parquet(file: SourceFile) -> FrameFile:
    from pyarrow import parquet  # noqa: PLC0415 - only where it is needed

    with parquet.ParquetFile(file.path) as opened:
        return _of_schema("parquet", opened.schema_arrow, rows=opened.metadata.num_rows)


def _orc(file: SourceFile) -> FrameFile:
    from pyarrow import orc  # noqa: PLC0415 - only where it is needed

    opened = orc.ORCFile(str(file.path))
    return _of_schema("orc", opened.schema, rows=opened.nrows)


def _feather(file: SourceFile) -> FrameFile:
    import pyarrow as pa  # noqa: PLC0415 - only where it is needed

    with pa.memory_map(str(file.path)) as mapped, pa.ipc.open_file(mapped) as opened:
        batches = (opened.get_batch(at) for at in range(opened.num_record_batches))
        return _of_schema("feather", opened.schema, rows=_sound_rows(batches))


def _arrow_stream(file: SourceFile) -> FrameFile:
    import pyarrow as pa  # noqa: PLC0415 - only where it is needed

    with pa.memory_map(str(file.path)) as mapped, pa.ipc.open_stream(mapped) as opened:
        return _of_schema("arrow_stream", opened.schema, rows=_sound_rows(opened))


def _sound_rows(batches: Iterator[Any]) -> int:
    """The rows of batches whose offsets all stay within their buffers.

    Arrow trusts them where it reads, so a damaged file would be read beyond its end.
    """
    rows = 0
    for batch in batches:
        batch.validate(full=True)
        rows += batch.num_rows
    return rows


def _of_schema(reader: Any, schema: Any, *, rows: int) -> FrameFile:  # noqa: ANN401 - a name, and a schema of pyarrow
    """What pandas makes of a table with this schema: tried on one without rows."""
    if not rows:
        raise Unreadable("is a table without rows: check where it came from")
    empty: pd.DataFrame = schema.empty_table().to_pandas()
    arguments: tuple[tuple[str, Any], ...] = ()
    if _has_labels(empty):
        empty = empty.reset_index()
        arguments = (("reset_index", True),)
    if not len(empty.columns):
        raise Unreadable("is a table without columns: check where it came from")
    return FrameFile(
        arguments=arguments, rows=rows, columns=_columns(empty), reader=reader
    )


def _has_labels(frame: pd.DataFrame) -> bool:
    """Whether the index holds values of its own, and not just numbers of rows."""
    index = frame.index
    return index.nlevels > 1 or index.name is not None or index.dtype.kind not in "iu"


def _columns(frame: pd.DataFrame) -> tuple[Column, ...]:
    return tuple(
        Column(str(name), kind_of_loaded(frame.iloc[:, at]))
        for at, name in enumerate(frame.columns)
    )


def _stata(file: SourceFile) -> FrameFile:
    import pandas as pd  # noqa: PLC0415 - only where it is needed

    arguments: tuple[tuple[str, Any], ...] = ()
    try:
        frame, rows = _first_piece(
            pd.read_stata(file.path, chunksize=_PIECE_ROWS), file
        )
    except ValueError as error:
        if "categor" not in str(error) and "label" not in str(error):
            raise
        arguments = (("convert_categoricals", False),)
        plain = pd.read_stata(
            file.path, chunksize=_PIECE_ROWS, convert_categoricals=False
        )
        frame, rows = _first_piece(plain, file)
    doubts = _of_labels(frame)
    if arguments:
        doubts = (Doubt("Its value labels are not unique, so the codes stay numbers."),)
    return FrameFile(
        arguments=arguments,
        rows=rows,
        columns=_columns(frame),
        doubts=doubts,
        reader="stata",
    )


def _sas7bdat(file: SourceFile) -> FrameFile:
    return _sas(file, "sas7bdat", "infer")


def _xport(file: SourceFile) -> FrameFile:
    import pandas as pd  # noqa: PLC0415 - only where it is needed

    if file.bytes % _CARD_BYTES:
        raise Unreadable("is a SAS transport file that is cut off: copy it again")
    # Without an encoding its texts come as bytes.
    raw, _ = _first_piece(
        pd.read_sas(file.path, format="xport", encoding=None, chunksize=_PIECE_ROWS),
        file,
    )
    texts = (raw[name] for name in raw.select_dtypes(object).columns)
    words = (word for text in texts for word in text if isinstance(word, bytes))
    return _sas(file, "xport", "utf-8" if all(map(_is_utf8, words)) else "latin-1")


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _sas(file: SourceFile, form: Any, encoding: str) -> FrameFile:  # noqa: ANN401 - one of two words
    import pandas as pd  # noqa: PLC0415 - only where it is needed

    opened = pd.read_sas(
        file.path, format=form, encoding=encoding, chunksize=_PIECE_ROWS
    )
    described = [
        each["name"].decode("ascii", "replace").strip()
        for each in getattr(opened, "fields", ())
        if each["nform"].decode("ascii", "replace").strip().startswith(_SAS_DATES)
    ]
    frame, rows = _first_piece(opened, file)
    doubts: tuple[Doubt, ...] = ()
    if described:
        doubts = (
            Doubt(
                f"SAS shows {named(described)} as dates; they stay numbers: days "
                "or seconds since 1960-01-01."
            ),
        )
    return FrameFile(
        arguments=(("format", form), ("encoding", encoding)),
        rows=rows,
        columns=_columns(frame),
        doubts=doubts,
        reader="sas",
    )


def _sav(file: SourceFile) -> FrameFile:
    return _spss(file, "sav")


def _por(file: SourceFile) -> FrameFile:
    return _spss(file, "por")


def _spss(file: SourceFile, form: str) -> FrameFile:
    try:
        import pyreadstat  # noqa: PLC0415 - only where it is needed
    except ImportError:
        raise Unreadable(
            "is an SPSS file: install pyreadstat for the kernel, or write it as CSV"
        ) from None
    read: Callable[..., Any] = getattr(pyreadstat, f"read_{form}")
    limit = 0 if file.bytes <= WHOLE_BYTES else _PIECE_ROWS
    frame, described = read(
        str(file.path),
        apply_value_formats=True,
        formats_as_category=True,
        row_limit=limit,
    )
    if not len(frame):
        raise Unreadable("is a table without rows: check where it came from")
    rows = None if limit else len(frame)
    told = described.number_rows
    doubts = list(_of_labels(frame))
    doubts += _of_marked_values(str(file.path)) if form == "sav" else ()
    return FrameFile(
        arguments=(("format", form),) if form == "por" else (),
        rows=told if told and told > 0 else rows,
        columns=_columns(frame),
        doubts=tuple(doubts),
        reader="spss",
    )


def _of_marked_values(path: str) -> tuple[Doubt, ...]:
    """The columns in which SPSS takes some values, such as -9, for missing."""
    import pyreadstat  # noqa: PLC0415 - only where it is needed

    _, described = pyreadstat.read_sav(path, metadataonly=True, user_missing=True)
    marked = list(described.missing_ranges)
    if not marked:
        return ()
    return (
        Doubt(f"Values that SPSS marks as missing in {named(marked)} are missing."),
    )


def _first_piece(pieces: Any, file: SourceFile) -> tuple[pd.DataFrame, int | None]:  # noqa: ANN401 - a reader of pandas
    """The first rows, and how many there are where the file is small."""
    rows = 0
    first: pd.DataFrame | None = None
    with pieces:
        for piece in pieces:
            first = piece if first is None else first
            rows += len(piece)
            if file.bytes > WHOLE_BYTES:
                return first, None
    if first is None or not rows:
        raise Unreadable("is a table without rows: check where it came from")
    return first, rows


def _of_labels(frame: pd.DataFrame) -> tuple[Doubt, ...]:
    labelled = [str(name) for name in frame.select_dtypes("category").columns]
    if not labelled:
        return ()
    return (Doubt(f"The labels of {named(labelled)} stand for their codes."),)


_SNIFFERS: dict[str, Callable[[SourceFile], FrameFile]] = {
    "parquet": _parquet,
    "feather": _feather,
    "arrow_stream": _arrow_stream,
    "orc": _orc,
    "stata": _stata,
    "sas7bdat": _sas7bdat,
    "xport": _xport,
    "sav": _sav,
    "por": _por,
}
_NAMES = {
    "parquet": "Parquet",
    "feather": "Arrow",
    "arrow_stream": "Arrow",
    "orc": "ORC",
    "stata": "Stata",
    "sas7bdat": "SAS",
    "xport": "SAS transport",
    "sav": "SPSS",
    "por": "SPSS",
}
