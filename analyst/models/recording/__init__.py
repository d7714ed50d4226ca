"""Conversations with a model, recorded and replayed without one."""
