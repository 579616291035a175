"""The same words in database, verifier and clients."""

from models.statuses import LEGAL_MOVES, AttemptState, is_legal_move
from models.statuses import Verdict as StoredVerdict
from verifier import Verdict


def test_every_verdict_can_be_stored() -> None:
    assert {verdict.value for verdict in Verdict} == {verdict.value for verdict in StoredVerdict}


def test_every_state_has_its_legal_moves() -> None:
    assert set(LEGAL_MOVES) == set(AttemptState)


def test_a_completed_attempt_never_opens_again() -> None:
    completed = set(AttemptState) - {
        AttemptState.CREATED,
        AttemptState.READY,
        AttemptState.STARTED,
        AttemptState.ERROR,
    }
    opened = {AttemptState.CREATED, AttemptState.READY, AttemptState.STARTED}
    for state in completed:
        assert not LEGAL_MOVES[state] & opened


def test_only_a_second_review_leads_to_rejection() -> None:
    leading = {state for state in AttemptState if is_legal_move(state, AttemptState.REJECTED)}
    assert leading == {AttemptState.SECOND_REVIEW_REQUIRED}
