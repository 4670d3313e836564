"""Files are written whole or not at all, as the user's links and permissions ask."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from rnn_book.experiments import provenance
from rnn_book.records import write_whole


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    """Set the umask for one test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def test_text_and_bytes_are_written_as_they_are(tmp_path):
    write_whole(tmp_path / "new" / "text", "µ\nν\n")
    write_whole(str(tmp_path / "bytes"), b"\r\n\0")
    assert (tmp_path / "new" / "text").read_bytes() == "µ\nν\n".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\r\n\0"
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "none" / "text", "", parents=False)


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "target").write_text("old")
    (tmp_path / "link").symlink_to("there/target")
    (tmp_path / "dangling").symlink_to("there/later")
    for link, target in (("link", "target"), ("dangling", "later")):
        write_whole(tmp_path / link, "new")
        assert (tmp_path / link).is_symlink()
        assert (tmp_path / "there" / target).read_text() == "new"
    assert {p.name for p in tmp_path.rglob("*")} == {"there", "target", "later", "link", "dangling"}


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077, 0o002])
def test_a_new_file_has_the_permissions_that_the_umask_leaves(mask, tmp_path, umask):
    umask(mask)
    write_whole(tmp_path / "x", "")
    assert mode(tmp_path / "x") == 0o666 & ~mask


@pytest.mark.parametrize("kept", [0o600, 0o664, 0o755, 0o444])
def test_a_file_that_is_there_keeps_its_permissions(kept, tmp_path, umask):
    (tmp_path / "x").write_text("old")
    (tmp_path / "x").chmod(kept)
    write_whole(tmp_path / "x", "new")
    assert mode(tmp_path / "x") == kept
    assert (tmp_path / "x").read_text() == "new"


def test_content_and_name_reach_the_disk_in_this_order(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace

    def synced(number):
        status = os.fstat(number)
        kind = "folder" if stat.S_ISDIR(status.st_mode) else f"file of {status.st_size} bytes"
        done.append(kind)
        fsync(number)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("replace"), replace(a, b)))
    write_whole(tmp_path / "x", "four")
    assert done == ["file of 4 bytes", "replace", "folder"]


# Run as `python -c` with a folder: there, a file may grow to 1000 bytes, and then the disk is full.
FULL = """
import resource, sys
from rnn_book.records import write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
for _ in range(3):
    try:
        write_whole(sys.argv[1] + "/x", "y" * 100_000)
    except OSError as error:
        print(error.errno)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
@pytest.mark.parametrize("before", [None, "old"])
def test_a_full_disk_leaves_what_was_there(before, tmp_path):
    if before:
        (tmp_path / "x").write_text(before)
    done = subprocess.run([sys.executable, "-c", FULL, tmp_path], capture_output=True, text=True)
    assert done.stdout.split() == [str(errno.EFBIG)] * 3, done.stderr
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == ({"x": before} if before else {})


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(errno.ENOSPC, "disk full")])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_an_interruption_leaves_what_was_there(call, error, tmp_path, monkeypatch):
    (tmp_path / "x").write_text("old")

    def stop(*_):
        raise error

    monkeypatch.setattr(os, call, stop)
    with pytest.raises((KeyboardInterrupt, OSError)):
        write_whole(tmp_path / "x", "new")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"x": "old"}


def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole(tmp_path / "pipe", "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, "no")
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]


def test_names_as_long_as_the_disk_takes(tmp_path):
    write_whole(tmp_path / ("n" * 255), "x")
    assert [len(p.name) for p in tmp_path.iterdir()] == [255]


def test_a_cache_of_the_user_is_where_such_things_are(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "c"))
    assert provenance.user_cache() == tmp_path / "c" / "rnn_book"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert provenance.user_cache() == tmp_path / ".cache" / "rnn_book"
