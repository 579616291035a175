"""The sections that show evidence: the course of the attempt, incidents and pictures."""

from collections.abc import Sequence

from api.incidents.reasons import REASON_WORDS
from api.pages import wording
from api.pages.wording import duration_text
from api.reports import words
from api.reports.blocks import (
    Block,
    Card,
    Cell,
    Chart,
    Facts,
    Gallery,
    Heading,
    Notice,
    Paragraph,
    Quote,
    Section,
    Table,
)
from api.reports.chart import draw_course, legend
from api.reports.key_frames import (
    INCIDENTS_WITH_PICTURES,
    frames_of_incident,
    incidents_with_pictures,
    spread_frames,
)
from api.reports.moments import moment, span, time_of_day
from api.reports.pictures import ERASED, Album
from api.reports.record import AttemptRecord, ShownFrame
from models.incident import Incident, IncidentReview

_PICTURE_KEY = (
    "Faces the server found are outlined: green the student's, red any other. Dashed outlines are "
    "what the page claimed."
)


def course_section(record: AttemptRecord) -> Section:
    """Return distances against both thresholds over time, and what happened when."""
    course = draw_course(record)
    if course is None:
        return Section("Course", [Paragraph("No frame was received.")])
    blocks: list[Block] = [
        Chart(
            course.drawing,
            alt="Distance of each frame against both thresholds over time, with a row for each "
            "verdict, claim, gap and event. The table of figures says the same in numbers.",
            legend=list(legend(record).items()),
        )
    ]
    if course.frames_before:
        text = f"{course.frames_before} frames long before the start are not drawn."
        blocks.append(Paragraph(text, is_quiet=True))
    return Section("Course", blocks)


def incidents_section(record: AttemptRecord, album: Album) -> Section:
    """Return each incident with its figures, pictures and what persons decided about it."""
    blocks: list[Block] = []
    pictured = {one.id for one in incidents_with_pictures(record.incidents)}
    if not record.incidents:
        blocks.append(Paragraph("Nothing was found that lasted and deserves a person's look."))
    elif record.key is not None:
        blocks.append(Paragraph(_PICTURE_KEY, is_quiet=True))
    for number, incident in enumerate(record.incidents, start=1):
        blocks += _incident(record, album, number, incident, with_pictures=incident.id in pictured)
    if record.withdrawn_incidents:
        blocks += _withdrawn(record)
    return Section("Incidents", blocks)


def pictures_section(record: AttemptRecord, album: Album) -> Section | None:
    """Return the start and some frames evenly over the attempt."""
    seqs = spread_frames(record.frames, record.attempt.started_at)
    if not seqs:
        return None
    if record.key is None:
        return Section("Pictures over the attempt", [Notice(ERASED)])
    roles = {seqs[0]: "start", seqs[-1]: "end"}
    cards = [_frame_card(album, record.shown_frames[seq], roles.get(seq, "")) for seq in seqs]
    return Section("Pictures over the attempt", [Paragraph(_PICTURE_KEY, True), Gallery(cards)])


def enrollment_section(record: AttemptRecord, album: Album) -> Section | None:
    """Return the pictures every frame was compared with."""
    enrollment = record.enrollment
    if enrollment is None:
        return None
    rows: list[tuple[str, str | Cell]] = [
        ("Version", str(enrollment.version)),
        ("Decided", moment(enrollment.decided_at, none="not decided")),
        ("Approved", "by nobody"),
    ]
    if enrollment.approved_at is not None:
        who = record.name_of(enrollment.approved_by)
        rows[-1] = ("Approved", f"by {who}, {moment(enrollment.approved_at)}")
    blocks: list[Block] = [Facts(rows)]
    blocks += [Notice(str(warning.get("message", ""))) for warning in enrollment.warnings or ()]
    if record.key is None:
        blocks.append(Notice(ERASED))
    elif record.reference_images:
        cards = [
            Card(
                f"Enrolled picture {image.position}",
                album.reference(image),
                [words.spaced(image.state).capitalize(), *_reasons(image.reasons)],
            )
            for image in record.reference_images
        ]
        blocks.append(Gallery(cards))
    return Section("Enrolled face", blocks)


