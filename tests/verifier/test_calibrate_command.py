"""`face-verify calibrate` measures a list, or says what is wrong with it and prints nothing."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import click.testing
import pytest

import verifier.command_line
from tests.verifier.calibration.pair_lists import PAIRS, write_pair_list
from verifier import FaceEngine
from verifier.cli import cli

Run = Callable[..., click.testing.Result]


@pytest.fixture
def run(engine: FaceEngine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process, with the engine that is already loaded."""
    monkeypatch.setattr(verifier.command_line, "load_engine", lambda: engine)
    return lambda *arguments: click.testing.CliRunner().invoke(cli, ("calibrate", *arguments))


@pytest.fixture
def pair_list(tmp_path: Path) -> Path:
    return write_pair_list(tmp_path)


def test_json_is_one_object_with_the_contracts_keys(
    run: Run, pair_list: Path, engine: FaceEngine
) -> None:
    result = run(str(pair_list), "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    values = json.loads(result.stdout)
    assert (values["pairs"], values["images"], values["undetected_images"]) == (5, 4, 1)
    assert (values["accuracy_best"], values["eer"]) == (0.6, 0.0)
    assert 0.4 < values["threshold_best"] < 0.8
    assert values["engine_id"] == engine.engine_id
    assert set(values["groups"]) == {"plain", "wall"}
    for point in values["operating_points"]:
        assert {"name", "threshold", "fmr", "fmr_ci", "fnmr", "fnmr_ci", "frr"} <= set(point)
        assert (point["fmr"], point["fnmr"]) == (0.0, 0.0)
        assert point["frr"] == pytest.approx(2 / 3, abs=1e-6)


def test_text_tells_a_person_what_was_measured(run: Run, pair_list: Path) -> None:
    result = run(str(pair_list))
    assert (result.exit_code, result.stderr) == (0, "")
    for part in (
        "5 (3 same, 2 different)", "4 (1 without a face)", "60.00 % at", "equal error rate",
        "≤ 0.5000", "0.00 % (0.00-84.19)", "66.67 %", "not enrolled", "wall.jpg",
    ):  # fmt: skip
        assert part in result.stdout, part


def test_group_that_looks_like_markup_is_printed_as_it_is(run: Run, tmp_path: Path) -> None:
    path = write_pair_list(tmp_path, [(*PAIRS[0][:3], "[red]"), (*PAIRS[3][:3], "[/red]")])
    result = run(str(path))
    assert "[red]" in result.stdout
    assert "[/red]" in result.stdout


def test_plot_is_svg_and_leaves_the_json_alone(run: Run, pair_list: Path, tmp_path: Path) -> None:
    plot = tmp_path / "errors.svg"
    result = run(str(pair_list), "--json", "--plot", str(plot))
    assert json.loads(result.stdout)["pairs"] == 5
    assert ET.fromstring(plot.read_bytes()).tag.endswith("svg")


def test_bad_list_is_64_and_prints_nothing_but_the_problem(run: Run, pair_list: Path) -> None:
    pair_list.write_text("path_a,path_b,same\nobama.jpg,nobody.jpg,1\nobama.jpg,biden.jpg,0\n")
    for options in ((), ("--json",)):
        result = run(str(pair_list), *options)
        assert (result.exit_code, result.stdout) == (64, "")
        assert f"{pair_list}, line 2: there is no file nobody.jpg" in result.stderr
        assert "Traceback" not in result.stderr


def test_unreadable_image_is_65_and_prints_nothing_but_the_problem(
    run: Run, pair_list: Path
) -> None:
    (pair_list.parent / "biden.jpg").write_bytes(b"my face, as text")
    for options in ((), ("--json",)):
        result = run(str(pair_list), *options)
        assert (result.exit_code, result.stdout) == (65, "")
        assert f"{pair_list}, line 5: biden.jpg: This kind of picture" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument"),
        (("missing.csv",), "missing.csv cannot be read: No such file"),
        ((".",), "cannot be read: Is a directory"),
        (("pairs.csv", "--plot", "errors.png"), "name a file that ends in .svg"),
        (("pairs.csv", "--plot", "missing/errors.svg"), "in an existing folder"),
        (("pairs.csv", "--tolerance", "1"), "No such option"),
    ],
)
def test_wrong_usage_is_64(
    run: Run,
    pair_list: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(pair_list.parent)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (64, "")
    assert message in result.stderr


def test_engine_is_chosen_by_name(
    run: Run, pair_list: Path, engine: FaceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def load(name: str) -> FaceEngine:
        asked.append(name)
        return engine

    monkeypatch.setattr(verifier.command_line, "load_engine", load)
    assert run(str(pair_list), "--engine", "dlib", "--json").exit_code == 0
    assert asked == ["dlib"]


def test_unknown_engine_is_64(pair_list: Path) -> None:
    runner = click.testing.CliRunner()
    result = runner.invoke(cli, ("calibrate", str(pair_list), "--engine", "caffe"))
    assert (result.exit_code, result.stdout) == (64, "")
    assert "'caffe'" in result.stderr


def test_real_process_answers_by_exit_code(pair_list: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verifier.cli", "calibrate", str(pair_list), "--json"],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["undetected_paths"] == ["wall.jpg"]
