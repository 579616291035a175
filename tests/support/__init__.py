"""What several test folders lean on: faces, servers, databases and browsers."""
