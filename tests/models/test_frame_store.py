"""A stored image is there whole, or not at all."""

import errno
import os
from pathlib import Path

import pytest

from models.frame_store import (
    DiskFrameStore,
    ImageMissing,
    StorageFull,
    open_frame_store,
)


@pytest.fixture
def store(tmp_path: Path) -> DiskFrameStore:
    return DiskFrameStore(tmp_path / "frames")


def test_what_was_put_is_got(store: DiskFrameStore) -> None:
    store.put("frames/att_1/frm_1", b"sealed")
    assert store.get("frames/att_1/frm_1") == b"sealed"


def test_a_deleted_image_is_missing_and_deleting_again_is_fine(store: DiskFrameStore) -> None:
    store.put("frames/att_1/frm_1", b"sealed")
    store.delete("frames/att_1/frm_1")
    store.delete("frames/att_1/frm_1")
    with pytest.raises(ImageMissing):
        store.get("frames/att_1/frm_1")


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "frames/../../x", "", "frames/A b"])
def test_a_key_cannot_leave_the_folder(store: DiskFrameStore, key: str) -> None:
    with pytest.raises(ValueError, match="storage key"):
        store.put(key, b"x")


def test_a_full_disk_is_told_and_leaves_nothing(
    store: DiskFrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(StorageFull):
        store.put("frames/att_1/frm_1", b"sealed")
    monkeypatch.undo()
    assert [path for path in (tmp_path / "frames").rglob("*") if path.is_file()] == []


def test_half_written_files_do_not_count_and_are_swept(
    store: DiskFrameStore, tmp_path: Path
) -> None:
    store.put("frames/att_1/frm_1", b"sealed")
    (tmp_path / "frames/frames/att_1/frm_2.tmp_x.half").write_bytes(b"sea")
    assert list(store.keys_older_than(0)) == ["frames/att_1/frm_1"]
    assert store.sweep_half_written(3600) == 0
    assert store.sweep_half_written(0) == 1
    assert store.get("frames/att_1/frm_1") == b"sealed"


def test_an_address_that_is_no_folder_is_refused() -> None:
    with pytest.raises(ValueError, match="FACE_MONITOR_FRAME_STORE_URL"):
        open_frame_store("s3://bucket")


def test_images_are_readable_by_their_owner_alone(store: DiskFrameStore, tmp_path: Path) -> None:
    store.put("frames/att_1/frm_1", b"sealed")
    for folder in (tmp_path / "frames", tmp_path / "frames/frames/att_1"):
        assert folder.stat().st_mode & 0o077 == 0
