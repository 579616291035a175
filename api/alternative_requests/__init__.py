"""The other route: a student who does not want the camera asks for a person's check."""
