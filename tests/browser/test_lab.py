"""The notebook in a real JupyterLab: what a person sees when it is opened and run."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import analyst

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TABLE = Path(__file__).parents[2] / "notebooks" / "data" / "fertility.csv"
BUSY = (
    "() => [...document.querySelectorAll('.jp-InputPrompt')]"
    ".some(prompt => prompt.textContent.includes('*'))"
)
KERNEL = (
    "() => window.jupyterapp.shell.currentWidget"
    "?.sessionContext?.session?.kernel?.status"
)

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """A JupyterLab of its own over the folder of the test; its URL with `{}`."""
    if find_spec("jupyterlab") is None:
        pytest.skip("jupyterlab is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(8)
    private = tmp_path / "private"
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    names += ("IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    for name in names:
        (private / name).mkdir(parents=True)
    settings = private / "JUPYTERLAB_SETTINGS_DIR/@jupyterlab/notebook-extension"
    settings.mkdir(parents=True)
    # All cells are in the page, not only those in view.
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    with (private / "log").open("w") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                f"--port={port}",
                f"--IdentityProvider.token={token}",
                f"--ServerApp.root_dir={tmp_path}",
                "--LabApp.expose_app_in_browser=True",
                "--LabApp.news_url=",
            ],
            env=os.environ | {name: str(private / name) for name in names},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(f"{base}/api/status?token={token}", server, private / "log")
        yield f"{base}/doc/tree/{{}}?token={token}&reset"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(log.read_text())


@pytest.fixture
def page() -> Iterator[Any]:
    """A page of a headless Chromium."""
    if CHROMIUM is None or find_spec("playwright") is None:
        pytest.skip("chromium or playwright is not installed")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be absent

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser.new_page(viewport={"width": 1300, "height": 6000})
        browser.close()


def test_opens_and_runs(tmp_path: Path, lab: str, page: Any) -> None:
    """Opened without trust, the notebook shows its figures, tables and answer; run
    from top to bottom by a person, it shows the same answer.
    """
    shutil.copy(TABLE, tmp_path)
    run = analyst.ask(
        tmp_path / "fertility.csv",
        "How did births per woman change over time?",
        model="offline",
        notebook=tmp_path / "trend.ipynb",
    )
    first_words = run.answer[:40]
    page.goto(lab.format("trend.ipynb"))
    page.wait_for_selector(f"text={first_words}", timeout=60_000)
    assert page.locator(".jp-RenderedHTMLCommon table").count() >= 1
    assert first_words in page.inner_text(".jp-Notebook")
    while page.evaluate(KERNEL) != "idle":
        page.wait_for_timeout(100)
    page.evaluate(
        "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
    )
    page.wait_for_timeout(500)
    while page.evaluate(BUSY) or page.evaluate(KERNEL) != "idle":
        page.wait_for_timeout(100)
    text = page.inner_text(".jp-Notebook")
    assert first_words in text
    assert "Error" not in text
    assert page.locator(".jp-RenderedImage img").count() == len(run.figures)
