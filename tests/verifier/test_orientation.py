"""A picture is judged the way up a person sees it."""

import numpy as np
import pytest

from tests.verifier import pictures
from verifier import decode_image
from verifier.orientation import UPRIGHT, read_orientation

# How Exif 2.32 says the stored rows and columns are to be shown, in numpy's words.
SHOWN = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).swapaxes(0, 1),
    8: np.rot90,
}


def _files(exif: bytes) -> dict[str, bytes]:
    stored = pictures.corners()
    return {
        "jpeg": pictures.jpeg_with_exif(pictures.jpeg(stored), exif),
        "png": pictures.png_with_chunk(pictures.png(stored), b"eXIf", exif),
        "webp": pictures.webp_with_exif(pictures.webp(stored), 120, 80, exif),
    }


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", SHOWN)
@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_orientation_is_applied(name: str, orientation: int, order: str) -> None:
    image = decode_image(_files(pictures.exif_block(orientation, order))[name])
    expected = SHOWN[orientation](pictures.corners())
    assert (image.height, image.width) == expected.shape[:2]
    assert np.abs(image.pixels.astype(int) - expected).mean() < 12
    for y, x in ((8, 8), (8, -9), (-9, 8), (-9, -9)):
        assert np.abs(image.pixels[y, x].astype(int) - expected[y, x]).max() < 25
    assert image.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"MM",
        b"no exif at all",
        pictures.exif_block(0),
        pictures.exif_block(9),
        pictures.exif_block(6)[:14],
        b"MM\x00*\xff\xff\xff\xff",
    ],
)
def test_broken_exif_leaves_the_picture_as_stored(exif: bytes) -> None:
    assert read_orientation(exif) == UPRIGHT
    image = decode_image(pictures.jpeg_with_exif(pictures.jpeg(pictures.corners()), exif))
    assert (image.width, image.height) == (120, 80)


def test_min_edge_and_caps_hold_for_turned_pictures() -> None:
    image = decode_image(_files(pictures.exif_block(6))["jpeg"])
    assert (image.width, image.height) == (80, 120)
