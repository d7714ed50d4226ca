"""`Analyst`: the session for code that does not await."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from analyst.events import Event
from analyst.run import Run
from analyst.seams import Model, Preview
from analyst.session.analyst import AsyncAnalyst
from analyst.session.portal import Portal, Pulled
from analyst.settings import Settings

__all__ = ["Analyst"]


class Analyst:
    """`AsyncAnalyst` for code that does not await: scripts and notebook cells.

    Example:
        >>> with Analyst("sales.csv") as analyst:  # doctest: +SKIP
        ...     run = analyst.ask("Which region grew?")
    """

    def __init__(
        self,
        data: Any,  # noqa: ANN401 - a path, a DataFrame, a dict or list of them
        *,
        model: str | Model | None = None,
        notebook: str | Path | None = None,
        env_file: str | Path | None = None,
        **settings: Any,  # noqa: ANN401 - the fields of Settings
    ) -> None:
        """Open the data; nothing runs yet. Arguments as for `AsyncAnalyst`."""
        self._analyst = AsyncAnalyst(
            data, model=model, notebook=notebook, env_file=env_file, **settings
        )
        self._portal = Portal()
        self._events: Pulled[Event] | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._analyst.settings

    @property
    def notebook(self) -> Path | None:
        """Where the notebook is; None before there is one."""
        return self._analyst.notebook

    @property
    def run(self) -> Run | None:
        """The latest finished question."""
        return self._analyst.run

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed in the data and not decided for the user."""
        return self._analyst.warnings

    def stream(self, question: str) -> Pulled[Event]:
        """Answer a question and yield every event as it happens.

        A KeyboardInterrupt leaves the iterator usable: call `interrupt` and go on.
        """
        if self._events is not None:
            self._events.close()
        self._events = Pulled(self._portal, self._analyst.stream(question))
        return self._events

    def ask(self, question: str) -> Run:
        """Answer a question. An interrupt ends it with what it has, a second raises."""
        events = self.stream(question)
        interrupts = 0
        while True:
            try:
                for _ in events:
                    pass
            except KeyboardInterrupt:
                interrupts += 1
                if interrupts > 1:
                    events.close()
                    raise
                self.interrupt()
            else:
                assert self.run is not None
                return self.run

    def preview(self, question: str) -> Preview:
        """The request with which work on a question would begin; nothing is sent.

        Raises:
            InputError, KernelError: as in `AsyncAnalyst.preview`.
        """
        if self._events is not None:
            self._events.close()
        return self._portal.call(self._analyst.preview(question))

    def interrupt(self) -> None:
        """End the running question soon, with what it has. From any thread."""
        self._portal.soon(self._analyst.interrupt)

    def close(self) -> None:
        """End the kernel, the model's connections and the loop."""
        if self._portal.closed:
            return
        try:
            if self._events is not None:
                self._events.close()
        finally:
            self._portal.call(self._analyst.close())
            self._portal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
