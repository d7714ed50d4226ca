"""The facts: they round-trip, are stamped in order, and deltas are not kept."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst import events
from analyst.events import (
    CellFinished,
    Event,
    Journal,
    OutputAdded,
    Rich,
    RunStarted,
    Sandbox,
    StepStarted,
    Stream,
    TextDelta,
    from_json,
    to_json,
)

# JSON knows no infinity, and nothing takes forever.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(
    Rich, st.builds(Rich, data=st.dictionaries(st.text(), st.text()))
)


@given(st.from_type(Event))
def test_round_trip(event: Event) -> None:
    """Any event that is written as JSON is read back equal."""
    assert from_json(to_json(event)) == event


@pytest.mark.parametrize("kind", get_args(Event))
def test_shape(kind: type) -> None:
    """Every event is frozen, says what it is, and ends with its own tag."""
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert kind.__doc__
    assert fields(kind)[-1].name == "kind"


def test_tags_are_unique() -> None:
    """No two events share a tag."""
    tags = [fields(kind)[-1].default for kind in get_args(Event)]
    assert len(tags) == len(set(tags))


def test_sse_frame() -> None:
    """A frame names its event and holds it on one line."""
    event = StepStarted(title="a\nb")
    head, data, *rest = event.to_sse().split("\n")
    assert head == "event: step.started"
    assert json.loads(data.removeprefix("data: "))["title"] == "a\nb"
    assert rest == ["", ""]


def test_journal_stamps_in_order_and_keeps_no_deltas() -> None:
    """Facts are numbered as they come, by question; deltas are numbered and gone."""
    journal = Journal()
    asked = RunStarted(text="?", model="m", sandbox=Sandbox(name="none"), at="now")
    added = [
        journal.add(event)
        for event in (
            asked,
            TextDelta(text="a"),
            OutputAdded(output=Stream(text="b")),
            StepStarted(title="c"),
            asked,
        )
    ]
    assert [event.seq for event in added] == [1, 2, 3, 4, 5]
    assert [event.question for event in added] == [1, 1, 1, 1, 2]
    assert [event.seq for event in journal.events] == [1, 4, 5]


def test_public_names_exist() -> None:
    """All that the module promises is there."""
    assert all(hasattr(events, name) for name in events.__all__)
    assert CellFinished(status="ok", seconds=0, outputs=(Rich(data={}),)).ok
