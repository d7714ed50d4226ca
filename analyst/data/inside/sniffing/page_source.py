"""An HTML page: its encoding, its tables as they are drawn and as pandas reads them."""

from __future__ import annotations

import io
import itertools
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..reading import Unreadable
from .delimited.encoding import encoding_of
from .files import SourceFile
from .signatures import text_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Drawn", "Page", "is_markup", "page_of"]

_TAG = re.compile(r"\ufeff?\s*<([!?]?[A-Za-z][\w:.-]{0,60}|!--)")
_OF_PAGES = {"!doctype", "?xml", "!--", "html", "head", "body", "table", "meta"}
_AS_LXML_SAYS = {
    "utf-8-sig": "utf-8",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "utf-32-le": "utf-32le",
    "utf-32-be": "utf-32be",
    "latin-1": "iso-8859-1",
    "euc_jp": "euc-jp",
    "euc_kr": "euc-kr",
}
_MANY_BYTES = 16 << 20
_MANY_CELLS = 200_000
_MANY_DRAWN = 1000
_DEEPEST = 8
_WIDEST_SPAN = 1000
_HIGHEST_SPAN = 65_534


@dataclass(frozen=True)
class Drawn:
    """A table of the page as it is drawn."""

    rows: int
    columns: int
    holds_tables: bool
    caption: str


@dataclass(frozen=True)
class Page:
    """A page, and its tables as pandas reads them by itself."""

    file: SourceFile
    encoding: str
    frames: list[pd.DataFrame]
    drawn: Sequence[Drawn | None]
    """The same tables; None where it is not sure which is which."""

    @cached_property
    def texts(self) -> list[pd.DataFrame]:
        """The tables with their cells as they are written.

        pandas wants a column that is told by its number in every table, but not where
        the number is a float.
        """
        told: dict[Any, type[str]] = {}
        for frame in self.frames:
            names: list[Any] = list(frame.columns)
            told |= {float(n) if isinstance(n, int) else n: str for n in names}
        return _frames(
            self.file.head, self.encoding, converters=told, keep_default_na=False
        )

    @cached_property
    def below_first_rows(self) -> list[pd.DataFrame]:
        """The tables where the first row of each is its header."""
        return _frames(self.file.head, self.encoding, header=0)

    @cached_property
    def shared_columns(self) -> int:
        """How many columns every table has."""
        return min(len(frame.columns) for frame in self.frames)


def is_markup(start: str) -> bool:
    """Whether a text begins like HTML or XML, and not like a name in brackets.

    Example:
        >>> is_markup("<TICKER>,<PER>"), is_markup("<table><tr>")
        (False, True)
    """
    begins = _TAG.match(start)
    if not begins:
        return False
    return begins[1].lower() in _OF_PAGES or f"</{begins[1]}" in start


def page_of(file: SourceFile) -> Page:
    """A page, read once as pandas reads it.

    Raises:
        Unreadable: it has no table, or is too large.
    """
    _refuse_other_markup(file)
    if not file.is_whole or len(file.head) > _MANY_BYTES:
        raise Unreadable("is a large HTML page: write its table as a CSV file")
    encoding = _encoding(file.head)
    drawn = _drawn(file.head, encoding)
    frames = _frames(file.head, encoding)
    matched = drawn if len(drawn) == len(frames) else [None] * len(frames)
    return Page(file, encoding, frames, matched)


def _refuse_other_markup(file: SourceFile) -> None:
    """Nothing, where there is an HTML table.

    Raises:
        Unreadable: it is XML of another kind.
    """
    start = text_of(file.start)
    if "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise Unreadable("is a workbook in XML (Excel 2003): save it as xlsx")
    if re.search(r"<svg[\s>]", start[:2000]) and "<html" not in start.lower():
        raise Unreadable("is an SVG image: give the table behind it")
    if b"<table" not in file.head.replace(b"\0", b"").lower():
        is_page = "<html" in start.lower()
        what = "a web page without a table" if is_page else "XML without an HTML table"
        raise Unreadable(f"is {what}: give the table as a CSV file")


def _encoding(data: bytes) -> str:
    """The encoding to be told; empty where the page says it, or is plain ASCII."""
    if data.isascii():
        return ""
    encoding, _ = encoding_of(data, is_whole=True)
    start = data[:4096].lower()
    says_itself = b"charset" in start and not encoding.startswith("utf")
    return "" if says_itself else _AS_LXML_SAYS.get(encoding, encoding)


def _drawn(data: bytes, encoding: str) -> list[Drawn]:
    """The tables with any text, in their order.

    Raises:
        Unreadable: a cell spans so much that the table would fill the memory.
    """
    from lxml import html  # type: ignore[import-untyped]  # noqa: PLC0415 - only for pages

    parser = html.HTMLParser(recover=True, encoding=encoding or None)
    try:
        root = html.document_fromstring(data, parser=parser)
    except Exception as error:  # noqa: BLE001 - lxml has errors of its own
        kind = type(error).__name__
        raise Unreadable(
            f"is no HTML that can be read ({kind}): save it again"
        ) from None
    _refuse_giants(root)
    tables = []
    for table in root.iter("table"):
        if not table.text_content().strip():
            continue
        rows = list(table.iter("tr"))
        captions = table.xpath("./caption")
        tables.append(
            Drawn(
                len(rows),
                max((len(row.xpath("./td|./th")) for row in rows), default=0),
                next(table.iterdescendants("table"), None) is not None,
                " ".join(captions[0].text_content().split())[:60] if captions else "",
            )
        )
    return tables


def _refuse_giants(root: Any) -> None:  # noqa: ANN401 - an element of lxml
    tables = list(itertools.islice(root.iter("table"), _MANY_DRAWN + 1))
    deepest = max((_depth(table) for table in tables), default=0)
    if len(tables) > _MANY_DRAWN or deepest > _DEEPEST:
        raise Unreadable(
            "is a web page of very many tables, or of tables within tables: give the "
            "one of use as a CSV file"
        )
    cells = 0
    for cell in root.iter("td", "th"):
        across, down = _span(cell, "colspan"), _span(cell, "rowspan")
        if across > _WIDEST_SPAN or down > _HIGHEST_SPAN:
            raise Unreadable(
                "is a web page with a cell that spans thousands of others: give the "
                "table as a CSV file"
            )
        cells += across * down
        if cells > _MANY_CELLS:
            raise Unreadable(
                f"is a web page with more than {_MANY_CELLS:,} cells: give the table "
                "as a CSV file"
            )


def _depth(table: Any) -> int:  # noqa: ANN401 - as above
    return sum(1 for _ in table.iterancestors("table"))


def _span(cell: Any, name: str) -> int:  # noqa: ANN401 - as above
    told = cell.get(name, "1").strip()
    # A number of a hundred digits is not worth reading.
    return max(1, int(told[:9])) if told[:9].isdecimal() else 1


def _frames(data: bytes, encoding: str, **told: Any) -> list[pd.DataFrame]:  # noqa: ANN401 - arguments of pandas
    import pandas as pd  # noqa: PLC0415 - only for pages

    # By itself pandas takes every comma between digits away.
    told = {"encoding": encoding or None, "thousands": None, **told}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stream: Any = io.BytesIO(data)
            return pd.read_html(stream, flavor="lxml", **told)
    except (ValueError, IndexError, TypeError) as error:
        if "No tables" in str(error):
            raise Unreadable("is a web page without a table") from None
        raise Unreadable(
            "is a web page whose tables are damaged: give the table as a CSV file"
        ) from None
