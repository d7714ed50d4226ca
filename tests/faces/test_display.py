"""The live display of a notebook, published by a real IPython shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from analyst.events import Event
from analyst.faces.display import NotebookDisplay
from analyst.faces.face import watch

Story = Callable[..., list[Event]]


@pytest.fixture
def published() -> Iterator[list[dict[str, Any]]]:
    """Every message that a front end would get, in order."""
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(
        config=Config({"HistoryManager": {"enabled": False}})
    )
    publisher = CapturingDisplayPublisher()
    shell.display_pub = publisher
    yield publisher.outputs
    InteractiveShell.clear_instance()


def final(published: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What is on the page at the end: each piece in its place, as last updated."""
    page: dict[str, dict[str, str]] = {}
    for number, message in enumerate(published):
        place = (message["transient"] or {}).get("display_id", f"plain-{number}")
        assert message["update"] is (place in page)
        page[place] = message["data"]
    return list(page.values())


def broken_off(events: list[Event]) -> Iterator[Event]:
    """A run that ends with an exception."""
    yield events[0]
    raise RuntimeError


def show(events: Iterable[Event]) -> None:
    """Show a run."""
    watch(events, NotebookDisplay())


def test_page_tells_the_run(story: Story, published: list[dict[str, Any]]) -> None:
    """Head, blocks, outputs, findings, answer and verdict stand in that order."""
    show(story())
    page = final(published)
    plain = [bundle["text/plain"] for bundle in page]
    assert plain[0].startswith("Why did revenue fall in March?\npartial in 7.3 s")
    assert "✓ Monthly revenue\n✓ Split by region\n✗ Prices" in plain[0]
    assert plain[1:] == [
        "step 1: Monthly revenue",
        "month 3: South 42",
        "<Figure>",
        "step 2: Split by region",
        "Finding: South fell by 57 %.\nnot confirmed by any output: 57",
        "step 3: Prices",
        (
            "Answer:\n\nRevenue fell **19.0 %** in March, all of it in *South*.\n"
            "not confirmed by any output: 42"
        ),
        "verdict: reproduced\nnotebook: /tmp/march.ipynb",
    ]
    assert page[3]["image/png"].startswith("iVBOR")


def test_head_tells_what_is_worth_knowing_besides(
    story: Story, published: list[dict[str, Any]]
) -> None:
    """Cost, and what was done otherwise and why, stand small in the head."""
    show(story())
    head = final(published)[0]["text/plain"]
    assert "260 out tokens, ~$0.0042" in head
    asides = [line for line in head.splitlines() if line.startswith("· ")]
    assert [aside.split()[1] for aside in asides] == [
        "localhost",
        "figure:",
        "the",
        "near",
    ]


def test_step_holds_its_code_and_its_fix(
    story: Story, published: list[dict[str, Any]]
) -> None:
    """A block shows what was tried, what went wrong and what mended it, then closes."""
    show(story())
    blocks = [m["data"]["text/markdown"] for m in published if "step 2" in str(m)]
    last = [block for block in blocks if block.startswith("<details")][-1]
    assert last.startswith("<details><summary>")
    assert last.count("```python") == 2
    assert "⚠ KeyError" in last
    assert any(block.startswith("<details open>") for block in blocks)


def test_failed_attempts_leave_no_output(
    story: Story, published: list[dict[str, Any]]
) -> None:
    """What a cell put out before it failed is not shown, since it was undone."""
    show(story())
    assert "half done" not in str(published)


def test_text_of_models_and_data_is_inert(
    story: Story, published: list[dict[str, Any]]
) -> None:
    """No tag, link, image or formula of a model or of the data reaches the page."""
    nasty = "<script>x</script> ![i](http://evil) $a$ </details> ``` \x1b[31m"
    show(
        story(
            question=nasty,
            answer=nasty,
            title=nasty,
            finding=nasty,
            code=nasty,
            printed=nasty,
            error=nasty,
            note=nasty,
            problem=nasty,
        )
    )
    for bundle in final(published):
        assert set(bundle) <= {"text/plain", "text/markdown", "image/png"}
        markdown = re.sub(
            r"^(`{3,})python\n.*?\n\1$",
            "",
            bundle.get("text/markdown", ""),
            flags=re.DOTALL | re.MULTILINE,
        )
        tags = set(re.findall(r"</?(\w+)", markdown))
        assert tags <= {"details", "summary", "b", "small", "span"}
        assert "](" not in markdown
        assert "$" not in markdown
        assert "\x1b" not in str(bundle)


def test_head_says_when_a_run_broke_off(
    story: Story, published: list[dict[str, Any]]
) -> None:
    """When an error ends the run early, the head does not go on saying it works."""
    with pytest.raises(RuntimeError):
        show(broken_off(story()))
    assert "ended before it was finished" in published[-1]["data"]["text/plain"]
