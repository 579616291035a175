"""Which frames of an attempt a report shows as pictures, and as what."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from api.reports.record import FrameNote
from models.incident import Incident

INCIDENTS_WITH_PICTURES = 20
"""Of one attempt, those that ask most strongly for a look; of others only the figures are shown."""

SPREAD_FRAMES = 5
"""Pictures after the first, evenly over the attempt, so that a quiet one can be judged as well."""


def incidents_with_pictures(incidents: Sequence[Incident]) -> list[Incident]:
    """Return the incidents whose frames are shown, those with the strongest evidence."""
    by_evidence = sorted(incidents, key=lambda incident: (-incident.evidence, incident.id))
    return by_evidence[:INCIDENTS_WITH_PICTURES]


def frames_of_incident(incident: Incident) -> dict[int, str]:
    """Return the numbers of an incident's frames to show, each with what it is to it."""
    roles: dict[int, list[str]] = {}
    for seq, role in (
        (incident.first_seq, "first"),
        (incident.worst_seq, "worst"),
        (incident.last_seq, "last"),
    ):
        if seq is not None:
            roles.setdefault(seq, []).append(role)
    return {seq: " and ".join(names) for seq, names in sorted(roles.items())}


def spread_frames(frames: Sequence[FrameNote], started_at: datetime | None) -> list[int]:
    """Return the first frame of the sitting and some more, evenly over the rest of it."""
    sat = [note for note in frames if started_at is None or note.received_at >= started_at]
    notes = sat or list(frames)
    if not notes:
        return []
    step = (len(notes) - 1) / SPREAD_FRAMES
    places = {round(number * step) for number in range(SPREAD_FRAMES + 1)}
    return [notes[place].seq for place in sorted(places)]


def frames_to_show(
    frames: Sequence[FrameNote], incidents: Sequence[Incident], started_at: datetime | None
) -> set[int]:
    """Return the numbers of all frames whose pictures a report shows."""
    seqs = set(spread_frames(frames, started_at))
    for incident in incidents_with_pictures(incidents):
        seqs |= frames_of_incident(incident).keys()
    return seqs


def ranges_of(seqs: Iterable[int]) -> list[list[int]]:
    """Return the numbers as runs, `[[1, 20], [25, 25]]`: an audit entry stays short."""
    runs: list[list[int]] = []
    for seq in sorted(seqs):
        if runs and runs[-1][1] == seq - 1:
            runs[-1][1] = seq
        else:
            runs.append([seq, seq])
    return runs
