"""What the project promises about itself: one hard dependency, pins, links, no machine's paths."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests import markdown
from tests.test_imports import PLACES
from tools import environment

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Run as `python -c`: an interpreter in which NumPy is the only package that is not built in.
NUMPY_ALONE = """
import sys
import numpy

class Absent:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("numpy", "rnn_book"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    lines = PROJECT["dependencies"] + [line for extra in extras for line in extra]
    return [need for need in map(Requirement, lines) if need.name != "rnn-book"]


def modules(folder: str) -> list[str]:
    files = sorted((ROOT / folder).rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]


def test_numpy_is_the_one_hard_dependency():
    assert [Requirement(line).name for line in PROJECT["dependencies"]] == ["numpy"]


def test_the_numpy_half_imports_where_numpy_is_alone():
    names = ["rnn_book", *modules("rnn_book/numpy")]
    code = NUMPY_ALONE + "".join(f"import {name}\n" for name in names)
    code += "from rnn_book import show\nshow('x', numpy.ones(2))\n"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert result.stderr == ""
    assert result.stdout == "x = [1.0, 1.0]\n"


def test_the_numpy_half_never_imports_torch():
    code = "import sys, rnn_book\n" + "".join(f"import {m}\n" for m in modules("rnn_book/numpy"))
    result = subprocess.run(
        [sys.executable, "-c", code + "print('torch' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.stdout == "False\n", result.stderr


@pytest.mark.parametrize("need", requirements(), ids=lambda need: need.name)
def test_every_requirement_is_pinned_within_its_range(need):
    version = pins()[environment.normalise(need.name)]
    assert need.specifier.contains(version, prereleases=True)


def test_pins_are_exact_and_hold_for_any_build():
    assert pins()["torch"] == "2.13.0"
    assert not [name for name, version in pins().items() if not re.fullmatch(r"[\w.]+", version)]


def test_what_the_set_up_installs_are_the_extras():
    assert sorted(environment.CHECK) == sorted(PROJECT["optional-dependencies"])


@pytest.mark.book
def test_all_paths_in_readme_and_contributing_exist():
    links = []
    for name in ("README.md", "CONTRIBUTING.md"):
        text = markdown.prose((ROOT / name).read_text(encoding="utf-8"))
        text = re.sub(r"`[^`\n]*`", "", text)  # examples
        links += re.findall(r"\]\((?!https?://|#)([^)]+)\)|src=\"([^\"]+)\"", text)
    paths = [markdown or html for markdown, html in links]
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.book
@pytest.mark.parametrize("page", ["README.md", "docs/how-to-read.md"])
def test_what_a_page_says_to_install_suffices_for_what_the_pages_show(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    (extras,) = re.findall(r'pip install "\.\[([\w,]+)\]"', text)
    # tests/test_imports.py holds that no snippet imports more than these bring.
    assert tuple(extras.split(",")) == PLACES["docs/snippets"]


@pytest.mark.book
def test_readme_has_a_row_for_every_chapter():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (table,) = re.findall(
        r"^\| chapter \| page \| NumPy \| PyTorch \| test \|\n((?:\|.*\n)+)", text, re.M
    )
    rows = table.splitlines()[1:]
    linked = {path for row in rows for path in re.findall(r"\]\((docs/[^)]+)\)", row)}
    parts = (*markdown.PARTS, "labs")
    pages = [
        page.relative_to(ROOT).as_posix()
        for part in parts
        for page in sorted((ROOT / "docs" / part).glob("*"))
        if page.suffix in (".md", ".py")
    ]
    assert linked == set(pages)
    assert [row for row in rows if row.count("|") != 6] == []


def tracked_text() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.book
def test_nothing_speaks_of_a_machine():
    files = tracked_text()
    if not files:
        pytest.skip("not a git checkout")
    # Written apart, so that this file does not find itself.
    ours = re.compile("|".join(f"/{name}/" for name in ("work", "root", "opt")))
    found = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {match[0]}" for match in ours.finditer(text)]
    assert found == []


def test_the_workflow_pins_actions_by_major_version():
    text = (ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8")
    actions = re.findall(r"uses: (\S+)", text)
    assert actions
    assert [action for action in actions if not re.fullmatch(r"actions/[\w-]+@v\d+", action)] == []


def test_every_hook_is_named_where_the_theme_s_end_is_told():
    hooks = re.findall(r"docs/_hooks/(\w+)\.py", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = guide.partition("### When Material ends")[2].partition("\n## ")[0]
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)))
    assert sorted(named) == sorted(hooks)


def test_ci_says_what_is_missing_where_it_may_not_install(tmp_path):
    for name in ("dirname", "sh", "bash"):
        program = subprocess.run(["which", name], capture_output=True, text=True).stdout.strip()
        (tmp_path / name).symlink_to(program)
    result = subprocess.run(
        ["/bin/bash", str(ROOT / ".ci" / "run")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("Error: missing: make chromium")
    assert result.stderr.count("\n") == 1
