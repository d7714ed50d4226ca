"""The old container of Office: a workbook, or something else that is refused."""

from __future__ import annotations

from ..reading import Unreadable

__all__ = ["refuse_other_than_workbooks"]

_ENTRY_BYTES = 128
_NAME_BYTES = 64
_ENCRYPTED = "EncryptedPackage"
_WORKBOOK = ("Workbook", "Book", "WORKBOOK", "BOOK")
_OTHERS = {
    "WordDocument": "a Word document: copy its table to a workbook",
    "PowerPoint Document": "a PowerPoint presentation: copy its table to a workbook",
    "__properties_version1.0": "a mail message: save its attachment",
    "VisioDocument": "a Visio drawing: give a table",
}


def refuse_other_than_workbooks(data: bytes) -> None:
    """Nothing, where the container holds a workbook.

    Args:
        data: the file, or its first megabytes.

    Raises:
        Unreadable: it holds something else, or a password protects it.
    """
    if _has_entry(data, _ENCRYPTED):
        raise Unreadable("is protected by a password: save it without one")
    for name, told in _OTHERS.items():
        if _has_entry(data, name):
            raise Unreadable(f"is {told}")
    if not any(_has_entry(data, name) for name in _WORKBOOK):
        raise Unreadable(
            "is an old Office file without a workbook, or a damaged one: save it as "
            "xlsx"
        )


def _has_entry(data: bytes, name: str) -> bool:
    """Whether a stream of this name is listed: not just mentioned in a text."""
    written = name.encode("utf-16-le") + b"\x00\x00"
    at = data.find(written)
    while at >= 0:
        length = data[at + _NAME_BYTES : at + _NAME_BYTES + 2]
        if at % _ENTRY_BYTES == 0 and int.from_bytes(length, "little") == len(written):
            return True
        at = data.find(written, at + 2)
    return False
