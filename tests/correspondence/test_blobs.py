"""The documents' store: durable before it answers, one blob per content, and never damaged bytes."""

import hashlib
import io
import os
import stat
import threading
from pathlib import Path

import pytest

from correspondence.blobs import BlobDamaged, BlobMissing, FolderBlobs, documents


@pytest.fixture
def store(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "documents")


def _files(store: FolderBlobs) -> list[Path]:
    return [path for path in store.location.rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"letter", os.urandom(3_000_000)])
def test_bytes_come_back_under_their_hash(store: FolderBlobs, content: bytes) -> None:
    sha256 = store.put(content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert store.put(io.BytesIO(content)) == sha256
    assert store.exists(sha256)
    assert store.read_verified(sha256) == content
    with store.open(sha256) as stream:
        assert stream.read() == content
    assert [path.relative_to(store.location).as_posix() for path in _files(store)] == [
        f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
    ]


@pytest.mark.parametrize("name", ["0" * 64, "", "../../etc/passwd", "A" * 64, "0" * 63 + "/"])
def test_unknown_and_foreign_names_are_missing(store: FolderBlobs, name: str) -> None:
    for read in (store.open, store.read_verified):
        with pytest.raises(BlobMissing):
            read(name)


def test_damaged_bytes_are_not_given_out_and_are_healed_by_putting_again(store: FolderBlobs) -> None:
    sha256 = store.put(b"the original")
    _files(store)[0].write_bytes(b"the forgery!")
    with pytest.raises(BlobDamaged):
        store.read_verified(sha256)
    store.put(b"the original")
    assert store.read_verified(sha256) == b"the original"


def test_content_and_name_are_durable_before_the_answer(store: FolderBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put(b"so that the folders are there")
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(handle: int) -> None:
        steps.append("sync folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "sync file")
        fsync(handle)

    def note_replace(source: str, target: Path) -> None:
        steps.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    store.put(b"so that the folders are there")
    assert steps == ["sync file", "rename", "sync folder"]


def test_a_failure_leaves_nothing(store: FolderBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    store.location.mkdir()
    (store.location / "incoming").mkdir()
    with pytest.raises(OSError, match="No space"):
        store.put(b"letter")
    assert _files(store) == []


def test_many_at_once_leave_one(store: FolderBlobs) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(store.put(b"x" * 100_000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 8
    assert len(set(names)) == 1
    assert len(_files(store)) == 1


def test_the_setting_names_the_store() -> None:
    assert isinstance(documents(), FolderBlobs)


def test_check_tells_what_is_wrong(tmp_path: Path) -> None:
    assert FolderBlobs(tmp_path / "new").check() == []
    (tmp_path / "file").write_bytes(b"")
    assert FolderBlobs(tmp_path / "file" / "below").check()
