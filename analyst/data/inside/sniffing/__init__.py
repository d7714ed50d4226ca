"""From a file to what was found out about it.

files      a file as bytes: decompressed, sampled, bounded
route      which kind of file it is, by its content
others     a module or package for each kind: from a `SourceFile` to `Reading`s
check      the statements of a reading are run, and what comes out is compared
"""

from __future__ import annotations
