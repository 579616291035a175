"""Processes are killed on purpose; nothing may be lost, doubled or stuck."""
