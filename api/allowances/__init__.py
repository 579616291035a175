"""Allowances: what a subject is granted, as data that is applied at the start."""
