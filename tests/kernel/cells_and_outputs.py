"""Cells, and exactly what each puts out in any kernel of ours."""

from __future__ import annotations

from collections.abc import Mapping

from analyst.events import Output, Rich, Stream

__all__ = ["PUTS_OUT", "errors", "result", "shown"]


def shown(text: str) -> Rich:
    """Something displayed."""
    return Rich(data={"text/plain": text})


def result(text: str) -> Rich:
    """The value of a cell."""
    return Rich(data={"text/plain": text}, is_result=True)


def errors(text: str) -> Stream:
    """Something printed on stderr."""
    return Stream(name="stderr", text=text)


FRAME_TEXT = "   a  b\n0  1  x\n1  2  y"
FRAME_HTML = (
    "<table>\n  <thead>\n    <tr>\n      <th></th>\n      <th>a</th>\n"
    "      <th>b</th>\n    </tr>\n  </thead>\n  <tbody>\n    <tr>\n"
    "      <th>0</th>\n      <td>1</td>\n      <td>x</td>\n    </tr>\n    <tr>\n"
    "      <th>1</th>\n      <td>2</td>\n      <td>y</td>\n    </tr>\n  </tbody>\n"
    "</table>"
)

PUTS_OUT: Mapping[str, tuple[str, tuple[Output, ...]]] = {
    "nothing": ("x = 1", ()),
    "text": ("print('a')\nprint('b', end='')", (Stream(text="a\nb"),)),
    "a result": ("6 * 7", (result("42"),)),
    "a silenced result": ("6 * 7;", ()),
    "the last value only": ("1\n2", (result("2"),)),
    "several displays": (
        "display(1, 2)\ndisplay('three')\n4",
        (shown("1"), shown("2"), shown("'three'"), result("4")),
    ),
    "text and displays in order": (
        (
            "import sys\n"
            "print(1)\n"
            "display(2)\n"
            "print(3, file=sys.stderr)\n"
            "display(4)\n"
            "print(5)\n"
            "6"
        ),
        (
            Stream(text="1\n"),
            shown("2"),
            errors("3\n"),
            shown("4"),
            Stream(text="5\n"),
            result("6"),
        ),
    ),
    "a table": (
        "import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})",
        (
            Rich(
                data={"text/plain": FRAME_TEXT, "text/html": FRAME_HTML},
                is_result=True,
            ),
        ),
    ),
    "HTML that is no table": (
        "from IPython.display import HTML\nHTML('<b onclick=x>bold</b>')",
        (result("<IPython.core.display.HTML object>"),),
    ),
    "Markdown": (
        "from IPython.display import Markdown\ndisplay(Markdown('**b**'))",
        (
            Rich(
                data={
                    "text/plain": "<IPython.core.display.Markdown object>",
                    "text/markdown": "**b**",
                }
            ),
        ),
    ),
    "an update": (
        "handle = display('old', display_id=True)\nprint('on')\nhandle.update('new')",
        (shown("'new'"), Stream(text="on\n")),
    ),
    "an update of two places": (
        (
            "from IPython.display import update_display\n"
            "display(1, display_id='d'); display(2, display_id='d')\n"
            "update_display(3, display_id='d')"
        ),
        (shown("3"), shown("3")),
    ),
    "an update of nothing": (
        (
            "from IPython.display import update_display\n"
            "update_display(3, display_id='nowhere')"
        ),
        (),
    ),
    "what is left after clearing": (
        (
            "from IPython.display import clear_output\n"
            "print('gone'); display('gone')\nclear_output()\nprint('here')"
        ),
        (Stream(text="here\n"),),
    ),
    "what is left after clearing for the next": (
        (
            "from IPython.display import clear_output\n"
            "print('gone')\nclear_output(wait=True)\nprint('here')"
        ),
        (Stream(text="here\n"),),
    ),
    "what no next output cleared": (
        (
            "from IPython.display import clear_output\n"
            "print('here')\nclear_output(wait=True)"
        ),
        (Stream(text="here\n"),),
    ),
    "a progress bar at its end": (
        "for n in range(3): print(f'{n}/2', end='\\r')",
        (Stream(text="2/2"),),
    ),
    "colours": ("print('\\x1b[31mred\\x1b[0m')", (Stream(text="red\n"),)),
    "text of all kinds": (
        "print('é 世界 🙂🏽 مرحبا e\\u0301 \\u200d')",
        (Stream(text="é 世界 🙂🏽 مرحبا e\u0301 \u200d\n"),),
    ),
    "half characters, as undecodable bytes are": (
        "print(b'caf\\xe9'.decode(errors='surrogateescape'))",
        (Stream(text="caf\ufffd\n"),),
    ),
    "names in any script": ("größe = π = 3\ngröße + π", (result("6"),)),
    "a magic's value": ("%env TZ", (result("'UTC'"),)),
    "inline figures asked for": ("%matplotlib inline", ()),
    "a shell's output": ("!echo 'a  b'", (Stream(text="a  b\n"),)),
    "a shell's output with a variable": (
        "name = 'Ada'\n!echo {name} $name",
        (Stream(text="Ada Ada\n"),),
    ),
    "a shell's output kept": (
        "found = !echo a; echo b\nfound",
        (result("['a', 'b']"),),
    ),
    "bash": ("%%bash\nx=1\necho $((x + 1))", (Stream(text="2\n"),)),
    "bash's errors": ("%%bash\necho no >&2", (errors("no\n"),)),
    "sh": ("%%sh\necho here", (Stream(text="here\n"),)),
    "what was captured": (
        "%%capture kept\nprint('a')\ndisplay('b')\n'c'",
        (),
    ),
    "awaiting": (
        "import asyncio\nawait asyncio.sleep(0)\nawait asyncio.sleep(0, 'done')",
        (result("'done'"),),
    ),
    "async for and async with": (
        (
            "import asyncio, contextlib\n"
            "async def numbers():\n"
            "    for n in range(3):\n"
            "        await asyncio.sleep(0)\n"
            "        yield n\n"
            "async with contextlib.aclosing(numbers()) as them:\n"
            "    async for n in them: print(n)\n"
            "[n async for n in numbers()]"
        ),
        (Stream(text="0\n1\n2\n"), result("[0, 1, 2]")),
    ),
    "tasks side by side": (
        "import asyncio\nawait asyncio.gather(*(asyncio.sleep(0, n) for n in (1, 2)))",
        (result("[1, 2]"),),
    ),
    "a log": (
        "import logging\nlogging.warning('care')",
        (errors("WARNING:root:care\n"),),
    ),
    "a thread's text": (
        (
            "import threading\n"
            "thread = threading.Thread(target=print, args=['a'])\n"
            "thread.start(); thread.join()"
        ),
        (Stream(text="a\n"),),
    ),
    "a closed figure": (
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.close('all')",
        (),
    ),
}
