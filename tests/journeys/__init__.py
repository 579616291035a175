"""Whole ways of a person or a system through the running service."""
