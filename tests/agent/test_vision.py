"""Figures that a model gets to see: the last ones, and PNG of a bounded size alone."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.agent.vision import (
    MAX_IMAGE_BYTES,
    MAX_IMAGES,
    MAX_SIDE_PIXELS,
    figures_to_show,
    images,
)
from analyst.events import (
    CellFinished,
    CellStatus,
    Event,
    Journal,
    Output,
    Rich,
    RunStarted,
    Sandbox,
    Stream,
)


def png(width: int = 4, height: int = 3, *, size: int = 0) -> str:
    """A PNG by its header, of at least `size` bytes, in base64."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    raw = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header
    raw += struct.pack(">I", zlib.crc32(header)) + b"\0" * 12
    return base64.b64encode(raw.ljust(size, b"\0")).decode()


def shown(*contents: str) -> tuple[Output, ...]:
    """Outputs that hold these pictures."""
    return tuple(Rich(data={"image/png": content}) for content in contents)


def facts(
    *questions: list[tuple[Output, ...]], status: CellStatus = "ok"
) -> list[Event]:
    """What happens where the cells of some questions put these things out."""
    journal = Journal()
    cell = 0
    for outputs_of_cells in questions:
        sandbox = Sandbox(name="none")
        journal.add(RunStarted(text="?", model="m", sandbox=sandbox, at=""))
        for outputs in outputs_of_cells:
            cell += 1
            journal.add(
                CellFinished(status=status, seconds=0, outputs=outputs, cell=cell)
            )
    return list(journal.events)


def test_the_last_figures_of_the_question_are_shown() -> None:
    """Of the running question, the last two cells with a figure are chosen."""
    text = (Stream(text="42"),)
    events = facts([shown(png())], [shown(png()), shown(png()), text, shown(png())])
    assert figures_to_show(events) == (3, 5)
    assert figures_to_show(facts([shown(png())], [text])) == ()
    assert figures_to_show([]) == ()


def test_figures_of_failed_cells_are_not_shown() -> None:
    """What was rolled back is not looked at."""
    events = facts([shown(png())], status="error")
    assert figures_to_show(events) == ()
    assert images(events, [1]) == ()


def test_images_are_those_of_the_cells_in_order() -> None:
    """All figures of the chosen cells come in order, and the last of very many."""
    first, *more = (png(width) for width in range(1, MAX_IMAGES + 3))
    events = facts([shown(first), shown(*more[:2])])
    assert images(events, [1, 2]) == (first, *more[:2])
    assert images(events, [2]) == tuple(more[:2])
    assert images(facts([shown(first, *more)]), [1]) == tuple(more[-MAX_IMAGES:])


UNFIT = {
    "too wide": png(MAX_SIDE_PIXELS + 1),
    "too high": png(1, MAX_SIDE_PIXELS + 1),
    "flat": png(0),
    "too heavy": png(size=MAX_IMAGE_BYTES + 1),
    "cut off": png()[:40],
    "no base64": png() + "!",
    "with a line break": png()[:8] + "\n" + png()[8:],
    "another format": base64.b64encode(b"GIF89a" + b"\0" * 60).decode(),
    "wrong checksum": base64.b64encode(
        base64.b64decode(png())[:20] + b"\1" + base64.b64decode(png())[21:]
    ).decode(),
    "no letters of base64": "é" * 100,
    "nothing": "",
}


@pytest.mark.parametrize("content", UNFIT.values(), ids=list(UNFIT))
def test_what_is_no_fit_picture_is_left_out(content: str) -> None:
    """Neither chosen nor sent: anything but a PNG within the bounds."""
    events = facts([shown(content)])
    assert figures_to_show(events) == ()
    assert images(events, [1]) == ()


@pytest.mark.parametrize(
    "content", [png(MAX_SIDE_PIXELS, MAX_SIDE_PIXELS), png(size=MAX_IMAGE_BYTES)]
)
def test_bounds_are_within(content: str) -> None:
    """A picture that is just as large as may be is sent."""
    assert images(facts([shown(content)]), [1]) == (content,)


@given(st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
def test_no_content_makes_it_fail(content: str) -> None:
    """Whatever stands where a picture should, it is left out in silence."""
    assert images(facts([shown(content)]), [1]) == ()


def test_a_real_figure_is_sent_as_it_is() -> None:
    """What matplotlib draws passes, unchanged."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - this test alone needs it

    drawn = io.BytesIO()
    figure = Figure()
    figure.subplots().plot([1, 2])
    figure.savefig(drawn)
    content = base64.b64encode(drawn.getvalue()).decode()
    assert images(facts([shown(content)]), [1]) == (content,)
