"""Attacks by what is put out: too much of it, live content, made-up messages."""

from __future__ import annotations

from .attack import EVERYWHERE, NOWHERE, Attack
from .observers import is_flooded, is_in_next_cell, shows
from .plain_kernel import carries, floods

_FLOODS = "floods of output"
_LIVE = "live content"
_FORGED = "forged output"


def _flood(name: str, source: str) -> Attack:
    return Attack(
        name=name,
        group=_FLOODS,
        source=source,
        expected=EVERYWHERE,
        observe=is_flooded,
        timeout_seconds=15,
        live=floods,
    )


def _live(name: str, source: str, *needles: str) -> Attack:
    return Attack(
        name=name,
        group=_LIVE,
        source=source,
        expected=EVERYWHERE,
        observe=shows(*needles),
        live=carries(*needles),
    )


FLOODS = (
    _flood("print a gigabyte", "for _ in range(10**6): print('x' * 1000)"),
    _flood("print a line of 200 MB", "print('x' * 200_000_000)"),
    _flood("display a million times", "for _ in range(10**6): display('x' * 1000)"),
    _flood(
        "show a value that is described at length",
        """
class Long:
    def __repr__(self): return "x" * 50_000_000
display(Long())
""",
    ),
    _flood(
        "write to its output's descriptor",
        "for _ in range(10**5): os.write(1, b'x' * 9999 + b'\\n')",
    ),
)

LIVE = (
    _live(
        "run JavaScript",
        "from IPython.display import Javascript; display(Javascript('alert(1)'))",
        "alert(1)",
    ),
    _live(
        "run handlers in HTML",
        """
from IPython.display import HTML
display(HTML("<table onmouseover='alert(1)'><tr><td><img src=x onerror='alert(2)'>"
             "<a href='javascript:alert(3)'>x</a></td></tr></table>"))
""",
        "alert(1)",
        "alert(2)",
        "alert(3)",
    ),
    _live(
        "show another page in a frame",
        """
from IPython.display import IFrame
display(IFrame("http://localhost/x", 9, 9))
""",
        "<iframe",
    ),
    _live(
        "run handlers in SVG",
        """
from IPython.display import SVG
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>"))
""",
        "onload",
    ),
    _live(
        "open a widget",
        """
from ipykernel.comm import Comm
Comm(target_name="jupyter.widget", data={"state": {"_model_name": "HTMLModel"}})
display({"application/vnd.jupyter.widget-view+json": {"model_id": "canary"}}, raw=True)
""",
        "vnd.jupyter.widget-view+json",
    ),
    _live(
        "fetch a remote image",
        """
from IPython.display import Markdown
display(Markdown("![x](http://localhost/canary.png) [y](http://localhost/canary)"))
""",
        "](http://localhost/canary",
    ),
    _live(
        "pass another file off as a picture",
        """
import base64
page = base64.b64encode(b"<script>alert(1)</script>").decode()
display({"image/png": page}, raw=True)
""",
        "image/png",
    ),
    _live(
        "rewrite a terminal and its clipboard",
        "print('\\x1b]52;c;Y2FuYXJ5\\x07\\x1b[2K\\x1b[1Afine')",
        "\\u001b",
    ),
    _live(
        "put code into the user's next cell",
        "get_ipython().set_next_input('canary()')",
        "set_next_input",
    ),
)

FORGED = (
    Attack(
        name="send an output that no code made",
        group=_FORGED,
        source="""
kernel = get_ipython().kernel
forged = {"name": "stdout", "text": "GOT forged"}
parent = kernel.get_parent()
kernel.session.send(kernel.iopub_socket, "stream", forged, parent=parent)
""",
        expected=NOWHERE,
    ),
    Attack(
        name="show another value than the one computed (displayhook)",
        group=_FORGED,
        source="""
get_ipython().display_formatter.formatters["text/plain"].for_type(
    int, lambda number, printer, cycle: printer.text("GOT 42"))
display(1)
""",
        expected=NOWHERE,
        observe=shows("GOT 42"),
        leaves_traces=True,
    ),
    Attack(
        name="answer later cells itself (patched IPython)",
        group=_FORGED,
        source="""
shell = get_ipython()
run_cell = shell.run_cell
shell.run_cell = lambda *_, **options: run_cell("print('GOT made up')", **options)
""",
        expected=NOWHERE,
        observe=is_in_next_cell("GOT made up"),
        leaves_traces=True,
    ),
    Attack(
        name="print into later cells from a thread",
        group=_FORGED,
        source="""
def noise():
    while True:
        print("noise", flush=True)
        time.sleep(0.001)
threading.Thread(target=noise, daemon=True).start()
""",
        expected=NOWHERE,
        observe=is_in_next_cell("noise"),
        leaves_traces=True,
    ),
)
