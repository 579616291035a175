"""How large an image may be, as the settings say: the same caps the API checked on arrival."""

from models.settings import Settings
from verifier import ImageLimits


def frame_limits(settings: Settings) -> ImageLimits:
    """Return the caps of a frame."""
    return ImageLimits(max_bytes=settings.frame_max_bytes, max_pixels=settings.frame_max_pixels)


def reference_limits(settings: Settings) -> ImageLimits:
    """Return the caps of an image for enrollment or of a verification request."""
    return ImageLimits(
        max_bytes=settings.reference_image_max_bytes,
        max_pixels=settings.reference_image_max_pixels,
    )
