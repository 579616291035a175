"""Incidents: what lasted and deserves a look, and what persons decide about it."""
