"""Results as text for people; colours and bars appear only on a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from verifier.reasons import REASONS
from verifier.result import ComparedFace, VerificationResult
from verifier.self_test import SelfTestReport
from verifier.verdict import Verdict

_VERDICT_STYLE = {Verdict.MATCH: "bold green", Verdict.MISMATCH: "bold red"}
_NO_DECISION_STYLE = "bold yellow"


def print_verification(console: Console, result: VerificationResult) -> None:
    """Print verdict, distance beside the thresholds, faces, reasons and timings."""
    style = _VERDICT_STYLE.get(result.verdict, _NO_DECISION_STYLE)
    console.print(Text(result.verdict.value.replace("_", " ").upper(), style=style))
    for code in result.reasons:
        console.print(f"  {REASONS[code]} [dim]({code})[/dim]")
    console.print()
    console.print(_figures(result))
    if result.faces:
        console.print()
        console.print(_faces(result))


def print_self_test(console: Console, report: SelfTestReport) -> None:
    """Print one line per check and the outcome."""
    for check in report.checks:
        mark = Text("ok  ", style="green") if check.passed else Text("FAIL", style="bold red")
        console.print(mark, Text(f"{check.name}: {check.detail}"))
    outcome = "Every answer is the known one." if report.passed else "This engine must not judge."
    console.print(Text(f"{outcome} ({report.engine_id})"))


def _figures(result: VerificationResult) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("distance", _distance_line(result))
    if result.match_score is not None:
        table.add_row("match score", f"{result.match_score:.1f} of 100")
    if result.agreement is not None and result.agreement.count > 1:
        agreement = result.agreement
        table.add_row(
            "references",
            f"{agreement.agreeing} of {agreement.count} agree, median {agreement.median:.3f}",
        )
    table.add_row("look", result.look.value)
    table.add_row("image", f"{result.image_width} x {result.image_height} px")
    table.add_row("quality", _named(result.quality))
    table.add_row("timings", _named({f"{k} ms": v for k, v in result.timings_ms.items()}))
    table.add_row("engine", result.engine_id)
    table.add_row("policy", result.policy.policy_id)
    return table


def _distance_line(result: VerificationResult) -> str:
    policy = result.policy
    found = "none" if result.distance is None else f"{result.distance:.3f}"
    return (
        f"{found}   (match ≤ {policy.match_threshold:.2f}, "
        f"mismatch ≥ {policy.mismatch_threshold:.2f})"
    )


def _named(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {figure:.4g}" for name, figure in figures.items())


def _faces(result: VerificationResult) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("face", "left, top", "size px", "detector", "distance"):
        table.add_column(title)
    for face in result.faces:
        table.add_row(*_face_row(face))
    return table


def _face_row(face: ComparedFace) -> tuple[str, ...]:
    box = face.detected.box
    return (
        "closest" if face.is_subject else "other",
        f"{box.left}, {box.top}",
        str(box.size_px),
        f"{face.detected.detector} {face.detected.detector_score:.2f}",
        "-" if face.distance is None else f"{face.distance:.3f}",
    )
