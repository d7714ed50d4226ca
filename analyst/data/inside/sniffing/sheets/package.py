"""What the parts of a zipped workbook say before calamine opens them.

calamine lays a sheet out as one rectangle, from the first value to the last: two cells
in far corners would take all memory and end the process. So the parts are read through
once. On the way is found what calamine does not tell: errors, formulas without a
value, and the merged cells of an OpenDocument sheet.
"""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from ...reading import Unreadable
from .office import office_part
from .opendocument import document_parts
from .parts import Part

__all__ = ["parts_of"]

UNPACKED_BYTES = 400 << 20
_PARTS = 10_000


def parts_of(stream: BinaryIO) -> dict[str, Part]:
    """The sheets of a package: by their path, in lower case, or by their name in ods.

    Each part is looked at as if it were of either kind: what calamine takes it for is
    not known before.

    Raises:
        Unreadable: it is damaged, protected, or would take too much memory.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            _check_sizes(members)
            parts = {
                member.filename.replace("\\", "/").lower().lstrip("/"): office_part(
                    archive, member
                )
                for member in members
            }
            return parts | document_parts(archive, members)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - a damaged archive may raise anything
        told = " ".join(str(error).split())[:100] or type(error).__name__
        raise Unreadable(
            f"is a damaged workbook ({told}): open and save it again"
        ) from None


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("is protected by a password: save it without one")
    size = sum(member.file_size for member in members)
    if size > UNPACKED_BYTES or len(members) > _PARTS:
        raise Unreadable(
            f"unpacks to {size / 1e9:,.1f} GB in {len(members):,} parts, too much for"
            " a workbook: save its sheets as CSV"
        )
