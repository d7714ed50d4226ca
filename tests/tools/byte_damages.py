"""Damages of bytes: line ends, encodings, NULs, containers, wrong names."""

from __future__ import annotations

import random

from .damage import Damage, Stage, damage, register, setting, some_rows
from .drafts import DoesNotFitError, Draft
from .scoring import Either

setting("CR LF", Stage.BYTES, "line ends", line_ends=("\r\n",))
setting("CR", Stage.BYTES, "line ends", line_ends=("\r",))
setting("mixed line ends", Stage.BYTES, "line ends", line_ends=("\n", "\r\n", "\n"))


def _encoding(name: str, codec: str, *scripts: str) -> None:
    def apply(draft: Draft, rng: random.Random) -> None:
        if draft.encoding != "utf-8" or (scripts and draft.table.script not in scripts):
            raise DoesNotFitError
        draft.encoding = codec

    register(Damage(name, Stage.BYTES, "encoding", apply))


_encoding("UTF-8 with a mark", "utf-8-sig")
_encoding("UTF-16 with a mark", "utf-16")
_encoding("UTF-16 without a mark", "utf-16-le")
_encoding("UTF-16 the other way round", "utf-16-be")
_encoding("cp1252", "cp1252", "western")
_encoding("latin-1", "latin-1", "western")
_encoding("cp1251", "cp1251", "cyrillic")
_encoding("cp1253", "cp1253", "greek")
_encoding("gb18030", "gb18030", "chinese")
_encoding("Shift JIS", "shift_jis", "japanese")


@damage("a byte that is no UTF-8", Stage.VALUES, "encoding")
def _bad_byte(draft: Draft, rng: random.Random) -> None:
    """One cell was pasted from a file of another encoding."""
    draft.must_doubt = True
    if draft.table.script not in {"western", "greek", "chinese"}:
        raise DoesNotFitError
    at = draft.columns("text")[0]
    [row] = some_rows(draft, rng, 1)
    meant = ("café", "caf\ufffd", "caf\\xe9", "caf\udce9")
    draft.write(row, at, "caf\udce9", Either(meant))


@damage("NULs", Stage.VALUES, "nuls")
def _nuls(draft: Draft, rng: random.Random) -> None:
    at = draft.columns("text")[0]
    for row in some_rows(draft, rng, 2):
        text = f"\x00cut {row}"
        draft.write(row, at, text, text)


# Containers

for _name in ("gzip", "bz2", "xz", "zip", "zstd", "zip with a note"):
    setting(_name, Stage.CONTAINER, "container", container=_name)
setting("named .xlsx", Stage.CONTAINER, "container", extension=".xlsx")
setting("named .json", Stage.CONTAINER, "container", extension=".json")
setting("no extension", Stage.CONTAINER, "container", extension="")
setting("named .parquet", Stage.CONTAINER, "container", extension=".parquet")
