"""What holds for all tests: no silent skip where nothing may skip, and two sizes.

A test marked `battery` runs small in the suite and large in `make soak`: the same
code, another number of examples.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import hypothesis
import pytest

IS_SOAK = bool(os.environ.get("ANALYST_SOAK"))
IS_CI = bool(os.environ.get("ANALYST_CI"))

hypothesis.settings.register_profile("suite", max_examples=60, deadline=None)
hypothesis.settings.register_profile("soak", max_examples=3000, deadline=None)
hypothesis.settings.load_profile("soak" if IS_SOAK else "suite")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is learnt of servers in tests is no business of the user's cache."""
    os.environ["ANALYST_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A property test is a battery: its examples are counted by the profile."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.battery(60, 3000))


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> range:
    """The seeds of a battery: `@pytest.mark.battery(small, large)`."""
    small, large = request.node.get_closest_marker("battery").args
    return range(large if IS_SOAK else small)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where all that tests need is installed, a skipped test is a failed one."""
    del item, call
    report = yield
    if IS_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason: Any = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {reason[-1]}"
    return report
