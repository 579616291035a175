"""Invitations: links with which people set their password."""
