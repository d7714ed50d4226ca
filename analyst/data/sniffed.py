"""What sniffing found in the files of each input: tables, or why there are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from analyst.data.inputs import Input, plain_stem
from analyst.data.inside.reading import Reading
from analyst.data.readings import Group, read_sniffing
from analyst.errors import InputError

__all__ = ["inputs_read"]


def inputs_read(
    inputs: Sequence[Input], printed: str, *, name_by_file: bool
) -> list[tuple[Input, tuple[Reading, ...]]]:
    """Each input with its tables; one whose files differ as one for each file.

    Args:
        inputs: what was given.
        printed: what sniffing printed of those that it does not know yet.
        name_by_file: a file of a folder may be called by its name.

    Raises:
        InputError: a file holds no table that can be read, or what was printed does
            not describe the files.
    """
    counts = [len(one.files) for one in inputs if one.handed is None]
    found = iter(read_sniffing(printed, counts) if counts else ())
    told = [(one, None if one.handed is not None else next(found)) for one in inputs]
    reasons = [(one, why) for one, why in told if isinstance(why, str)]
    for one, why in reasons:
        if not one.from_folder or len(reasons) == len(told):
            raise InputError(f"{one.shown} {why}.")
    read: list[tuple[Input, tuple[Reading, ...]]] = []
    for one, groups in told:
        if one.handed is not None:
            read.append((one, (one.handed.reading,)))
        elif groups is not None and not isinstance(groups, str):
            read += _expanded(one, groups, name_by_file=name_by_file)
    if reasons:
        read[0] = (_with_warnings(read[0][0], reasons), read[0][1])
    return read


def _with_warnings(one: Input, reasons: Sequence[tuple[Input, str]]) -> Input:
    """An input that also says which files of its folder were left out, and why."""
    said = (f"{other.shown} is left out: it {why}." for other, why in reasons)
    return replace(one, warnings=(*one.warnings, *said))


def _expanded(
    one: Input, groups: Sequence[Group], *, name_by_file: bool
) -> Iterator[tuple[Input, tuple[Reading, ...]]]:
    """An input as it is, or where its files are different tables one for each."""
    for at, group in enumerate(groups):
        if len(group.files) == len(one.files):
            yield one, group.readings
            continue
        file = one.files[group.files[0]]
        yield (
            replace(
                one,
                stem=plain_stem(file) if name_by_file else f"{one.stem} {at + 1}",
                files=tuple(one.files[each] for each in group.files),
                pattern="",
                warnings=() if at else one.warnings,
            ),
            group.readings,
        )
