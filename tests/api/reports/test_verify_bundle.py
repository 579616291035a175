"""`face-monitor verify-bundle`: each kind of alteration is found and told in words."""

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import api.reports.bundle_zip as bundle_zip
from api.app import make_app
from api.cli import commands
from api.reports.bundle_check import ORIGIN_REFUTED, CheckedBundle, check_bundle
from api.reports.bundle_format import SEAL, seal_of
from api.reports.bundle_zip import BundleUnreadable
from api.users.service import create_admin, start_sign_in
from models.settings import Settings
from tests.api.conftest import PASSWORD, new_student, signed_in_caller
from tests.api.reports.attempt_story import Story, tell_story
from tests.api.reports.conftest import Taken
from tests.conftest import ENCRYPTION_KEY
from tests.support.schema_copies import sqlite_copy

SECRET = b"a secret of the tests"


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[bytes, Story]]:
    """A bundle made once, with audit entries that follow each other, and what it tells of."""
    folder = tmp_path_factory.mktemp("bundle")
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        database_url=sqlite_copy(folder / "face-monitor.db"),
        secret_key=SECRET.decode(),
        key_encryption_key=ENCRYPTION_KEY,
    )
    app = make_app(settings)
    context = app.state.context
    subject_id = new_student(app, context, "anna").subject_id
    with context.database.write() as session:
        story = tell_story(session, context, subject_id)
        admin = start_sign_in(session, context, create_admin(session, context, "root", PASSWORD).id)
    caller = signed_in_caller(app, admin)
    for _ in range(3):
        caller.get(f"/api/v1/attempts/{story.attempt_id}/frames/13/image")
    yield caller.get(f"/admin/attempts/{story.attempt_id}/bundle.zip").content, story
    context.database.close()


@pytest.fixture
def bundle(made: tuple[bytes, Story]) -> bytes:
    return made[0]


@pytest.fixture
def story(made: tuple[bytes, Story]) -> Story:
    return made[1]


def check(taken: Taken, tmp_path: Path, secret: bytes | None = SECRET) -> CheckedBundle:
    return check_bundle(taken.write(tmp_path / "bundle.zip"), secret)


def list_anew(taken: Taken, *, seal: bool = False) -> None:
    """Make the manifest fit the files again, as a forger would (with the seal, an insider)."""
    manifest = taken.document("manifest.json")
    manifest["files"] = [
        {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "byte_count": len(content)}
        for path, content in taken.files.items()
        if path != "manifest.json"
    ]
    if seal:
        manifest[SEAL] = seal_of(manifest, SECRET)
    taken.change("manifest.json", manifest)


def test_untouched_bundle_is_fine(taken, tmp_path):
    assert check(taken, tmp_path).problems == []


