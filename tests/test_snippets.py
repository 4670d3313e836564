"""What a page shows is what runs; and faults that are planted in a copy are found."""

import os
import re
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests import markdown, snippets
from tests import snippet_rules as rules
from tests.forks import Forks

ROOT = Path(__file__).resolve().parent.parent
SNIPPETS = rules.find(ROOT)
PAGES = markdown.pages(ROOT)


@pytest.fixture(scope="module")
def runner(request):
    runner = snippets.Runner(warm=True)
    # Two at a time from the start. Where xdist spreads the tests, each process runs its own share.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        for item in request.session.items:
            if item.path == Path(__file__) and hasattr(item, "callspec"):
                snippet = item.callspec.params.get("snippet")
                if isinstance(snippet, rules.Snippet):
                    runner.start(snippet)
    yield runner
    runner.close()


def by_key(snippet):
    return snippet.key


def by_path(page):
    return page.relative_to(ROOT).as_posix()


def report(problems):
    return "\n\n" + "\n\n".join(problems)


# The book


@pytest.mark.book
@pytest.mark.parametrize("snippet", SNIPPETS, ids=by_key)
def test_output_is_the_recorded_one(snippet, runner):
    # Both halves are held to one file, so their outputs are equal as well.
    problems = snippets.output_problems(snippet, runner.run(snippet))
    assert not problems, report(problems)


@pytest.mark.book
def test_the_book_has_snippets_in_both_halves():
    # An empty list would pass every test above and below.
    assert {snippet.backend for snippet in SNIPPETS} == {"numpy", "torch"}
    assert PAGES


@pytest.mark.book
def test_sources_keep_the_rules():
    problems = [problem for one in SNIPPETS for problem in rules.source_problems(one)]
    assert not problems, report(problems)


@pytest.mark.book
def test_every_file_is_a_snippet_or_its_output():
    problems = list(rules.file_problems(ROOT))
    assert not problems, report(problems)


@pytest.mark.book
def test_every_file_is_shown():
    problems = rules.unshown_problems(ROOT)
    assert not problems, report(problems)


@pytest.mark.book
@pytest.mark.parametrize("page", PAGES, ids=by_path)
def test_code_on_a_page_comes_from_files(page):
    problems = rules.page_problems(ROOT, page)
    assert not problems, report(problems)


@pytest.mark.book
def test_code_in_readme_comes_from_files():
    problems = rules.readme_problems(ROOT)
    assert not problems, report(problems)


# Planted faults, one at a time, in a copy of the docs


def pair_on(root, page):
    """Return a snippet in two halves that a page shows, if it shows one."""
    shown = rules.shown_on(root, page)
    for both in rules.pairs(rules.find(root)).values():
        if len(both) == 2 and shown.issuperset(one.path for one in both):
            return both
    return None


@pytest.fixture
def copy(tmp_path):
    """A book of one page that shows a snippet in two halves, and of the README."""
    page = next(page for page in PAGES if pair_on(ROOT, page))
    included = [target for _, target in markdown.includes(page.read_text(encoding="utf-8"))]
    snippets = [ROOT / "docs" / "snippets" / target.partition(":")[0] for target in included]
    for file in {page, ROOT / "README.md", *snippets, *rules.shown_in_readme(ROOT)}:
        target = tmp_path / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return tmp_path


@pytest.fixture
def pair(copy):
    """Return the two halves of a snippet in the copy, and the page that shows them."""
    (page,) = markdown.pages(copy)
    return *pair_on(copy, page), page


def found(root, runner, pair):
    return snippets.problems(root, runner, [pair[0].name])


def test_an_untouched_copy_has_no_problems(copy, pair, runner):
    problems = found(copy, runner, pair)
    assert not problems, report(problems)


def append(path, text):
    path.write_text((path.read_text() if path.exists() else "") + text)


def raises(ours, torch, page):
    append(ours.path, "\nraise RuntimeError('planted')\n")
    return ours.path, "RuntimeError: planted"


def prints_more(ours, torch, page):
    for one in (ours, torch):
        append(one.path, "\nshow('planted', 1.0)\n")
    return ours.path, "+planted = 1.0"


def recorded_output_is_edited(ours, torch, page):
    append(ours.out, "planted = 1.0\n")
    return torch.path, "-planted = 1.0"


def backends_differ(ours, torch, page):
    append(torch.path, "\nshow('planted', 1.0)\n")
    return torch.path, f"does not print what {ours.path.name} prints"


def warns(ours, torch, page):
    append(ours.path, "\nimport numpy\nnumpy.float64(1) / 0\n")
    return ours.path, "RuntimeWarning: divide by zero"


def calls_out(ours, torch, page):
    append(ours.path, "\nimport socket\nsocket.socket().bind(('', 0))\n")
    return ours.path, "does without the network"


