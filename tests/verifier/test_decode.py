"""The door lets through what people send, and names what it refuses."""

import pickle

import cv2
import numpy as np
import pytest
import simplejpeg

from tests.verifier import pictures
from verifier import (
    REASONS,
    CorruptImage,
    EmptyImage,
    ImageDimensionsTooLarge,
    ImageLimits,
    ImageTooLarge,
    ImageTooSmall,
    TruncatedImage,
    UnreadableImage,
    UnsupportedImageType,
    decode_image,
)
from verifier.containers import MAX_JPEG_SCANS

FORMATS = {"jpeg": pictures.jpeg, "png": pictures.png, "webp": pictures.webp}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_gives_contiguous_rgb(name: str) -> None:
    image = decode_image(FORMATS[name](pictures.corners()))
    assert (image.width, image.height, image.format) == (120, 80, name)
    assert image.pixels.shape == (80, 120, 3)
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    assert np.abs(image.pixels[10, 10].astype(int) - (255, 0, 0)).max() < 12


def test_grey_pictures_become_rgb() -> None:
    grey = np.tile(np.arange(0, 240, 2, dtype=np.uint8), (80, 1))
    for data in (pictures.png(grey), pictures.jpeg(grey)):
        pixels = decode_image(data).pixels
        assert pixels.shape == (80, 120, 3)
        assert np.abs(pixels.astype(int) - grey[..., None]).max() <= 3


def test_16_bit_png_becomes_8_bit() -> None:
    deep = pictures.corners().astype(np.uint16) * 257
    data = cv2.imencode(".png", deep[..., ::-1])[1].tobytes()
    assert np.array_equal(decode_image(data).pixels, pictures.corners())


@pytest.mark.parametrize("name", ["png", "webp"])
def test_transparency_is_laid_over_white(name: str) -> None:
    alpha = np.full((80, 120, 1), 255, np.uint8)
    alpha[:40] = 0
    alpha[40:, 60:] = 128
    pixels = np.concatenate([np.zeros((80, 120, 3), np.uint8), alpha], axis=2)
    options = (cv2.IMWRITE_WEBP_QUALITY, 101) if name == "webp" else ()
    shown = decode_image(pictures.encoded(pixels, f".{name}", *options)).pixels
    assert shown[10, 10].tolist() == [255, 255, 255]
    assert shown[70, 10].tolist() == [0, 0, 0]
    assert shown[70, 110].tolist() == [127, 127, 127]


def test_cmyk_jpeg_shows_its_colours() -> None:
    # Adobe's files store ink inverted, so that the bytes are RGB's own with full black.
    ink = np.dstack([pictures.corners(), np.full((80, 120), 255, np.uint8)])
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(ink), 95, "CMYK", "444")
    shown = decode_image(data).pixels
    assert np.abs(shown.astype(int) - pictures.corners()).mean() < 5


