"""The part of the data room that runs inside the kernel, where files are opened.

Files of unknown origin are opened only there. Nothing here needs this package: the
folder is loaded by its path into a Python that may not have it (3.10 or later), so its
modules import each other relatively and libraries only where they are needed.

    sniffing   from a file to `reading.Reading`s: what was found out
    code       from a `Reading` to the plain statements that read it
    probing    what is in the tables, once they are loaded

What is printed there is read outside as untrusted text. So no code crosses the border:
a `Reading` does, is checked, and `code` makes the statements of it again outside.
"""

from __future__ import annotations
