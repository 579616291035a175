"""Attempts: opening, starting, handing in, and how they stand."""
