"""From a `Reading` to the plain statements that read it.

    table      the statements of one table: reading, then conversions
    literals   values and calls as a person would write them
    others     a module for each kind of file: only the expression that reads it

Runs on both sides of the sandbox's border, so it imports the standard library alone.
Nothing of a file can become code: every value that came from one is written as a
literal.
"""

from __future__ import annotations
