"""Prose whose numbers are computed: templates, and the plain cells that fill them.

A template follows the grammar of `str.format`: `"Revenue fell {drop:.1%}"`. Its
fields are expressions over the variables of the kernel. The cell that fills it is
plain Python, so that a rerun on other data rewrites the prose.
"""

from __future__ import annotations

import ast
import itertools
import keyword
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass

from analyst.outputs import DOLLAR, safe_markdown

__all__ = [
    "Template",
    "answer_cell",
    "as_literal",
    "findings_cell",
    "literals_in",
    "read_template",
]

_FORMATTER = string.Formatter()
_QUOTED_CHARS = 80
_WIDE = re.compile(r"\d{4}")
"""A width or precision that shows nothing but takes memory."""
_DISPLAY = f'display(Markdown({{}}.replace("$", "{DOLLAR}")))'
"""Prices must not become formulas, neither those of the text nor those of the data."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with named fields, and the expression that fills each."""

    text: str
    """In the grammar of `str.format`, its names being the keys of `expressions`."""
    expressions: Mapping[str, str]
    literal: str
    """The text without its fields: what the model typed itself."""

    @property
    def without_fields(self) -> Template:
        """The same text for the case that its fields cannot be computed."""
        shown = "".join(
            as_literal(prose) + ("[not computed]" if name is not None else "")
            for prose, name, _, _ in _FORMATTER.parse(self.text)
        )
        return Template(text=shown, expressions={}, literal=self.literal)


def as_literal(text: str) -> str:
    """Text in which `str.format` sees no field."""
    return text.replace("{", "{{").replace("}", "}}")


def read_template(text: str, expressions: Mapping[str, str] | None = None) -> Template:
    """Read what a model wrote.

    Args:
        text: the prose with its fields.
        expressions: an expression for each field that is not one itself.

    Raises:
        ValueError: a field cannot be read; the message is for the model.

    >>> read_template("It fell {1 - b / a:.1%}.").expressions
    {'value_1': '1 - b / a'}
    """
    given = {name.strip("{} "): source for name, source in (expressions or {}).items()}
    filled: dict[str, str] = {}
    pieces: list[str] = []
    literals: list[str] = []
    try:
        parsed = list(_FORMATTER.parse(text))
    except ValueError as error:
        raise ValueError(
            f"The braces in {text[:80]!r} cannot be read ({error}): write {{{{ and "
            "}} for literal braces."
        ) from None
    for literal, field, spec, conversion in parsed:
        prose = safe_markdown(literal)
        literals.append(literal)
        pieces.append(as_literal(prose))
        if field is None:
            continue
        source = _expression(given.get(field.strip(), field))
        literals.append(_constant(source, spec or ""))
        name = _name(field, source, filled, text)
        filled[name] = source
        suffix = (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
        pieces.append(f"{{{name}{suffix}}}")
    return Template(
        text="".join(pieces).strip(), expressions=filled, literal=" ".join(literals)
    )


def _name(field: str, source: str, filled: Mapping[str, str], text: str) -> str:
    """A keyword for `format`: the field itself where it is a name."""
    field = field.strip()
    if field.isidentifier() and not keyword.iskeyword(field):
        return field
    for name, known in filled.items():
        if known == source:
            return name
    # A made-up name that the text uses itself would be filled with the wrong value.
    numbers = itertools.count(len(filled) + 1)
    made = (f"value_{number}" for number in numbers)
    return next(name for name in made if name not in filled and name not in text)


def _constant(source: str, spec: str) -> str:
    """What a field shows that names nothing: it was typed, in braces."""
    tree = ast.parse(source, mode="eval")
    if any(isinstance(node, ast.Name) for node in ast.walk(tree)):
        return ""
    if _WIDE.search(spec):
        return f" {source} "
    try:
        return f" {format(ast.literal_eval(tree), spec)} "
    except (ValueError, TypeError, RecursionError, MemoryError):
        return f" {source} "


def _expression(source: str) -> str:
    source = source.strip()
    if not source:
        raise ValueError("A field is empty: name a variable, as in {total:,.0f}.")
    try:
        ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(
            f"The field {{{source[:_QUOTED_CHARS]}}} is no Python expression: compute "
            "it in a cell, and name the variable."
        ) from None
    return source


def answer_cell(template: Template) -> str:
    """The cell that shows an answer."""
    lines = template.text.split("\n")
    body = "\n".join(lines).replace("\\", "\\\\").replace('"""', r"\"\"\"")
    if not template.expressions:
        text = body.replace("{{", "{").replace("}}", "}")
        return f'answer = """\n{text}\n"""\n{_DISPLAY.format("answer")}'
    return (
        f'answer = """\n{body}\n""".format(\n'
        f"{_keywords(template.expressions, indent=4)}\n)\n"
        f"{_DISPLAY.format('answer')}"
    )


def findings_cell(*templates: Template) -> str:
    """The cell that shows findings, one Markdown list item each."""
    items = []
    for template in templates:
        text = " ".join(template.text.split())
        quoted = '"' + text.replace("\\", "\\\\").replace('"', r"\"") + '"'
        if template.expressions:
            keywords = _keywords(template.expressions, indent=8)
            items.append(f"    {quoted}.format(\n{keywords}\n    ),")
        else:
            items.append(f"    {quoted.replace('{{', '{').replace('}}', '}')},")
    listed = "\n".join(items)
    return (
        f"findings = [\n{listed}\n]\n"
        r'listed = "\n".join(f"- {finding}" for finding in findings)'
        f"\n{_DISPLAY.format('listed')}"
    )


def _keywords(expressions: Mapping[str, str], *, indent: int) -> str:
    return "\n".join(
        f"{' ' * indent}{name}={source}," for name, source in expressions.items()
    )


def literals_in(source: str) -> list[str]:
    """What each text of a cell of prose says itself, without its fields.

    >>> literals_in('display(Markdown("Of {all} it is 12.".format(all=n)))')
    ['Of  it is 12.']
    """
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.keyword):  # the expressions, not the text
            return
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".replace"):
            visit(node.func)
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(_without_fields(node.value))
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(source))
    return [text for text in found if text.strip() not in {"", "-"}]


def _without_fields(text: str) -> str:
    try:
        return "".join(literal for literal, *_ in _FORMATTER.parse(text))
    except ValueError:
        return text
