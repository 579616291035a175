"""`face-verify bench` measures, or says what is missing and prints nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click.testing
import pytest

import verifier.bench_command
import verifier.command_line
from clients.simulator import portraits
from tests.verifier import pictures, scenes
from verifier import FaceEngine, decode_image
from verifier.benchmark.engine_process import EngineProcessFailed
from verifier.benchmark.pictures import portraits_folder
from verifier.benchmark.report import Source
from verifier.benchmark.webcam_frame import scaled
from verifier.cli import cli

Run = Callable[..., click.testing.Result]

CONTRACT = (
    "frame_ms", "descriptor_ms", "detector_ms", "face_recognition_hog_ms",
    "face_recognition_cnn_ms", "dlib_descriptor_ms", "frames_per_second_per_core", "rss_mb",
)  # fmt: skip

BESIDE_IT = (
    "suspicious_frame_ms", "empty_frame_ms", "cnn_detector_ms", "cnn_search_ms", "load_ms",
    "frame_speedup_hog", "frame_speedup_cnn", "descriptor_speedup", "seconds",
)  # fmt: skip


@pytest.fixture(scope="module")
def run() -> Run:
    return lambda *arguments: click.testing.CliRunner().invoke(cli, ("bench", *arguments))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two faces and a wall, small: dlib's own detector takes 5 seconds for a million pixels."""
    folder = tmp_path_factory.mktemp("pictures")
    for name in ("obama.jpg", "biden.jpg"):
        picture = decode_image(portraits.portrait_path(name).read_bytes()).pixels
        (folder / name).write_bytes(pictures.jpeg(scaled(picture, 440, 550)))
    (folder / "wall.jpg").write_bytes(pictures.jpeg(scenes.wall()[:200, :200]))
    return folder


@pytest.fixture(scope="module")
def values(run: Run, folder: Path) -> dict[str, Any]:
    """One run as JSON, with a soak of a few frames."""
    result = run(str(folder), "--json", "--frames", "2", "--soak", "3")
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("key", [*CONTRACT, *BESIDE_IT])
def test_figure_is_there_and_positive(values: dict[str, Any], key: str) -> None:
    assert values[key] > 0


def test_stages_looks_and_verdicts_are_told(values: dict[str, Any]) -> None:
    assert set(values["frame_stages_ms"]) == {"decode", "detect", "encode", "quality"}
    for path in ("hog", "cnn"):
        stages = values[f"face_recognition_{path}_stages_ms"]
        assert set(stages) == {"decode", "detect", "encode", "compare"}
    assert sum(values["looks"].values()) == 2
    assert set(values["frame_ms_by_look"]) == set(values["looks"])
    assert values["verdicts"] == {"match": 2}
    assert set(values["undetected"]) == {"hog", "cnn"}
    assert set(values["load_stages_ms"]) == {"load", "self_test", "python"}
    assert values["samples"]["frame"] == 6


def test_frames_are_accounted_for(values: dict[str, Any]) -> None:
    made = values["pictures"]
    assert (made["source"], made["frames"]) == ("folder", 2)
    assert made["enrolled_as"] == {"another_picture": 0, "changed_copy": 2}
    assert values["engine_id"].startswith("onnx-")
    assert values["policy_id"].startswith("policy-")


def test_soak_stands_beside_the_times(values: dict[str, Any]) -> None:
    soak = values["soak"]
    assert {"frames", "rss_mb_early", "rss_mb_late", "growth_percent"} <= set(soak)
    assert (soak["frames"], sum(soak["verdicts"].values())) == (3, 3)


def test_oracle_compares_answers_instead_of_times(run: Run, folder: Path) -> None:
    result = run(str(folder), "--oracle", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    values = json.loads(result.stdout)
    oracle = values["oracle"]
    assert (oracle["pictures"], oracle["faces"], oracle["detections"]) == (3, 2, 2)
    assert oracle["detections_same_fraction"] == 1.0
    assert oracle["descriptor_max_difference"] <= 1e-5
    assert oracle["pictures_with_other_counts"] == 0
    assert "frame_ms" not in values


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if networks are loaded before the problem is told."""

    def load() -> FaceEngine:
        raise AssertionError("loaded")

    monkeypatch.setattr(verifier.command_line, "load_engine", load)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missing",), "missing cannot be read: No such file"),
        (("list.csv",), "list.csv cannot be read: Not a directory"),
        (("empty",), "There is no picture in empty or below it"),
        (("--frames", "0"), "x>=1"),
        (("--soak", "0"), "x>=1"),
        (("--gpu",), "No such option"),
        (("one", "two"), "unexpected extra argument"),
    ],
)
def test_wrong_usage_is_64(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.csv").touch()
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (64, "")
    assert message in result.stderr


def test_folder_without_a_clear_face_is_64_and_says_why(run: Run, tmp_path: Path) -> None:
    (tmp_path / "wall.jpg").write_bytes(pictures.jpeg(scenes.wall()))
    (tmp_path / "broken.jpg").write_bytes(b"my face, as text")
    result = run(str(tmp_path), "--json")
    assert (result.exit_code, result.stdout) == (64, "")
    assert "No picture shows exactly one clear face (1 unreadable, 1 no face)" in result.stderr


def test_process_that_failed_is_told_in_one_line(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EngineProcessFailed("The engine's own process ended with exit code 1.")

    monkeypatch.setattr(verifier.bench_command, "run_engine_process", fail)
    result = run(str(folder), "--json", "--frames", "1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "ended with exit code 1" in result.stderr


@pytest.fixture
def no_portraits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier.bench_command, "portraits_folder", lambda: tmp_path / "none")


@pytest.mark.usefixtures("no_portraits")
def test_text_lays_the_figures_side_by_side_and_names_the_drawn_face(run: Run) -> None:
    result = run("--frames", "1", "--soak", "1")
    assert (result.exit_code, result.stderr) == (0, "")
    for part in (
        "this engine", "face_recognition", "whole frame", "faster by", "somebody else",
        "nobody there", "descriptor, one face", "frames a second", "cold start", "self-test",
        "memory at the end", "1 of a drawn face: no folder was named", "1 changed copy", "policy-",
    ):  # fmt: skip
        assert part in result.stdout, part


@pytest.mark.usefixtures("no_portraits", "no_engine")
def test_oracle_without_any_picture_is_64(run: Run) -> None:
    result = run("--oracle")
    assert (result.exit_code, result.stdout) == (64, "")
    assert "name a folder" in result.stderr


def test_without_a_folder_the_demos_portraits_serve() -> None:
    source, found = verifier.bench_command._find(None)
    assert source is Source.PORTRAITS
    assert {picture.path.parent for picture in found} == {portraits_folder()}


def test_portraits_lie_where_the_demo_unpacks_them() -> None:
    assert portraits_folder() == portraits.portraits_folder()
