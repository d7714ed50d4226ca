"""What a cell put out is the same however it was cut into messages, and bounded."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.events import CellError, Output, Rich, Stream
from analyst.kernel.transcript import MAX_TEXT_CHARS, Transcript
from analyst.outputs import plain_text

ESCAPES = st.sampled_from(["\x1b[31m", "\x1b[0m", "\x1b]0;title\x07", "a", "é", "\n"])


def shown(text: str, display_id: str = "") -> dict[str, Any]:
    """The content of a message that displays a text."""
    return {"data": {"text/plain": text}, "transient": {"display_id": display_id}}


def texts(outputs: tuple[Output, ...]) -> list[str]:
    """The texts of outputs that were displayed."""
    return [o.data["text/plain"] for o in outputs if isinstance(o, Rich)]


@given(st.lists(st.one_of(ESCAPES, st.text()), max_size=20), st.data())
def test_where_a_stream_is_cut_does_not_matter(
    parts: list[str], data: st.DataObject
) -> None:
    """A text printed in any pieces is one output, cleaned as one text."""
    text = "".join(parts).encode("utf-8", "replace").decode()
    transcript = Transcript()
    rest = text
    while rest:
        cut = data.draw(st.integers(1, len(rest)))
        transcript.add("stream", {"name": "stdout", "text": rest[:cut]})
        rest = rest[cut:]
    clean = plain_text(text)
    assert transcript.outputs() == ((Stream(text=clean),) if clean else ())


@given(
    st.lists(
        st.sampled_from(
            [
                ("stream", {"name": "stdout", "text": "x" * 400_000}),
                ("stream", {"name": "stderr", "text": "y"}),
                ("display_data", shown("z" * 300_000, "one")),
                ("update_display_data", shown("w" * 900_000, "one")),
                ("clear_output", {"wait": True}),
                ("clear_output", {"wait": False}),
                ("error", {"ename": "E", "evalue": "e", "traceback": []}),
            ]
        ),
        max_size=60,
    )
)
def test_what_is_kept_is_bounded(messages: list[tuple[str, dict[str, Any]]]) -> None:
    """No sequence of messages makes a transcript grow beyond its limit by much."""
    transcript = Transcript()
    for kind, content in messages:
        transcript.add(kind, content)
    kept = sum(
        len(o.text) if isinstance(o, Stream) else sum(map(len, o.data.values()))
        for o in transcript.outputs()
        if not isinstance(o, CellError)
    )
    assert kept <= MAX_TEXT_CHARS + 1_000_000 + 1_000


def test_very_many_small_outputs_are_too_many() -> None:
    """An output weighs more than its text, so small ones cannot fill the memory."""
    transcript = Transcript()
    for number in range(20_000):
        transcript.add("display_data", shown(str(number)))
    assert transcript.is_full
    assert len(transcript.outputs()) < 20_000


def test_an_update_replaces_what_was_displayed_before() -> None:
    """Every display with the updated id changes, in its place; others stay."""
    transcript = Transcript()
    for text, display_id in [("a", "1"), ("b", "2"), ("c", "1")]:
        transcript.add("display_data", shown(text, display_id))
    assert transcript.add("update_display_data", shown("new", "1")) is None
    transcript.add("update_display_data", shown("nobody's", "3"))
    assert texts(transcript.outputs()) == ["new", "b", "new"]


def test_clearing_waits_for_the_next_output_where_asked() -> None:
    """`clear_output(wait=True)` clears when something else is there to be seen."""
    transcript = Transcript()
    transcript.add("display_data", shown("a"))
    transcript.add("clear_output", {"wait": True})
    assert texts(transcript.outputs()) == ["a"]
    transcript.add("display_data", shown("b"))
    assert texts(transcript.outputs()) == ["b"]
    transcript.add("clear_output", {"wait": False})
    assert transcript.outputs() == ()


def test_kinds_that_are_not_safe_never_get_in() -> None:
    """Scripts and drawings that carry scripts are not shown, nor counted."""
    transcript = Transcript()
    bundle = {"application/javascript": "alert(1)", "image/svg+xml": "<svg/>"}
    assert transcript.add("display_data", {"data": bundle}) is None
    assert transcript.outputs() == ()


def test_half_characters_are_replaced() -> None:
    """All text can be written to a file, whatever the kernel sent."""
    transcript = Transcript()
    transcript.add("stream", {"name": "stdout", "text": "a\ud800b"})
    transcript.add("display_data", shown("c\udfffd"))
    assert transcript.outputs() == (
        Stream(text="a?b"),
        Rich(data={"text/plain": "c?d"}),
    )


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {}),
        ("stream", {"name": "stdout", "text": 5}),
        ("display_data", {"data": None}),
        ("error", {"ename": 5}),
    ],
)
def test_a_malformed_message_raises(kind: str, content: dict[str, Any]) -> None:
    """A kernel that sends nonsense is found out rather than believed."""
    with pytest.raises((KeyError, AttributeError, TypeError)):
        Transcript().add(kind, content)
