"""The pictures the students' cameras take, made before the first is sent."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from face_monitor_client import Claim

from clients.simulator import scenes
from clients.simulator.script import Scene, claim_with

SHARES: Mapping[Scene, float] = {
    Scene.ENROLLED_PERSON: 0.97,
    Scene.NOBODY: 0.015,
    Scene.TWO_PEOPLE: 0.0075,
    Scene.DARK: 0.0075,
}
"""What the cameras see: in a calm exam hardly ever anything but the person who sits it."""

PICTURES_OF_EACH: Mapping[Scene, int] = {
    Scene.ENROLLED_PERSON: 16,
    Scene.NOBODY: 4,
    Scene.TWO_PEOPLE: 4,
    Scene.DARK: 4,
}

_CLAIMS: Mapping[Scene, Claim] = {
    Scene.ENROLLED_PERSON: claim_with("one_face"),
    Scene.NOBODY: claim_with("no_face"),
    Scene.TWO_PEOPLE: claim_with("several_faces"),
    Scene.DARK: claim_with("no_face"),
}


@dataclass(frozen=True)
class Person:
    """Somebody with portraits: some are enrolled, the webcam sees all."""

    reference_portraits: Sequence[str]
    webcam_portraits: Sequence[str]


PEOPLE = (
    Person(
        ("obama.jpg", "obama2.jpg"),
        ("obama.jpg", "obama2.jpg", "obama_partial_face.jpg", "obama_partial_face2.jpg"),
    ),
    Person(("biden.jpg",), ("biden.jpg",)),
)
"""Students take turns at being one of them: portraits of more people are not at hand."""


@dataclass(frozen=True)
class Picture:
    """One JPEG of 640x480, what it shows, and what an honest client says of it."""

    scene: Scene
    jpeg: bytes
    claim: Claim


class Album:
    """The pictures of one person, drawn from by every student with that face."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self._by_scene = {
            scene: [picture for picture in pictures if picture.scene is scene] for scene in SHARES
        }

    def draw(self, dice: random.Random) -> Picture:
        """Return a picture of a scene drawn with `SHARES`."""
        [scene] = dice.choices(list(SHARES), weights=list(SHARES.values()))
        return dice.choice(self._by_scene[scene])


def picture_count() -> int:
    """Return how many pictures all albums hold."""
    return len(PEOPLE) * sum(PICTURES_OF_EACH.values())


def take_pictures(person: Person, others: Sequence[Person]) -> Iterator[Picture]:
    """Yield the pictures of one person's album; they are the same in every run."""
    companion = others[0].webcam_portraits[0]
    for scene, count in PICTURES_OF_EACH.items():
        for number in range(count):
            portrait = person.webcam_portraits[number % len(person.webcam_portraits)]
            yield Picture(scene, _paint(scene, portrait, companion, number), _CLAIMS[scene])


def _paint(scene: Scene, portrait: str, companion: str, number: int) -> bytes:
    taken = scenes.shot(number, is_mirrored=number % 3 == 0)
    if scene is Scene.NOBODY:
        return scenes.empty_room(taken)
    if scene is Scene.TWO_PEOPLE:
        return scenes.two_people(portrait, companion, taken)
    if scene is Scene.DARK:
        return scenes.dark(portrait, taken)
    return scenes.webcam_frame(portrait, taken)
