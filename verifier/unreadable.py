"""Why bytes could not become pixels.

::

    UnreadableImage
    ├── EmptyImage                 empty_image
    ├── ImageTooLarge              image_too_large
    ├── UnsupportedImageType       unsupported_image_type
    ├── ImageDimensionsTooLarge    image_dimensions_too_large
    ├── ImageTooSmall              image_too_small
    ├── TruncatedImage             truncated_image
    └── CorruptImage               corrupt_image
"""

from typing import ClassVar

from verifier.reasons import REASONS


class UnreadableImage(Exception):
    """Bytes that `decode_image` refuses; its text says what to do next.

    `code` is permanent; `detail` holds the figures of this one picture and never any of
    its content.
    """

    code: ClassVar[str] = "corrupt_image"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        sentence = REASONS[self.code]
        return f"{sentence} ({self.detail})" if self.detail else sentence


class EmptyImage(UnreadableImage):
    """There are no bytes at all."""

    code = "empty_image"


class ImageTooLarge(UnreadableImage):
    """There are more bytes than `ImageLimits.max_bytes`."""

    code = "image_too_large"


class UnsupportedImageType(UnreadableImage):
    """The bytes are no still JPEG, PNG or WebP picture."""

    code = "unsupported_image_type"


class ImageDimensionsTooLarge(UnreadableImage):
    """The header announces more pixels than `ImageLimits.max_pixels`."""

    code = "image_dimensions_too_large"


class ImageTooSmall(UnreadableImage):
    """An edge is shorter than `ImageLimits.min_edge_px`."""

    code = "image_too_small"


class TruncatedImage(UnreadableImage):
    """The file ends before its picture does."""

    code = "truncated_image"


class CorruptImage(UnreadableImage):
    """The file is of a known type and complete, but cannot be decoded without error."""

    code = "corrupt_image"
