"""The wheel: what a user installs holds what a user imports, works, is typed, and is left alone."""

import hashlib
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.whl")
    return file


class User:
    """Somebody with an environment of their own, who installed the wheel and sits elsewhere."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.home, self.desk = folder / "home", folder / "desk"
        self.home.mkdir()
        self.desk.mkdir()
        venv.create(folder / "env", symlinks=True, with_pip=False)
        self.python = folder / "env" / "bin" / "python"
        (self.packages,) = (folder / "env").glob("lib/python*/site-packages")
        # The other packages are those of this environment; its own editable install is not taken.
        others = [path for path in sys.path if path.endswith("site-packages")]
        (self.packages / "others.pth").write_text("\n".join(others))
        command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
        command += ["--no-compile", "--disable-pip-version-check", "--target", self.packages, wheel]
        subprocess.run(command, check=True, capture_output=True, text=True)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *arguments],
            cwd=self.desk,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
            | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"},
            capture_output=True,
            text=True,
        )

    def installed(self) -> dict[str, str]:
        """Every file of the environment, with a hash of its content."""
        return {
            path.relative_to(self.packages).as_posix(): hashlib.sha256(
                path.read_bytes()
            ).hexdigest()
            for path in sorted(self.packages.rglob("*"))
            if path.is_file()
        }


@pytest.fixture(scope="module")
def user(tmp_path_factory, wheel) -> User:
    return User(tmp_path_factory.mktemp("user"), wheel)


def test_the_wheel_is_small_and_holds_what_is_imported(wheel):
    assert wheel.stat().st_size < 1_500_000
    names = [PurePosixPath(name) for name in zipfile.ZipFile(wheel).namelist()]
    assert {name.parts[0].partition("-")[0] for name in names} == {"rnn_book"}
    assert PurePosixPath("rnn_book/py.typed") in names
    package = [name for name in names if name.parts[0] == "rnn_book"]
    assert {name.suffix for name in package if name.parts[1] != "data"} == {".py", ".typed"}
    folders = {name.parts[1] for name in package if len(name.parts) > 2}
    workshop = {"bench", "diagrams", "results", "runs", "tests", "tools"}
    assert {"numpy", "torch", "datasets", "data"} <= folders
    assert not workshop & {part for name in package for part in name.parts}


def test_every_module_can_be_imported(user):
    modules = [
        ".".join(path.relative_to(user.packages).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(user.packages.glob("rnn_book/**/*.py"))
        if path.stem != "__main__"
    ]
    assert len(modules) > 50
    code = "".join(f"import {module}\n" for module in modules)
    done = user.run("-W", "error", "-c", f"{code}print(rnn_book.__file__)")
    assert done.stderr == ""
    assert done.stdout.strip() == str(user.packages / "rnn_book" / "__init__.py")


def test_the_six_lines_of_the_readme_print_what_it_says(user):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code, output = re.search(r"```python\n(.*?)```.*?```text\n(.*?)```", text, re.DOTALL).groups()
    assert user.run("-c", code).stdout == output


def test_nothing_is_written_into_the_package(user):
    before = user.installed()
    listed = user.run("-m", "rnn_book.experiments")
    assert listed.returncode == 0, listed.stderr
    figures = user.run("-m", "rnn_book.experiments", "--figures", "long_lags")
    assert figures.returncode == 1
    assert figures.stderr.startswith("Error: long_lags has no result in ")
    assert figures.stderr.count("\n") == 1
    for module in ("bench", "diagrams"):
        gone = user.run("-m", f"rnn_book.{module}")
        assert f"No module named rnn_book.{module}" in gone.stderr
    for arguments in (["rnn_book.projects"], ["rnn_book.projects.collect", "--run", "run"]):
        refused = user.run("-m", *arguments)
        assert refused.returncode != 0
        assert "checkout of the book, and this is an installed package" in refused.stderr
        assert refused.stderr.count("\n") == 1
    # The code that writes, with the claims taken away.
    code = """
