"""The doctor tells what to do, and what is only a warning is no failure."""

import pytest
from click.testing import CliRunner

from api import doctor
from api.cli import commands
from api.doctor import Finding
from tests.api.health.test_health import see_worker
from tests.support.builders import make_enrollment, make_subject


def finding_about_templates(settings):
    [finding] = [one for one in doctor.examine(settings) if one.subject == "templates"]
    return finding


@pytest.fixture(autouse=True)
def no_networks(monkeypatch):
    monkeypatch.setattr(doctor, "_weights", lambda settings: "in order")


def test_enrollments_without_a_template_are_counted_with_what_to_do(context, settings):
    see_worker(context, engine_id="new-engine")
    assert not finding_about_templates(settings).is_warning
    with context.database.write() as session:
        for _ in range(2):
            make_enrollment(session, make_subject(session, context.key_ring).id)
    finding = finding_about_templates(settings)
    assert finding.is_ok
    assert finding.is_warning
    assert "2 enrollments have no template of new-engine" in finding.detail
    assert "face-monitor reencode" in finding.detail


@pytest.mark.parametrize(
    ("finding", "mark", "exit_code"),
    [
        (Finding("x", True, "fine"), "ok  ", 0),
        (Finding("x", True, "see to it", is_warning=True), "warn", 0),
        (Finding("x", False, "broken"), "FAIL", 1),
    ],
)
def test_a_warning_is_marked_and_no_failure(monkeypatch, tmp_path, finding, mark, exit_code):
    monkeypatch.setattr(doctor, "examine", lambda settings: [finding])
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(commands, ["doctor", "--data-dir", str(tmp_path)])
    assert outcome.exit_code == exit_code
    assert outcome.output.startswith(f"{mark} x: {finding.detail}")
