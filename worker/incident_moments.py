"""When a frame was taken, as far as the server's clock tells; the client's clock decides nothing.

A frame that came live was taken when it came. One that was kept and came late is placed by its
number: as many frame intervals after the live frame before it as numbers lie between them. It was
taken no later than it came, and no later than the live frame after it came. So neither the time
that frames waited to be sent nor the rush in which they are sent makes an incident longer or
shorter. Where frames are kept at a slower pace than the attempt's, they are placed too close
together: in favour of whoever sits there.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from worker.incident_course import Course, FrameRecord


def moments_of(course: Course) -> Mapping[int, datetime]:
    """Return the moment of each frame that counts, by seq.

    Frames before the first live one are placed from the start on.
    """
    frames = course.counted_frames
    latest = _latest_moments(frames)
    interval = timedelta(seconds=course.frame_interval_seconds)
    moments: dict[int, datetime] = {}
    live_seq, live_at = (frames[0].seq, course.running[0].begin) if frames else (0, course.now)
    for frame in frames:
        if frame.is_late:
            by_number = live_at + (frame.seq - live_seq) * interval
            moments[frame.seq] = min(by_number, latest[frame.seq])
        else:
            live_seq, live_at = frame.seq, frame.received_at
            moments[frame.seq] = frame.received_at
    return moments


def _latest_moments(frames: tuple[FrameRecord, ...]) -> Mapping[int, datetime]:
    """Return when each late frame had been taken for certain."""
    latest: dict[int, datetime] = {}
    next_live_at: datetime | None = None
    for frame in reversed(frames):
        if frame.is_late:
            latest[frame.seq] = min(frame.received_at, next_live_at or frame.received_at)
        else:
            next_live_at = frame.received_at
    return latest
