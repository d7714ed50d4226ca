"""The client that the tests of models talk with."""

from __future__ import annotations

import os
import subprocess
import sys

import openai

VERSION = "import openai; print(openai.__version__)"


def test_the_client_is_the_one_that_is_meant() -> None:
    """Where a major version is asked for, it is the one in use, also in the processes
    that tests start; else one of the two that are supported.
    """
    wanted = os.environ.get("ANALYST_OPENAI_MAJOR", "")
    printed = subprocess.run(
        [sys.executable, "-c", VERSION], capture_output=True, text=True, check=True
    )
    for version in (openai.__version__, printed.stdout):
        assert version.partition(".")[0] in ([wanted] if wanted else ["2", "3"])