def _incident(
    record: AttemptRecord, album: Album, number: int, incident: Incident, *, with_pictures: bool
) -> list[Block]:
    state = words.INCIDENT_REVIEW_STATES[incident.review_state]
    kind = words.INCIDENT_KINDS.get(incident.kind) or words.spaced(incident.kind)
    severity = Cell(
        f"{incident.severity} severity", words.SEVERITY_TONES.get(incident.severity, "plain")
    )
    heading = Heading(f"{number}. {kind}", [severity, Cell(state.text, state.tone)])
    blocks: list[Block] = [heading, Facts(_incident_facts(incident))]
    roles = frames_of_incident(incident)
    there = {seq: role for seq, role in roles.items() if seq in record.shown_frames}
    if not with_pictures and roles:
        text = f"Pictures are shown of the {INCIDENTS_WITH_PICTURES} weightiest incidents only."
        blocks.append(Paragraph(text, is_quiet=True))
    elif record.key is None and roles:
        blocks.append(Paragraph(ERASED, is_quiet=True))
    elif there:
        cards = [_frame_card(album, record.shown_frames[seq], role) for seq, role in there.items()]
        blocks.append(Gallery(cards))
    said = record.incident_reviews.get(incident.id, ())
    return blocks + [_incident_quote(record, review) for review in said]


def _incident_facts(incident: Incident) -> list[tuple[str, str | Cell]]:
    lasted = float(incident.figures["lasted_seconds"])
    ending = words.ending_text(incident.kind, incident.ending)
    rows: list[tuple[str, str | Cell]] = [
        ("When", span(incident.first_at, incident.last_at)),
        ("Lasted", f"{duration_text(lasted)}; {ending}"),
    ]
    if incident.first_seq is not None:
        rows.append(("Frames", f"{incident.first_seq} to {incident.last_seq}"))
    rows += [
        (words.spaced(name).capitalize(), _figure(value))
        for name, value in sorted(incident.figures.items())
        if isinstance(value, (int, float, str)) and name != "lasted_seconds"
    ]
    return rows


def _figure(value: float | str) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _incident_quote(record: AttemptRecord, review: IncidentReview) -> Quote:
    who = record.name_of(review.reviewer_id) if record.sees_notes else "A reviewer"
    lines = [
        *(REASON_WORDS.get(code) or words.spaced(code) for code in review.reason_codes),
        *([f"For reviewers: {review.note}"] if review.note and record.sees_notes else []),
    ]
    decision = words.INCIDENT_DECISIONS.get(review.decision) or words.spaced(review.decision)
    return Quote(f"{who}, {moment(review.created_at)}", [Cell(decision)], lines)


def _withdrawn(record: AttemptRecord) -> Sequence[Block]:
    rows = [
        [
            words.INCIDENT_KINDS.get(one.kind) or words.spaced(one.kind),
            span(one.first_at, one.last_at),
            moment(one.withdrawn_at),
            words.INCIDENT_REVIEW_STATES[one.review_state].text,
        ]
        for one in record.withdrawn_incidents
    ]
    return [
        Heading("Found no more"),
        Paragraph(
            "A later look at the record, or another policy, did not find these again. They count "
            "nowhere.",
            is_quiet=True,
        ),
        Table(["Incident", "When", "Withdrawn", "Review"], rows, widths=(2, 3.4, 2.4, 2.2)),
    ]


def _frame_card(album: Album, shown: ShownFrame, role: str) -> Card:
    frame, verification = shown.frame, shown.verification
    title = f"Frame {frame.seq}, {time_of_day(frame.received_at)}"
    verdict = words.verdict_wording(verification.verdict if verification else None)
    found = f"Server: {verdict.text}"
    if verification is not None and verification.distance is not None:
        found += f", distance {verification.distance:.3f}"
    signals = verification.signals if verification else frame.signals
    return Card(
        f"{title} ({role})" if role else title,
        album.frame(frame.seq),
        [
            f"Page: {words.claim_text((frame.claim or {}).get('status'))}",
            Cell(found, verdict.tone),
            *(_signal(signal["code"]) for signal in signals or ()),
        ],
    )


def _signal(code: str) -> Cell:
    text = wording.SIGNALS.get(code) or words.spaced(code)
    return Cell(text, "differ" if code == "client_disagrees" else "unsure")


def _reasons(reasons: Sequence[dict[str, str]]) -> list[str]:
    return [reason["message"] for reason in reasons if reason.get("message")]
