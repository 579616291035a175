"""What the parts promise each other across their borders."""