def test_progressive_jpeg_is_read() -> None:
    data = pictures.encoded(pictures.corners(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    assert data.count(b"\xff\xda") > 1
    assert decode_image(data).width == 120


def test_jpeg_padded_before_its_end_is_read() -> None:
    data = pictures.jpeg(pictures.corners())
    padded = data[:-2] + b"\x11\x22\x33" + data[-2:]
    with pytest.raises(ValueError, match="extraneous"):
        simplejpeg.decode_jpeg(padded, strict=True)
    assert np.array_equal(decode_image(padded).pixels, decode_image(data).pixels)


def test_png_text_and_profile_bombs_never_reach_the_decoder(capfd: pytest.CaptureFixture) -> None:
    data = pictures.png_with_chunk(pictures.png(pictures.corners()), b"iCCP", b"x\x00\x00broken")
    assert np.array_equal(decode_image(data).pixels, pictures.corners())
    assert capfd.readouterr().err == ""


def _unreadable() -> dict[str, tuple[bytes, type[UnreadableImage]]]:
    picture = pictures.corners()
    photo = np.random.default_rng(3).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    jpeg, png, webp = pictures.jpeg(photo), pictures.png(photo), pictures.webp(photo)
    middle = len(png) // 2
    return {
        "empty": (b"", EmptyImage),
        "too many bytes": (bytes(8_000_001), ImageTooLarge),
        "text": (b"this is no picture at all, " * 9, UnsupportedImageType),
        "gif": (b"GIF89a" + bytes(200), UnsupportedImageType),
        "animated webp": (pictures.animation(".webp"), UnsupportedImageType),
        "animated png": (pictures.animation(".png"), UnsupportedImageType),
        "huge jpeg header": (pictures.jpeg_of_size(jpeg, 65535, 65535), ImageDimensionsTooLarge),
        "png bomb": (pictures.png_of_header(50_000, 50_000), ImageDimensionsTooLarge),
        "small": (pictures.png(picture[:63]), ImageTooSmall),
        "jpeg half": (jpeg[: len(jpeg) // 2], TruncatedImage),
        "jpeg without end": (jpeg[:-2], TruncatedImage),
        "jpeg begun": (jpeg[:10], TruncatedImage),
        "jpeg cut before its size": (
            pictures.jpeg_with_exif(jpeg, bytes(20_000))[:9000],
            TruncatedImage,
        ),
        "jpeg without a frame": (jpeg[:2] + b"\xff\xd9" + bytes(100), CorruptImage),
        "png half": (png[:middle], TruncatedImage),
        "png without end": (png[:-12], TruncatedImage),
        "webp half": (webp[: len(webp) // 2], TruncatedImage),
        "webp one byte short": (webp[:-1], TruncatedImage),
        "jpeg with a hole": (jpeg[:2000] + b"\xff\xd5" * 20 + jpeg[2040:], CorruptImage),
        "jpeg of many scans": (jpeg + b"\xff\xda" * MAX_JPEG_SCANS, CorruptImage),
        "png with a flipped bit": (
            png[:middle] + bytes([png[middle] ^ 1]) + png[middle + 1 :],
            CorruptImage,
        ),
        "png with too little data": (pictures.png_of_header(300, 300), CorruptImage),
        "webp with a hole": (webp[:20] + bytes(200) + webp[220:], CorruptImage),
    }


@pytest.mark.parametrize("name", _unreadable())
def test_unreadable_bytes_are_refused_by_name(name: str) -> None:
    data, expected = _unreadable()[name]
    with pytest.raises(UnreadableImage) as caught:
        decode_image(data)
    assert type(caught.value) is expected
    assert str(caught.value).startswith(REASONS[expected.code])


def test_every_unreadable_code_has_a_handmade_input() -> None:
    covered = {kind.code for _, kind in _unreadable().values()}
    assert covered == {kind.code for kind in UnreadableImage.__subclasses__()}


def test_second_frame_header_does_not_open_the_door() -> None:
    small = pictures.jpeg(pictures.corners())
    header = small[small.index(b"\xff\xc0") : small.index(b"\xff\xc0") + 19]
    huge = pictures.jpeg_of_size(header, 60_000, 60_000)
    # imagesize stops at the first of the two.
    doubled = small[: small.index(b"\xff\xc0")] + header + huge + small[small.index(b"\xff\xc4") :]
    with pytest.raises(UnreadableImage):
        decode_image(doubled)


def test_limits_are_inclusive() -> None:
    data = pictures.png(pictures.corners(100, 90))
    exact = ImageLimits(max_bytes=len(data), max_pixels=9_000, min_edge_px=90)
    assert decode_image(data, exact).width == 100
    with pytest.raises(ImageDimensionsTooLarge, match="100x90"):
        decode_image(data, ImageLimits(max_pixels=8_999))
    with pytest.raises(ImageTooSmall):
        decode_image(data, ImageLimits(min_edge_px=91))
    with pytest.raises(ImageTooLarge):
        decode_image(data, ImageLimits(max_bytes=len(data) - 1))


def test_limit_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ImageLimits(max_bytes=0)


def test_unreadable_image_survives_a_queue() -> None:
    problem = pickle.loads(pickle.dumps(ImageTooLarge("9 bytes, at most 8")))
    assert (problem.code, problem.detail) == ("image_too_large", "9 bytes, at most 8")
    assert "at most 8" in str(problem)
