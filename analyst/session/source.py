"""`source`: data as the code that loads them, without a question."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyst.agent.frame import check_loading
from analyst.data.inside.handing_out import MARK
from analyst.data.kernel_side import INSIDE, marked_lines, statement
from analyst.data.tables import Tables, open_tables
from analyst.errors import InputError
from analyst.events import Stream
from analyst.seams import Execution, Kernel
from analyst.session.portal import run_to_end
from analyst.session.wiring import kernel_terms, make_kernel
from analyst.settings import READING_TIMEOUTS, Settings, load_settings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Source", "source"]

_FILES_FOLDER = "data_files"


@dataclass(frozen=True, slots=True)
class Source:
    """Data that were looked at: the code that loads them, and what to know of them.

    Example:
        >>> sales = analyst.source("sales.csv")  # doctest: +SKIP
        >>> print(sales.code)  # doctest: +SKIP
        import pandas as pd

        DATA = "sales.csv"

        df = pd.read_csv(DATA, sep=";", decimal=",")
        >>> sales.read().dtypes  # doctest: +SKIP
    """

    tables: Tables
    settings: Settings

    @property
    def code(self) -> str:
        """Plain Python that loads the tables; it runs in the folder of the call."""
        return self.tables.code

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that the code makes."""
        return tuple(one.name for one in self.tables.sources)

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence each: what was repaired, changed or left undecided."""
        return self.tables.warnings

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the content of the file; of several, of all together."""
        hashes = [one.sha256 for one in self.tables.inputs]
        if len(hashes) == 1:
            return hashes[0]
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()

    def read(self) -> pd.DataFrame | dict[str, pd.DataFrame]:
        """Run the code in the sandbox and return what it makes.

        Returns:
            The table, or of several a dict by their names.

        Raises:
            InputError: the code fails, or makes what cannot be handed out.
            KernelError: there is no kernel to run it in.
        """
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            tables = replace(self.tables, folder=folder.resolve())
            names = ", ".join(f'"{each}": {each}' for each in self.names)
            cells = [tables.code, statement("handing_out", f"{{{names}}}")]
            _, printed = run_to_end(_run_all(tables, self.settings, cells))
            try:
                frames = _frames(folder, self.names, printed)
            except (OSError, ValueError, LookupError, TypeError):
                raise InputError(
                    "What the code made cannot be handed out: run `.code` yourself."
                ) from None
        return frames[self.names[0]] if len(frames) == 1 else frames


def source(
    data: Any,  # noqa: ANN401 - anything may be given
    **settings: Any,  # noqa: ANN401 - the fields of Settings
) -> Source:
    """Look at data and find out how they are loaded, without a question or a model.

    Files are opened in the sandbox. A live table is written to a file in the folder
    `data_files`.

    Args:
        data: a path, a folder, a pattern, `https://`, a database URL, a DataFrame or
            another table, or a dict or list of those.
        settings: the fields of `Settings`, such as `sandbox` and `memory`.

    Raises:
        InputError: the data cannot be used.
        KernelError: there is no kernel to open them in.
        SettingsError: a setting is out of its range.
    """
    chosen = load_settings(**settings)
    folder = Path.cwd()
    tables = open_tables(
        data, folder=folder, files_folder=_FILES_FOLDER, seed=chosen.seed
    )
    try:
        [printed] = run_to_end(_run_all(tables, chosen, [tables.sniffing]))
        return Source(tables.sniffed(printed), chosen)
    except BaseException:
        tables.remove_files_made()
        raise


def _frames(
    folder: Path, names: Sequence[str], printed: str
) -> dict[str, pd.DataFrame]:
    """The tables that were written to a folder, and what was printed of them.

    Raises:
        OSError, ValueError, LookupError, TypeError: it is not what was to be written.
    """
    import pandas as pd  # noqa: PLC0415 - slow, and only here

    [told] = marked_lines(printed, MARK)
    as_json: dict[str, list[int]] = json.loads(told)
    frames: dict[str, pd.DataFrame] = {}
    for name in names:
        frame = pd.read_feather(folder / f"{name}.feather")
        for at in as_json[name]:
            values = frame.iloc[:, at].map(json.loads, na_action="ignore")
            frame.isetitem(at, values.to_numpy(dtype=object))
        frames[name] = frame
    return frames


async def _run_all(
    tables: Tables, settings: Settings, sources: Sequence[str]
) -> list[str]:
    """Run hidden cells in a kernel of their own; what each printed.

    Raises:
        InputError: one of them failed.
    """
    if not any(sources):
        return [""] * len(sources)
    terms = kernel_terms(settings, tables.folder, is_own_code=True)
    kernel = make_kernel(replace(terms, inputs=tables.files, code=(INSIDE,)))
    try:
        await kernel.start()
        printed = [await _printed(kernel, each, settings.timeout) for each in sources]
        await kernel.collect()
    finally:
        await kernel.close()
    return printed


async def _printed(kernel: Kernel, code: str, timeout_seconds: float) -> str:
    text = ""
    running = kernel.execute(
        code, timeout_seconds=READING_TIMEOUTS * timeout_seconds, hidden=True
    )
    async for item in running:
        if isinstance(item, Stream) and item.name == "stdout":
            text += item.text
        elif isinstance(item, Execution):
            check_loading(item)
    return text
