"""The live display, drawn on a real console into memory."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
from rich.console import Console

from analyst.events import (
    AnswerGiven,
    CellFinished,
    CellStarted,
    Event,
    ModelPrompted,
    TextDelta,
)
from analyst.faces.face import watch
from analyst.faces.terminal import Terminal

Story = Callable[..., list[Event]]


class Screen:
    """A console that keeps what was drawn; `text` is what is drawn since last asked."""

    def __init__(self, width: int = 80) -> None:
        self._written = io.StringIO()
        self.console = Console(
            file=self._written,
            force_terminal=True,
            color_system="standard",
            width=width,
            height=50,
            highlight=False,
            _environ={"TERM": "xterm"},
        )

    @property
    def raw(self) -> str:
        """All that was written, codes included."""
        return self._written.getvalue()

    def text(self) -> str:
        """What was written since the last call, without codes."""
        raw = self._written.getvalue()
        self._written.seek(0)
        self._written.truncate()
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", raw)


def drawn_after(events: list[Event], last: Callable[[Event], bool]) -> str:
    """The picture after the first event that `last` accepts."""
    screen = Screen()
    with Terminal(screen.console) as terminal:
        for event in events:
            terminal.show(event)
            if last(event):
                break
        screen.text()
        terminal._live.refresh()
        return screen.text()


def test_plan_has_ticks_and_the_running_code(story: Story) -> None:
    """While a cell runs: what is done, what runs, what is to come, and the code."""
    picture = drawn_after(
        story(), lambda e: isinstance(e, CellStarted) and e.attempt == 2
    )
    assert "✓ Monthly revenue" in picture
    assert "● Split by region" in picture
    assert "○ Prices" in picture
    assert "by_region = sales.pivot_table" in picture
    assert "attempt 2, after KeyError: 'regoin'" in picture
    assert "~1,200 fresh + 3,400 cached + 260 out tokens" in picture
    assert "sandbox: none" in picture


def test_error_is_shown_by_its_last_line(story: Story) -> None:
    """When a cell has failed, the error stands there until it is mended."""
    picture = drawn_after(
        story(), lambda e: isinstance(e, CellFinished) and e.error is not None
    )
    assert "⚠ KeyError: 'regoin'" in picture


def test_asides_are_shown_while_they_are_news(story: Story) -> None:
    """What was done otherwise, and why, stands in the picture of the running work."""
    early = drawn_after(story(), lambda e: isinstance(e, CellStarted) and e.cell == 2)
    assert "· localhost wants no stream_options" in early
    late = drawn_after(story(), lambda e: isinstance(e, ModelPrompted))
    assert "· near a limit, the model was asked for its last reply" in late


def test_long_code_is_clipped(story: Story) -> None:
    """Of long code a dozen lines are shown, and how many are not."""
    code = "\n".join(f"line_{n} = {n}" for n in range(40))
    picture = drawn_after(
        story(code=code), lambda e: isinstance(e, CellStarted) and e.attempt == 2
    )
    assert "line_11" in picture
    assert "line_12" not in picture
    assert "… 28 more" in picture


def test_speech_shows_no_template(story: Story) -> None:
    """What the model streams is shown without the names of values not yet computed."""
    events = story()
    picture = drawn_after(events, lambda e: isinstance(e, TextDelta))
    assert "it fell by …" in picture
    assert "{dr" not in picture


def test_answer_is_shown_while_the_verdict_is_pending(story: Story) -> None:
    """The answer does not wait for its verdict, and says that it has none yet."""
    screen = Screen()
    events = story()
    with Terminal(screen.console) as terminal:
        for event in events[:-1]:
            terminal.show(event)
        text = screen.text()
    assert "Revenue fell 19.0 % in March" in text
    assert text.index("Revenue fell 19.0 %") < text.index("verdict pending")


def test_summary_stays(story: Story) -> None:
    """What stays: the answer, findings, doubtful numbers, verdict and notebook."""
    screen = Screen(width=120)
    watch(story(), Terminal(screen.console))
    text = screen.text()
    summary = text[text.rindex("Why did revenue fall in March?") :]
    for words in (
        "✓ Split by region",
        "✗ Prices",
        "not confirmed by any output: 42",
        "• South fell by 57 %.",
        "not confirmed by any output: 57",
        "partial in 7.3 s: One step was given up.",
        "260 out tokens, ~$0.0042",
        "· localhost wants no stream_options",
        "· figure: tick labels overlap, no title",
        "· the conversation was shortened",
        "verdict   reproduced",
        "notebook  /tmp/march.ipynb",
    ):
        assert words in summary


@pytest.mark.parametrize("width", [20, 80])
def test_text_of_models_and_data_is_only_text(story: Story, width: int) -> None:
    """Neither markup nor terminal codes of a model have any effect."""
    nasty = "[red]x[/red] [/] \x1b]0;title\x07\x1b[2J\x9b2J over [link=http://evil]y\r"
    screen = Screen(width)
    events = story(
        question=nasty,
        answer=nasty,
        title=nasty,
        finding=nasty,
        code=nasty,
        error=nasty,
        note=nasty,
        problem=nasty,
    )
    with Terminal(screen.console) as terminal:
        for event in events:
            terminal.show(event)
            if isinstance(event, TextDelta | AnswerGiven):
                terminal.show(TextDelta(text=nasty))
    assert "\x1b]" not in screen.raw
    assert "\x1b[2J" not in screen.raw
    assert "\x9b" not in screen.raw
    assert "[red]x[/red]" in screen.raw.replace("\n", " ")


def test_failure_leaves_no_half_drawn_picture(story: Story) -> None:
    """An error that ends the run early puts the cursor back and hides nothing."""
    screen = Screen()

    def broken_off() -> Iterator[Event]:
        yield story()[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        watch(broken_off(), Terminal(screen.console))
    assert screen.raw.count("\x1b[?25l") == screen.raw.count("\x1b[?25h") > 0
