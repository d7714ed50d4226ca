"""The mind: it plans, acts, looks, reflects and tells, and produces only facts."""
