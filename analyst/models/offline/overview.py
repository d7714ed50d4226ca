"""The recipe for a look around: shape and gaps, numbers, categories, time."""

from __future__ import annotations

from analyst.events import Column, Table
from analyst.models.offline.analysis import (
    Analysis,
    Sentence,
    Step,
    digits,
    fill,
    quoted,
    wording,
)
from analyst.models.offline.intent import Intent
from analyst.models.offline.ranking import BARS
from analyst.models.offline.roles import groups, measures, time_column
from analyst.models.offline.words import spoken

__all__ = ["overview", "overview_in_place"]

_SHAPE = """
rows, column_count = $table.shape
missing = $table.isna().sum()
gaps = missing[missing > 0].sort_index().sort_values(ascending=False, kind="stable")
missing_share = missing.sum() / $table.size
columns_with_gaps = len(gaps)
worst_gap = gaps.index[0] if columns_with_gaps else "none"
gaps.head(10).to_frame("missing")
"""

_NUMBERS = """
numbers = $table[[$numbers]].describe().T[["mean", "min", "50%", "max"]]
values = $table[$measure].dropna()
typical, low, high = values.median(), values.min(), values.max()

fig, ax = plt.subplots()
ax.hist(values, bins=30, color="#c3d0e0")
ax.axvline(typical, color="#2563a8", linewidth=2)
ax.set_title(f"Half of the values lie below {typical:$digits}")
ax.set_xlabel($measure_label)
ax.set_ylabel("rows")
plt.show()
numbers
"""

_CATEGORIES = """
sizes = $table[$group].value_counts().sort_index()
sizes = sizes.sort_values(ascending=False, kind="stable")
group_count = len(sizes)
commonest, commonest_rows = sizes.index[0], sizes.iloc[0]
commonest_share = commonest_rows / sizes.sum()

bars = sizes.head(10)[::-1]
$bars
ax.set_title(f"{commonest} is the most frequent of {group_count}")
ax.set_xlabel("rows")
ax.set_ylabel($group_label)
plt.show()
"""

_SPAN = """
start, end = $table[$time].min(), $table[$time].max()
print(f"{start} to {end}")
"""
_IN_PLACE = """
import duckdb

summary = duckdb.sql("SUMMARIZE SELECT * FROM $table").df()
rows, column_count = int(summary["count"].iloc[0]), len(summary)
summary[["column_name", "column_type", "min", "max", "null_percentage"]]
"""
_MAX_NUMBERS = 10
_FEW = 30


def overview(intent: Intent, *, asked: bool) -> Analysis:
    """What is in the table. `asked`: that was the question, as far as can be told."""
    table = intent.table
    numbers = [c for c in measures(table) if not c.text_of][:_MAX_NUMBERS]
    group = next(iter(groups(table)), None)
    measure = next(iter(numbers), None)
    words = wording(Intent(kind="overview", table=table, measure=measure, group=group))
    names = _names(table.name, numbers, group)
    shape = "\n".join(part for part in (words.code, fill(_SHAPE, **names)) if part)
    steps = [Step(title="Look at the shape and the gaps", code=shape)]
    sentences = [
        Sentence(
            text="The table has {rows:,} rows and {column_count} columns; "
            "{missing_share:.1%} of all cells are empty, in {columns_with_gaps} "
            "columns.",
            needs=(1,),
        )
    ]
    if measure is not None:
        steps.append(Step(title="Describe the numbers", code=fill(_NUMBERS, **names)))
        form = digits(measure)
        sentences.append(
            Sentence(
                text=f"Of {words.measure}, half of the values lie below "
                f"{{typical:{form}}}; they run from {{low:{form}}} to {{high:{form}}}.",
                needs=(1, len(steps)),
            )
        )
    if group is not None:
        steps.append(Step(title="Count the groups", code=fill(_CATEGORIES, **names)))
        counted = f"There are {{group_count}} different values of {words.group}"
        many = ", each in at most {commonest_rows:,} rows."
        few = (
            "; the most frequent is {commonest}, in {commonest_share:.0%} of the rows."
        )
        sentences.append(
            Sentence(
                text=counted + (many if group.distinct > _FEW else few),
                needs=(1, len(steps)),
            )
        )
    time = time_column(table)
    if time is not None:
        code = fill(_SPAN, table=table.name, time=quoted(time.name))
        steps.append(Step(title="Find the span of time", code=code))
        span = (
            "{start:%Y-%m-%d} to {end:%Y-%m-%d}"
            if time.kind == "date"
            else ("{start:.0f} to {end:.0f}")
        )
        sentences.append(
            Sentence(text=f"The data run from {span}.", needs=(len(steps),))
        )
    if not asked:
        sentences.append(
            Sentence(
                text="No rule understood the question, so this is an overview; name a "
                "column of the table, or choose a model.",
                needs=(1,),
                in_findings=False,
                is_caveat=True,
            )
        )
    return Analysis(steps=tuple(steps), sentences=tuple(sentences))


def overview_in_place(table: Table) -> Analysis:
    """What is in a table that stays in its file, for which there are no other rules."""
    step = Step(title="Summarise the columns", code=fill(_IN_PLACE, table=table.name))
    told = Sentence(
        text="The table has {rows:,} rows and {column_count} columns.", needs=(1,)
    )
    why = Sentence(
        text="It is too large for memory and stays in its file, where the built-in "
        "rules cannot compute more: choose a model, or ask about a part of it.",
        needs=(1,),
        in_findings=False,
        is_caveat=True,
    )
    return Analysis(steps=(step,), sentences=(told, why))


def _names(table: str, numbers: list[Column], group: Column | None) -> dict[str, str]:
    """What is filled into the code."""
    measure = numbers[0] if numbers else None
    return {
        "table": table,
        "numbers": ", ".join(quoted(column.name) for column in numbers),
        "measure": quoted(measure.name) if measure else '""',
        "measure_label": quoted(spoken(measure.name)) if measure else '""',
        "digits": digits(measure),
        "group": quoted(group.name) if group else '""',
        "group_label": quoted(spoken(group.name)) if group else '""',
        "bars": BARS,
    }
