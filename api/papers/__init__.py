"""Papers: the questions of an attempt as its student sees them, and the answers."""
