"""Marks texts that are written in one place and translated in another."""


def N_(text: str) -> str:  # noqa: N802  # The name gettext's tools look for.
    """Return `text` as it is; it is translated where a page shows it."""
    return text
