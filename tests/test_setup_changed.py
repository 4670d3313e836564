"""`make check` runs what the files that differ from main can touch, and nothing else."""

import os
import subprocess
from pathlib import Path

import pytest

from tools.changed import Change
from tools.console import SetupError

FILES = {
    "docs/lstm/gate.md": '![A gate](../images/lstm/gate.svg)\n--8<-- "lstm/gate/force_numpy.py"\n',
    "docs/lstm/other.md": '--8<-- "lstm/other/force_numpy.py"\n',
    "docs/labs/reading.py": "# %%\n",
    "docs/assets/book.css": "",
    "docs/snippets/lstm/gate/force_numpy.py": "",
    "docs/snippets/lstm/other/force_numpy.py": "",
    "images/lstm/gate.svg": "",
    "rnn_book/__init__.py": "",
    "rnn_book/draws.py": "",
    "rnn_book/numpy/__init__.py": "from rnn_book.numpy.lstm import LSTM\n",
    "rnn_book/numpy/lstm.py": "import rnn_book.draws\n",
    "rnn_book/tasks.py": "",
    "tests/grids.py": "from rnn_book import numpy\n",
    "tests/test_lstm.py": "from tests import grids\n",
    "tests/test_tasks.py": "from rnn_book.tasks import adding\n",
    "tests/test_snippets.py": "",
}


def git(root: Path, *arguments: str) -> None:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": os.devnull}
    who |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in who.items()}
    subprocess.run(["git", *arguments], cwd=root, env=os.environ | who, check=True)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout with one commit on main, in a branch."""
    monkeypatch.delenv("BASE", raising=False)
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "checkout", "-qb", "branch")
    return tmp_path


def change(root: Path, *names: str) -> Change:
    for name in names:
        (root / name).write_text("changed = 1\n" + FILES.get(name, ""))
    return Change(root)


def names(paths: set[Path]) -> set[str]:
    return {path.name for path in paths}


@pytest.mark.parametrize(
    "name, pages",
    [
        ("docs/lstm/gate.md", {"gate.md"}),
        ("docs/snippets/lstm/gate/force_numpy.py", {"gate.md"}),
        ("docs/snippets/lstm/other/force.out", {"other.md"}),
        ("images/lstm/gate.svg", {"gate.md"}),
        ("docs/labs/reading.py", {"reading.py"}),
        ("rnn_book/draws.py", set()),
    ],
)
def test_a_page_is_touched_by_what_it_shows(root, name, pages):
    assert names(change(root, name).pages) == pages


@pytest.mark.parametrize(
    "name, tests",
    [
        ("rnn_book/draws.py", {"test_lstm.py", "test_snippets.py"}),
        ("rnn_book/numpy/lstm.py", {"test_lstm.py", "test_snippets.py"}),
        ("rnn_book/tasks.py", {"test_tasks.py"}),
        ("tests/grids.py", {"test_lstm.py"}),
        ("tests/test_tasks.py", {"test_tasks.py"}),
        ("docs/lstm/gate.md", set()),
    ],
)
def test_a_test_is_touched_by_what_it_imports(root, name, tests):
    assert names(change(root, name).test_files) == tests


def test_of_the_books_tests_those_of_touched_pages_run(root):
    changed = change(root, "docs/lstm/gate.md")
    here, there = root / "docs/lstm/gate.md", root / "docs/lstm/other.md"
    snippet = root / "docs/snippets/lstm/gate/force_numpy.py"
    test = root / "tests/test_site.py"
    assert changed.touches(test, {"book"}, ())
    assert changed.touches(test, {"book", "sweep"}, (here,))
    assert changed.touches(test, {"book"}, (snippet,))
    assert changed.touches(test, {"book"}, ("lstm/gate",))
    assert changed.touches(test, {"book"}, ("lstm/gate/force",))
    assert not changed.touches(test, {"book"}, ("lstm/other/force",))
    assert not changed.touches(test, {"book"}, (there,))
    assert not changed.touches(test, set(), ())
    assert not change(root, "rnn_book/tasks.py").touches(test, set(), ())


def test_beside_a_changed_page_a_test_runs_all_that_changed_code_can_touch(root):
    changed = change(root, "docs/lstm/gate.md", "rnn_book/tasks.py")
    assert changed.touches(root / "tests/test_tasks.py", {"book"}, ("lstm/other/force",))
    assert not changed.touches(root / "tests/test_lstm.py", {"book"}, ("lstm/other/force",))


def test_what_all_pages_are_made_with_touches_one_of_each_kind(root):
    changed = change(root, "docs/assets/book.css")
    page, test = root / "docs/lstm/gate.md", root / "tests/test_browser.py"
    assert changed.touches(test, {"book"}, (page,))
    assert not changed.touches(test, {"book", "sweep"}, (page,))
    assert not changed.touches(test, {"book"}, (root / "docs/snippets/lstm/gate/force_numpy.py",))


@pytest.mark.parametrize(
    "name, expected", [("docs/lstm/gate.md", False), ("rnn_book/draws.py", True)]
)
def test_types_are_checked_where_they_can_have_changed(root, name, expected):
    assert change(root, name).is_typed == expected


def test_only_files_that_can_be_touched_are_collected(root):
    (root / "tests/test_site.py").write_text("# pytest.mark.book\n")
    collected = change(root, "rnn_book/tasks.py").collected
    assert [Path(path).name for path in collected] == ["test_site.py", "test_tasks.py"]


def test_a_sweep_is_not_run_for_what_it_imports(root):
    changed = change(root, "rnn_book/tasks.py")
    assert changed.touches(root / "tests/test_tasks.py", set(), (1, "a"))
    assert not changed.touches(root / "tests/test_tasks.py", {"sweep"}, ())


def test_committed_and_new_files_count(root):
    (root / "new.md").write_text("")
    change(root, "rnn_book/tasks.py")
    git(root, "add", "rnn_book")
    git(root, "commit", "-qm", "second")
    assert Change(root).files == {"new.md", "rnn_book/tasks.py"}


def test_where_nothing_differs_the_last_commit_is_looked_at(root):
    change(root, "rnn_book/tasks.py")
    git(root, "commit", "-qam", "second")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--ff-only", "branch")
    changed = Change(root)
    assert (changed.files, changed.base) == ({"rnn_book/tasks.py"}, "HEAD~1")


def test_the_changed_labs_are_named_for_the_build(root):
    assert change(root, "docs/labs/reading.py").labs == "reading"


def test_an_unknown_base_is_one_clear_line(root):
    with pytest.raises(SetupError, match="git knows no nowhere to compare with"):
        Change(root, "nowhere")
