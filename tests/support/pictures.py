"""Small pictures, sound and hostile, made of bytes."""

import struct
import zlib

import cv2
import numpy as np


def small_jpeg(shade: int = 128) -> bytes:
    """Return a sound grey JPEG of 64 x 48 pixels; each shade has other bytes."""
    pixels = np.full((48, 64, 3), shade, dtype=np.uint8)
    pixels[: shade % 47 + 1, : shade % 63 + 1] = 255 - shade
    return encode(pixels, ".jpg")


def small_png() -> bytes:
    return encode(np.full((48, 64, 3), 128, dtype=np.uint8), ".png")


def encode(pixels: "np.typing.NDArray[np.uint8]", suffix: str) -> bytes:
    is_encoded, data = cv2.imencode(suffix, pixels)
    assert is_encoded
    return data.tobytes()


def jpeg_of_declared_size(width: int, height: int) -> bytes:
    """Return a small JPEG whose header lies about its dimensions."""
    jpeg = bytearray(small_jpeg())
    start_of_frame = jpeg.index(b"\xff\xc0")
    jpeg[start_of_frame + 5 : start_of_frame + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def png_bomb() -> bytes:
    """Return a PNG of a few kilobytes that unpacks to 30000 x 30000 pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(2_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )
