"""Presets: what they set, and figures that somebody measured."""

from pathlib import Path

from api.exams.presets import MEASURED, PROCESSOR_MS_A_FRAME, presets

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_presets_follow_the_service_and_keep_what_an_exam_may_have(settings):
    for interval in (0.2, 5.0, 300.0):
        changed = settings.model_copy(update={"frame_interval_seconds": interval})
        strict, standard, gentle = [one.frame_interval_seconds for one in presets(changed)]
        assert 0.2 <= strict <= standard == interval <= gentle <= 300
    assert [one.frame_interval_seconds for one in presets(settings)] == [2, 5, 15]
    assert [one.frames_an_hour for one in presets(settings)] == [1800, 720, 240]


def test_figures_are_those_of_the_documentation():
    limits = " ".join((DOCS / "limits.md").read_text().split())
    for distance, measured in MEASURED.items():
        assert f"{measured.strangers_one_in:,} at or below {distance:.2f}" in limits or (
            f"{measured.strangers_one_in} lies at or below {distance:.2f}" in limits
        )
    for distance in (0.50, 0.60):
        for percent in MEASURED[distance].rightful_above or ():
            assert f"{percent:g} %" in limits
    benchmark = (DOCS / "benchmark.md").read_text()
    parts = ("worker", "API", "dispatcher", "supervisor, housekeeping")
    costs = [float(benchmark.split(f"| {part} | ", 1)[1].split(" ", 1)[0]) for part in parts]
    assert round(sum(costs)) == PROCESSOR_MS_A_FRAME
