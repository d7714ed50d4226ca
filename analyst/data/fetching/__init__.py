"""What the parent fetches, as the kernel has no network: it becomes a file beside.

database   tables and queries of a database that is named by a URL
web        a file behind an `https://` address
stdin      what is piped in

Each makes of what it got a file in the notebook's folder, as a `fetched.Fetched`. The
file is opened in the kernel like any other: nothing of the web or of a pipe is parsed
here. Credentials stay here: no file, name, note, comment or error holds one.
"""

from __future__ import annotations
