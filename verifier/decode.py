"""The one door from bytes to pixels."""

import io
from dataclasses import dataclass

import cv2
import imagesize
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from verifier.containers import checked_jpeg, checked_png, checked_webp, sniff_format
from verifier.orientation import read_orientation, upright
from verifier.unreadable import (
    CorruptImage,
    EmptyImage,
    ImageDimensionsTooLarge,
    ImageTooLarge,
    ImageTooSmall,
    TruncatedImage,
    UnreadableImage,
)


@dataclass(frozen=True)
class ImageLimits:
    """What a picture may cost, checked before it is decoded."""

    max_bytes: int = 8_000_000
    """A 640x480 webcam JPEG has about 50,000 bytes, a telephone's portrait 3 to 6 million."""

    max_pixels: int = 21_000_000
    """A 20-megapixel camera (5184x3888). As RGB that is 63 MB of a worker's 400 MB."""

    min_edge_px: int = 64
    """Shorter than this no face fits that the networks could tell apart."""

    def __post_init__(self) -> None:
        if min(self.max_bytes, self.max_pixels, self.min_edge_px) < 1:
            raise ValueError("every image limit must be at least 1")


@dataclass(frozen=True, eq=False)
class Image:
    """A decoded picture, upright.

    `pixels` is (height, width, 3) uint8 RGB, contiguous; `format` is "jpeg", "png" or "webp".
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str


DEFAULT_LIMITS = ImageLimits()
"""Limits for a student's frame and for an enrolment photo alike."""


def decode_image(data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> Image:
    """Return the picture in `data`, upright, as RGB.

    Transparency is laid over white, as a browser shows it to the person who reviews; grey and
    16-bit pictures become 8-bit RGB.

    Raises
    ------
    UnreadableImage
        One of its subclasses; nothing else, whatever the bytes are.
    """
    if not data:
        raise EmptyImage
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(f"{len(data):,} bytes, at most {limits.max_bytes:,}")
    image_format = sniff_format(data)
    size = imagesize.get(io.BytesIO(data), exif_rotation=False)
    if min(size) < 1:
        raise _headless(data, image_format)
    _check_dimensions(size, limits)
    pixels, exif = _DECODERS[image_format](data, limits)
    if (pixels.shape[1], pixels.shape[0]) != size:
        raise CorruptImage("its header and its pixels disagree")
    pixels = upright(pixels, read_orientation(exif))
    height, width = pixels.shape[:2]
    return Image(pixels=pixels, width=width, height=height, format=image_format)


def _headless(data: bytes, image_format: str) -> UnreadableImage:
    """Return why a file's header gives no width and height."""
    try:
        _CHECKS[image_format](data)
    except UnreadableImage as problem:
        return problem
    return CorruptImage("its header gives no size")


def _check_dimensions(size: tuple[int, int], limits: ImageLimits) -> None:
    """Refuse what the header alone shows to be too large or too small."""
    width, height = size
    if width * height > limits.max_pixels:
        raise ImageDimensionsTooLarge(
            f"{width}x{height} pixels, at most {limits.max_pixels:,} altogether"
        )
    if min(width, height) < limits.min_edge_px:
        raise ImageTooSmall(f"{width}x{height}, each edge needs {limits.min_edge_px} pixels")


def _decode_jpeg(data: bytes, limits: ImageLimits) -> tuple[NDArray[np.uint8], bytes]:
    exif = checked_jpeg(data)
    try:
        height, width, colorspace, _ = simplejpeg.decode_jpeg_header(data, strict=False)
        # The decoder's own reading of the header counts too: a second frame header, which
        # imagesize never reaches, must not open the door to more pixels.
        _check_dimensions((width, height), limits)
        pixels = _decode_jpeg_strictly(data)
    except (ValueError, KeyError) as problem:
        # The KeyError is simplejpeg's own, for a header whose colours it does not know.
        raise _jpeg_problem(str(problem)) from None
    if colorspace in {"CMYK", "YCCK"}:
        # TurboJPEG leaves ink values to its caller; OpenCV turns Adobe's (inverted) into RGB.
        pixels = _decode_with_opencv(data, cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
    return pixels, exif


def _decode_jpeg_strictly(data: bytes) -> NDArray[np.uint8]:
    """Return (h, w, 3) RGB; raise ValueError where libjpeg would only have warned."""
    try:
        return np.asarray(simplejpeg.decode_jpeg(data, "RGB", strict=True), dtype=np.uint8)
    except ValueError as problem:
        # Many telephones pad the coded data before the end marker; every pixel is there.
        if "extraneous bytes before marker 0xd9" not in str(problem):
            raise
    return np.asarray(simplejpeg.decode_jpeg(data, "RGB", strict=False), dtype=np.uint8)


def _jpeg_problem(message: str) -> UnreadableImage:
    """Return the exception for a message of libjpeg."""
    return TruncatedImage() if "Premature end" in message else CorruptImage()


def _decode_png(data: bytes, limits: ImageLimits) -> tuple[NDArray[np.uint8], bytes]:
    del limits  # The header that was checked is the only one a PNG has.
    kept, exif = checked_png(data)
    return _flattened(_decode_with_opencv(kept, cv2.IMREAD_UNCHANGED)), exif


def _decode_webp(data: bytes, limits: ImageLimits) -> tuple[NDArray[np.uint8], bytes]:
    del limits  # libwebp refuses a canvas that differs from the picture inside.
    exif = checked_webp(data)
    return _flattened(_decode_with_opencv(data, cv2.IMREAD_UNCHANGED)), exif


_CHECKS = {"jpeg": checked_jpeg, "png": checked_png, "webp": checked_webp}
_DECODERS = {"jpeg": _decode_jpeg, "png": _decode_png, "webp": _decode_webp}


def _decode_with_opencv(data: bytes, flags: int) -> NDArray[np.uint8]:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as problem:
        raise CorruptImage from problem
    if pixels is None:
        raise CorruptImage
    return pixels  # type: ignore[return-value]


def _flattened(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Return (h, w, 3) uint8 RGB of OpenCV's grey, BGR or BGRA, 8 or 16 bit."""
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.ndim == 2:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    if pixels.shape[2] == 3:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    return _over_white(np.asarray(pixels, dtype=np.uint8))


def _over_white(bgra: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB of a picture with transparency as it looks on a white page."""
    rgb = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB), dtype=np.uint8)
    alpha = bgra[..., 3]
    if alpha.min() == 255:
        return rgb
    for channel in range(3):
        ink = (255 - rgb[..., channel]).astype(np.uint16) * alpha
        rgb[..., channel] = 255 - (ink + 127) // 255
    return rgb
