"""What the rooms of the house ask of each other, by shape.

The agent, the models, the kernel, the data and the notebook do not import each
other. Each satisfies one of these shapes or asks for it, and the session puts them
together. A double that has the shape is as good as the real thing: see
`analyst.testing`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from analyst.events import (
    CellError,
    CellRole,
    CellStatus,
    Output,
    Privacy,
    Sandbox,
    Table,
    ToolCall,
    Usage,
    Wire,
)

__all__ = [
    "Cell",
    "Collected",
    "Data",
    "Execution",
    "Kernel",
    "Looked",
    "Message",
    "Model",
    "Preview",
    "Reply",
    "Request",
    "Tool",
]


# Model: one turn of conversation.


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One entry of the conversation that a model reads."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    """What an assistant asked for."""
    call: str = ""
    """The id of the call that a tool answers."""
    images: tuple[str, ...] = ()
    """PNG as base64, for a model that can see."""
    replay: str = ""
    """`Reply.replay` of the turn that this was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the model may ask for."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON schema of its arguments, an object."""
    fence: str = ""
    """Language of the fenced block by which a model without tools asks for it."""
    main: str = ""
    """The argument that such a block holds; empty: all of them, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that a model may know for its next turn."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    question: str
    """The question being answered; a language model finds it in the messages too."""
    tables: tuple[Table, ...] = ()
    """The tables in the kernel; a language model finds them in the messages too."""
    max_output_tokens: int | None = None
    """How long the reply may become, where a budget asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A request as it would be sent."""

    url: str
    """Empty where nothing would be sent anywhere."""
    body: Mapping[str, Any]
    tokens: int
    """An estimate from lengths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One whole turn of a model."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage(requests=1)  # noqa: RUF009 - frozen
    truncated: bool = False
    """It was cut off at a limit of length, or the connection ended early."""
    refused: bool = False
    """The provider's own rules stopped the reply; `text` says what it said."""
    wire: Wire = ""
    notes: tuple[str, ...] = ()
    """A sentence each: what was done otherwise for the sake of this server."""
    replay: str = ""
    """What the server wants to see again with this turn; only its wire reads it."""


class Model(Protocol):
    """Whoever takes the next turn."""

    @property
    def name(self) -> str:
        """What the user calls it: `gpt-4.1-mini`, `offline`."""
        ...

    @property
    def window_tokens(self) -> int:
        """How much it can read at once, on the safe side where that is not known."""
        ...

    @property
    def takes_images(self) -> bool:
        """It was not seen to refuse pictures."""
        ...

    def price(self, usage: Usage) -> float | None:
        """US dollars that `usage` costs there; None where that is not known."""
        ...

    def preview(self, request: Request) -> Preview:
        """The request as `stream` would send it first."""
        ...

    async def prepare(self) -> None:
        """Get ready for the first turn: from now on the name is known.

        Raises:
            ModelError: the server cannot be used, or leaves a choice.
        """
        ...

    def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield text as it is written, and at last the whole `Reply`.

        Raises:
            ContextTooLong: the messages are longer than the model can read.
            ModelError: the server cannot be used.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


# Kernel: one live namespace.


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How a cell ended and all that it put out."""

    status: CellStatus
    outputs: tuple[Output, ...]
    """In order, adjacent pieces of one stream joined, the error last."""
    seconds: float
    files: tuple[str, ...] = ()
    """What a failed cell changed in the user's folder, where nothing kept it apart."""

    @property
    def error(self) -> CellError | None:
        """The exception that ended the cell.

        For a timeout, a death or an interrupt the client of the kernel makes one up.
        """
        last = self.outputs[-1] if self.outputs else None
        return last if isinstance(last, CellError) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What became of the files that cells wrote."""

    files: tuple[str, ...] = ()
    """Those that were copied out, by their paths relative to the folder."""
    left: tuple[str, ...] = ()
    """A sentence each: what was not copied, or under another name, and why."""


class Kernel(Protocol):
    """One persistent namespace in which cells run one after the other."""

    @property
    def sandbox(self) -> Sandbox:
        """What holds the code, and how far."""
        ...

    async def start(self) -> None:
        """Start the process.

        Raises:
            KernelStartError: it did not come up.
        """
        ...

    def execute(
        self, source: str, *, timeout_seconds: float, hidden: bool = False
    ) -> AsyncIterator[Output | Execution]:
        """Run a cell: yield its output as it comes, and at last its `Execution`.

        A Python error, a timeout and the death of the kernel are results, not
        exceptions. When the iterator is closed before its end, the cell is
        interrupted. `hidden` leaves no trace in the history of the kernel.
        """
        ...

    async def rollback(self, sources: Sequence[str], *, timeout_seconds: float) -> None:
        """Make a fresh process whose memory is what `sources` make of it, in order.

        Raises:
            KernelStartError: the fresh process did not come up.
            ReplayError: a source did not succeed this time.
        """
        ...

    async def collect(self) -> Collected:
        """Copy out what cells wrote in the working folder, beside the notebook.

        Nothing is to be done where they wrote it there themselves.
        """
        ...

    async def close(self) -> None:
        """End the process and all that it started."""
        ...


# Data: what the question is about.


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell to be executed and kept."""

    source: str
    role: CellRole
    purpose: str = ""
    step: int = 0
    """The step of a plan that it belongs to, from 1; 0 where to none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the probe saw in the tables."""

    tables: tuple[Table, ...]
    joins: Mapping[Privacy, tuple[str, ...]]
    """How they join, a sentence each, as far as each level of privacy lets it be told;
    `samples` is all of it."""
    oddities: Mapping[Privacy, tuple[str, ...]]
    """What is odd in them, likewise."""


class Data(Protocol):
    """The tables of a session, before they are in the kernel."""

    @property
    def sniffing(self) -> str:
        """Code for a hidden cell that finds out how the files are read, and prints.

        Empty where there is nothing to find out.
        """
        ...

    def sniffed(self, printed: str) -> Data:
        """The data as they are known from what sniffing printed.

        Raises:
            InputError: a file holds no table that can be read.
        """
        ...

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Plain code that brings the tables into the kernel, once files are sniffed."""
        ...

    @property
    def stays_in_files(self) -> bool:
        """A table is too large for memory: each cell that asks it reads its file."""
        ...

    @property
    def probe(self) -> str:
        """Code for a hidden cell that looks at the loaded tables and prints."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence each: what was noticed and not decided for the user."""
        ...

    def looked_at(self, printed: str) -> Looked:
        """What the probe printed, read as the untrusted text that it is.

        Raises:
            InputError: it does not describe the tables.
        """
        ...
