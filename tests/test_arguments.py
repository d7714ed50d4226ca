"""Arguments of tools: what was clearly meant is read, the rest is said back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyst.arguments import read_arguments

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(), JSON)
BROKEN = st.text(st.sampled_from('{}[]",:`\\ \n\'abc"""```json'), max_size=60)


@settings(deadline=None)
@given(OBJECTS)
def test_any_object_is_read_as_it_was_written(arguments: dict[str, object]) -> None:
    """Law: whatever object JSON can hold comes back equal, also when wrapped."""
    written = json.dumps(arguments)
    assert read_arguments(written) == arguments
    assert read_arguments(json.dumps(written)) == arguments
    assert read_arguments(f"```json\n{written}\n```") == arguments
    assert read_arguments(json.dumps(arguments, indent=2), only="code") == arguments


@settings(deadline=None)
@given(st.text() | BROKEN, st.none() | st.just("code"))
def test_nothing_but_value_error_is_raised(text: str, only: str | None) -> None:
    """Law: for any text there is an object with string keys, or a ValueError."""
    try:
        arguments = read_arguments(text, only=only)
    except ValueError:
        return
    assert all(isinstance(key, str) for key in arguments)


@pytest.mark.parametrize("brackets", ["[", '{"a":', '{"a":[', '"['])
def test_deep_nesting_is_a_value_error(brackets: str) -> None:
    """Law: text made to exhaust the parser is answered like any other."""
    with pytest.raises(ValueError, match=r"arguments are"):
        read_arguments(brackets * 100_000)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"code": "a\nb"}', "a\nb"),
        ("{'code': 'x = 1'}", "x = 1"),
        ('{"code": "x = 1",}', "x = 1"),
        ('{"code": "print(df["x"].mean())"}', 'print(df["x"].mean())'),
        ('{"code": """x = {"a": 1}\nprint(x)"""}', 'x = {"a": 1}\nprint(x)'),
        ('"{\\"code\\": \\"x\\"}"', "x"),
        ("df.head()", "df.head()"),
        ('"df.head()"', "df.head()"),
        ("42", "42"),
        ("```python\nif x:\n    y = 1\n```", "if x:\n    y = 1"),
        ("```\nx = 1", "x = 1"),
        ('```json\n{"code": "x"}\n```', "x"),
        ('print("```\\n")', 'print("```\\n")'),
    ],
)
def test_code_is_read_however_it_was_wrapped(text: str, code: str) -> None:
    """Law: the code that was meant is what is read, to the character."""
    assert read_arguments(text, only="code") == {"code": code}


@pytest.mark.parametrize("text", ["", " \n", "null", "{}"])
def test_no_arguments_are_an_empty_object(text: str) -> None:
    """Law: nothing means no arguments, not a mistake."""
    assert read_arguments(text) == {}


@pytest.mark.parametrize("text", ["df.head()", "[1, 2]", '"words"', "{", "```\nx\n```"])
def test_the_model_is_told_what_to_send(text: str) -> None:
    """Law: what means nothing is answered with what to do, in one sentence."""
    with pytest.raises(ValueError, match=r"^The arguments are not .*: send one.*\.$"):
        read_arguments(text)


def test_a_mended_object_must_hold_the_argument_that_matters() -> None:
    """Law: broken JSON without its main argument is not run as if it were code."""
    with pytest.raises(ValueError, match="not a JSON object"):
        read_arguments('{"cod": "x', only="code")
