"""The statements of one table: imports, reading, conversions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..reading import (
    DatabaseTable,
    Delimited,
    FixedWidth,
    FrameFile,
    HtmlTable,
    JsonDocument,
    Reading,
    Sheet,
)
from . import (
    databases,
    delimited,
    documents,
    fixed_width,
    frames,
    in_place,
    pages,
    sheets,
)
from .conversions import conversion_statements
from .expression import PANDAS, Expression

__all__ = ["Code", "fits_many", "parts_that_differ", "table_code"]

_PATHLIB = "from pathlib import Path"

_EXPRESSIONS: dict[type, Callable[..., Expression]] = {
    Delimited: delimited.expression,
    FixedWidth: fixed_width.expression,
    JsonDocument: documents.expression,
    HtmlTable: pages.expression,
    Sheet: sheets.expression,
    FrameFile: frames.expression,
    DatabaseTable: databases.expression,
}


@dataclass(frozen=True)
class Code:
    """The plain code of a table."""

    imports: tuple[str, ...]
    """Such as `import json`, pandas among them."""
    body: str
    """The statements that leave the table in its variable."""

    @property
    def source(self) -> str:
        """All of it, as it runs on its own once the path is known."""
        return "\n".join([*self.imports, "", self.body])


def table_code(reading: Reading, *, name: str, path: str) -> Code:
    r"""The code that reads one table.

    Args:
        reading: how it is read.
        name: the variable that the table gets.
        path: an expression for the path of the file, or for the pattern of many.

    Example:
        >>> table_code(Delimited(), name="df", path="DATA").source
        'import pandas as pd\n\ndf = pd.read_csv(DATA)'
    """
    if reading.in_place:
        made = in_place.expression(reading, path)
    elif reading.many_files:
        made = _of_many(reading, path)
    else:
        made = _of_file(reading, path, indent=0, before=len(name) + 3)
    assignment = f"{name} = {made.text}"
    if made.within:
        assignment = f"{made.within}\n    {assignment}"
    statements = [*made.before, assignment]
    if reading.many_files:
        statements.append(_named_sources(reading, name))
    imports = list(made.imports)
    if not reading.in_place:
        for imported, statement in conversion_statements(reading.conversions, name):
            imports += imported
            statements.append(statement)
    return Code(tuple(sorted(set(imports))), "\n".join(statements))


def fits_many(reading: Reading) -> bool:
    """Whether one expression reads the table, so that it can be said once for many."""
    if reading.in_place:
        return False
    made = _of_file(reading, "path", indent=0, before=0)
    return not made.before and not made.within


def _of_file(reading: Reading, path: str, *, indent: int, before: int) -> Expression:
    """How one file is read, in a line that begins with `indent` blanks."""
    expression = _EXPRESSIONS[type(reading)]
    return expression(reading, path, indent=indent, before=before)


def _of_many(reading: Reading, path: str) -> Expression:
    """All files that fit a pattern, one below the other, with the path of each."""
    one = _of_file(reading, "path", indent=8, before=len("path: "))
    lines = (
        "pd.concat(",
        "    {",
        f"        path: {one.text}",
        f"        for path in sorted(glob({path}))",
        "    },",
        '    names=["source", "row"],',
        ').reset_index("source").reset_index(drop=True)',
    )
    return Expression(
        text="\n".join(lines),
        imports=(*one.imports, PANDAS, "from glob import glob", _PATHLIB),
        before=one.before,
    )


def _named_sources(reading: Reading, name: str) -> str:
    """Of each path only what tells the files apart is kept."""
    short = "Path(path).name"
    if reading.source_parts > 1:
        short = f'"/".join(Path(path).parts[-{reading.source_parts}:])'
    return f'{name}["source"] = {name}["source"].map(lambda path: {short})'


def parts_that_differ(paths: Sequence[Path]) -> int:
    """How many last parts of their paths tell files apart.

    >>> parts_that_differ([Path("north/a.csv"), Path("south/a.csv")])
    2
    """
    most = max(len(path.parts) for path in paths)
    counts = range(1, most)
    return next(
        (n for n in counts if len({path.parts[-n:] for path in paths}) == len(paths)),
        most,
    )
