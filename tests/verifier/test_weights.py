"""Only the pinned weights are loaded; anything else says what to do."""

import shutil
from pathlib import Path

import pytest

import verifier.weights
from verifier import WeightsError
from verifier.dlib_engine import DlibEngine
from verifier.weights import (
    DESCRIPTOR_WEIGHTS,
    DETECTOR_WEIGHTS,
    LANDMARK_WEIGHTS,
    TINY_DETECTOR_MANIFEST,
    TINY_DETECTOR_WEIGHTS,
    checked_weights,
    copied_weights_folder,
    engine_id_of,
    weights_folder,
)


def test_installed_weights_are_the_pinned_ones() -> None:
    for weights in (LANDMARK_WEIGHTS, DETECTOR_WEIGHTS, DESCRIPTOR_WEIGHTS):
        assert checked_weights(weights) == weights_folder() / weights.name
    for weights in (TINY_DETECTOR_WEIGHTS, TINY_DETECTOR_MANIFEST):
        folder = copied_weights_folder()
        assert checked_weights(weights, folder) == folder / weights.name


def test_engine_id_depends_on_name_version_and_the_files_in_their_order() -> None:
    files = (LANDMARK_WEIGHTS, DESCRIPTOR_WEIGHTS)
    ids = {
        engine_id_of("dlib", "p1", *files),
        engine_id_of("onnx", "p1", *files),
        engine_id_of("dlib", "p2", *files),
        engine_id_of("dlib", "p1", *files[::-1]),
        engine_id_of("dlib", "p1", LANDMARK_WEIGHTS),
    }
    assert len(ids) == 5


def test_missing_weights_name_the_file_and_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=LANDMARK_WEIGHTS.name) as caught:
        DlibEngine(tmp_path)
    assert "make install" in str(caught.value)


def test_tampered_weights_are_refused(tmp_path: Path) -> None:
    for weights in (LANDMARK_WEIGHTS, DESCRIPTOR_WEIGHTS):
        shutil.copy(weights_folder() / weights.name, tmp_path)
    tampered = tmp_path / DESCRIPTOR_WEIGHTS.name
    with tampered.open("r+b") as file:
        file.seek(10_000_000)
        byte = file.read(1)[0]
        file.seek(10_000_000)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(WeightsError, match="not the trusted one") as caught:
        DlibEngine(tmp_path)
    assert DESCRIPTOR_WEIGHTS.name in str(caught.value)


def test_absent_package_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier.weights, "WEIGHTS_PACKAGE", "no_such_weights_package")
    with pytest.raises(WeightsError, match=r"no_such_weights_package.*make install"):
        weights_folder()
