import io

from face_monitor_client import Verification
from rich.console import Console

from clients.simulator.report import show_outcomes, show_summary
from clients.simulator.script import FEWEST_FRAMES, scripted_frames
from clients.simulator.sitting import Outcome

FRAMES = scripted_frames(FEWEST_FRAMES)


def outcome(seq: int, verdict: str | None, distance: float | None = None) -> Outcome:
    if verdict is None:
        return Outcome(FRAMES[seq - 1], None, None)
    verification = Verification(id="ver_1", status="done", verdict=verdict, distance=distance)
    return Outcome(FRAMES[seq - 1], verification, 0.25)


def shown(outcomes: list[Outcome]) -> str:
    console = Console(file=io.StringIO(), width=60)
    list(show_outcomes(console, outcomes, len(outcomes)))
    show_summary(console, outcomes, elapsed_seconds=2.0)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_lie_stands_beside_the_verdict() -> None:
    stranger = next(frame for frame in FRAMES if frame.scene == "another person")

    lines = shown([outcome(stranger.seq, "mismatch", 0.82)])

    assert "LIE: client said one face, server says mismatch" in lines
    assert "0.820" in lines
    assert "Lies caught: 1 of 1." in lines


def test_output_that_is_no_terminal_has_one_plain_line_per_frame() -> None:
    lines = shown([outcome(1, "match", 0.1), outcome(2, "match", 0.2)]).splitlines()

    assert "\x1b" not in "".join(lines)
    assert [line.split()[0] for line in lines[:3]] == ["#", "1", "2"]


def test_summary_counts_verdicts_and_shows_ranges() -> None:
    text = shown([outcome(1, "match", 0.1), outcome(2, "match", 0.2), outcome(7, "no_face")])

    assert "0.100 to 0.200" in text
    assert "3 frames in 2.0 s, 1.5 frames/s" in text
    assert "0.25 s" in text
    assert "Every verdict is the expected one." in text


def test_surprise_and_missing_verdict_are_listed_again_at_the_end() -> None:
    text = shown([outcome(1, "mismatch", 0.7), outcome(2, None), outcome(3, "match", 0.1)])

    ending = text[text.index("2 surprises:") :]
    assert "SURPRISE: expected match" in ending
    assert "none in time" in ending
    assert "Every verdict" not in text
