"""Headers are read without decoding, and lies in them are found out."""

import struct

import pytest

from api.image_header import (
    FRAME_TYPES,
    JPEG,
    PNG,
    REFERENCE_TYPES,
    WEBP,
    ImageHeader,
    check_image,
)
from api.problems import (
    CorruptImage,
    ImageDimensionsTooLarge,
    ImageTooLarge,
    Problem,
    TruncatedImage,
    UnsupportedImageType,
)
from tests.support.pictures import jpeg_of_declared_size, small_jpeg, small_png


def check(data, types=REFERENCE_TYPES, max_bytes=1_000_000, max_pixels=10_000):
    return check_image(data, types=types, max_bytes=max_bytes, max_pixels=max_pixels)


def webp(width=64, height=48):
    chunk = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    chunk += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


@pytest.mark.parametrize(
    ("data", "content_type"), [(small_jpeg(), JPEG), (small_png(), PNG), (webp(), WEBP)]
)
def test_header_names_type_and_size(data, content_type):
    assert check(data) == ImageHeader(content_type, 64, 48)


@pytest.mark.parametrize("data", [small_png(), webp()])
def test_frame_is_a_jpeg_and_nothing_else(data):
    with pytest.raises(UnsupportedImageType):
        check(data, types=FRAME_TYPES)


@pytest.mark.parametrize(
    "data", [jpeg_of_declared_size(101, 100), webp(16_000, 16_000), webp(2**24, 2**24)]
)
def test_too_many_pixels_by_the_header(data):
    with pytest.raises(ImageDimensionsTooLarge):
        check(data)


def test_exactly_as_large_as_allowed():
    data = small_jpeg()
    assert check(data, max_bytes=len(data), max_pixels=64 * 48)
    with pytest.raises(ImageTooLarge):
        check(data, max_bytes=len(data) - 1)
    with pytest.raises(ImageDimensionsTooLarge):
        check(data, max_pixels=64 * 48 - 1)


def test_end_marker_of_a_thumbnail_is_not_the_end_of_the_picture():
    thumbnail = small_jpeg()
    segment = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    whole = thumbnail[:2] + segment + thumbnail[2:]
    assert check(whole) == ImageHeader(JPEG, 64, 48)
    with pytest.raises(TruncatedImage):
        check(whole[:-40])


def test_bytes_after_the_end_do_no_harm():
    assert check(small_jpeg() + bytes(5000))
    assert check(small_png() + bytes(500))


def refusal(data):
    try:
        check(data)
    except Problem as problem:
        return problem.status
    return None


@pytest.mark.parametrize("whole", [small_jpeg(), small_png(), webp()])
def test_no_cut_breaks_the_check(whole):
    assert {refusal(whole[:cut]) for cut in range(1, len(whole) - 4)} <= {415, 422}


@pytest.mark.parametrize(("width", "height"), [(0, 48), (64, 0)])
def test_picture_without_extent_is_corrupt(width, height):
    with pytest.raises(CorruptImage):
        check(jpeg_of_declared_size(width, height))


def test_dimensions_are_not_searched_for_in_megabytes_of_rubbish():
    rubbish = b"\xff\xd8\xff\xe0\x00\x04ab" + bytes(3_000_000) + b"\xff\xd9"
    with pytest.raises(CorruptImage):
        check(rubbish, max_bytes=10_000_000)
