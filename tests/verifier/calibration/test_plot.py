"""The picture is valid SVG, the same every time, whatever was measured."""

import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from tests.verifier.calibration.test_report import OUTCOMES, POLICY, _outcome
from verifier.calibration.outcomes import PairOutcome
from verifier.calibration.plot import draw_calibration
from verifier.calibration.report import CalibrationReport, report_on

SVG = "{http://www.w3.org/2000/svg}"


def _report(outcomes: list[PairOutcome]) -> CalibrationReport:
    return report_on(outcomes, POLICY, "engine-1", 1.0)


def test_picture_is_svg_with_a_title_and_curves() -> None:
    root = ET.fromstring(draw_calibration(_report(OUTCOMES), "pairs.csv"))
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == "pairs.csv"
    assert len(root.findall(f".//{SVG}path")) > 20


def test_same_report_gives_the_same_bytes_without_a_date() -> None:
    first, second = (draw_calibration(_report(OUTCOMES), "pairs.csv") for _ in range(2))
    assert first == second
    assert b"dc:date" not in first


@pytest.mark.parametrize(
    "outcomes",
    [
        [_outcome("a b", True, None), _outcome("a c", False, None)],
        [_outcome("a b", True, 0.3), _outcome("a c", False, None)],
        [_outcome("a b", True, None), _outcome("a c", False, 0.9)],
        [_outcome("a b", True, 0.3), _outcome("a c", False, 0.9)],
        [_outcome("a b", True, 0.5), _outcome("a c", False, 0.5)],
        [_outcome("a b", True, 0.0), _outcome("a c", False, 0.0)],
    ],
)
def test_any_outcome_can_be_drawn(outcomes: list[PairOutcome]) -> None:
    assert ET.fromstring(draw_calibration(_report(outcomes), "x")) is not None


def test_title_is_text_and_no_formula_or_markup() -> None:
    title = r"<a&b> $\frac{1$ $x$.csv"
    root = ET.fromstring(draw_calibration(_report(OUTCOMES), title))
    assert root.findtext(f"{SVG}title") == title


def test_matplotlib_is_loaded_only_for_a_picture() -> None:
    program = (
        "import sys\n"
        "import verifier.cli, verifier.calibration.plot\n"
        "assert 'matplotlib' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
