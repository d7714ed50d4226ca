"""The data room: from a file or a live DataFrame to a table in the kernel.

A file is looked at as bytes before any kernel starts (`sources`, `sniff`), a live
DataFrame is written to a file first (`handover`), and `tables` makes of either the
plain cells that load it. What is in the loaded tables is found out inside the kernel
(`probe`) and read here as the untrusted text that it is (`profile`).
"""

from __future__ import annotations
