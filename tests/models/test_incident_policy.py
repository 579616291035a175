"""A policy is read strictly, and names itself by what it says."""

from typing import Any

import pytest

from models.incident_policy import IncidentPolicy, IncidentPolicyInvalid, policy_of_exam
from models.statuses import IncidentKind, Severity


def test_nothing_stored_is_the_shipped_policy() -> None:
    assert IncidentPolicy.from_dict({}) == IncidentPolicy()


def test_what_is_written_is_read_back() -> None:
    policy = IncidentPolicy.from_dict(
        {
            "wrong_person": {"severity": "medium", "opening_frames": 8},
            "away": {"is_on": False, "raised_after_seconds": None},
            "silence_seconds": 90,
            "away_times": 5,
        }
    )
    assert IncidentPolicy.from_dict(policy.as_dict()) == policy
    assert policy.kinds[IncidentKind.WRONG_PERSON].severity is Severity.MEDIUM


def test_equal_policies_have_one_id_and_others_another() -> None:
    same = IncidentPolicy.from_dict({"wrong_person": {"severity": "high"}})
    other = IncidentPolicy.from_dict({"wrong_person": {"severity": "low"}})
    assert same.policy_id == IncidentPolicy().policy_id
    assert other.policy_id != same.policy_id


@pytest.mark.parametrize(
    ("stored", "where"),
    [
        ({"wrong_persons": {}}, "wrong_persons"),
        ({"kinds": {}}, "kinds"),
        ({"nobody": []}, "nobody"),
        ({"nobody": {"weight": 3}}, "nobody.weight"),
        ({"nobody": {"severity": "dire"}}, "nobody.severity"),
        ({"nobody": {"severity": ["high"]}}, "nobody.severity"),
        ({"nobody": {"is_on": 1}}, "nobody.is_on"),
        ({"nobody": {"opening_frames": 1}}, "nobody.opening_frames"),
        ({"nobody": {"opening_frames": True}}, "nobody.opening_frames"),
        ({"nobody": {"raised_after_seconds": float("nan")}}, "nobody.raised_after_seconds"),
        ({"away": {"opening_frames": 3}}, "away.opening_frames"),
        ({"silence_seconds": 0}, "silence_seconds"),
        ({"silence_seconds": 10**400}, "silence_seconds"),
        ({"away_times": 10**400}, "away_times"),
        ({"silence_seconds": float("inf")}, "silence_seconds"),
        ({"silence_seconds": "30"}, "silence_seconds"),
        ({"away_times": 1.5}, "away_times"),
    ],
)
def test_what_makes_no_policy_is_refused_by_name(stored: dict[str, Any], where: str) -> None:
    with pytest.raises(IncidentPolicyInvalid) as refused:
        IncidentPolicy.from_dict(stored)
    assert refused.value.where == where


def test_an_exam_with_an_unreadable_policy_has_the_shipped_one() -> None:
    assert policy_of_exam({"from": "another release"}) == IncidentPolicy()
    assert policy_of_exam(None) == IncidentPolicy()


def test_severity_rises_one_step_and_no_further() -> None:
    policy = IncidentPolicy.from_dict({"wrong_person": {"raised_after_seconds": 10}})
    assert policy.kinds[IncidentKind.WRONG_PERSON].severity_after(11) is Severity.HIGH
    away = policy.kinds[IncidentKind.AWAY]
    assert (away.severity_after(59.9), away.severity_after(60)) == (Severity.LOW, Severity.MEDIUM)
