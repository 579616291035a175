"""How the service does just now, for its page and for Prometheus: cheap however much is stored."""
