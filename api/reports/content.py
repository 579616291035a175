"""What a report says, in the order in which a reader needs it."""

from collections.abc import Sequence
from datetime import datetime

from api.pages import wording
from api.pages.wording import duration_text
from api.reports import words
from api.reports.blocks import Block, Cell, Facts, Notice, Paragraph, Quote, Report, Section
from api.reports.evidence_sections import (
    course_section,
    enrollment_section,
    incidents_section,
    pictures_section,
)
from api.reports.figures import FrameFigures, frame_figures
from api.reports.moments import moment
from api.reports.pictures import ERASED, Album
from api.reports.record import AttemptRecord
from api.reports.record_sections import (
    answers_section,
    events_section,
    figures_section,
    rescores_section,
    states_section,
    versions_section,
)
from api.reviews.reasons import SENTENCES
from api.subjects.names import shown_name
from models.granted import Granted
from models.review import Review, StudentReply
from models.running_spans import ran_seconds
from models.statuses import AttemptState, FaceCheck, ReviewDecision

REPORT_VERSION = 3
"""Of what a report holds and how; raised when a reader would notice."""


def report_of(record: AttemptRecord, album: Album, *, made_at: datetime, made_by: str) -> Report:
    """Return the whole report of an attempt; opens the pictures it shows."""
    started_at = record.attempt.started_at
    figures = frame_figures(record.frames, started_at=started_at, running=record.running)
    name, title = student_name(record), exam_title(record)
    sections = [
        _summary(record, figures),
        _decision(record),
        course_section(record),
        incidents_section(record, album),
        figures_section(record, figures),
        rescores_section(record),
        pictures_section(record, album),
        enrollment_section(record, album),
        answers_section(record),
        states_section(record),
        events_section(record),
        versions_section(record, report_version=REPORT_VERSION, made_at=made_at, made_by=made_by),
    ]
    marks = [_state(record)]
    marks += [Cell("Practice, nothing counts")] if record.attempt.is_practice else []
    return Report(
        title=name,
        subtitle=title,
        running_title=f"{name} · {title}",
        made=f"Made {moment(made_at)} by {made_by}",
        marks=marks,
        sections=[section for section in sections if section is not None],
    )


def student_name(record: AttemptRecord) -> str:
    """Return what the student is called."""
    return shown_name(record.subject.display_name, record.subject.erased_at)


def exam_title(record: AttemptRecord) -> str:
    """Return what was sat."""
    if record.exam is not None:
        return record.exam.title
    return record.attempt.label or "Without an exam"


def _summary(record: AttemptRecord, figures: FrameFigures) -> Section:
    attempt = record.attempt
    granted = Granted.from_dict(attempt.allowances)
    unreviewed = sum(one.review_state == "unreviewed" for one in record.incidents)
    rows: list[tuple[str, str | Cell]] = [("Student", _person(record))]
    rows += [("Exam", exam_title(record)), ("State", _state(record))]
    rows += [("Attempt", attempt.id), ("Subject", record.subject.id)]
    rows.append(("Started", moment(attempt.started_at, none="not started")))
    rows.append(("Handed in", moment(attempt.submitted_at, none="not handed in")))
    rows.append(("Deadline", moment(attempt.deadline_at, none="none yet")))
    if attempt.started_at and attempt.submitted_at:
        taken = ran_seconds(record.running)
        allowed = granted.duration_seconds(attempt.duration_seconds)
        rows.append(("Time taken", f"{duration_text(taken)} of {duration_text(allowed)}"))
    rows.append(("Frames", f"{figures.frames}, asked for every {_pace(record)} s"))
    if figures.check_frames:
        rows.append(("Frames of the check", f"{figures.check_frames}, before the start"))
    rows.append(("Incidents", f"{len(record.incidents)}, of which {unreviewed} not reviewed yet"))
    if attempt.possible_points is not None:
        rows.append(("Points", _points(attempt.awarded_points, attempt.possible_points)))
    rows.append(("Allowances", words.granted_text(granted)))
    if granted.face_check is FaceCheck.PERSON:
        rows.append(("Identity", _identity(record)))
    blocks: list[Block] = []
    if record.subject.erased_at is not None:
        blocks.append(Notice(f"{ERASED} Erased {moment(record.subject.erased_at)}."))
    blocks.append(Facts(rows))
    if record.sees_notes:
        blocks += [
            Quote(
                f"{record.name_of(one.granted_by)} granted, {moment(one.granted_at)}",
                lines=[one.note],
            )
            for one in record.allowances
            if one.note
        ]
    blocks.append(
        Paragraph(
            "All times are UTC and the server's own. What the page claimed is testimony: it stands "
            "beside the server's verdicts, and no verdict rests on it. A machine may flag; only a "
            "named person decides.",
            is_quiet=True,
        )
    )
    return Section("Summary", blocks)


def _person(record: AttemptRecord) -> str:
    name = student_name(record)
    if record.subject.erased_at is not None:
        return name
    known_as = record.user.login if record.user else record.subject.external_ref
    return f"{name} ({known_as})"


def _state(record: AttemptRecord) -> Cell:
    state = wording.ATTEMPT_STATES[AttemptState(record.attempt.state)]
    return Cell(state.text, state.tone)


def _pace(record: AttemptRecord) -> str:
    granted = Granted.from_dict(record.attempt.allowances)
    return f"{granted.frame_interval_seconds(record.attempt.frame_interval_seconds):g}"


def _points(awarded: float | None, possible: float) -> str:
    if awarded is None:
        return f"some answers wait to be scored; {possible:g} possible"
    return f"{awarded:g} of {possible:g}"


def _identity(record: AttemptRecord) -> str:
    at = record.attempt.identity_checked_at
    if at is None:
        return "nobody has seen yet who sits it"
    return f"seen by {record.name_of(record.attempt.identity_checked_by)}, {moment(at)}"


def _decision(record: AttemptRecord) -> Section:
    entries: list[tuple[datetime, Quote]] = [
        *((review.created_at, _review_quote(record, review)) for review in record.reviews),
        *((reply.created_at, _reply_quote(reply)) for reply in record.replies),
    ]
    entries.sort(key=lambda entry: entry[0])
    quotes: Sequence[Block] = [quote for _, quote in entries]
    return Section("Decisions", quotes or [Paragraph("Nobody has decided about it yet.")])


def _review_quote(record: AttemptRecord, review: Review) -> Quote:
    who = record.name_of(review.reviewer_id) if record.sees_notes else "A reviewer"
    decided = wording.DECIDED[ReviewDecision(review.decision)]
    lines = [SENTENCES[code] for code in review.reason_codes if code in SENTENCES]
    if review.message:
        lines.append(f"To the student: {review.message}")
    if review.reply_until is not None:
        lines.append(f"The student could answer until {moment(review.reply_until)}.")
    if review.note and record.sees_notes:
        lines.append(f"For reviewers: {review.note}")
    return Quote(f"{who}, {moment(review.created_at)}", [Cell(decided.text, decided.tone)], lines)


def _reply_quote(reply: StudentReply) -> Quote:
    return Quote(f"The student answers, {moment(reply.created_at)}", lines=[reply.text])
