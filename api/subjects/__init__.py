"""Subjects: the people whose faces are compared, their consent and their erasure."""
