"""While the book is served, what is edited is built anew; where that fails, the site stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import build_site, live

ROOT = Path(__file__).resolve().parent.parent

FILES = {
    "mkdocs.yml": "site_name: Small\ntheme: {name: mkdocs}\nplugins: []\n",
    "docs/index.md": "# Small\n\nThe first words.\n",
}
# In a checkout of its own: what would begin anew there ends with a word.
WATCHER = """
import os, sys
from pathlib import Path
from tools import build_site, console, live
root = Path(sys.argv.pop(1))
console.CACHE = build_site.CACHE = root / ".cache"
build_site.ROOT, build_site.SITE, build_site.STAMP = root, root / "site", root / ".cache/stamp"
os.execv = lambda *_: sys.exit("begins anew")
live.main()
"""


@pytest.fixture
def root(tmp_path) -> Path:
    """A checkout of one page."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def watcher(root):
    command = [sys.executable, "-c", WATCHER, root, str(os.getpid())]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process
        process.kill()


def said(watcher, words: str) -> str:
    """Return the next line that it says with these words."""
    for line in watcher.stdout:
        if words in line:
            return line
    raise AssertionError(f"it ended without saying {words!r}")


def shown(root) -> str:
    return (root / "site/index.html").read_text()


def test_an_edited_page_is_there_and_one_with_a_fault_is_not(root, watcher):
    said(watcher, "Built anew")
    assert "The first words." in shown(root)
    page = root / "docs/index.md"
    page.write_text("# Small\n\nOther words.\n")
    said(watcher, "Built anew")
    assert "Other words." in shown(root)
    page.write_text("# Small\n\n[Nowhere](nowhere.md), in a fault.\n")
    said(watcher, "The site stays as it was")
    assert "Other words." in shown(root)
    page.write_text("# Small\n\nThe last words.\n")
    said(watcher, "Built anew")
    assert "The last words." in shown(root)
    # A file that is read once.
    (root / "mkdocs.yml").write_text(FILES["mkdocs.yml"] + "site_description: more\n")
    said(watcher, "begins anew")


def test_it_ends_with_the_server(root):
    starter = (
        "import os, subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', *sys.argv[1:], str(os.getpid())])"
    )
    command = [sys.executable, "-c", starter, WATCHER, root]
    # It holds the pipe, so that this returns when it has ended too.
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert "Built anew" in done.stdout


@pytest.mark.parametrize(
    "name, expected",
    [
        ("docs/lstm/gate.md", False),
        ("docs/snippets/lstm/gate/force_numpy.py", False),
        ("docs/labs/reading-gates.py", False),
        ("docs/assets/book.css", False),
        ("images/lstm/gate.svg", False),
        ("CHANGELOG.md", False),
        ("docs/_hooks/kept.py", True),
        ("docs/_hooks/katex.mjs", True),
        ("rnn_book/palette.py", True),
        ("tools/page/gates.py", True),
        ("mkdocs.yml", True),
        ("package-lock.json", True),
    ],
)
def test_code_is_told_from_what_every_build_reads(name, expected):
    assert live.is_code(build_site.ROOT / name) == expected
