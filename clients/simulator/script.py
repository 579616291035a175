"""The scripted sitting: what every frame shows, what the client claims of it, what is due."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from face_monitor_client import Box, Claim, Verdict

from clients.simulator import scenes

FEWEST_FRAMES = 40
"""One round through the script: every scene and every lie occurs in it."""

REFERENCE_PORTRAITS = ("obama.jpg", "obama2.jpg")
"""The subject's enrolled images."""

_ENROLLED_PORTRAITS = (
    "obama.jpg",
    "obama2.jpg",
    "obama_partial_face.jpg",
    "obama_partial_face2.jpg",
)
_STRANGER_PORTRAIT = "biden.jpg"


class Scene(StrEnum):
    """What a frame shows; the value is how a person would say it."""

    ENROLLED_PERSON = "the enrolled person"
    OTHER_PERSON = "another person"
    NOBODY = "nobody"
    TWO_PEOPLE = "two people"
    BLURRED = "a blurred picture"
    DARK = "a nearly black picture"


DUE_VERDICTS: Mapping[Scene, Verdict] = {
    Scene.ENROLLED_PERSON: Verdict.MATCH,
    Scene.OTHER_PERSON: Verdict.MISMATCH,
    Scene.NOBODY: Verdict.NO_FACE,
    Scene.TWO_PEOPLE: Verdict.MULTIPLE_FACES,
    Scene.BLURRED: Verdict.LOW_QUALITY,
    Scene.DARK: Verdict.LOW_QUALITY,
}

_HONEST_CLAIMS: Mapping[Verdict, frozenset[str]] = {
    Verdict.MATCH: frozenset({"one_face"}),
    # A browser sees a face, not whose it is: "one face" lets a stranger pass as the student.
    Verdict.MISMATCH: frozenset(),
    Verdict.NO_FACE: frozenset({"no_face"}),
    Verdict.MULTIPLE_FACES: frozenset({"several_faces"}),
    Verdict.LOW_QUALITY: frozenset({"no_face", "unavailable"}),
}


@dataclass(frozen=True)
class ScriptedFrame:
    """One frame of the sitting."""

    seq: int
    scene: Scene
    claim: Claim

    @property
    def due_verdict(self) -> Verdict:
        """What the server must decide."""
        return DUE_VERDICTS[self.scene]

    @property
    def is_lie(self) -> bool:
        """Whether the claim hides, or makes up, what the frame shows."""
        return self.claim.status not in _HONEST_CLAIMS[self.due_verdict]

    def picture(self) -> bytes:
        """Return the JPEG; the same bytes every time."""
        return _PAINTERS[self.scene](self.seq)


@dataclass(frozen=True)
class ScriptedEvent:
    """Something the client reports right after a frame."""

    after_seq: int
    kind: str
    reason: str


def scripted_frames(frame_count: int) -> tuple[ScriptedFrame, ...]:
    """Return a sitting of at least `FEWEST_FRAMES` frames; longer ones go round the script.

    Raises
    ------
    ValueError
        Fewer would leave scenes out.
    """
    if frame_count < FEWEST_FRAMES:
        raise ValueError(f"The sitting needs at least {FEWEST_FRAMES} frames.")
    round_of_acts = [(scene, claimed) for times, scene, claimed in _ACTS for _ in range(times)]
    return tuple(
        ScriptedFrame(seq, scene, claim_with(claimed))
        for seq in range(1, frame_count + 1)
        for scene, claimed in [round_of_acts[(seq - 1) % FEWEST_FRAMES]]
    )


def scripted_events(frame_count: int) -> tuple[ScriptedEvent, ...]:
    """Return what the client reports: a heartbeat every ten frames, and one look at a tab."""
    heartbeats = [
        ScriptedEvent(seq, "heartbeat", "heartbeat") for seq in range(10, frame_count + 1, 10)
    ]
    tab = [ScriptedEvent(11, "tab", "tab_switch"), ScriptedEvent(13, "tab", "tab_return")]
    return (*tab, *heartbeats)


_ACTS: tuple[tuple[int, Scene, str], ...] = (
    (6, Scene.ENROLLED_PERSON, "one_face"),
    (1, Scene.NOBODY, "no_face"),
    (2, Scene.NOBODY, "one_face"),
    (3, Scene.ENROLLED_PERSON, "one_face"),
    (4, Scene.OTHER_PERSON, "one_face"),
    (2, Scene.ENROLLED_PERSON, "one_face"),
    (1, Scene.ENROLLED_PERSON, "no_face"),
    (1, Scene.TWO_PEOPLE, "several_faces"),
    (3, Scene.TWO_PEOPLE, "one_face"),
    (3, Scene.ENROLLED_PERSON, "one_face"),
    (2, Scene.BLURRED, "unavailable"),
    (1, Scene.BLURRED, "one_face"),
    (2, Scene.ENROLLED_PERSON, "one_face"),
    (1, Scene.DARK, "no_face"),
    (2, Scene.DARK, "one_face"),
    (2, Scene.ENROLLED_PERSON, "one_face"),
    (2, Scene.OTHER_PERSON, "one_face"),
    (2, Scene.ENROLLED_PERSON, "one_face"),
)
"""How often, what the camera shows, what the client says."""


def claim_with(status: str) -> Claim:
    """Return the claim a browser would send with this status."""
    if status == "unavailable":
        return Claim(status=status)
    boxes = {
        "no_face": (),
        "one_face": (Box(x=230, y=115, width=180, height=180),),
        "several_faces": (
            Box(x=96, y=150, width=140, height=140),
            Box(x=400, y=150, width=140, height=140),
        ),
    }[status]
    return Claim(
        status=status,
        face_count=len(boxes),
        detector_score=0.91 if boxes else None,
        boxes=boxes,
        detector="tiny_face_detector",
    )


def _enrolled_person(seq: int) -> bytes:
    portrait = _ENROLLED_PORTRAITS[seq % len(_ENROLLED_PORTRAITS)]
    return scenes.webcam_frame(portrait, scenes.shot(seq, is_mirrored=seq % 3 == 0))


def _two_people(seq: int) -> bytes:
    enrolled = REFERENCE_PORTRAITS[seq % len(REFERENCE_PORTRAITS)]
    pair = (enrolled, _STRANGER_PORTRAIT) if seq % 2 else (_STRANGER_PORTRAIT, enrolled)
    return scenes.two_people(*pair, scenes.shot(seq))


_PAINTERS: Mapping[Scene, Callable[[int], bytes]] = {
    Scene.ENROLLED_PERSON: _enrolled_person,
    Scene.OTHER_PERSON: lambda seq: scenes.webcam_frame(
        _STRANGER_PORTRAIT, scenes.shot(seq, is_mirrored=seq % 3 == 0)
    ),
    Scene.NOBODY: lambda seq: scenes.empty_room(scenes.shot(seq)),
    Scene.TWO_PEOPLE: _two_people,
    Scene.BLURRED: lambda seq: scenes.blurred("obama.jpg", scenes.shot(seq)),
    Scene.DARK: lambda seq: scenes.dark("obama2.jpg", scenes.shot(seq)),
}
