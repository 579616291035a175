"""Other systems and their keys."""
