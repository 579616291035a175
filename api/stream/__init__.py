"""Server-sent events: what happens to attempts, as it happens."""
