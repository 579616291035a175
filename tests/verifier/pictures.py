"""Handmade pictures for the tests: encoded, turned, broken."""

import struct
import zlib

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def encoded(pixels: Picture, extension: str, *options: int) -> bytes:
    """Return RGB, RGBA or grey pixels as a file; `extension` as ".jpg"."""
    codes = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    turned = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, codes[pixels.shape[2]])
    done, buffer = cv2.imencode(extension, turned, list(options))
    assert done
    return buffer.tobytes()


def jpeg(pixels: Picture, quality: int = 92) -> bytes:
    return encoded(pixels, ".jpg", cv2.IMWRITE_JPEG_QUALITY, quality)


def png(pixels: Picture) -> bytes:
    return encoded(pixels, ".png")


def webp(pixels: Picture, quality: int = 90) -> bytes:
    return encoded(pixels, ".webp", cv2.IMWRITE_WEBP_QUALITY, quality)


def corners(width: int = 120, height: int = 80) -> Picture:
    """Return a picture whose four corners tell which way up it is: red, green, blue, white."""
    pixels = np.zeros((height, width, 3), np.uint8)
    half_w, half_h = width // 2, height // 2
    pixels[:half_h, :half_w] = (255, 0, 0)
    pixels[:half_h, half_w:] = (0, 255, 0)
    pixels[half_h:, :half_w] = (0, 0, 255)
    pixels[half_h:, half_w:] = (255, 255, 255)
    return pixels


def exif_block(orientation: int, order: str = ">") -> bytes:
    mark = b"MM\x00*" if order == ">" else b"II*\x00"
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)


def jpeg_with_exif(data: bytes, exif: bytes) -> bytes:
    body = b"Exif\x00\x00" + exif
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_with_chunk(data: bytes, kind: bytes, body: bytes) -> bytes:
    """Return the PNG with a chunk more, behind its header."""
    return data[:33] + png_chunk(kind, body) + data[33:]


def png_of_header(width: int, height: int) -> bytes:
    """Return a small, valid PNG that announces a size and whose data would fill it with zeros."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", body)
        + png_chunk(b"IEND", b"")
    )


def webp_with_exif(data: bytes, width: int, height: int, exif: bytes) -> bytes:
    """Return a simple WebP file in the extended format, with an Exif chunk."""
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    extended = b"VP8X" + struct.pack("<I", 10) + bytes([8, 0, 0, 0]) + size
    padding = bytes(len(exif) % 2)
    chunk = b"EXIF" + struct.pack("<I", len(exif)) + exif + padding
    body = b"WEBP" + extended + data[12:] + chunk
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_of_size(data: bytes, width: int, height: int) -> bytes:
    """Return a baseline JPEG whose frame header announces another size."""
    position = data.index(b"\xff\xc0") + 5
    return data[:position] + struct.pack(">HH", height, width) + data[position + 4 :]


def animation(extension: str) -> bytes:
    """Return an animated WebP or PNG of two frames."""
    frames = cv2.Animation()
    frames.frames = [corners(), 255 - corners()]
    frames.durations = np.array([100, 100], np.int32)
    done, buffer = cv2.imencodeanimation(extension, frames)
    assert done
    return buffer.tobytes()
