"""Looking at what a cell left behind: its figures, and what may be told of its result.

The cells that look are hidden: they are no part of the notebook and leave no name. What
they print comes from the kernel and is read as such.
"""

from __future__ import annotations

from analyst.agent.charts import read_charts, report_source, watch_source
from analyst.agent.desk import Desk
from analyst.agent.memory import tables
from analyst.agent.privacy import aggregates_probe, known_names, read_aggregates
from analyst.events import (
    CellFinished,
    CellInspected,
    CellStarted,
    Chart,
    Output,
    Rich,
)

__all__ = ["inspect", "watch_figures"]


async def watch_figures(desk: Desk) -> None:
    """Have a fresh kernel look at each figure before it is closed."""
    await desk.ask(watch_source())


async def inspect(desk: Desk, finished: CellFinished) -> None:
    """Make it a fact what a cell that succeeded drew and came to, where it matters."""
    charts = await _charts(desk) if any(map(_is_figure, finished.outputs)) else ()
    has_result = any(isinstance(o, Rich) and o.is_result for o in finished.outputs)
    wanted = has_result and desk.settings.privacy == "aggregates"
    result = await _aggregates(desk) if wanted else ""
    if charts or result:
        await desk.add(
            CellInspected(
                charts=charts,
                result=result,
                step=finished.step,
                cell=finished.cell,
                attempt=finished.attempt,
            )
        )


def _is_figure(output: Output) -> bool:
    return isinstance(output, Rich) and "image/png" in output.data


async def _charts(desk: Desk) -> tuple[Chart, ...]:
    printed, _ = await desk.ask(report_source())
    return read_charts(printed)


async def _aggregates(desk: Desk) -> str:
    events = desk.journal.events
    loaded = tables(events)
    written = (
        e.source for e in events if isinstance(e, CellStarted) and e.role == "step"
    )
    printed, _ = await desk.ask(aggregates_probe(loaded))
    return read_aggregates(printed, known=known_names(loaded, written))
