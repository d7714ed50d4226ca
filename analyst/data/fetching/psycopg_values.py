"""What PostgreSQL holds and Python's dates and times do not: it comes as text.

`infinity` is a usual end of a period there, and `24:00` the end of a day. Psycopg fails
at the first of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from psycopg.abc import Buffer

__all__ = ["take_all_values"]

_NAMES = ("date", "timestamp", "timestamptz", "time", "timetz", "interval")


def take_all_values(connection: psycopg.Connection[Any]) -> None:
    """Let a connection give as text what is no date or time of Python."""
    import psycopg  # noqa: PLC0415 - one of several drivers
    from psycopg.adapt import Loader  # noqa: PLC0415 - as above

    adapters = connection.adapters
    for name in _NAMES:
        oid = adapters.types[name].oid
        usual = adapters.get_loader(oid, psycopg.pq.Format.TEXT)
        assert usual is not None

        class Tolerant(Loader):
            """The usual loader, and the text where it fails."""

            def __init__(
                self,
                oid: int,
                context: psycopg.abc.AdaptContext | None = None,
                *,
                usual: Any = usual,  # noqa: ANN401 - a class, some of C
            ) -> None:
                super().__init__(oid, context)
                self._usual = usual(oid, context)

            def load(self, data: Buffer) -> Any:  # noqa: ANN401 - a date or a text
                try:
                    return self._usual.load(data)
                except psycopg.DataError:
                    return bytes(data).decode()

        adapters.register_loader(oid, Tolerant)
