"""What the browser reported."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base


class ClientEventKind(StrEnum):
    """What a client event is about. `REASONS` lists what each kind may say."""

    PRESENCE = "presence"
    TAB = "tab"
    FOCUS = "focus"
    FULLSCREEN = "fullscreen"
    CLIPBOARD = "clipboard"
    CAMERA = "camera"
    NETWORK = "network"
    SCREEN = "screen"
    FRAMES = "frames"
    HEARTBEAT = "heartbeat"


REASONS: dict[ClientEventKind, frozenset[str]] = {
    ClientEventKind.PRESENCE: frozenset(
        {
            "no_face_detected",
            "unverified_face_detected",
            "several_faces_detected",
            "face_returned",
        }
    ),
    ClientEventKind.TAB: frozenset(
        {"tab_switch", "tab_return", "page_opened", "page_left", "second_page"}
    ),
    ClientEventKind.FOCUS: frozenset({"window_blur", "window_focus"}),
    ClientEventKind.FULLSCREEN: frozenset({"fullscreen_exit", "fullscreen_enter"}),
    ClientEventKind.CLIPBOARD: frozenset({"copy", "cut", "paste"}),
    ClientEventKind.CAMERA: frozenset(
        {
            "camera_lost",
            "camera_returned",
            "camera_changed",
            "camera_denied",
            "detector_unavailable",
        }
    ),
    ClientEventKind.NETWORK: frozenset({"offline", "online"}),
    ClientEventKind.SCREEN: frozenset({"second_screen", "single_screen"}),
    ClientEventKind.FRAMES: frozenset({"frames_dropped"}),
    ClientEventKind.HEARTBEAT: frozenset({"heartbeat"}),
}
"""Every reason a client may report, by kind. Anything else is refused.

`page_opened`: monitoring began on a page in front of the student. `page_left`: closed, reloaded or
left for another address while it was monitored. `second_page`: the attempt was opened once more in
the same browser; one page monitors. `second_screen`: the desktop goes on over another screen.
`frames_dropped`: numbers the client gave up, with `from_seq`, `to_seq`, `count` and `cause`.
"""


LEAVING_REASONS = frozenset({"tab_switch", "window_blur"})
"""Reports that the page is no longer in front."""

RETURNING_REASONS = frozenset({"tab_return", "window_focus", "page_opened", "page_left"})
"""Reports that end an absence. A page that was left for good is none: it sends no frames, and is
told as that. One that crashed while it was away is back when it is opened again."""


class ClientEvent(Base):
    """One event of an attempt as the client told it: testimony, with both clocks."""

    __tablename__ = "client_event"
    __table_args__ = (
        UniqueConstraint("attempt_id", "client_event_id"),
        Index(None, "attempt_id", "received_at"),
        CASE_SENSITIVE,
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    client_event_id: Mapped[str] = mapped_column(String(64))
    """The client's own id, so that sending an event twice stores it once."""
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    client_at: Mapped[datetime]
    received_at: Mapped[datetime]
    detail: Mapped[dict[str, Any] | None]
