"""Exams: what an admin sets up, and how a student joins."""
