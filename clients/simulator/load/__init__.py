"""Many simulated students who sit an exam at once, and what that costs (`face-monitor load`)."""
