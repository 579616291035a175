"""Where to go after signing in: never away from this site."""

from urllib.parse import urlsplit

HOME = "/"
"""Each role finds its own start page behind it."""


def local_path(wanted: str) -> str:
    r"""Return `wanted` when it is a path of this site, else the start page.

    Browsers read `//host`, `/\host` and a tab within either as another site.
    """
    is_plain = wanted.isprintable() and "\\" not in wanted
    if not is_plain or not wanted.startswith("/") or wanted.startswith("//"):
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    return HOME if parts.scheme or parts.netloc else wanted
