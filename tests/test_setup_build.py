"""The site is built when something that it is made of has changed, and only then."""

import sys
from pathlib import Path

import pytest

from tools import build_site
from tools.console import SetupError


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A checkout whose `python` is a script that plays mkdocs."""
    for name in ("docs/index.md", "images/lstm/cell.svg", "rnn_book/show.py", "mkdocs.yml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("first")
    monkeypatch.setattr(build_site, "ROOT", tmp_path)
    monkeypatch.setattr(build_site, "SITE", tmp_path / "site")
    monkeypatch.setattr(build_site, "CACHE", tmp_path / ".cache")
    monkeypatch.setattr(build_site, "STAMP", tmp_path / ".cache" / "site.sha256")
    (tmp_path / ".cache").mkdir()
    for name in build_site.ADDRESSES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def player(root: Path, code: str) -> Path:
    """Write a program that is called like Python: the last argument is the folder to build into."""
    program = root / "player"
    program.write_text(f"#!{sys.executable}\nimport pathlib, sys\n{code}\n")
    program.chmod(0o755)
    return program


WORKS = """
folder = pathlib.Path(sys.argv[-1])
folder.mkdir(parents=True)
(folder / "index.html").write_text("built")
"""
FAILS = "sys.exit(1)"


@pytest.mark.parametrize(
    "name", ["docs/index.md", "images/lstm/cell.svg", "rnn_book/show.py", "mkdocs.yml"]
)
def test_a_changed_input_changes_the_mark(root, name):
    before = build_site.fingerprint(root)
    (root / name).write_text("second")
    assert build_site.fingerprint(root) != before


def test_a_new_file_and_a_new_name_change_the_mark(root):
    marks = [build_site.fingerprint(root)]
    (root / "docs" / "new.md").write_text("")
    marks.append(build_site.fingerprint(root))
    (root / "docs" / "new.md").rename(root / "docs" / "newer.md")
    marks.append(build_site.fingerprint(root))
    assert len(set(marks)) == 3


@pytest.mark.parametrize("name", build_site.ADDRESSES)
def test_an_address_changes_the_mark(root, monkeypatch, name):
    before = build_site.fingerprint(root)
    monkeypatch.setenv(name, "https://example.org/book/")
    assert build_site.fingerprint(root) != before


def test_what_python_caches_does_not_count(root):
    before = build_site.fingerprint(root)
    cached = root / "rnn_book" / "__pycache__" / "show.cpython-311.pyc"
    cached.parent.mkdir()
    cached.write_text("")
    assert build_site.fingerprint(root) == before


def test_nothing_changed_nothing_built(root, capsys):
    assert build_site.build(player(root, WORKS)) == root / "site"
    assert build_site.build(player(root, FAILS)) == root / "site"
    assert "Site: up to date" in capsys.readouterr().out
    with pytest.raises(SetupError):
        build_site.build(player(root, FAILS), always=True)


DAMAGES = {
    "torn stamp": lambda root, stamp: stamp.write_text(stamp.read_text()[:30]),
    "stamp of bytes": lambda root, stamp: stamp.write_bytes(b"\xff\0"),
    "no stamp": lambda root, stamp: stamp.unlink(),
    "half a page": lambda root, stamp: (root / "site" / "index.html").write_text("bu"),
    "no page": lambda root, stamp: (root / "site" / "index.html").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_site_or_stamp_is_made_anew(damage, root):
    build_site.build(player(root, WORKS))
    damage(root, root / ".cache" / "site.sha256")
    build_site.build(player(root, WORKS))
    assert (root / "site" / "index.html").read_text() == "built"
    assert build_site.is_current(build_site.fingerprint(root))


def test_a_build_that_fails_is_not_remembered_and_leaves_the_old_site(root):
    build_site.build(player(root, WORKS))
    (root / "docs" / "index.md").write_text("second")
    for _ in range(2):
        with pytest.raises(SetupError, match="the site did not build"):
            build_site.build(player(root, FAILS))
    assert (root / "site" / "index.html").read_text() == "built"


def test_the_build_is_strict_and_not_quiet(root):
    build_site.build(player(root, WORKS + "print(sys.argv, file=open(folder / 'said', 'w'))"))
    said = (root / "site" / "said").read_text()
    assert "'--strict'" in said
    assert "-q" not in said
