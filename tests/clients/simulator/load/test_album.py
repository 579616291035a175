"""The cameras' pictures: mostly the enrolled person, now and then something else."""

import random
from collections import Counter

import pytest

from clients.simulator.load.album import PEOPLE, SHARES, Album, Picture, take_pictures
from clients.simulator.script import Scene


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    return list(take_pictures(PEOPLE[0], PEOPLE[1:]))


def test_no_picture_is_there_twice(pictures: list[Picture]) -> None:
    assert len({picture.jpeg for picture in pictures}) == len(pictures)


def test_scenes_come_in_their_shares(pictures: list[Picture]) -> None:
    album, dice = Album(pictures), random.Random(1)
    drawn = Counter(album.draw(dice).scene for _ in range(10_000))
    assert sum(SHARES.values()) == pytest.approx(1)
    for scene, share in SHARES.items():
        assert drawn[scene] / 10_000 == pytest.approx(share, abs=0.01)
        assert drawn[scene] > 0


def test_clients_are_honest(pictures: list[Picture]) -> None:
    claims = {picture.scene: picture.claim.status for picture in pictures}
    assert claims[Scene.NOBODY] == "no_face"
    assert claims[Scene.ENROLLED_PERSON] == "one_face"
    assert claims[Scene.TWO_PEOPLE] == "several_faces"
