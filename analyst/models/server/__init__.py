"""The server: the line to it, how it says no, and what is learnt of it."""
