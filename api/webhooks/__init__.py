"""Addresses that are told what happened, and what became of each message."""
