"""The data room: from whatever is given to tables in the kernel.

    given      inputs, paths, naming; fetching/ for databases and the web,
               handover/ for live tables: all of it becomes files
    sniffed    how the files are read: found out by inside/sniffing in the kernel,
               checked here (readings), one source for each table (sources)
    loaded     the plain cells (load_cell, setup_cell), written by inside/code
    looked at  by inside/probing in the kernel, told here (look, profile, quality,
               joins)

`tables` holds it together; `earlier` compares the load cell of an old notebook with new
files.
Files are opened in the kernel alone, and what is printed there is untrusted text.
"""

from __future__ import annotations
