"""A real Chromium with a fake camera."""
