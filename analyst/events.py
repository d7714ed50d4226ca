"""What happens during a run, in the order it happens: the facts.

A run is a list of these. What the model reads, what the notebook keeps, what a
person watches and what is remembered are all projections of that one list, so an
event holds what happened and nothing about how it is shown.

Every class is frozen and carries its place in the run; its last field, `kind`,
is its tag. `to_json` and `from_json` are the only border at which they leave or
enter the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    import pydantic

__all__ = [
    "AnswerGiven",
    "CallAnswered",
    "CellError",
    "CellFinished",
    "CellInspected",
    "CellRole",
    "CellStarted",
    "CellStatus",
    "Chart",
    "Column",
    "ColumnKind",
    "ConversationCompacted",
    "DataLoaded",
    "Event",
    "Fact",
    "FilesCollected",
    "FindingRecorded",
    "Holding",
    "Journal",
    "KernelRestarted",
    "ModelPrompted",
    "NotebookVerified",
    "NotebookWritten",
    "Output",
    "OutputAdded",
    "PlanMade",
    "Privacy",
    "Protection",
    "ReplyReceived",
    "Rich",
    "RolledBack",
    "RunFinished",
    "RunStarted",
    "Sandbox",
    "StepFinished",
    "StepStarted",
    "Stop",
    "Stream",
    "Table",
    "TextDelta",
    "ToolCall",
    "Usage",
    "VerdictStatus",
    "Wire",
    "from_json",
    "latest",
    "of_question",
    "to_json",
]

Stop: TypeAlias = Literal[
    "answered", "partial", "steps", "tokens", "cost", "seconds", "interrupted", "failed"
]
"""Why a run ended. `partial`: a step was given up, the rest was answered."""

VerdictStatus: TypeAlias = Literal[
    "reproduced", "reproduced_within_tolerance", "differs", "failed", "unchecked"
]
"""What became of the notebook when it was executed again from zero."""

CellRole: TypeAlias = Literal[
    "parameters", "setup", "load", "step", "findings", "answer"
]
"""What a cell is for."""

CellStatus: TypeAlias = Literal["ok", "error", "timeout", "died", "interrupted"]
"""How a cell ended."""

ColumnKind: TypeAlias = Literal["int", "float", "bool", "str", "date", "other"]
"""What a column holds. `date`: parsed; dates that are text are `str`."""


# What a cell puts out.


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Text that was printed."""

    name: Literal["stdout", "stderr"] = "stdout"
    text: str
    kind: Literal["stream"] = "stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rich:
    """A value or a figure: MIME type to content, PNG as base64.

    Only kinds that are safe to show are ever in here (`analyst.outputs`).
    """

    data: Mapping[str, str]
    is_result: bool = False
    """The value of the cell's last line, rather than something displayed."""
    kind: Literal["rich"] = "rich"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellError:
    """An exception in a cell. Data for the model, never raised here."""

    name: str
    message: str
    traceback: str = ""
    """As the kernel wrote it, without colour codes."""
    kind: Literal["error"] = "error"


Output: TypeAlias = Stream | Rich | CellError


# What events are made of.


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one reply, or of several added up."""

    fresh_tokens: int = 0
    """Input that the server had to read anew."""
    cached_tokens: int = 0
    """Input that the server found in its cache."""
    output_tokens: int = 0
    """Written by the model, reasoning included."""
    reasoning_tokens: int = 0
    """The part of the output that was thinking."""
    requests: int = 0
    estimated: bool = False
    """The server reported none; the figures are estimates from lengths."""
    cost_usd: float | None = None
    """US dollars by the provider's list of prices; None where that is not known."""

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return self.fresh_tokens + self.cached_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        costs = [usage.cost_usd for usage in (self, other) if usage.requests]
        known = [cost for cost in costs if cost is not None]
        return Usage(
            fresh_tokens=self.fresh_tokens + other.fresh_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            requests=self.requests + other.requests,
            estimated=self.estimated or other.estimated,
            # The price of a part is not the price of the whole.
            cost_usd=sum(known) if known and len(known) == len(costs) else None,
        )


