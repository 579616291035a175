"""What the demo prints: claim beside verdict as they come, then a summary."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from clients.simulator.sitting import Outcome

_CLAIM_WORDS = {
    "one_face": "one face",
    "no_face": "no face",
    "several_faces": "several faces",
    "unavailable": "cannot tell",
}
_VERDICT_STYLES = {
    "match": "green",
    "mismatch": "red",
    "multiple_faces": "red",
    "no_face": "yellow",
    "low_quality": "yellow",
}
_ROW = "{seq:>4}  {scene:<23} {claim:<14} {verdict:<15} {distance:<8} {note}"


def show_outcomes(
    console: Console, outcomes: Iterable[Outcome], frame_count: int
) -> Iterator[Outcome]:
    """Print every outcome as it comes and yield it; with a progress bar on a terminal."""
    console.print(
        _ROW.format(
            seq="#",
            scene="the camera shows",
            claim="client claims",
            verdict="server decides",
            distance="distance",
            note="",
        ).rstrip(),
        style="bold",
        highlight=False,
        soft_wrap=True,
    )
    progress = Progress(
        TextColumn("verdicts"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        bar = progress.add_task("verdicts", total=frame_count)
        for outcome in outcomes:
            console.print(_row(outcome), style=_style(outcome), highlight=False, soft_wrap=True)
            progress.advance(bar)
            yield outcome


def _row(outcome: Outcome) -> str:
    verification = outcome.verification
    distance = None if verification is None else verification.distance
    return _ROW.format(
        seq=outcome.frame.seq,
        scene=outcome.frame.scene,
        claim=_CLAIM_WORDS[outcome.frame.claim.status],
        verdict=_verdict(outcome),
        distance="" if distance is None else f"{distance:.3f}",
        note=_note(outcome),
    ).rstrip()


def _verdict(outcome: Outcome) -> str:
    verification = outcome.verification
    return str(verification.verdict) if verification is not None else "none in time"


def _note(outcome: Outcome) -> str:
    if not outcome.is_expected:
        return f"SURPRISE: expected {outcome.frame.due_verdict}"
    if outcome.is_caught_lie:
        claimed = _CLAIM_WORDS[outcome.frame.claim.status]
        return f"LIE: client said {claimed}, server says {_verdict(outcome)}"
    return ""


def _style(outcome: Outcome) -> str:
    if not outcome.is_expected:
        return "bold white on red"
    colour = _VERDICT_STYLES.get(_verdict(outcome), "white")
    return f"bold {colour}" if outcome.is_caught_lie else colour


def show_summary(console: Console, outcomes: Sequence[Outcome], elapsed_seconds: float) -> None:
    """Print counts per verdict, distances, lies, pace, and every surprise."""
    table = Table("verdict", "frames", "distance", title="Verdicts", title_justify="left")
    counts = Counter(_verdict(outcome) for outcome in outcomes)
    for verdict, count in counts.most_common():
        table.add_row(verdict, str(count), _distance_range(outcomes, verdict))
    console.print(table)
    for line in _figures(outcomes, elapsed_seconds):
        console.print(line, highlight=False, soft_wrap=True)
    surprises = [outcome for outcome in outcomes if not outcome.is_expected]
    if not surprises:
        console.print("Every verdict is the expected one.", style="bold green")
        return
    console.print(f"{len(surprises)} surprises:", style="bold red")
    for outcome in surprises:
        console.print(_row(outcome), style="red", highlight=False, soft_wrap=True)


def _distance_range(outcomes: Sequence[Outcome], verdict: str) -> str:
    distances = [
        outcome.verification.distance
        for outcome in outcomes
        if _verdict(outcome) == verdict
        and outcome.verification is not None
        and outcome.verification.distance is not None
    ]
    return f"{min(distances):.3f} to {max(distances):.3f}" if distances else ""


def _figures(outcomes: Sequence[Outcome], elapsed_seconds: float) -> Iterator[str]:
    lies = sum(outcome.frame.is_lie for outcome in outcomes)
    caught = sum(outcome.is_caught_lie for outcome in outcomes)
    yield f"Lies caught: {caught} of {lies}."
    pace = len(outcomes) / elapsed_seconds if elapsed_seconds else 0.0
    yield f"Pace: {len(outcomes)} frames in {elapsed_seconds:.1f} s, {pace:.1f} frames/s."
    latencies = [
        outcome.latency_seconds for outcome in outcomes if outcome.latency_seconds is not None
    ]
    if latencies:
        yield f"Worst latency, from sending a frame to seeing its verdict: {max(latencies):.2f} s."
