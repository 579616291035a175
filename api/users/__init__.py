"""Users: registration, sign-in and sign-out."""
