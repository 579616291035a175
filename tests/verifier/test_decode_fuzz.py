"""Whatever the bytes are: a picture, or one of our own exceptions."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.verifier import pictures
from verifier import REASONS, ImageLimits, UnreadableImage, decode_image

LIMITS = ImageLimits(max_pixels=500_000, min_edge_px=8)
FUZZ = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def _seeds() -> list[bytes]:
    photo = np.random.default_rng(1).integers(0, 255, (40, 48, 3), dtype=np.uint8)
    exif = pictures.exif_block(6)
    return [
        pictures.jpeg_with_exif(pictures.jpeg(photo), exif),
        pictures.png_with_chunk(pictures.png(photo), b"eXIf", exif),
        pictures.webp_with_exif(pictures.webp(photo), 48, 40, exif),
        pictures.jpeg(pictures.corners()),
        pictures.encoded(pictures.corners(), ".jpg", 2, 1),
    ]


SEEDS = _seeds()


def _only_ours(data: bytes) -> None:
    try:
        image = decode_image(data, LIMITS)
    except UnreadableImage as problem:
        refusal = problem
    else:
        assert image.pixels.shape == (image.height, image.width, 3)
        assert image.pixels.dtype == np.uint8
        return
    assert refusal.code in REASONS
    assert str(refusal)


@FUZZ
@given(st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_random_bytes(data: bytes, magic: bytes) -> None:
    _only_ours(magic + data)


@FUZZ
@given(st.binary(max_size=200), st.sampled_from([b"VP8 ", b"VP8L", b"VP8X"]))
def test_random_webp(data: bytes, kind: bytes) -> None:
    body = b"WEBP" + kind + len(data).to_bytes(4, "little") + data
    _only_ours(b"RIFF" + len(body).to_bytes(4, "little") + body)


@FUZZ
@given(st.sampled_from(SEEDS), st.floats(0, 1))
def test_truncated_files(data: bytes, part: float) -> None:
    _only_ours(data[: int(len(data) * part)])


@settings(FUZZ, max_examples=250)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_mutated_files(data: bytes, changes: list[tuple[float, int]]) -> None:
    mutated = bytearray(data)
    for place, value in changes:
        mutated[int(place * (len(data) - 1))] = value
    _only_ours(bytes(mutated))


@FUZZ
@given(st.sampled_from(SEEDS), st.floats(0, 0.2), st.integers(0, 255))
def test_mutated_headers(data: bytes, place: float, value: int) -> None:
    mutated = bytearray(data)
    mutated[int(place * (len(data) - 1))] = value
    _only_ours(bytes(mutated))
