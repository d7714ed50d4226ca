"""The three tools that a model is offered, and the reading of its calls."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeVar

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from analyst.arguments import read_arguments
from analyst.events import ToolCall
from analyst.seams import Tool

__all__ = [
    "TOOLS",
    "ExecutePython",
    "Finding",
    "QueryDataframe",
    "SummarizeFindings",
    "ToolUse",
    "read_call",
    "sql_cell",
]

_ERROR_CHARS = 300

T = TypeVar("T")
StepNumber = int | None
Full = Annotated[bool, Field(default=False, description="read 8 KB of output")]
Unoffered = Annotated[T, Field(json_schema_extra={"unoffered": True})]
"""Understood where a model sends it, but not worth its tokens in every request."""


def _whole(value: object) -> object:
    """Text without halves of characters, which no notebook can hold."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "replace").decode()


Text = Annotated[str, pydantic.BeforeValidator(_whole)]


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    tool: ClassVar[str]
    only: ClassVar[str | None] = None
    """The argument that is meant when a model sends bare text."""
    fence: ClassVar[str] = "json"
    """The language of a block by which a model without tools asks for it."""


class ExecutePython(_Arguments):
    """Run Python in the live kernel; returns what it prints, shows or raises."""

    tool = "execute_python"
    only = "code"
    fence = "python"

    purpose: Text = ""
    code: Text = Field(min_length=1)
    step: StepNumber = None
    full: Full = False


class QueryDataframe(_Arguments):
    """Run one DuckDB SELECT over DataFrames by name; kept as query_1, query_2, ..."""

    tool = "query_dataframe"
    only = "sql"
    fence = "sql"

    sql: Text = Field(min_length=1)
    purpose: Text = ""
    step: Unoffered[StepNumber] = None
    full: Unoffered[Full] = False


class Finding(BaseModel):
    """One thing that was found out."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    template: Text = Field(
        validation_alias=pydantic.AliasChoices("template", "text", "finding"),
        min_length=1,
        description="one sentence with {fields}",
    )
    expressions: Unoffered[dict[Text, Text]] = {}
    """What fields stand for that are no expressions themselves."""
    cells: tuple[int, ...] = Field(default=(), description="that show it")


class SummarizeFindings(_Arguments):
    """Record findings and, at the end, give the answer."""

    tool = "summarize_findings"

    findings: tuple[Finding, ...] = ()
    answer: Text | None = Field(
        default=None,
        description="whole, in Markdown; ends the work",
    )


ToolUse = ExecutePython | QueryDataframe | SummarizeFindings
_KINDS: dict[str, type[ToolUse]] = {
    kind.tool: kind for kind in (ExecutePython, QueryDataframe, SummarizeFindings)
}


def _plain(schema: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """A JSON schema on its own, without the parts that only cost tokens."""
    if isinstance(schema, list):
        return [_plain(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for choice in schema.get("anyOf", ()):
        if choice != {"type": "null"}:
            schema = {**schema, **choice}
    if "properties" in schema:  # the class's docstring, which is for readers
        schema = {key: part for key, part in schema.items() if key != "description"}
    unwanted = {"title", "default", "anyOf", "minLength"}
    return {
        name: (
            {
                key: _plain(value, definitions)
                for key, value in part.items()
                if not value.get("unoffered")
            }
            if name == "properties"
            else _plain(part, definitions)
        )
        for name, part in schema.items()
        if name not in unwanted
    }


def _tool(kind: type[ToolUse]) -> Tool:
    schema = kind.model_json_schema(by_alias=False)
    definitions = schema.pop("$defs", {})
    description = " ".join(str(schema.pop("description")).split())
    return Tool(
        name=kind.tool,
        description=description,
        parameters=_plain(schema, definitions),
        fence=kind.fence,
        main=kind.only or "",
    )


TOOLS: tuple[Tool, ...] = tuple(_tool(kind) for kind in _KINDS.values())
"""In a fixed order: they are the head of a prefix that servers cache."""


def read_call(call: ToolCall) -> ToolUse:
    """What a call asks for.

    Raises:
        ValueError: it cannot be read; the message is for the model.
    """
    name = call.name.rpartition(".")[2].strip().lower()
    kind = _KINDS.get(name)
    if kind is None:
        offered = ", ".join(_KINDS)
        raise ValueError(f"There is no tool {call.name!r}. There are: {offered}.")
    arguments = read_arguments(call.arguments, only=kind.only)
    try:
        return kind.model_validate(arguments)
    except pydantic.ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}"
            for e in error.errors()
        )
        raise ValueError(
            f"The arguments of {name} do not fit ({problems}). Call it again."
        ) from None


def sql_cell(sql: str, name: str) -> str:
    """A plain cell that runs `sql` over the live DataFrames and keeps the result.

    Raises:
        ValueError: it is not one SELECT; the message is for the model.
    """
    import duckdb  # noqa: PLC0415 - slow, and only queries need it

    sql = sql.encode("utf-8", "replace").decode()
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        told = str(error)[:_ERROR_CHARS]
        raise ValueError(f"DuckDB cannot read this SQL: {told}") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise ValueError("Only one SELECT is allowed: use execute_python for the rest.")
    text = sql.strip().rstrip(";").strip()
    plain = '"""' not in text and "\\" not in text and not text.endswith('"')
    quoted = f'"""\n{text}\n"""' if plain else repr(text)
    return f"import duckdb\n\n{name} = duckdb.sql({quoted}).df()\n{name}"
