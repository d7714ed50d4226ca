"""Rows on disk until the kinds of all columns are known, then a Parquet file.

Memory holds one piece of the table at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from analyst.data.fetching.columns import (
    Kind,
    Piece,
    cast,
    common_kind,
    piece_of,
    type_of,
)
from analyst.quoting import quoted

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Spool"]

_SAID: dict[Kind, str] = {
    "exact": "exact decimals became floats; every digit of them is kept",
    "decimal": "decimals have more digits than a float holds and stay decimals",
    "nested": "lists and objects became JSON as text",
    "other": "values of a kind that only this database has became text",
    "mixed": "values of several kinds, or beyond numbers and dates, became text",
    "aware": "times with a zone are in UTC",
    "empty": "there is no value",
}
_MAX_NAMES = 8
"""Of columns in one sentence."""


class Spool:
    """A table that grows by pieces.

    Args:
        file: an empty file to write the pieces to.
        names: of the columns, as the database gives them.
    """

    def __init__(self, file: IO[bytes], names: Sequence[str]) -> None:
        self._file = file
        self._given = tuple(names)
        self.names = _unique(names)
        self.rows = 0
        self.bytes = 0
        self._pieces: list[list[Piece]] = []
        """Of each batch its columns, without their values."""
        self._gaps = [False] * len(self.names)

    def add(self, rows: Sequence[Sequence[Any]]) -> int:
        """Write some rows; how many bytes they take."""
        import pyarrow as pa  # noqa: PLC0415 - slow to import

        pieces = [piece_of(values) for values in zip(*rows, strict=True)]
        batch = pa.record_batch(
            [piece.array for piece in pieces], names=list(map(str, range(len(pieces))))
        )
        with pa.ipc.new_stream(self._file, batch.schema) as writer:
            writer.write_batch(batch)
        self._gaps = [
            gap or piece.array.null_count > 0
            for gap, piece in zip(self._gaps, pieces, strict=True)
        ]
        self._pieces.append([_emptied(piece) for piece in pieces])
        self.rows += len(rows)
        self.bytes += batch.nbytes
        return int(batch.nbytes)

    def write(self, path: Path) -> tuple[str, ...]:
        """Write all of it as Parquet; a sentence for each thing that was changed."""
        import pyarrow as pa  # noqa: PLC0415 - as above
        from pyarrow import parquet  # noqa: PLC0415 - as above

        decided = [self._decided(number) for number in range(len(self.names))]
        schema = pa.schema(
            [(name, kind[1]) for name, kind in zip(self.names, decided, strict=True)]
        )
        with parquet.ParquetWriter(path, schema) as writer:
            for pieces in self._read():
                arrays = [
                    cast(piece, *kind)
                    for piece, kind in zip(pieces, decided, strict=True)
                ]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
        return self._notes([kind for kind, _ in decided])

    def _decided(self, number: int) -> tuple[Kind, pa.DataType]:
        """The kind and the type of a column."""
        pieces = [batch[number] for batch in self._pieces]
        kind = common_kind({p.kind for p in pieces}, has_gaps=self._gaps[number])
        before = max((piece.before for piece in pieces), default=0)
        after = max((piece.after for piece in pieces), default=0)
        try:
            return kind, type_of(kind, before, after)
        except ValueError:
            return "mixed", type_of("mixed")

    def _read(self) -> Iterator[list[Piece]]:
        import pyarrow as pa  # noqa: PLC0415 - as above

        self._file.seek(0)
        for pieces in self._pieces:
            with pa.ipc.open_stream(self._file) as reader:
                table = reader.read_all()
            yield [
                Piece(piece.kind, column.combine_chunks())
                for piece, column in zip(pieces, table.columns, strict=True)
            ]

    def _notes(self, kinds: Sequence[Kind]) -> tuple[str, ...]:
        notes = []
        renamed = sum(a != b for a, b in zip(self.names, self._given, strict=True))
        if renamed:
            notes.append(
                f"{renamed} column names that were empty or not unique were changed."
            )
        for kind, what in _SAID.items():
            names = [n for n, k in zip(self.names, kinds, strict=True) if k == kind]
            if names:
                notes.append(f"{_listed(names)}: {what}.")
        return tuple(notes)


def _emptied(piece: Piece) -> Piece:
    return Piece(piece.kind, None, piece.before, piece.after)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """The names; one that is empty or was there before gets a number."""
    given_names = set(names)
    unique: dict[str, None] = {}
    for number, given in enumerate(names, start=1):
        name = given or f"column_{number}"
        count = 1
        while name in unique or (name != given and name in given_names):
            count += 1
            name = f"{given or 'column'}_{count}"
        unique[name] = None
    return tuple(unique)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(quoted, names[:_MAX_NAMES]))
    more = len(names) - _MAX_NAMES
    return shown + (f" and {more} more columns" if more > 0 else "")