@pytest.mark.parametrize(
    "path",
    [
        "attempt.json",
        "timeline.json",
        "incidents.json",
        "reviews.json",
        "audit.json",
        "report.html",
        "enrollment/01.jpg",
        "frames/0000013.jpg",
    ],
)
def test_altered_file_is_found(taken, tmp_path, path):
    content = bytearray(taken.files[path])
    content[len(content) // 2] ^= 1
    taken.files[path] = bytes(content)
    assert (
        f"{path} was altered: it is not what the manifest lists." in check(taken, tmp_path).problems
    )


@pytest.mark.parametrize("path", ["audit.json", "frames/0000013.jpg", "enrollment/02.jpg"])
def test_missing_file_is_found(taken, tmp_path, path):
    del taken.files[path]
    assert f"{path} is missing." in check(taken, tmp_path).problems


def test_added_file_is_found(taken, tmp_path):
    taken.files["frames/0000099.jpg"] = b"another"
    assert check(taken, tmp_path).problems == [
        "frames/0000099.jpg was added: the manifest does not list it."
    ]


def test_missing_and_broken_manifest(taken, tmp_path):
    manifest = taken.files.pop("manifest.json")
    assert check(taken, tmp_path).problems == ["manifest.json is missing: nothing can be checked."]
    for broken in (b"{", b"\xff\xfe", manifest[:-9]):
        taken.files["manifest.json"] = broken
        assert check(taken, tmp_path).problems == [
            "manifest.json cannot be read: nothing can be checked."
        ]
    for change in ({"files": 1}, {"files": [{}]}, {"left_out": {}}, {"attempt_id": None}):
        taken.change("manifest.json", json.loads(manifest) | change)
        assert check(taken, tmp_path).problems == [
            "manifest.json does not list its files as it should."
        ]


def test_document_dropped_from_the_manifest_is_missed(taken, tmp_path):
    del taken.files["audit.json"]
    list_anew(taken)
    assert (
        "audit.json is missing, and the manifest does not say why."
        in check(taken, tmp_path, None).problems
    )


def test_other_versions_and_formats_are_not_read(taken, tmp_path):
    manifest = taken.document("manifest.json")
    for change, said in (({"format_version": 2}, "version 2"), ({"format": "x"}, "no evidence")):
        taken.change("manifest.json", manifest | change)
        with pytest.raises(BundleUnreadable, match=said):
            check(taken, tmp_path)


def test_seal_shows_a_manifest_made_anew(taken, tmp_path):
    taken.files["report.html"] = b"<p>It was in order.</p>"
    list_anew(taken)
    assert check(taken, tmp_path).problems == [ORIGIN_REFUTED]
    assert check(taken, tmp_path, None).problems == []  # Nobody can tell, and it says so.
    assert "not checked" in check(taken, tmp_path, None).origin


@pytest.mark.parametrize("change", [{"made_at": "x"}, {"made_by": {}}, {SEAL: ""}, {SEAL: None}])
def test_seal_covers_the_whole_manifest(taken, tmp_path, change):
    taken.change("manifest.json", taken.document("manifest.json") | change)
    assert ORIGIN_REFUTED in check(taken, tmp_path).problems


def test_other_secret_does_not_fit(taken, tmp_path):
    assert check(taken, tmp_path, b"another secret").problems == [ORIGIN_REFUTED]


def test_swapped_frame_contradicts_the_timeline(taken, tmp_path, story):
    taken.files["frames/0000013.jpg"] = story.genuine
    list_anew(taken, seal=True)
    assert check(taken, tmp_path).problems == [
        "frames/0000013.jpg is not the picture that timeline.json recorded."
    ]


def test_frame_nobody_recorded_is_found(taken, tmp_path):
    taken.files["frames/0000011.jpg"] = b"never came"
    list_anew(taken, seal=True)
    assert check(taken, tmp_path).problems == [
        "frames/0000011.jpg is of no frame that timeline.json lists."
    ]


def test_swapped_reference_contradicts_the_attempt(taken, tmp_path, story):
    taken.files["enrollment/01.jpg"] = story.stranger
    list_anew(taken, seal=True)
    assert check(taken, tmp_path).problems == [
        "enrollment/01.jpg is not the picture that attempt.json names."
    ]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("actor", "usr_somebody_else"),
        ("at", "2026-11-23T09:00:00.000000Z"),
        ("detail", {}),
        ("action", "frame.kept"),
        ("request_id", None),
        ("previous_hash", "0" * 64),
    ],
)
def test_altered_audit_entry_is_found(taken, tmp_path, member, value):
    document = taken.document("audit.json")
    document["entries"][1][member] = value
    number = document["entries"][1]["number"]
    taken.change("audit.json", document)
    list_anew(taken, seal=True)
    found = check(taken, tmp_path).problems
    assert f"Audit entry {number} was altered: its hash does not fit it." in found


def test_audit_entry_hashed_anew_does_not_follow_its_neighbour(taken, tmp_path):
    from api.reports.bundle_consistency import _entry
    from models.audit import entry_hash

    document = taken.document("audit.json")
    entry = document["entries"][0]
    entry["actor"] = "usr_somebody_else"
    entry["entry_hash"] = entry_hash(_entry(entry))
    taken.change("audit.json", document)
    list_anew(taken, seal=True)
    number = document["entries"][1]["number"]
    assert check(taken, tmp_path).problems == [
        f"Audit entry {number} does not follow the one before it."
    ]


@pytest.mark.parametrize("path", ["attempt.json", "incidents.json", "reviews.json"])
def test_document_of_another_attempt_is_found(taken, tmp_path, path):
    document = taken.document(path)
    (document["attempt"] if path == "attempt.json" else document).update(
        {"id" if path == "attempt.json" else "attempt_id": "att_other"}
    )
    taken.change(path, document)
    list_anew(taken, seal=True)
    assert check(taken, tmp_path).problems == [f"{path} is of another attempt."]


@pytest.mark.parametrize("content", [b"[]", b"null", b'{"items": 3}', b"{", b"[" * 100_000])
def test_documents_of_another_shape_are_told(taken, tmp_path, content):
    for path in ("attempt.json", "timeline.json", "audit.json"):
        taken.files[path] = content
    list_anew(taken, seal=True)
    assert check(taken, tmp_path).problems == [
        f"{path} does not hold what it should."
        for path in ("attempt.json", "timeline.json", "audit.json")
    ]


