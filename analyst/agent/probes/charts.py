"""Looks at each figure that a cell shows. This source runs inside the kernel, not here.

It is sent as text and needs the standard library alone. A figure is looked at when its
PNG has been made: its texts are laid out by then, and the picture cannot change any
more. Nothing in a figure may make the cell fail that shows it, nor say anything there.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from analyst.agent.probes.figures import Picture

Look: TypeAlias = Callable[[Any], Mapping[str, object]]

MARK = "analyst-charts: "
MAX_FIGURES = 6
LABEL_CHARS = 80


def watch(look: Look) -> None:
    """Look at every figure from now on, and tell of them where one asks for it.

    A second watch changes nothing.
    """
    shell = _shell()
    if shell is None or hasattr(shell.display_formatter.format, "tell"):
        return
    make = shell.display_formatter.format
    seen: list[tuple[Any, Mapping[str, object]]] = []

    @functools.wraps(make)
    def make_and_look(shown: object, *args: object, **options: object) -> object:
        made = make(shown, *args, **options)
        if _is_figure(shown):
            with contextlib.suppress(Exception), _silence():
                _keep(seen, shown, look)
        return made

    def tell() -> None:
        """Print one marked line of JSON about the figures of the last cell."""
        print(MARK + json.dumps([facts for _, facts in seen]))  # noqa: T201 - its report
        seen.clear()

    def forget(info: Any) -> None:  # noqa: ANN401 - IPython is not imported here
        if info.store_history:  # a hidden cell has none
            seen.clear()

    make_and_look.tell = tell  # type: ignore[attr-defined]
    shell.display_formatter.format = make_and_look
    shell.events.register("pre_run_cell", forget)


def describe(
    picture: Picture, problems: Mapping[str, Callable[[Picture], bool]]
) -> dict[str, object]:
    """A figure in few words and counts."""
    series = [one for panel in picture.panels for one in panel.series]
    return {
        "title": _joined(picture.titles),
        "x": _joined(picture.x),
        "y": _joined(picture.y),
        "panels": len(picture.panels),
        "series": len(series),
        "marks": sum(one.marks for one in series),
        "problems": [
            name for name, is_so in problems.items() if _holds(is_so, picture)
        ],
    }


def _shell() -> Any:  # noqa: ANN401 - see above
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _is_figure(shown: object) -> bool:
    kind = getattr(sys.modules.get("matplotlib.figure"), "Figure", None)
    return kind is not None and issubclass(type(shown), kind)


def _keep(
    seen: list[tuple[Any, Mapping[str, object]]], figure: object, look: Look
) -> None:
    """Keep what a figure shows; of one that is shown again, what it shows now."""
    places = [at for at, (known, _) in enumerate(seen) if known() is figure]
    if places:
        seen[places[0]] = (weakref.ref(figure), look(figure))
    elif len(seen) < MAX_FIGURES:
        seen.append((weakref.ref(figure), look(figure)))


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep back what was said when the figure was drawn and would be said again.

    Filters of warnings stay as they are: to change them would make Python forget what
    it has warned of.
    """
    said, disabled = warnings.showwarning, logging.root.manager.disable
    here = threading.get_ident()

    def hear(*args: Any, **options: Any) -> None:  # noqa: ANN401 - as Python calls it
        if threading.get_ident() != here:
            said(*args, **options)

    warnings.showwarning = hear
    logging.disable()
    try:
        yield
    finally:
        logging.disable(disabled)
        warnings.showwarning = said


def _holds(is_so: Callable[[Picture], bool], picture: Picture) -> bool:
    """Whether a problem is there; not, where that cannot be told."""
    try:
        return is_so(picture)
    except Exception:  # noqa: BLE001 - an artist may be of any make
        return False


def _joined(texts: Iterable[str]) -> str:
    text = " / ".join(texts).encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= LABEL_CHARS else text[: LABEL_CHARS - 1] + "…"
