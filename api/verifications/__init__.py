"""The server's answers, and images that other systems want compared."""
