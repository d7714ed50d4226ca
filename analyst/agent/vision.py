"""Figures, shown: which of them a model that can see gets to look at before it answers.

They come from the kernel and are not decoded here: what is sent is a PNG by its
signature and its header, and of a bounded size; anything else is left out.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Collection, Iterable, Sequence

from analyst.events import CellFinished, Event, Output, Rich, RunStarted, latest

__all__ = ["figures_to_show", "images"]

MAX_CELLS = 2
MAX_IMAGES = 4
MAX_IMAGE_BYTES = 1_500_000
MAX_SIDE_PIXELS = 2_000

_HEADER = struct.Struct(">8sI4sIIBBBBBI")  # the signature and the first chunk, IHDR
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FIRST_CHUNK = slice(12, 29)  # that over which its checksum is made


def figures_to_show(events: Sequence[Event]) -> tuple[int, ...]:
    """The last two cells of the running question that succeeded and show a figure."""
    started = latest(events, RunStarted)
    question = started.question if started else 0
    cells = [
        event.cell
        for event in events
        if isinstance(event, CellFinished)
        and event.question == question
        and event.ok
        and any(_pictures(event.outputs))
    ]
    return tuple(cells[-MAX_CELLS:])


def images(events: Iterable[Event], cells: Collection[int]) -> tuple[str, ...]:
    """The figures of some cells as PNG in base64, in order; of many the last four."""
    found = [
        picture
        for event in events
        if isinstance(event, CellFinished) and event.ok and event.cell in cells
        for picture in _pictures(event.outputs)
    ]
    return tuple(found[-MAX_IMAGES:])


def _pictures(outputs: Iterable[Output]) -> list[str]:
    shown = [o.data.get("image/png", "") for o in outputs if isinstance(o, Rich)]
    return [picture for picture in shown if _is_fit(picture)]


def _is_fit(content: str) -> bool:
    """Whether it is a PNG that may be sent."""
    if len(content) > MAX_IMAGE_BYTES * 4 // 3 + 4:
        return False
    try:
        raw = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return False
    if not _HEADER.size < len(raw) <= MAX_IMAGE_BYTES:
        return False
    signature, length, name, width, height, *_, checksum = _HEADER.unpack_from(raw)
    return (
        signature == _SIGNATURE
        and (length, name) == (13, b"IHDR")
        and checksum == zlib.crc32(raw[_FIRST_CHUNK])
        and 0 < width <= MAX_SIDE_PIXELS
        and 0 < height <= MAX_SIDE_PIXELS
    )
