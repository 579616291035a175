"""The sections of figures and of what is on record: answers, states, events, versions."""

from collections import Counter
from datetime import datetime

from api.pages import wording
from api.pages.wording import duration_text
from api.papers.schemas import ScoredAnswer
from api.reports import words
from api.reports.blocks import (
    Block,
    Cell,
    Facts,
    Heading,
    Paragraph,
    Quote,
    Section,
    Table,
)
from api.reports.figures import FrameFigures, Spread
from api.reports.moments import moment
from api.reports.reading import EVENTS_READ
from api.reports.record import AttemptRecord
from api.rescores.schemas import RescoreWithChanges
from models.scoring import SYSTEM_SCORER
from models.statuses import AttemptState, RescoreState

GAPS_SHOWN = 40
"""Of one attempt, in the table; the number of all of them is told."""


def figures_section(record: AttemptRecord, figures: FrameFigures) -> Section:
    """Return what was counted and measured."""
    blocks: list[Block] = [
        _verdict_table(figures),
        Paragraph(_of_table(figures), is_quiet=True),
        Heading("Claims beside verdicts"),
        _claim_table(figures),
    ]
    blocks += [Heading("What stands out"), Facts(_notable(record, figures))]
    if figures.gaps:
        numbers = [
            str(gap.from_seq) if gap.count == 1 else f"{gap.from_seq} to {gap.to_seq}"
            for gap in figures.gaps[:GAPS_SHOWN]
        ]
        more = len(figures.gaps) - len(numbers)
        text = f"Frames that never came: {', '.join(numbers)}"
        blocks.append(Paragraph(f"{text}, and {more} gaps more." if more else f"{text}."))
    return Section("Figures", blocks)


def rescores_section(record: AttemptRecord) -> Section | None:
    """Return how the attempt was scored again; what was found stands beside the verdicts."""
    if not record.rescores:
        return None
    rows: list[list[str | Cell]] = [
        [
            moment(one.created_at),
            one.asked_by_name or "A reviewer",
            one.engine_id or one.engine,
            f"match {one.match_threshold:.3g}, mismatch {one.mismatch_threshold:.3g}",
            f"{one.scored_count} of {one.frame_count}",
            _other_verdicts(one),
        ]
        for one in record.rescores
    ]
    header = ["When", "By", "Engine", "Thresholds", "Frames", "Other verdicts"]
    table = Table(header, rows, widths=(2.2, 1.6, 2.2, 1.8, 1.2, 3))
    text = "By other thresholds or another engine. The verdicts on record are those above."
    return Section("Scored again", [table, Paragraph(text, is_quiet=True)])


def _other_verdicts(rescore: RescoreWithChanges) -> str:
    if rescore.state is not RescoreState.DONE:
        return wording.RESCORE_STATES[rescore.state].text
    changes = [
        f"{one.frame_count} {wording.VERDICTS[one.recorded].text} to "
        f"{wording.VERDICTS[one.found].text}"
        for one in rescore.changes
        if one.recorded != one.found
    ]
    return "; ".join(changes) or "none"


def answers_section(record: AttemptRecord) -> Section | None:
    """Return every question with what was answered and awarded."""
    if not record.answers:
        return None
    return Section("Answers", [_answer(record, one) for one in record.answers])


def states_section(record: AttemptRecord) -> Section:
    """Return how the attempt moved from state to state, and by whom."""
    rows = [
        [
            moment(one.at),
            wording.ATTEMPT_STATES[AttemptState(one.to_state)].text,
            record.name_of(one.actor),
            one.reason,
        ]
        for one in record.transitions
    ]
    return Section(
        "States", [Table(["When", "State", "By", "Reason"], rows, widths=(2.4, 1.6, 2, 4))]
    )


def events_section(record: AttemptRecord) -> Section | None:
    """Return how often the page reported what."""
    if not record.events and not record.heartbeat_count:
        return None
    counted = Counter(event.reason for event in record.events)
    first: dict[str, datetime] = {}
    last: dict[str, datetime] = {}
    for event in record.events:
        first.setdefault(event.reason, event.received_at)
        last[event.reason] = event.received_at
    rows: list[list[str | Cell]] = [
        [
            Cell(words.event_wording(reason).text, words.event_wording(reason).tone),
            str(count),
            moment(first[reason]),
            moment(last[reason]),
        ]
        for reason, count in counted.most_common()
    ]
    blocks: list[Block] = []
    if rows:
        header = ["The page reported", "Times", "First", "Last"]
        blocks.append(Table(header, rows, numbers=frozenset({1}), widths=(4, 1, 2.6, 2.6)))
    text = f"Besides, it gave {record.heartbeat_count} regular signs of life."
    if len(record.events) == EVENTS_READ:
        text += f" Only its first {EVENTS_READ} events are counted here."
    blocks.append(Paragraph(text, is_quiet=True))
    return Section("Events on the page", blocks)


