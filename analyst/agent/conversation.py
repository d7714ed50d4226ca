"""The conversation: what the model reads next, projected from the facts.

It is the same, byte for byte, up to the newest fact, so that a server finds it in its
cache. All that comes out of data or kernel stands between markers, made harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from string import Template

from analyst.agent.digest import clip, digest, shown_words
from analyst.agent.memory import tables, variables
from analyst.agent.privacy import (
    addendum,
    chart_words,
    error_name,
    profile,
    result_words,
)
from analyst.agent.reflection import diagnosis
from analyst.agent.repetition import same_errors
from analyst.agent.vision import images
from analyst.events import (
    CallAnswered,
    CellFinished,
    CellInspected,
    CellStarted,
    ConversationCompacted,
    DataLoaded,
    Event,
    ModelPrompted,
    ReplyReceived,
    RunStarted,
    latest,
    of_question,
)
from analyst.quoting import between_markers, quoted, quoted_block
from analyst.seams import Message
from analyst.settings import Settings

__all__ = ["conversation", "prompt"]

_MAX_SAID_BYTES = 16_000
"""Of a reply's text; a model that wrote more has lost its way."""
_MAX_NOTES = 10
"""What is noticed in the tables costs tokens in each request."""
_NOTE_CHARS = 200

_CUT_SHORT = "Not run: the work was cut short."


@cache
def prompt(name: str) -> str:
    """The text of `prompts/NAME.md`."""
    path = files(__package__).joinpath(f"prompts/{name}.md")
    return path.read_text(encoding="utf-8").strip()


def conversation(events: Sequence[Event], settings: Settings) -> tuple[Message, ...]:
    """What the model reads next."""
    marker = _marker(events)
    system = Template(prompt("system")).substitute(marker=marker)
    more = addendum(settings.privacy)
    text = f"{system}\n\n{more}" if more else system
    return (Message(role="system", text=text), *_turns(events, settings, marker))


def _marker(events: Sequence[Event]) -> str:
    """What stands around quoted text: that of the first question, for all of them."""
    first = next((e for e in events if isinstance(e, RunStarted)), None)
    return (first.marker if first else "") or "data"


def _turns(
    events: Sequence[Event], settings: Settings, marker: str
) -> Iterator[Message]:
    answers = _answers(events, settings, marker)
    loaded = latest(events, DataLoaded)
    had_limit = False
    for event in events:
        match event:
            case RunStarted(text=text):
                first = event.question == 1 and loaded is not None
                about = _profiles(loaded, settings, marker) if first and loaded else ""
                again = " (you may go on, and code runs again)" if had_limit else ""
                had_limit = False
                yield Message(role="user", text=f"{about}Question{again}: {text}")
            case ReplyReceived():
                yield Message(
                    role="assistant",
                    text=clip(event.text, _MAX_SAID_BYTES),
                    calls=event.calls,
                    replay=event.replay,
                )
                for call in event.calls:
                    answer = answers.get(call.id, _CUT_SHORT)
                    yield Message(role="tool", text=answer, call=call.id)
            case ModelPrompted():
                had_limit |= event.about == "limit"
                shown = images(events, event.cells) if _is_new(events, event) else ()
                yield Message(role="user", text=event.text, images=shown)
            case _:
                pass


def _profiles(loaded: DataLoaded, settings: Settings, marker: str) -> str:
    """The tables, as far as they may be known."""
    parts = [profile(table, settings.privacy) for table in loaded.tables]
    notes = loaded.told[:_MAX_NOTES]
    if notes:
        parts.append("\n".join(["Notes:", *(quoted(n, _NOTE_CHARS) for n in notes)]))
    return between_markers("\n\n".join(parts), marker) + "\n\n"


def _is_new(events: Sequence[Event], prompted: ModelPrompted) -> bool:
    """Whether no reply has come since: pictures are dear, and are sent once."""
    reply = latest(events, ReplyReceived)
    return reply is None or reply.seq < prompted.seq


def _answers(
    events: Sequence[Event], settings: Settings, marker: str
) -> dict[str, str]:
    """What each tool call was answered, by its id."""
    compacted = latest(events, ConversationCompacted)
    short_through = compacted.through if compacted else 0
    said: dict[str, str] = {}
    asked: dict[str, CellStarted] = {}
    ended = {e.cell: e for e in events if isinstance(e, CellFinished)}
    for event in events:
        match event:
            case CellStarted(call=call) if call and event.role == "step":
                asked[call] = event
            case CallAnswered(call=call, text=text):
                is_old = event.seq <= short_through
                said[call] = _first_line(text) if is_old else text
            case _:
                pass
    for call, started in asked.items():
        finished = ended.get(started.cell)
        if call in said or finished is None:
            continue
        if finished.seq <= short_through:
            said[call] = _outcome(finished)
        else:
            said[call] = _cell_answer(events, started, finished, settings, marker)
    return said


def _first_line(text: str) -> str:
    line, _, rest = text.partition("\n")
    return f"{line} […]" if rest else line


def _outcome(finished: CellFinished) -> str:
    """One line in the place of a result that the model has made use of already."""
    if finished.ok:
        return f"cell {finished.cell}: ran; its result is dropped here, not there."
    error = finished.error
    # Code can give a class any name, so only one that is known stands here.
    name = error_name(error, "schema") if error else finished.status
    return f"cell {finished.cell}: FAILED ({name}) and was undone."


def _cell_answer(
    events: Sequence[Event],
    started: CellStarted,
    finished: CellFinished,
    settings: Settings,
    marker: str,
) -> str:
    if finished.status == "ok":
        shown = _result(events, started, finished, settings)
        return f"cell {started.cell}:\n{between_markers(quoted_block(shown), marker)}"
    before = [e for e in events if e.seq < started.seq]
    columns = [column.name for table in tables(before) for column in table.columns]
    return diagnosis(
        started,
        finished,
        known=[*columns, *variables(before)],
        fixes_left=settings.max_fixes - started.attempt + 1,
        same=same_errors(of_question(events, started.question), finished),
        privacy=settings.privacy,
        marker=marker,
    )


def _result(
    events: Sequence[Event],
    started: CellStarted,
    finished: CellFinished,
    settings: Settings,
) -> str:
    """What may be told of a cell that succeeded, and of its figures."""
    inspected = next(
        (e for e in events if isinstance(e, CellInspected) and e.cell == started.cell),
        None,
    )
    charts = inspected.charts if inspected else ()
    if settings.privacy != "samples":
        told = result_words(inspected, finished.outputs, settings.privacy)
    elif started.whole:
        told = clip(shown_words(finished.outputs), settings.output_bytes)
    else:
        told = digest(finished.outputs, max_tokens=settings.result_tokens)
    return "\n".join([told, *(chart_words(c, settings.privacy) for c in charts)])