def is_shown_nowhere(ours, torch, page):
    for one in (ours.path, torch.path, ours.out):
        shutil.copy(one, one.with_name("planted" + one.name.removeprefix(Path(ours.name).name)))
    return ours.path.with_name("planted_numpy.py"), "no page shows it"


def does_not_import_rnn_book(ours, torch, page):
    ours.path.write_text("import numpy as np\n\nprint(np.ones(2))\n")
    return ours.path, "does not import rnn_book"


def output_has_no_snippet(ours, torch, page):
    out = ours.out.with_name("planted.out")
    out.write_text("x = 1.0\n")
    return out, "no snippet prints this"


def output_is_missing(ours, torch, page):
    ours.out.unlink()
    return ours.out, "missing"


def has_a_name_of_its_own(ours, torch, page):
    path = ours.path.with_name("planted.py")
    shutil.copy(ours.path, path)
    return path, "neither"


def page_includes_a_missing_file(ours, torch, page):
    append(page, '\n```python\n--8<-- "planted/missing_numpy.py"\n```\n')
    return page, "includes planted/missing_numpy.py, which does not exist"


def page_holds_python(ours, torch, page):
    append(page, '\n=== "NumPy"\n\n    ```python\n    x = 1\n    ```\n')
    return page, "a Python block typed into the page"


def page_holds_a_fence_without_language(ours, torch, page):
    append(page, "\n~~~\nx = 1\n~~~\n")
    return page, "without a language"


def page_includes_lines_of_a_file(ours, torch, page):
    append(page, f'\n```python\n--8<-- "{ours.key}.py:1:2"\n```\n')
    return page, "which is not a snippet"


def page_adds_lines_to_a_file(ours, torch, page):
    append(page, f'\n```python\n--8<-- "{ours.key}.py"\nx = 1\n```\n')
    return page, "a Python block typed into the page"


def page_adds_lines_to_an_output(ours, torch, page):
    append(page, f'\n```text\n--8<-- "{ours.name}.out"\nx = 1\n```\n')
    return page, "an include shares its block with other lines"


def page_shows_python_as_text(ours, torch, page):
    append(page, f'\n```text\n--8<-- "{ours.key}.py"\n```\n')
    return page, "stands in a block of language text"


def page_includes_in_another_notation(ours, torch, page):
    append(page, f"\n```text\n--8<--\n{ours.name}.out\n--8<--\n```\n")
    return page, "write an include as"


def page_hides_the_output(ours, torch, page):
    append(page.with_name("planted.md"), f'\n```python\n--8<-- "{ours.key}.py"\n```\n')
    return page.with_name("planted.md"), "not what it prints"


def page_mixes_up_the_tabs(ours, torch, page):
    append(page, f'\n=== "PyTorch"\n\n    ```python\n    --8<-- "{ours.key}.py"\n    ```\n')
    return page, "stands in the tab PyTorch"


def page_hides_a_snippet_in_a_comment(ours, torch, page):
    page.write_text(page.read_text().replace(f'--8<-- "{ours.key}.py"', "<!-- here -->"))
    append(page, f'\n<!--\n```python\n--8<-- "{ours.key}.py"\n```\n-->\n')
    return ours.path, "no page shows it"


def readme_holds_python(ours, torch, page):
    readme = ours.root / "README.md"
    append(readme, "\n```python\nx = 1\n```\n")
    return readme, "no file of docs/snippets"


