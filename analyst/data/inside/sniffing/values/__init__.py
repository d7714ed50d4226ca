"""From cells of text to types, only on unanimous evidence.

cells      the cells of a column, and their shapes
words      missing, true, false, infinite
names      what the name of a column may decide
marks      what the marks between digits mean
money      signs of money, and amounts that are only a dash
numbers    plain numbers, money, percent, accounts
stamps     how dates are written
dates      which of their formats it is
undecided  why days may be other ones
sentinels  -999 and the like: told, never changed
findings   what a column was found to hold, and what is said of it
column     one column on its own
shared     what columns decide together
table      all columns: what the reader is told, and what is converted after it
"""

from __future__ import annotations

from .table import Values, convert_texts, read_values

__all__ = ["Values", "convert_texts", "read_values"]
