"""Memory of a process with nothing but an engine."""

import sys

import pytest

from tests.verifier import pictures, scenes
from verifier import MatchPolicy, decode_image
from verifier.benchmark.engine_process import (
    ComparedFrame,
    EngineProcessFailed,
    run_engine_process,
)
from verifier.benchmark.enrolled_frames import EnrolledFrame
from verifier.benchmark.soak import SIZES_PX, SoakFigures, soak, varied_frames

Frames = tuple[EnrolledFrame, ...]


def test_short_soak_has_every_figure(frames: Frames, policy: MatchPolicy) -> None:
    done: list[int] = []
    figures = soak(frames, policy, 12, done.append)
    assert (figures.frames, figures.early_frames) == (12, 1)
    assert figures.rss_mb_early > 50
    assert figures.rss_mb_late > 50
    assert set(figures.verdicts) >= {"match", "mismatch", "no_face", "multiple_faces"}
    assert sum(figures.verdicts.values()) == 12
    assert done == list(range(1, 13))


def test_growth_is_told_in_percent() -> None:
    figures = SoakFigures(1000, 100, rss_mb_early=200.0, rss_mb_late=210.0, verdicts={})
    assert figures.growth_percent == pytest.approx(5.0)
    assert figures.as_dict()["growth_percent"] == 5.0


def test_frames_come_in_every_size_and_half_of_them_are_plain(
    frames: Frames, policy: MatchPolicy
) -> None:
    varied = varied_frames(frames, policy)
    sizes = {
        (image.width, image.height) for image in (decode_image(frame.data) for frame in varied)
    }
    assert sizes == set(SIZES_PX)
    people = {frame.own.tobytes() for frame in frames}
    assert all(frame.reference.tobytes() in people for frame in varied[::2])


def test_process_that_cannot_work_is_an_error(
    frames: Frames, capfd: pytest.CaptureFixture[str]
) -> None:
    wall = ComparedFrame(pictures.jpeg(scenes.wall()), frames[0].own)
    with pytest.raises(EngineProcessFailed, match="exit code 1"):
        run_engine_process([wall], 1, 1)
    assert "ReferenceUnusable" in capfd.readouterr().err


def test_missing_python_is_the_systems_error(
    frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(FileNotFoundError):
        run_engine_process([ComparedFrame(frames[0].data, frames[0].own)], 1, 1)
