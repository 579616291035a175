"""Only the pinned weights are loaded; anything else says what to do."""

import shutil
from pathlib import Path

import pytest

import verifier.weights
from verifier import WeightsError
from verifier.dlib_engine import DlibEngine
from verifier.weights import (
    DESCRIPTOR_WEIGHTS,
    LANDMARK_WEIGHTS,
    checked_weights,
    weights_folder,
)


def test_installed_weights_are_the_pinned_ones() -> None:
    for weights in (LANDMARK_WEIGHTS, DESCRIPTOR_WEIGHTS):
        assert checked_weights(weights).name == weights.name


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
