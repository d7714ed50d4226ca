"""What is in the tables, once they are loaded; printed for the other side to read.

report      the entry: a line of JSON for each table, then one for the joins
seen        a column, and what is worked out of it once
columns     what is known of a column: kind, gaps, range, spellings
relations   the same for a table that stays in its file
quality     what is odd in a table, the most important first
numbers     what is odd in numbers and dates
texts       what is odd in texts
noticed     what may be odd, as pure data
candidates  which columns of two tables may join, by their names
keys        which of them do, by their values, and what a join would do
names       what the name of a column says of what is in it
suspicious  texts that speak to a language model

Nothing in a table may make it fail, and what is printed and the time it takes are
bounded: of large tables, what is dear to count is counted in a sample and said to be.
"""

from __future__ import annotations