@pytest.mark.parametrize(
    "name",
    ["../manifest.json", "/etc/passwd", "frames/../../x.jpg", "a\\b.jpg", "frames/", "x.exe"],
)
def test_names_that_lead_elsewhere_are_refused(taken, tmp_path, name):
    taken.files[name] = b"x"
    [problem] = check(taken, tmp_path).problems
    assert problem.endswith("is no name of a bundle's file.")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_doubles_are_refused(taken, tmp_path):
    path = taken.write(tmp_path / "bundle.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("report.html", "another")
    assert check_bundle(path, SECRET).problems == ["'report.html' is in it 2 times."]


def test_links_are_refused(taken, tmp_path):
    path = taken.write(tmp_path / "bundle.zip")
    link = zipfile.ZipInfo("frames/0000001.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert check_bundle(path, SECRET).problems == ["frames/0000001.jpg is no plain file."]


@pytest.mark.parametrize("limit", ["DOCUMENT_MAX_BYTES", "PICTURE_MAX_BYTES", "TOTAL_MAX_BYTES"])
def test_bombs_are_not_opened(taken, tmp_path, limit, monkeypatch):
    monkeypatch.setattr(bundle_zip, limit, 1000)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was opened"))
    problems = check(taken, tmp_path).problems
    assert problems
    assert all("not opened" in problem for problem in problems)


def test_too_many_files_are_not_read(taken, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle_zip, "FILES_MAX", 3)
    assert "at most 3 belong" in check(taken, tmp_path).problems[0]


def test_damaged_bytes_are_found(bundle, tmp_path):
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        place = archive.getinfo("frames/0000013.jpg").header_offset + 3000
    broken = bytearray(bundle)
    broken[place] ^= 0xFF
    path = tmp_path / "bundle.zip"
    path.write_bytes(broken)
    assert check_bundle(path, SECRET).problems == ["frames/0000013.jpg is damaged."]


def test_every_cut_and_any_flipped_byte_is_found(bundle, tmp_path):
    path = tmp_path / "bundle.zip"
    for place in range(0, len(bundle), len(bundle) // 60):
        path.write_bytes(bundle[:place])
        with pytest.raises(BundleUnreadable):
            check_bundle(path, SECRET)
    in_a_picture = bundle.index(b"frames/0000014.jpg") + 2000
    for place in range(in_a_picture, in_a_picture + 20_000, 1999):
        broken = bytearray(bundle)
        broken[place] ^= 4
        path.write_bytes(broken)
        assert check_bundle(path, SECRET).problems, place


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    nothing_set = {"FACE_MONITOR_SECRET_KEY": "", "FACE_MONITOR_DATA_DIR": ""}
    done = CliRunner().invoke(
        commands, ["verify-bundle", *arguments], env=nothing_set | environment
    )
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def path(taken: Taken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(taken.write(tmp_path / "bundle.zip"))


def test_command_says_that_origin_was_not_checked(path, story):
    code, said, _ = run(path)
    assert code == 0
    assert f"Attempt {story.attempt_id}" in said
    assert "14 files checked" in said
    assert "Origin not checked" in said


def test_command_checks_the_origin_with_the_secret(path):
    code, said, _ = run(path, FACE_MONITOR_SECRET_KEY=SECRET.decode())
    assert (code, "This service made the bundle" in said) == (0, True)
    code, said, _ = run(path, FACE_MONITOR_SECRET_KEY="another")
    assert (code, ORIGIN_REFUTED in said) == (1, True)


def test_command_finds_the_secret_where_the_service_keeps_it(path, tmp_path):
    (tmp_path / "var").mkdir()
    keys = f"# Made by us.\nFACE_MONITOR_SECRET_KEY={SECRET.decode()}\n"
    (tmp_path / "var" / "keys.env").write_text(keys)
    for arguments in ([path], [path, "--data-dir", str(tmp_path / "var")]):
        code, said, _ = run(*arguments)
        assert (code, "This service made the bundle" in said) == (0, True)


def test_command_tells_problems_in_words_and_as_json(path, taken):
    taken.files["audit.json"] = b"{}"
    taken.write(Path(path))
    code, said, _ = run(path)
    assert code == 1
    assert "ALTERED audit.json was altered" in said
    code, said, _ = run(path, "--json")
    found = json.loads(said)
    assert (code, found["is_fine"], found["files_checked"]) == (1, False, 14)
    assert found["problems"]


def test_command_exits_with_65_for_what_it_cannot_read(tmp_path):
    (tmp_path / "text.zip").write_text("no zip")
    for name in ("text.zip", "nothing.zip", ""):
        code, said, complaint = run(str(tmp_path / name), "--json")
        assert code == 65
        assert complaint.startswith("face-monitor: ")
        assert json.loads(said)["is_fine"] is False


@pytest.mark.parametrize("arguments", [(), ("a", "b"), ("a", "--nothing")])
def test_command_exits_with_64_for_wrong_usage(arguments):
    code, _, complaint = run(*arguments)
    assert code == 64
    assert "Usage:" in complaint


def test_hostile_names_do_not_steer_the_terminal(taken, path):
    manifest = taken.document("manifest.json")
    manifest["files"].append({"path": "\x1b[2Jx", "sha256": "", "byte_count": 0})
    taken.change("manifest.json", manifest)
    taken.write(Path(path))
    code, said, _ = run(path)
    assert (code, "\x1b[2J" in said, "\\x1b[2Jx is missing." in said) == (1, False, True)


def test_check_needs_neither_settings_nor_database(path, tmp_path):
    """In a process of its own, with settings that cannot be used."""
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "verify-bundle", path],
        env={
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "FACE_MONITOR_PORT": "none",
            "FACE_MONITOR_DATABASE_URL": "nowhere",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Origin not checked" in done.stdout