Holding: TypeAlias = Literal["held", "partial", "open"]
"""Whether a protection keeps what it says: always, in part, or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One thing that a sandbox is there for, and whether it was seen to hold."""

    name: str
    holding: Holding
    note: str = ""
    """Where it does not hold: what is not held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """What holds code that was not written by the user."""

    name: Literal["bwrap", "landlock", "none"]
    protections: tuple[Protection, ...] = ()
    """Each as it was found by trying; empty where none was tried."""

    def __str__(self) -> str:
        """Its name, and what it does not hold.

        >>> gap = Protection(name="disk", holding="partial", note="disk partly bounded")
        >>> str(Sandbox(name="landlock", protections=(gap,)))
        'landlock (disk partly bounded)'
        """
        if self.name == "none":
            return "none"
        gaps = [p.note or f"{p.name} {p.holding}" for p in self.gaps]
        return f"{self.name} ({', '.join(gaps)})" if gaps else self.name

    def as_words(self) -> dict[str, Any]:
        """Its name, and the protections by how far they hold, for JSON."""
        words: dict[str, Any] = {"name": self.name}
        for holding in ("held", "partial", "open"):
            words[holding] = [p.name for p in self.protections if p.holding == holding]
        return words

    @property
    def gaps(self) -> tuple[Protection, ...]:
        """The protections that do not hold in full."""
        return tuple(p for p in self.protections if p.holding != "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool that the model wants used."""

    id: str
    """Never empty and unique within the run."""
    name: str
    arguments: str
    """A JSON object, as text, exactly as the model wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table, and what is known of it. All of it comes from the data."""

    name: str
    """Exactly as in the table, however odd."""
    kind: ColumnKind
    missing: int = 0
    distinct: int = 0
    """Different values, missing not counted; of a sample where `sampled`."""
    unique: bool = False
    """No value occurs twice and none is missing."""
    sampled: bool = False
    """The table is so large that distinct values were counted in a sample."""
    low: str = ""
    """The smallest number or date, as text; empty where there is none."""
    median: str = ""
    high: str = ""
    values: tuple[str, ...] = ()
    """Spellings: all where there are few, else the most frequent, clipped."""
    text_of: Literal["", "numbers", "dates"] = ""
    """What a column of text holds where it is not just text."""
    suspicious: int = 0
    """Values, its name included, that read like an order to a language model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that is in the kernel under its name, and what is known of it."""

    name: str
    """The variable in the kernel."""
    path: str
    """As written in the notebook, relative to its folder where that is possible."""
    sha256: str
    bytes: int
    rows: int
    columns: tuple[Column, ...]
    profile: str
    """A line a column, for the model: kind, range, values, missing."""
    more_columns: int = 0
    """How many there are beyond those in `columns`, which are the first."""
    in_place: bool = False
    """Too large for memory: it is a DuckDB relation over its file, not a DataFrame."""


Privacy: TypeAlias = Literal["samples", "aggregates", "schema"]
"""What a model gets to know of the data: ranges, spellings and outputs; numbers of
groups of five rows or more; names and types of columns alone."""

Wire: TypeAlias = Literal["", "chat", "responses", "text"]
"""How a server is spoken to: chat completions, the Responses API, or chat completions
without tools, code standing in fenced blocks. Empty: there is no server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a figure shows, found by looking at its parts. It comes from the kernel."""

    title: str = ""
    x: str = ""
    """Labels of the axes, of all panels, joined."""
    y: str = ""
    panels: int = 1
    marks: int = 0
    """Points, bars and the like, of all panels together."""
    series: int = 0
    """Lines, groups of bars, clouds of points, images."""
    problems: tuple[str, ...] = ()
    """A few words each: `no title`, `tick labels overlap`, `empty panel`."""


