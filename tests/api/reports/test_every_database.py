"""Reports, bundles and results on each database the service runs on."""

import json

import pytest

from api.reports.bundle_check import check_bundle


@pytest.fixture
def database_url(any_database_url: str) -> str:
    return any_database_url


def test_everything_can_be_taken_out(admin, story, tmp_path):
    admin.get(f"/api/v1/attempts/{story.attempt_id}/frames/13/image")
    for form in ("report", "report.pdf"):
        answer = admin.get(f"/admin/attempts/{story.attempt_id}/{form}")
        assert answer.status_code == 200, answer.text
    path = tmp_path / "bundle.zip"
    path.write_bytes(admin.get(f"/admin/attempts/{story.attempt_id}/bundle.zip").content)
    assert check_bundle(path, b"a secret of the tests").problems == []
    answer = admin.get(f"/admin/exams/{story.exam_id}/results.json")
    [row] = json.loads(answer.content)["items"]
    assert (row["frames"], row["verdict_mismatch"], row["incidents_high_confirmed"]) == (37, 5, 1)
