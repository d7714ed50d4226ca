"""The plain code that loads the tables, put together from that of each."""

from __future__ import annotations

from collections.abc import Sequence

from analyst.data.inside.code.literals import quoted
from analyst.data.setup_cell import IMPORTED
from analyst.data.sources import TableSource

__all__ = ["load_cell", "parameters", "whole_code"]


def parameters(sources: Sequence[TableSource], paths: Sequence[str]) -> list[str]:
    """A statement for the path of each input."""
    names = dict.fromkeys(source.parameter for source in sources)
    pairs = zip(names, paths, strict=True)
    return [f"{name} = {quoted(path)}" for name, path in pairs]


def load_cell(sources: Sequence[TableSource]) -> str:
    """What loads the tables once setup has run, and shows the first rows of one."""
    lines = [line for line in _imports(sources) if line not in IMPORTED]
    if lines:
        lines.append("")
    lines += _statements(sources)
    if len(sources) == 1:
        [only] = sources
        first = "limit(5).df()" if only.stays_in_file else "head()"
        lines.append(f"{only.name}.{first}")
    return "\n".join(lines)


def whole_code(sources: Sequence[TableSource], paths: Sequence[str]) -> str:
    """The same without setup: it runs on its own, where the notebook lies."""
    parts = [_imports(sources), parameters(sources, paths), _statements(sources)]
    return "\n\n".join("\n".join(lines) for lines in parts)


def _imports(sources: Sequence[TableSource]) -> list[str]:
    return sorted({line for one in sources for line in one.imports})


def _statements(sources: Sequence[TableSource]) -> list[str]:
    """What loads each table, those of more than one line set apart."""
    lines: list[str] = []
    for source in sources:
        body = list(source.lines)
        if lines and len(body) > 1:
            lines.append("")
        lines += body
    return lines
