"""`python -m analyst` is the command `analyst`."""

from __future__ import annotations

from analyst.faces.cli import main

if __name__ == "__main__":
    main()
