import json

import pytest

from clients.simulator.script import (
    FEWEST_FRAMES,
    Scene,
    scripted_events,
    scripted_frames,
)

LONGEST_CLAIM_BYTES = 2000


@pytest.mark.parametrize("frame_count", [FEWEST_FRAMES, 48, 200])
def test_every_sitting_shows_every_scene_and_lies_at_least_five_times(frame_count: int) -> None:
    frames = scripted_frames(frame_count)

    assert [frame.seq for frame in frames] == list(range(1, frame_count + 1))
    assert {frame.scene for frame in frames} == set(Scene)
    assert sum(frame.is_lie for frame in frames) >= 5


def test_shorter_sitting_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        scripted_frames(FEWEST_FRAMES - 1)


def test_no_two_frames_have_the_same_bytes() -> None:
    pictures = {frame.picture() for frame in scripted_frames(48)}

    assert len(pictures) == 48


def test_one_face_over_a_stranger_nobody_or_a_crowd_is_a_lie() -> None:
    hidden = {frame.scene for frame in scripted_frames(FEWEST_FRAMES) if frame.is_lie}
    honest = {frame.scene for frame in scripted_frames(FEWEST_FRAMES) if not frame.is_lie}

    assert {Scene.OTHER_PERSON, Scene.NOBODY, Scene.TWO_PEOPLE} <= hidden
    assert {Scene.ENROLLED_PERSON, Scene.NOBODY, Scene.TWO_PEOPLE} <= honest
    assert Scene.OTHER_PERSON not in honest


def test_claims_fit_into_their_header() -> None:
    for frame in scripted_frames(FEWEST_FRAMES):
        header = frame.claim.as_header()
        assert len(header.encode("ascii")) <= LONGEST_CLAIM_BYTES
        assert json.loads(header)["status"] == frame.claim.status


def test_client_reports_a_tab_switch_and_heartbeats() -> None:
    reasons = [event.reason for event in scripted_events(FEWEST_FRAMES)]

    assert reasons.count("heartbeat") == 4
    assert "tab_switch" in reasons