# The events.


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """The place of an event in its run; 0 stands for none."""

    seq: int = 0
    """Counts all events of a session, from 1."""
    question: int = 0
    """Counts the questions of a session, from 1."""
    branch: int = 0
    step: int = 0
    """Counts the steps of a question, from 1."""
    cell: int = 0
    """Counts the cells of a session, from 1, failed ones included."""
    attempt: int = 0
    """1 for the first attempt at a step's cell, 2 for its first fix, ..."""

    def to_sse(self) -> str:
        """The event as a frame of server-sent events."""
        return f"event: {self.kind}\ndata: {to_json(self)}\n\n"  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Fact):
    """A question was asked."""

    text: str
    model: str
    sandbox: Sandbox
    kernel: str = "python3"
    """The kernelspec of the environment that the cells run in."""
    at: str
    """When, in ISO 8601 with its offset."""
    marker: str = ""
    """What stands around all that is quoted to the model: random, one a session."""
    privacy: Privacy = "samples"
    kind: Literal["run.started"] = "run.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataLoaded(Fact):
    """The tables are in the kernel and have been looked at."""

    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    """A sentence each: what was repaired, noticed, or not decided for the user."""
    told: tuple[str, ...] = ()
    """Those of them that the model may know."""
    kind: Literal["data.loaded"] = "data.loaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade(Fact):
    """It is decided in which steps the question will be answered."""

    steps: tuple[str, ...]
    origin: Literal["model", "default", "notebook"]
    """`default`: the model gave no usable plan, so a sensible one stands in.
    `notebook`: the steps of an earlier run, done again."""
    kind: Literal["plan.made"] = "plan.made"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Fact):
    """Work on a step of the plan began."""

    title: str
    kind: Literal["step.started"] = "step.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta(Fact):
    """The model said a little more. Streamed and not stored."""

    text: str
    kind: Literal["text.delta"] = "text.delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReceived(Fact):
    """The model finished a reply."""

    text: str
    calls: tuple[ToolCall, ...]
    usage: Usage
    seconds: float
    truncated: bool = False
    """It was cut off at a limit of length; its calls cannot be trusted."""
    wire: Wire = ""
    notes: tuple[str, ...] = ()
    """A sentence each: what was done otherwise for the sake of this server."""
    replay: str = ""
    """What the server wants to see again with this turn; only its wire reads it."""
    kind: Literal["reply.received"] = "reply.received"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(Fact):
    """A tool call got its answer. What a cell put out is said by the cell's facts."""

    call: str
    text: str
    about: Literal["", "numbers", "repeated"] = ""
    """`numbers`: the model typed some that no output confirms. `repeated`: it sent code
    again that would come to the same end, so it was not run."""
    kind: Literal["call.answered"] = "call.answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPrompted(Fact):
    """The model was told something that neither the user nor a tool said."""

    text: str
    about: Literal["go_on", "numbers", "answer", "limit", "charts"]
    """`numbers`: it typed some that no output confirms. `answer`: what it gave as
    finding or answer could not be computed. `limit`: the next reply is its last.
    `charts`: it is to look at the figures of `cells`."""
    cells: tuple[int, ...] = ()
    limit: Literal["", "steps", "tokens", "cost", "seconds"] = ""
    """Which limit it is for whose sake the next reply is its last."""
    kind: Literal["model.prompted"] = "model.prompted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStarted(Fact):
    """A cell was sent to the kernel."""

    source: str
    role: CellRole
    purpose: str = ""
    call: str = ""
    """The id of the tool call that asked for it."""
    whole: bool = False
    """The model asked to read all that it puts out."""
    kind: Literal["cell.started"] = "cell.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputAdded(Fact):
    """A cell put something out. Streamed and not stored: its end says it all."""

    output: Output
    kind: Literal["output.added"] = "output.added"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFinished(Fact):
    """A cell has all the output it will ever have."""

    status: CellStatus
    seconds: float
    outputs: tuple[Output, ...] = ()
    """In order; what was updated or cleared on the way is as it was in the end."""
    error: CellError | None = None
    files: tuple[str, ...] = ()
    """What it changed in the user's folder, if it failed and nothing kept it apart."""
    kind: Literal["cell.finished"] = "cell.finished"

    @property
    def ok(self) -> bool:
        """The cell did all that it was to do."""
        return self.status == "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellInspected(Fact):
    """The figures and the result of a cell that succeeded were looked at."""

    charts: tuple[Chart, ...] = ()
    result: str = ""
    """What may be told of its value where outputs themselves may not."""
    kind: Literal["cell.inspected"] = "cell.inspected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationCompacted(Fact):
    """The model reads one line in place of each result before `through`."""

    through: int
    """Number (`seq`) of the newest fact that is told in short."""
    tokens: int
    """Estimate of what the conversation took before."""
    kind: Literal["conversation.compacted"] = "conversation.compacted"


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelRestarted(Fact):
    """The kernel process was replaced by a fresh one."""

    reason: str
    kind: Literal["kernel.restarted"] = "kernel.restarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack(Fact):
    """Nothing that the failed cell did is left in memory, nor in a sandbox's files."""

    how: Literal["replay", "unchanged"]
    """`unchanged`: the cell could not have run, so there was nothing to undo."""
    cells_replayed: int
    seconds: float
    files: tuple[str, ...] = ()
    """What the cell changed on disk, where that could not be undone."""
    kind: Literal["kernel.rolled_back"] = "kernel.rolled_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecorded(Fact):
    """Something was found out, with its numbers computed in the kernel."""

    text: str
    template: str
    cells: tuple[int, ...] = ()
    """The cells that it rests on."""
    unbound: tuple[str, ...] = ()
    """Numbers typed by the model that no output confirms."""
    kind: Literal["finding.recorded"] = "finding.recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished(Fact):
    """Work on a step ended."""

    status: Literal["done", "given_up"]
    kind: Literal["step.finished"] = "step.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven(Fact):
    """The question was answered, with the numbers computed in the kernel."""

    text: str
    """Markdown."""
    template: str
    unbound: tuple[str, ...] = ()
    """Numbers typed by the model that no output confirms."""
    complete: bool = True
    """False where some of its numbers could not be computed."""
    kind: Literal["answer.given"] = "answer.given"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Fact):
    """The work on a question ended."""

    stop: Stop
    reason: str = ""
    """One sentence, where `stop` is not `answered`."""
    usage: Usage = field(default_factory=Usage)
    seconds: float
    kind: Literal["run.finished"] = "run.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesCollected(Fact):
    """What cells wrote was copied out of the sandbox, to the notebook's folder."""

    files: tuple[str, ...]
    """Their paths, relative to that folder."""
    left: tuple[str, ...] = ()
    """A sentence each: what was not copied, and why."""
    kind: Literal["files.collected"] = "files.collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookWritten(Fact):
    """The finished notebook is on disk; what it is worth is not known yet."""

    path: str
    kind: Literal["notebook.written"] = "notebook.written"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookVerified(Fact):
    """The notebook was executed again from zero and compared."""

    path: str
    status: VerdictStatus
    differences: tuple[str, ...] = ()
    seconds: float
    kind: Literal["notebook.verified"] = "notebook.verified"


