"""Prints what hostile cells get in each sandbox, as the README shows it.

python tests/tools/hostile_table.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from tests.sandbox.attack import (  # noqa: E402 - the path must be known before
    SANDBOXES,
    Attack,
    Expected,
    If,
)
from tests.sandbox.attacks import ATTACKS  # noqa: E402 - the path must be known before

__all__ = ["BEGIN", "END", "shown_in", "table"]

BEGIN = "<!-- hostile table: begin -->"
END = "<!-- hostile table: end -->"

_WHERE = {
    "can_install": "where packages are yours to change",
    "can_read_disk": "as root",
    "can_write_sys": "as root",
    "can_write_sysctl": "as root",
    "counts_processes": "unless root goes without a control group",
    "has_alg": "where Linux has it",
    "has_cores": "where there are several",
    "has_fuse": "where there is one",
    "has_interfaces": "where there are any",
    "has_io_uring": "where Linux has it",
    "has_keys": "where Linux has it",
    "has_namespaces": "where users may",
    "has_total_bound": "with a control group",
    "has_userfaultfd": "where Linux has it",
    "has_vsock": "where Linux has it",
    "is_root": "as root",
}


def table() -> str:
    """The table in Markdown: a row for each attack, a column for each sandbox."""
    rows = ["| the cell tries to | " + " | ".join(f"`{n}`" for n in SANDBOXES) + " |"]
    rows.append("|---" * (1 + len(SANDBOXES)) + "|")
    group = ""
    for attack in ATTACKS:
        if attack.group != group:
            group = attack.group
            rows.append(f"| **{group}** |" + " |" * len(SANDBOXES))
        rows.append(_row(attack))
    return "\n".join(rows)


def shown_in(text: str) -> str:
    """The table that stands between its marks in a text."""
    return text.partition(BEGIN)[2].partition(END)[0].strip()


def _row(attack: Attack) -> str:
    name = attack.name + (" \\*" if attack.live is not None else "")
    verdicts = [_verdict(attack.expected[sandbox]) for sandbox in SANDBOXES]
    return "| " + " | ".join([name, *verdicts]) + " |"


def _verdict(expected: Expected) -> str:
    if isinstance(expected, If):
        where = _WHERE[expected.fact]
        return f"{_word(expected.then)} {where}, else {_word(expected.otherwise)}"
    return _word(expected)


def _word(holding: str) -> str:
    return holding if holding == "held" else f"**{holding}**"


if __name__ == "__main__":
    print(table())  # noqa: T201 - what it is for
