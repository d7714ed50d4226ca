"""Types whose values their own text makes again, such as a UUID."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type whose values their own text makes again."""

    code: str
    """An expression that makes one of `value`, its text."""
    make: Callable[[str], Any]
    """The same as a function."""
    imported: str = ""
    written: Callable[[Any], str] = str


KINDS: dict[type, Kind] = {
    UUID: Kind(code="UUID(value)", make=UUID, imported="from uuid import UUID"),
    complex: Kind(code="complex(value)", make=complex),
    Decimal: Kind(
        code="Decimal(value)", make=Decimal, imported="from decimal import Decimal"
    ),
    Fraction: Kind(
        code="Fraction(value)",
        make=Fraction,
        imported="from fractions import Fraction",
    ),
    datetime: Kind(
        code="datetime.fromisoformat(value)",
        make=datetime.fromisoformat,
        imported="from datetime import datetime",
        written=datetime.isoformat,
    ),
    time: Kind(
        code="time.fromisoformat(value)",
        make=time.fromisoformat,
        imported="from datetime import time",
        written=time.isoformat,
    ),
    timedelta: Kind(
        code="timedelta(microseconds=int(value))",
        make=lambda text: timedelta(microseconds=int(text)),
        imported="from datetime import timedelta",
        written=lambda span: str(span // timedelta(microseconds=1)),
    ),
    type(Path()): Kind(
        code="Path(value)", make=Path, imported="from pathlib import Path"
    ),
    PurePosixPath: Kind(
        code="PurePosixPath(value)",
        make=PurePosixPath,
        imported="from pathlib import PurePosixPath",
    ),
    PureWindowsPath: Kind(
        code="PureWindowsPath(value)",
        make=PureWindowsPath,
        imported="from pathlib import PureWindowsPath",
    ),
}
