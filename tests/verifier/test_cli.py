"""`face-verify` answers people, scripts and exit codes."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click.testing
import numpy as np
import pytest
from numpy.typing import NDArray

import verifier.command_line
from clients.simulator.portraits import portrait_path
from tests.verifier import pictures, scenes
from verifier import FaceEngine, WeightsError
from verifier.cli import cli

OBAMA, OBAMA2, BIDEN = (
    str(portrait_path(name)) for name in ("obama.jpg", "obama2.jpg", "biden.jpg")
)
Run = Callable[..., click.testing.Result]


@pytest.fixture
def run(engine: FaceEngine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process, with the engine that is already loaded."""
    monkeypatch.setattr(verifier.command_line, "load_engine", lambda: engine)
    return lambda *arguments: click.testing.CliRunner().invoke(cli, arguments)


@pytest.fixture
def wall(tmp_path: Path) -> str:
    path = tmp_path / "wall.jpg"
    path.write_bytes(pictures.jpeg(scenes.wall()))
    return str(path)


@pytest.fixture
def broken(tmp_path: Path) -> str:
    path = tmp_path / "broken.jpg"
    path.write_bytes(Path(OBAMA).read_bytes()[:5000])
    return str(path)


def test_match_is_0_and_mismatch_1(run: Run) -> None:
    assert run("compare", OBAMA, OBAMA2).exit_code == 0
    assert run("compare", OBAMA, BIDEN).exit_code == 1


def test_no_decision_is_2(run: Run, wall: str) -> None:
    frame = run("compare", OBAMA, wall)
    assert frame.exit_code == 2
    assert "NO FACE" in frame.output


def test_reference_without_a_face_is_no_decision_either(run: Run, wall: str) -> None:
    text = run("compare", wall, OBAMA)
    assert text.exit_code == 2
    assert "[reference_no_face]" in text.stderr
    values = json.loads(run("compare", wall, OBAMA, "--json").stdout)
    assert (values["verdict"], values["reasons"][0]["code"]) == ("error", "reference_no_face")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("compare",),
        ("compare", OBAMA),
        ("compare", OBAMA, OBAMA2, "--tolerance=1"),
        ("compare", OBAMA, "/no/such/file.jpg"),
        ("compare", OBAMA, "/"),
        ("judge",),
    ],
)
def test_wrong_usage_is_64(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 64


def test_unreadable_image_is_65_and_names_the_file(run: Run, broken: str) -> None:
    for order in ((OBAMA, broken), (broken, OBAMA)):
        result = run("compare", *order)
        assert result.exit_code == 65
        assert broken in result.stderr
        assert "truncated_image" in result.stderr
        assert "Traceback" not in result.output


def test_unreadable_image_as_json_has_the_same_keys(run: Run, broken: str) -> None:
    good = json.loads(run("compare", OBAMA, BIDEN, "--json").stdout)
    result = run("compare", OBAMA, broken, "--json")
    bad = json.loads(result.stdout)
    assert result.exit_code == 65
    assert set(bad) <= set(good)
    assert (bad["verdict"], bad["reasons"][0]["code"]) == ("error", "truncated_image")


def test_json_has_the_keys_measurements_read(run: Run) -> None:
    values = json.loads(run("compare", OBAMA, BIDEN, "--json").stdout)
    assert values["verdict"] == "mismatch"
    assert values["thresholds"] == {"match": 0.5, "mismatch": 0.6}
    assert {
        "distance", "match_score", "faces", "unmatched_faces", "engine_id", "policy_id",
        "timings_ms",
    } <= set(values)  # fmt: skip


def test_text_tells_a_person_what_was_measured(run: Run) -> None:
    output = run("compare", OBAMA, BIDEN).output
    for part in ("MISMATCH", "match ≤ 0.50", "mismatch ≥ 0.60", "match score", "cnn", "total ms"):
        assert part in output
    assert "does not look like the enrolled person" in output


def test_self_test_passes(run: Run) -> None:
    result = run("self-test")
    assert result.exit_code == 0
    assert "encoding" in result.output
    assert json.loads(run("self-test", "--json").stdout)["passed"] is True


def test_self_test_of_a_wrong_engine_is_1(
    run: Run, engine: FaceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(*_: object) -> NDArray[np.float32]:
        return np.zeros((1, 128), np.float32)

    monkeypatch.setattr(engine, "encode_faces", shifted)
    result = run("self-test")
    assert result.exit_code == 1
    assert "FAIL" in result.output


def test_missing_weights_are_69_with_the_way_out(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> FaceEngine:
        raise WeightsError("The weights file x.dat is missing. Run `make install`.")

    monkeypatch.setattr(verifier.command_line, "load_engine", missing)
    result = run("compare", OBAMA, OBAMA2)
    assert result.exit_code == 69
    assert "make install" in result.stderr


def test_help_is_0(run: Run) -> None:
    result = run("compare", "--help")
    assert result.exit_code == 0
    assert "65 unreadable image" in result.output


def test_real_process_answers_by_exit_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verifier.cli", "compare", OBAMA, BIDEN, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["verdict"] == "mismatch"
    assert done.stderr == ""