Event: TypeAlias = (
    RunStarted
    | DataLoaded
    | PlanMade
    | StepStarted
    | TextDelta
    | ReplyReceived
    | CallAnswered
    | ModelPrompted
    | CellStarted
    | OutputAdded
    | CellFinished
    | CellInspected
    | ConversationCompacted
    | KernelRestarted
    | RolledBack
    | FindingRecorded
    | StepFinished
    | AnswerGiven
    | RunFinished
    | FilesCollected
    | NotebookWritten
    | NotebookVerified
)

E = TypeVar("E", bound=Fact)


class Journal:
    """The facts of a session, in order: append-only, each stamped with its number.

    >>> journal = Journal()
    >>> journal.add(StepStarted(step=1, title="Look")).seq
    1
    """

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._seq = 0
        self.question = 0

    def add(self, event: E) -> E:
        """Stamp `event` with its number and its question, keep it, and return it.

        Deltas are stamped but not kept: the reply, or the end of the cell, says all.
        """
        self._seq += 1
        if isinstance(event, RunStarted):
            self.question += 1
        stamped = replace(event, seq=self._seq, question=self.question)
        if not isinstance(stamped, TextDelta | OutputAdded):
            self._events.append(cast("Event", stamped))
        return stamped

    @property
    def events(self) -> tuple[Event, ...]:
        """All facts so far."""
        return tuple(self._events)


def of_question(events: Iterable[Event], question: int) -> tuple[Event, ...]:
    """The events that belong to one question."""
    return tuple(event for event in events if event.question == question)


def latest(events: Sequence[Event], kind: type[E]) -> E | None:
    """The newest event of a kind, or None."""
    return next((event for event in reversed(events) if isinstance(event, kind)), None)


@cache
def _adapter() -> pydantic.TypeAdapter[Event]:
    import pydantic  # noqa: PLC0415 - only the border needs it, and it is slow

    return pydantic.TypeAdapter(Annotated[Event, pydantic.Discriminator("kind")])


def to_json(event: Fact) -> str:
    """One line of JSON that `from_json` reads back to an equal event."""
    return _adapter().dump_json(cast("Event", event)).decode()


def from_json(text: str) -> Event:
    """The event that `to_json` wrote.

    Raises:
        ValueError: the text is not an event.
    """
    return _adapter().validate_json(text)
