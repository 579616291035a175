"""A simulated student who sits an exam with real face images (`face-monitor demo`)."""
