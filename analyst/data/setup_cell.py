"""The setup cell of a notebook: imports, seeds, and how tables and charts look."""

from __future__ import annotations

__all__ = ["IMPORTED", "SETUP"]

SETUP = """
import random

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

random.seed(SEED)
np.random.seed(SEED)

pd.set_option("display.max_rows", 40, "display.max_columns", 20)
pd.set_option("display.precision", 4)
plt.rcParams.update({
    "figure.figsize": (7.5, 3.6),
    "figure.dpi": 100,
    "figure.autolayout": True,
    "axes.axisbelow": True,
    "axes.edgecolor": "#9aa0a6",
    "axes.grid": True,
    "axes.prop_cycle": plt.cycler(
        color=["#2563a8", "#d9702b", "#4c9a6a", "#8e5ea2", "#8a8f98"]
    ),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "grid.color": "#e7e9ec",
    "legend.frameon": False,
    "text.parse_math": False,
})
""".strip()
"""Plain code; `SEED` stands in the cell before it."""

IMPORTED = frozenset(line for line in SETUP.splitlines() if "import " in line)
"""What later cells need not import again."""
