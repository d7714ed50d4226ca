"""Zip archives: a workbook, another container, or files of which each is tables."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from ..reading import Doubt, Reading, Unreadable
from .files import SourceFile, of_archive, open_archive

__all__ = ["is_workbook", "sniff"]

_MANY_TABLES = 20
_MANY_TRIED = 60
_TOLD = 10
_PROSE_SUFFIXES = {"", ".txt", ".md", ".rst", ".html", ".pdf"}
_ABOUT = re.compile(
    r"readme|licen[cs]e|changelog|copying|notice|authors", re.IGNORECASE
)
_HIDDEN = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_MIMETYPE_BYTES = 200

_CONTAINERS: tuple[tuple[str, str], ...] = (
    (r"word/", "a Word document: copy its table to a workbook"),
    (r"ppt/", "a PowerPoint presentation: copy its table to a workbook"),
    (r"visio/", "a Visio drawing: give a table"),
    (r"index/.*\.iwa$", "an Apple iWork file: export it as a CSV file or as xlsx"),
    (r"index\.zip$", "an Apple iWork file: export it as a CSV file or as xlsx"),
    (r"androidmanifest\.xml$", "a program: give a table"),
    (r"meta-inf/manifest\.mf$", "a program: give a table"),
    (r"doc\.kml$", "a map (KMZ): convert it to GeoJSON"),
)
_OPEN_DOCUMENTS = {
    "spreadsheet": "",
    "text": "a text document: copy its table to a workbook",
    "presentation": "a presentation: copy its table to a workbook",
    "graphics": "a drawing: give a table",
}


def is_workbook(file: SourceFile) -> bool:
    """Whether the archive is a workbook, by its members, however they are spelt.

    Raises:
        Unreadable: it is another document, or damaged.
    """
    with open_archive(file.path) as archive:
        names = [_plain(name) for name in archive.namelist()]
        if any(name.startswith("xl/") for name in names):
            return True
        for pattern, told in _CONTAINERS:
            if any(re.match(pattern, name) for name in names):
                raise Unreadable(f"is {told}")
        if names and all(name.endswith(".npy") for name in names):
            raise Unreadable("holds NumPy arrays: write them as CSV or Parquet files")
        return _is_open_spreadsheet(archive, names)


def _is_open_spreadsheet(archive: zipfile.ZipFile, names: Sequence[str]) -> bool:
    if "content.xml" not in names:
        return False
    if "mimetype" not in names:
        return True
    original = archive.namelist()[names.index("mimetype")]
    try:
        with archive.open(original) as stream:
            mimetype = stream.read(_MIMETYPE_BYTES).decode("ascii", "ignore")
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return True
    for kind, told in _OPEN_DOCUMENTS.items():
        if f"opendocument.{kind}" in mimetype and told:
            raise Unreadable(f"is {told}")
    return True


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def sniff(
    file: SourceFile, tables_of: Callable[[SourceFile], list[Reading]]
) -> list[Reading]:
    """The tables of the files in an archive.

    Args:
        file: a zip archive that is no workbook.
        tables_of: the tables of one of its files.

    Raises:
        Unreadable: none of the files is a table.
    """
    with open_archive(file.path) as archive:
        names = [each.filename for each in archive.infolist() if not each.is_dir()]
    readings: list[Reading] = []
    left_out: list[str] = []
    tables = 0
    for at, name in enumerate(names):
        why = _why_not_tried(name, names[at + 1 :], tables=tables, tried=at)
        if not why:
            member = of_archive(file, name, is_only=len(names) == 1 and not at)
            try:
                found = tables_of(member)
            except Unreadable as reason:
                if len(names) == 1:
                    raise Unreadable(f"holds one file, which {reason}") from None
                why = str(reason)
            else:
                tables += 1
                readings += [_labelled(reading, name, names) for reading in found]
        if why and not _HIDDEN.search(name):
            left_out.append(f"{name[-60:]!r} ({why})")
    if not readings:
        told = f": {'; '.join(left_out[:_TOLD])}" if left_out else ""
        raise Unreadable(f"is a zip archive without a table{told[:400]}")
    if left_out:
        further = len(left_out) - _TOLD
        ending = f"; and {further} more" if further > 0 else ""
        told = f"Left out of the archive: {'; '.join(left_out[:_TOLD])}{ending}."
        doubt = Doubt(told, of_file=True)
        readings[0] = replace(readings[0], doubts=(*readings[0].doubts, doubt))
    return readings


def _why_not_tried(name: str, later: Sequence[str], *, tables: int, tried: int) -> str:
    """Why a file is left out before it is looked at; empty: it is looked at."""
    if _HIDDEN.search(name):
        return "hidden"
    if name in later:
        return "a later file has its name"
    path = PurePosixPath(name.replace("\\", "/"))
    if path.suffix.lower() in _PROSE_SUFFIXES and _ABOUT.match(path.name):
        return "it is about the others"
    if tables >= _MANY_TABLES or tried >= _MANY_TRIED:
        return f"beyond the first {_MANY_TABLES} tables"
    return ""


def _labelled(reading: Reading, name: str, names: Sequence[str]) -> Reading:
    """A reading that says of which file it is."""
    if len(names) == 1:
        return reading
    label = f"{name} {reading.label}" if reading.label else name
    return replace(reading, label=label)
