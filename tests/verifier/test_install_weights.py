"""Only the pinned files are copied to where engines look."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from verifier import WeightsError
from verifier.install_weights import install_weights
from verifier.weights import (
    TINY_DETECTOR_MANIFEST,
    TINY_DETECTOR_WEIGHTS,
    WeightsFile,
    copied_weights_folder,
)

FILES = (TINY_DETECTOR_WEIGHTS, TINY_DETECTOR_MANIFEST)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder like the npm package's, with the right files and one that nobody asked for."""
    folder = tmp_path / "model"
    folder.mkdir()
    for weights in FILES:
        shutil.copy(copied_weights_folder() / weights.name, folder)
    (folder / "age_gender_model.bin").write_bytes(b"another")
    return folder


@pytest.fixture
def prefix(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty virtual environment to install to, in the place of the running one."""
    folder = tmp_path / "prefix"
    folder.mkdir()
    monkeypatch.setattr(sys, "prefix", str(folder))
    return folder


def _installed(prefix: Path) -> set[str]:
    return {path.name for path in prefix.rglob("*") if path.is_file()}


def test_right_files_are_copied_and_nothing_else(source: Path, prefix: Path) -> None:
    install_weights(source)
    assert _installed(prefix) == {weights.name for weights in FILES}
    assert copied_weights_folder().is_relative_to(prefix)
    for weights in FILES:
        copy = copied_weights_folder() / weights.name
        assert copy.read_bytes() == (source / weights.name).read_bytes()


def test_installing_again_repairs_a_damaged_copy(source: Path, prefix: Path) -> None:
    install_weights(source)
    damaged = copied_weights_folder() / TINY_DETECTOR_WEIGHTS.name
    damaged.write_bytes(b"damaged")
    install_weights(source)
    assert damaged.read_bytes() == (source / damaged.name).read_bytes()


@pytest.mark.parametrize("weights", FILES, ids=lambda weights: weights.name)
def test_missing_or_wrong_file_is_named_and_not_copied(
    source: Path, prefix: Path, weights: WeightsFile
) -> None:
    file = source / weights.name
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(WeightsError, match=f"{weights.name} in .* is not the trusted one"):
        install_weights(source)
    assert weights.name not in _installed(prefix)
    file.unlink()
    with pytest.raises(WeightsError, match=f"{weights.name} cannot be read"):
        install_weights(source)
    assert weights.name not in _installed(prefix)


@pytest.mark.parametrize("arguments", [[], ["one", "two"], ["no-such-folder"]])
def test_command_says_in_a_line_what_is_wrong(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "verifier.install_weights", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