FAULTS = [
    raises,
    prints_more,
    recorded_output_is_edited,
    backends_differ,
    warns,
    calls_out,
    is_shown_nowhere,
    does_not_import_rnn_book,
    output_has_no_snippet,
    output_is_missing,
    has_a_name_of_its_own,
    page_includes_a_missing_file,
    page_holds_python,
    page_holds_a_fence_without_language,
    page_includes_lines_of_a_file,
    page_adds_lines_to_a_file,
    page_adds_lines_to_an_output,
    page_shows_python_as_text,
    page_includes_in_another_notation,
    page_hides_the_output,
    page_mixes_up_the_tabs,
    page_hides_a_snippet_in_a_comment,
    readme_holds_python,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found(fault, copy, pair, runner):
    path, words = fault(*pair)
    label = path.relative_to(copy).as_posix()
    problems = found(copy, runner, pair)
    assert any(one.startswith(label) and words in one for one in problems), report(problems)


# The rules on sources, one at a time

GOOD = "import numpy as np\n\nfrom rnn_book import show\n\nshow('x', np.ones(2))\n"


def snippet(root, text, name="part/chapter/good_numpy.py"):
    path = root / "docs" / "snippets" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return rules.Snippet(root, path)


def test_a_good_source_has_no_problems(tmp_path):
    assert rules.source_problems(snippet(tmp_path, GOOD)) == []
    other = GOOD.replace("import numpy as np", "import torch").replace("np.", "torch.")
    assert rules.source_problems(snippet(tmp_path, other, "part/x_torch.py")) == []


@pytest.mark.parametrize(
    "line, words",
    [
        ("print(1)", "uses print()"),
        ("out = print", "uses print()"),
        ("import time", "imports time"),
        ("from datetime import datetime", "imports datetime"),
        ("import os.path", "imports os.path"),
        ("x = np.ones(\n    2\n)  # two", "a comment behind a closing bracket"),
        ("np.random.seed(0)", "global random state"),
        ("np.random.rand(2)", "global random state"),
        ("np.random.default_rng()", "without a seed"),
        ("torch.manual_seed(0)", "global random state"),
        ("torch.randn(2)", "global random state"),
        ("p = '/home/me/weights.safetensors'", "absolute path"),
        ("p = '~/weights'", "absolute path"),
        ("p = r'C:\\weights'", "absolute path"),
        ("import torch", "imports the other half"),
        ("from rnn_book.torch import LSTM", "imports the other half"),
        ("from rnn_book import torch", "imports the other half"),
        ("x = (", "was never closed"),
        ("x = 1\n" * 25, "at most 25"),
    ],
)
def test_a_broken_rule_is_found(tmp_path, line, words):
    one = snippet(tmp_path, f"{GOOD}{line}\n")
    problems = rules.source_problems(one)
    assert any(problem.startswith(one.label) and words in problem for problem in problems)


@pytest.mark.parametrize(
    "line",
    [
        "rng = np.random.default_rng(0)",
        "rng = np.random.default_rng(seed=0)",
        "ratio = 'h/c'",
        "text = '/'",
        "import math",
    ],
)
def test_other_lines_are_free(tmp_path, line):
    assert rules.source_problems(snippet(tmp_path, f"{GOOD}{line}\n")) == []


def test_halves_are_told_apart(tmp_path):
    one = snippet(tmp_path, GOOD, "part/x_torch.py")
    assert any("does not import the PyTorch half" in p for p in rules.source_problems(one))
    one = snippet(tmp_path, "import torch\n" + GOOD + "from rnn_book import numpy\n", "x_torch.py")
    assert any("imports the other half" in p for p in rules.source_problems(one))


# Execution and recording


def test_a_snippet_runs_isolated(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PLANTED", "1")
    (tmp_path / "numpy.py").write_text("raise ImportError('the folder of the snippet counts')")
    one = snippet(
        tmp_path,
        "import os, sys, numpy\n"
        "from rnn_book import show\n"
        "show('x', [os.listdir(), 'PLANTED' in os.environ, 'torch' in sys.modules])\n",
    )
    (one.path.parent / "numpy.py").write_text("raise ImportError('the folder counts')")
    assert snippets.execute(one.path) == snippets.Run(0, "x = [[], False, False]\n", "")


def test_the_seed_of_hashes_changes(tmp_path):
    one = snippet(tmp_path, "print(hash('planted'))\n")
    assert len({snippets.execute(one.path).stdout for _ in range(3)}) > 1


def test_a_snippet_that_hangs_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(snippets, "SECONDS", 0.5)
    one = snippet(tmp_path, "while True:\n    pass\n")
    begun = time.monotonic()
    assert "stopped after 0.5 s" in snippets.run_problems(one, snippets.execute(one.path))[0]
    assert time.monotonic() - begun < 20


def test_the_pytorch_tabs_cannot_be_computed_by_the_numpy_half(tmp_path, runner):
    if sys.platform != "linux":
        pytest.skip("interpreters are forked on Linux only")
    one = snippet(
        tmp_path,
        "import numpy as np\nimport rnn_book\nprint(1)\n"
        "from rnn_book.gates import tracer\ntracer(np).record(None, None)\n",
        "part/chapter/secret_torch.py",
    )
    run = runner.run(one)
    assert run.stdout == "1\n"
    assert re.search(r"(import of|No module named) '?rnn_book\.numpy", run.stderr), run.stderr


@pytest.fixture(scope="module")
def server():
    if sys.platform != "linux":
        pytest.skip("interpreters are forked on Linux only")
    server = Forks("numpy")
    yield server
    server.close()


@pytest.mark.parametrize(
    "source",
    [
        "import os, sys, numpy\nprint(os.listdir(), 'torch' in sys.modules, sys.argv[:1])\n",
        "import os, sys\nprint(sorted({*os.environ} - {'LC_CTYPE'}), __name__, len(globals()))\n",
        "import sys\nprint(sys.stdin.read(), sys.flags.isolated, end='')\nsys.exit(3)\n",
        "import warnings\nwarnings.warn('planted')\nprint('x')\n",
        "import socket\nsocket.create_connection(('127.0.0.1', 9))\n",
        "import builtins\nbuiltins.planted = 1\nprint(1 / 0)\n",
        "print(planted)\n",
    ],
)
def test_a_forked_interpreter_is_like_a_fresh_one(server, tmp_path, source):
    one = snippet(tmp_path, source)
    fresh, forked = snippets.execute(one.path), snippets.execute(one.path, server)
    assert (forked.returncode, forked.stdout) == (fresh.returncode, fresh.stdout)
    assert forked.stderr.splitlines()[-1:] == fresh.stderr.splitlines()[-1:]


def test_a_forked_interpreter_that_hangs_is_stopped(server, tmp_path, monkeypatch):
    monkeypatch.setattr(snippets, "SECONDS", 0.5)
    one = snippet(tmp_path, "while True:\n    pass\n")
    run = snippets.execute(one.path, server)
    assert "stopped after 0.5 s" in snippets.run_problems(one, run)[0]


@pytest.mark.parametrize(
    "run, words",
    [
        (snippets.Run(3, "x = 1.0\n", ""), "fails with exit code 3"),
        (snippets.Run(0, "x = 1.0\n", "UserWarning"), "writes to stderr\nUserWarning"),
        (snippets.Run(0, "\n", ""), "prints nothing"),
    ],
)
def test_a_run_that_ends_badly_is_found(tmp_path, run, words):
    one = snippet(tmp_path, GOOD)
    one.out.write_text(run.stdout)
    assert snippets.output_problems(one, run)[0].strip() == f"{one.label}: {words}"


def test_snippets_run_two_at_a_time_and_once(tmp_path, monkeypatch):
    running, seen = [], []

    def execute(path):
        running.append(path)
        time.sleep(0.1)
        seen.append(len(running))
        running.remove(path)
        return snippets.Run(0, path.name, "")

    monkeypatch.setattr(snippets, "execute", execute)
    some = [snippet(tmp_path, GOOD + f"# {n}\n", f"part/x{n}_numpy.py") for n in range(6)]
    runner = snippets.Runner()
    for one in [*some, *some]:
        runner.start(one)
    assert [runner.run(one).stdout for one in some] == [one.path.name for one in some]
    runner.close()
    assert max(seen) == 2
    assert len(seen) == 6


def files(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_recording_writes_what_is_new_and_what_changed(tmp_path):
    one = snippet(tmp_path, GOOD)
    assert snippets.record(tmp_path) == (
        ["new: part/chapter/good.out", "1 new, 0 changed, 0 unchanged, 0 failed"],
        True,
    )
    assert one.out.read_text() == "x = [1.0, 1.0]\n"
    assert snippets.record(tmp_path) == (["0 new, 0 changed, 1 unchanged, 0 failed"], True)
    one.out.write_text("x = [1.0, 2.0]\n")
    report, well = snippets.record(tmp_path)
    assert well
    assert report[0] == "changed: part/chapter/good.out"
    assert "  -x = [1.0, 2.0]" in report
    assert "  +x = [1.0, 1.0]" in report
    assert one.out.read_text() == "x = [1.0, 1.0]\n"


@pytest.mark.parametrize(
    "end", ["raise RuntimeError('planted')\n", "print('planted')\n", "1 / np.zeros(1)\n"]
)
def test_recording_leaves_alone_what_fails(tmp_path, end):
    one = snippet(tmp_path, GOOD + end)
    other = snippet(tmp_path, GOOD, "part/chapter/other_numpy.py")
    one.out.write_text("x = 0.0\n")
    before = files(tmp_path)
    report, well = snippets.record(tmp_path)
    assert not well
    assert "failed: part/chapter/good.out" in report
    assert any("good_numpy.py" in line for line in report)
    assert files(tmp_path) == before | {other.out: b"x = [1.0, 1.0]\n"}


def test_recording_leaves_alone_where_backends_differ(tmp_path):
    snippet(tmp_path, GOOD)
    torch = "import torch\n\nfrom rnn_book import show\n\nshow('x', torch.zeros(2))\n"
    snippet(tmp_path, torch, "part/chapter/good_torch.py")
    before = files(tmp_path)
    report, well = snippets.record(tmp_path)
    assert not well
    assert any("good_torch.py: does not print what good_numpy.py prints" in line for line in report)
    assert files(tmp_path) == before


def test_recording_keeps_to_the_names_asked_for(tmp_path):
    snippet(tmp_path, GOOD)
    other = snippet(tmp_path, GOOD, "part/chapter/other_numpy.py")
    assert snippets.record(tmp_path, "chapter/other")[1]
    assert [path.name for path in other.out.parent.glob("*.out")] == ["other.out"]
    assert snippets.record(tmp_path, "nothing") == (
        [
            "no snippet has 'nothing' in its name",
            "0 new, 0 changed, 0 unchanged, 0 failed",
        ],
        False,
    )
