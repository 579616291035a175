"""Images on their way to the service."""

from pathlib import Path

ImageSource = bytes | Path
"""An encoded image (JPEG, PNG or WebP), or where one lies."""


def multipart_image(source: ImageSource, name: str) -> tuple[str, bytes, str]:
    """Return file name, bytes and media type of one multipart part.

    The name on the caller's disk stays there: it may be a person's.
    """
    content = source if isinstance(source, bytes) else source.read_bytes()
    return name, content, media_type(content)


def media_type(content: bytes) -> str:
    """Return the type that the first bytes name.

    Anything else goes out as `application/octet-stream`, and the service says what is wrong.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "application/octet-stream"
