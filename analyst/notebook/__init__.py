"""The notebook: written from the facts, read back, compared."""