def versions_section(
    record: AttemptRecord, *, report_version: int, made_at: datetime, made_by: str
) -> Section:
    """Return by which engine, rules and references the verdicts came about, and who asked."""
    engines = sorted({note.engine_id for note in record.frames if note.engine_id})
    versions = sorted({note.enrollment_version for note in record.frames} - {None}, key=str)
    incident_policies = sorted({one.policy_id for one in record.incidents})
    facts: list[tuple[str, str | Cell]] = [
        ("Engine", ", ".join(engines) or "none yet"),
        ("Enrollment version", ", ".join(map(str, versions)) or "none"),
    ]
    if incident_policies:
        facts.append(("Incident policy", ", ".join(incident_policies)))
    facts += [
        ("Report version", str(report_version)),
        ("Made", f"{moment(made_at)} by {made_by}"),
    ]
    blocks: list[Block] = [Facts(facts)]
    known = {policy.policy_id: policy.numbers for policy in record.policies}
    for policy_id in sorted({note.policy_id for note in record.frames if note.policy_id}):
        blocks.append(Heading(f"Match policy {policy_id}"))
        numbers = known.get(policy_id)
        if numbers is None:
            blocks.append(Paragraph("Its numbers are not on record."))
            continue
        blocks.append(
            Facts([(words.spaced(name), f"{value:g}") for name, value in sorted(numbers.items())])
        )
    return Section("Versions", blocks)


def _of_table(figures: FrameFigures) -> str:
    text = "Least to greatest are distances; lower is closer."
    if figures.check_frames:
        text += f" Frames of the check before the start ({figures.check_frames}) do not count here."
    return text


def _verdict_table(figures: FrameFigures) -> Table:
    rows: list[list[str | Cell]] = []
    for one in figures.by_verdict:
        verdict = words.verdict_wording(one.verdict)
        share = f"{100 * one.count / figures.frames:.1f} %"
        marked = Cell(verdict.text, verdict.tone)
        rows.append([marked, str(one.count), share, *_spread(one.distances)])
    rows.append([Cell("All frames"), str(figures.frames), "", *_spread(figures.all_distances)])
    header = ["Verdict", "Frames", "Share", "Least", "Median", "95 % below", "Greatest"]
    return Table(header, rows, frozenset(range(1, 7)), widths=(2.6, 1, 1, 1.1, 1.1, 1.3, 1.1))


def _spread(spread: Spread | None) -> list[str]:
    if spread is None:
        return ["", "", "", ""]
    return [f"{value:.3f}" for value in (spread.least, spread.median, spread.p95, spread.greatest)]


def _claim_table(figures: FrameFigures) -> Table:
    verdicts = [one.verdict for one in figures.by_verdict]
    statuses = sorted({status for status, _ in figures.claims}, key=lambda s: s or "~")
    rows: list[list[str | Cell]] = [
        [
            Cell(words.claim_text(status)),
            *(str(figures.claims[status, verdict] or "") for verdict in verdicts),
        ]
        for status in statuses
    ]
    header = ["The page claimed", *(words.verdict_wording(verdict).text for verdict in verdicts)]
    return Table(header, rows, numbers=frozenset(range(1, len(header))))


def _notable(record: AttemptRecord, figures: FrameFigures) -> list[tuple[str, str | Cell]]:
    missing = sum(gap.count for gap in figures.gaps)
    pause = figures.longest_pause_seconds
    rows: list[tuple[str, str | Cell]] = [
        ("Gaps", f"{len(figures.gaps)}, {missing} frames never came"),
        ("Longest pause between frames", "none" if pause is None else duration_text(pause)),
        ("Sent late", str(figures.signals["late"])),
        ("Page and server disagree", str(figures.signals["client_disagrees"])),
    ]
    shown = {"late", "client_disagrees"}
    rows += [
        (wording.SIGNALS.get(code) or words.spaced(code), str(count))
        for code, count in sorted(figures.signals.items())
        if code not in shown
    ]
    match, mismatch = (
        record.attempt.policy["match_threshold"],
        record.attempt.policy["mismatch_threshold"],
    )
    rows.append(("Thresholds", f"match up to {match:.2f}, mismatch from {mismatch:.2f}"))
    return rows


def _answer(record: AttemptRecord, one: ScoredAnswer) -> Quote:
    texts = {choice.id: choice.text for choice in one.choices}
    if one.choices:
        chosen = [texts.get(choice, choice) for choice in one.value.get("choice_ids", [])]
        said = f"Chosen: {', '.join(chosen)}" if chosen else "Nothing chosen."
    else:
        said = one.value.get("text") or "No answer."
    lines = [said]
    if one.correct:
        right = ", ".join(texts.get(choice, choice) for choice in one.correct)
        lines.append(f"Right: {right}")
    if one.comment:
        lines.append(f"Comment: {one.comment}")
    return Quote(f"{one.number}. {one.text}", [_points(record, one)], lines)


def _points(record: AttemptRecord, one: ScoredAnswer) -> Cell:
    if one.awarded_points is None:
        return Cell(f"not scored yet, {one.points:g} possible", "unsure")
    text = f"{one.awarded_points:g} of {one.points:g} points"
    if one.scored_by and one.scored_by != SYSTEM_SCORER:
        text += f", scored by {record.name_of(one.scored_by)}"
    return Cell(text)