from rnn_book.experiments import report, runner, store
from rnn_book.experiments.claims import Run
report.files = lambda found: {"images/a.svg": "<svg/>", "docs/a.md": "a"}
report.load = lambda name: {"claim": name}
print(*report.write("long_lags"))
report.write_whole(report.RESULTS / "a.json", "{}")
store.append(store.RUNS / "a.jsonl", store.Line("code", Run({}, 0, {}, 0.1)))
store.append(runner.file_of("a", quick=True), store.Line("code", Run({}, 0, {}, 0.1)))
"""
    wrote = user.run("-c", code)
    assert wrote.returncode == 0, wrote.stderr
    assert user.installed() == before
    assert {path.name for path in user.desk.iterdir()} == {"rnn_book-experiments"}
    made = {path.relative_to(user.home).as_posix() for path in user.home.rglob("a.jsonl")}
    assert made == {
        ".cache/rnn_book/experiments/a.jsonl",
        ".cache/rnn_book/experiments/runs/a.jsonl",
    }


RIGHT = """\
import numpy as np

import rnn_book.torch
from rnn_book import gradient_by_lag, record_gates, show
from rnn_book.numpy import GRU, LSTM, Adam, Linear, cross_entropy_gradient

layer = LSTM(3, 4, num_layers=2, bidirectional=True, zoneout=(0.1, 0.2), rng=0, dtype=np.float64)
output, (h, c) = layer(np.zeros((5, 2, 3)), lengths=[5, 3])
d_x, d_hx = layer.backward(np.ones_like(output))
Adam([layer, Linear(8, 2, rng=0)], 1e-3).step()
show("forget gate", record_gates(layer, np.zeros((5, 2, 3)))["l0"]["f"])
show("by lag", gradient_by_lag(GRU(3, 4, reset_after=False, rng=0), np.zeros((5, 2, 3)), rng=0))
twin = rnn_book.torch.LSTM(3, 4, recurrent_dropout=0.2, recurrent_dropout_on="update", rng=0)
twin.train()
"""


# PyTorch's own types take mypy a minute and a half, and are not what is tested.
MYPY = """\
[mypy]
strict = true
[mypy-torch.*]
follow_imports = skip
"""


HALVES = ("numpy", "torch")

WRONG = """\
from rnn_book.{half} import GRU, LSTM, LayerNormGRU, LSTMCell, PeepholeLSTM

LSTM(3, 4, recurent_dropout=0.1)
GRU(3, 4, zoneout="much")
PeepholeLSTM(3, 4, weight_drop=0.1, forget_bias="high")
LayerNormGRU(3, 4, recurrent_dropout_at="update")
LSTMCell(3, 4, zoneout=0.1)
"""


@pytest.fixture(scope="module")
def said(user) -> list[str]:
    """What mypy says of a user's files, whose only sight of the package is the installed wheel."""
    folder = user.home / "types"
    folder.mkdir()
    files = {"right.py": RIGHT} | {f"wrong_{half}.py": WRONG.format(half=half) for half in HALVES}
    for name, text in {"mypy.ini": MYPY, **files}.items():
        (folder / name).write_text(text)
    arguments = ["--python-executable", str(user.python), "--cache-dir", str(user.home / "mypy")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments, *files],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"(checked {len(files)} source files)" in done.stdout
    return done.stdout.splitlines()[:-1]


def test_a_users_file_is_type_checked_against_the_wheel(said):
    assert not [line for line in said if not line.startswith("wrong_")]


@pytest.mark.parametrize("half", HALVES)
def test_a_misspelt_option_is_found_while_it_is_typed(half, said):
    found = [line for line in said if line.startswith(f"wrong_{half}.py:") and ": error: " in line]
    assert [int(line.split(":")[1]) for line in found] == [3, 4, 5, 6, 7], found
    assert 'Unexpected keyword argument "recurent_dropout"' in found[0]
