"""Frames of an attempt: taken in durably, shown again with claim and verdict side by side."""
