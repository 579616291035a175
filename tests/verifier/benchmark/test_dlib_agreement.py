"""Our networks beside dlib's own runtime."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clients.simulator.portraits import portrait_path
from tests.verifier import pictures, scenes
from verifier import decode_image
from verifier.benchmark.dlib_agreement import DlibAgreement, Networks, agreements, count_same
from verifier.benchmark.webcam_frame import scaled
from verifier.cnn_detector import Detection

FACE = Detection(left=100, top=100, width=80, height=80, score=1.0)


def test_networks_agree_on_two_pictures(tmp_path: Path) -> None:
    picture = decode_image(portrait_path("obama.jpg").read_bytes()).pixels
    (tmp_path / "1.jpg").write_bytes(pictures.jpeg(scaled(picture, 440, 550)))
    wall = tmp_path / "2.jpg"
    wall.write_bytes(pictures.jpeg(scenes.wall()[:200, :200]))
    broken = tmp_path / "3.jpg"
    broken.write_bytes(b"")
    found = DlibAgreement()
    for agreement in agreements(Networks(), [tmp_path / "1.jpg", wall, broken]):
        found = found.plus(agreement)
    assert (found.pictures, found.pictures_unreadable, found.pictures_with_other_counts) == (
        2,
        1,
        0,
    )
    assert found.faces == found.detections == 1
    assert found.detections_same_fraction == 1.0
    assert 0 < found.descriptor_max_difference <= 1e-5


def test_large_picture_is_scaled_down_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.benchmark.dlib_agreement.MAX_PIXELS", 40_000)
    (found,) = agreements(Networks(), [portrait_path("obama2.jpg")])
    assert (found.pictures, found.pictures_scaled) == (1, 1)


@pytest.mark.parametrize(
    ("ours", "same"),
    [
        ([FACE], 1),
        ([replace(FACE, left=103, score=0.96)], 1),
        ([replace(FACE, left=110)], 0),
        ([replace(FACE, score=1.06)], 0),
        ([], 0),
        ([FACE, replace(FACE, left=101)], 1),
    ],
)
def test_detections_are_the_same_by_place_and_confidence(ours: list[Detection], same: int) -> None:
    assert count_same(ours, [FACE]) == same


def test_each_detection_counts_once() -> None:
    near = replace(FACE, left=101)
    assert count_same([FACE, near], [near, FACE]) == 2


def test_figures_without_any_detection_are_no_figures() -> None:
    values = DlibAgreement(pictures=3).as_dict()
    assert (values["detections"], values["detections_same_fraction"]) == (0, None)


def test_figures_add_up() -> None:
    one = DlibAgreement(pictures=1, faces=2, descriptor_max_difference=2e-7, detections_same=2)
    other = DlibAgreement(pictures=1, descriptor_max_difference=1e-7, detections_only_ours=1)
    both = one.plus(other)
    assert (both.pictures, both.faces, both.descriptor_max_difference) == (2, 2, 2e-7)
    assert both.detections_same_fraction == pytest.approx(2 / 3)
    assert np.isclose(both.as_dict()["detections_same_fraction"], 0.666667)
