"""Set-up: made once, kept, mended when interrupted; every failure is one clear line.

The runs are real, in a checkout that holds the real tools and a package without requirements, so
that pip needs no index.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tools import environment
from tools.console import SetupError

ROOT = Path(__file__).resolve().parent.parent

PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "rnn-book"
version = "1"

[project.optional-dependencies]
"""

# The smallest build backend: an editable wheel of one path file.
BACKEND = """\
import zipfile

FILES = {
    "rnn_book.pth": "",
    "rnn_book-1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: rnn-book\\nVersion: 1\\n",
    "rnn_book-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nTag: py3-none-any\\n",
    "rnn_book-1.dist-info/RECORD": "",
}


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "rnn_book-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{wheel_directory}/{name}", "w") as wheel:
        for path, text in FILES.items():
            wheel.writestr(path, text)
    return name


build_wheel = build_editable
"""


def make_checkout(folder: Path) -> Path:
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    extras = "".join(f"{extra} = []\n" for extra in environment.CHECK)
    (folder / "pyproject.toml").write_text(PROJECT + extras)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "constraints.txt").write_text("# pins\nsympy==1.14.0\ntorch==2.13.0\n")
    return folder


def set_up(checkout: Path, before: str = "", **variables: str) -> subprocess.CompletedProcess:
    """Run the set-up in a checkout; `before` is Python that runs first."""
    code = (
        f"import sys; {before}\n"
        "from tools import environment\n"
        "from tools.console import run_main\n"
        "run_main(lambda: environment.ensure(environment.READ) and 0)\n"
    )
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("PIP_") and key != "PYTHON"
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=checkout,
        env=inherited | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull} | variables,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, str]:
    """A checkout after its first set-up, and what that said; the home folder lies beside it.

    Made once for all workers of a run, since pip's own installation takes its time.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder /= "set-up"
    folder.mkdir(exist_ok=True)
    home, said = folder / "home", folder / "said"
    with open(folder / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not said.exists():
            home.mkdir()
            variables = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "c"), "PIP_USER": "1"}
            result = set_up(make_checkout(folder / "checkout"), **variables)
            assert result.returncode == 0, result.stdout + result.stderr
            said.write_text(result.stdout)
    return folder / "checkout", said.read_text()


@pytest.fixture
def checkout(made, tmp_path) -> Path:
    """A checkout that is set up: like that one, but with its pip, which is large, only linked."""
    first, _ = made
    copy = make_checkout(tmp_path / "checkout")
    venv.create(copy / ".venv", symlinks=True)
    (source,) = environment.site_packages(first / ".venv")
    (target,) = environment.site_packages(copy / ".venv")
    for entry in source.iterdir():
        if entry.name.startswith("pip"):
            (target / entry.name).symlink_to(entry)
        elif entry.name.startswith("rnn_book") and entry.is_dir():
            shutil.copytree(entry, target / entry.name)
    stamp = {"fingerprint": environment.fingerprint(copy), "extras": list(environment.READ)}
    (copy / ".venv" / environment.STAMP).write_text(json.dumps(stamp))
    return copy


def add_package(checkout: Path, name: str, version: str, metadata: str = "") -> Path:
    (folder,) = environment.site_packages(checkout / ".venv")
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}"
    (info / "METADATA").write_text(text)
    (info / "RECORD").write_text(f"{info.name}/METADATA,,\n{info.name}/RECORD,,\n")
    return info


def error_line(result: subprocess.CompletedProcess) -> str:
    assert result.returncode == 1, result.stdout + result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("Error: ")
    return result.stderr


def test_the_first_set_up_says_what_it_does(made):
    assert [line.split()[0] for line in made[1].splitlines() if not line.startswith(" ")] == [
        "Creating",
        "Installing",
        "Environment:",
    ]


def test_everything_is_written_below_the_checkout(made):
    home = made[0].parent / "home"
    # pip asks rustc for its version, and where rustup stands in for rustc, that makes its folder.
    assert [path for path in home.iterdir() if path.name != ".rustup"] == []


def test_a_second_start_installs_nothing(checkout):
    assert set_up(checkout).stdout == "Environment: ready (.venv).\n"


def test_after_a_change_the_set_up_installs_once(checkout):
    with open(checkout / "constraints.txt", "a") as file:
        file.write("# changed\n")
    assert "Installing the packages" in set_up(checkout).stdout
    assert set_up(checkout).stdout == "Environment: ready (.venv).\n"


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", "package-lock.json"])
def test_a_changed_requirement_is_a_change(tmp_path, name):
    before = environment.fingerprint(tmp_path)
    (tmp_path / name).write_text("changed")
    assert environment.fingerprint(tmp_path) != before


def test_a_moved_checkout_is_a_change(tmp_path):
    assert environment.fingerprint(tmp_path / "a") != environment.fingerprint(tmp_path / "b")


def test_extras_that_are_missing_are_added(tmp_path):
    mark = environment.fingerprint(ROOT)
    stamp = {"fingerprint": mark, "extras": list(environment.READ)}
    (tmp_path / environment.STAMP).write_text(json.dumps(stamp))
    assert environment.is_ready(tmp_path, environment.READ, mark)
    assert not environment.is_ready(tmp_path, environment.CHECK, mark)
    assert not environment.is_ready(tmp_path, environment.READ, "another")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"fingerprint": 1}'])
def test_a_torn_stamp_promises_nothing(tmp_path, content):
    (tmp_path / environment.STAMP).write_text(content)
    assert not environment.is_ready(tmp_path, (), "1")


def test_an_interrupted_installation_is_mended(checkout):
    (checkout / ".venv" / environment.STAMP).unlink()
    (folder,) = environment.site_packages(checkout / ".venv")
    (folder / "rnn_book-1.dist-info" / "RECORD").unlink()
    (folder / "~nn_book").mkdir()
    result = set_up(checkout)
    assert "An earlier set-up was interrupted: mending rnn_book." in result.stdout
    assert (folder / "rnn_book-1.dist-info" / "RECORD").exists()
    assert not (folder / "~nn_book").exists()


def test_an_environment_that_does_not_run_is_made_anew(tmp_path, monkeypatch, capsys):
    python = environment.python_in(tmp_path)
    python.parent.mkdir()
    python.symlink_to("/nowhere/python3")
    (tmp_path / "pyvenv.cfg").touch()
    made = []
    monkeypatch.setattr(environment, "create", made.append)
    environment.find_or_create(tmp_path)
    assert made == [tmp_path]
    assert "does not run: making it anew" in capsys.readouterr().out


def test_an_environment_without_pip_gets_it(tmp_path, monkeypatch, capsys):
    venv.create(tmp_path, with_pip=False, symlinks=True)
    python = environment.python_in(tmp_path)
    assert not environment.has_pip(python)
    commands = []
    run = subprocess.run

    def record(command, **options):
        commands.append(command)
        return run([python, "-c", ""] if "ensurepip" in command else command, **options)

    monkeypatch.setattr(subprocess, "run", record)
    monkeypatch.delenv("PYTHON", raising=False)
    environment.find_or_create(tmp_path)
    assert commands[-1] == [python, "-m", "ensurepip"]
    assert "has no pip: mending" in capsys.readouterr().out


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    mine = checkout / ".venv" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("precious")
    assert ".venv is not a virtual environment" in error_line(set_up(checkout))
    assert mine.read_text() == "precious"


def test_another_torch_is_kept(checkout):
    (checkout / ".venv" / environment.STAMP).unlink()
    torch = add_package(checkout, "torch", "2.9.1+mine", "Requires-Dist: sympy>=1.13\n")
    result = set_up(checkout)
    assert "Keeping torch 2.9.1+mine" in result.stdout
    assert torch.exists()
    pins = (checkout / ".cache" / "constraints.txt").read_text()
    assert pins == "torch==2.9.1+mine\n"


@pytest.mark.parametrize(
    "version, kept", [("2.9.1+mine", False), ("2.12.1", False), ("2.13.1", True), ("3.0.0", True)]
)
def test_a_torch_that_is_too_old_is_replaced(version, kept, checkout, capsys, monkeypatch):
    monkeypatch.setattr(environment, "CACHE", checkout / ".cache")
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace("torch = []", 'torch = ["torch>=2.13"]'))
    add_package(checkout, "torch", version)
    chosen = environment.constraints(checkout / ".venv", checkout)
    assert (chosen != checkout / "constraints.txt") == kept
    said = capsys.readouterr().out
    assert said.startswith(f"{'Keeping' if kept else 'Replacing'} torch {version}, which is ")


def test_a_cpu_build_of_the_pinned_torch_satisfies_the_pin(checkout):
    add_package(checkout, "torch", "2.13.0+cpu")
    pins = environment.constraints(checkout / ".venv", checkout)
    assert pins == checkout / "constraints.txt"


def test_without_venv_there_is_one_clear_line(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    line = error_line(set_up(checkout, before="sys.modules['ensurepip'] = None"))
    assert "has no module ensurepip" in line
    assert "apt-get install python3-venv" in line
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("call", ["mkdir", "open"])
def test_a_checkout_that_is_read_only_is_one_clear_line(tmp_path, call):
    checkout = make_checkout(tmp_path / "checkout")
    if call == "open":
        (checkout / ".cache").mkdir()
    # Root may write anywhere, so the file system's answer is planted.
    before = f"""
import builtins, pathlib
def closed(path, *mode, **options):
    if mode != ("r",):
        raise OSError(30, "Read-only file system", str(path))
pathlib.Path.mkdir = closed if {call == "mkdir"} else pathlib.Path.mkdir
builtins.open = closed if {call == "open"} else open"""
    line = error_line(set_up(checkout, before=before))
    assert ".cache" in line
    assert "Read-only file system. Everything is kept inside the checkout" in line


def test_without_network_there_is_one_clear_line_and_the_next_start_goes_on(checkout):
    (checkout / ".venv" / environment.STAMP).unlink()
    project = checkout / "pyproject.toml"
    text = project.read_text()
    project.write_text(text.replace("requires = []", 'requires = ["absent"]'))
    index = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    assert "is the network up?" in error_line(set_up(checkout, **index))
    project.write_text(text)
    assert set_up(checkout).returncode == 0


def test_another_failure_of_pip_names_its_reason(checkout):
    (checkout / "backend.py").write_text("raise ValueError('torn')\n")
    (checkout / ".venv" / environment.STAMP).unlink()
    assert "the installation failed: ValueError: torn (log" in error_line(set_up(checkout))


def test_python_and_environment_that_differ_are_an_error(checkout):
    before = "sys.version_info = (3, 99)"
    (checkout / ".venv" / environment.STAMP).unlink()
    line = error_line(set_up(checkout, before=before, PYTHON="python3.99"))
    assert "PYTHON=python3.99 is Python 3.99, but .venv holds" in line


@pytest.mark.parametrize(
    "output, reason",
    [
        ("WARNING: Retrying: [Errno -3] Temporary failure in name resolution\n", "network up?"),
        ("npm error code ENOTFOUND\n", "network up?"),
        ("OSError: [Errno 28] No space left on device\n", "the disk is full"),
        ("ERROR: No matching distribution found for x==1.\nERROR: y\n", "found for x==1 (log"),
        ("", "it gave no reason"),
    ],
)
def test_the_reason_is_read_from_the_output(output, reason):
    assert reason in environment.failure(output)
    assert "\n" not in environment.failure(output)


@pytest.mark.parametrize(
    "line, status",
    [
        ("Collecting numpy==2.4.6 (from rnn-book)", None),
        ("  Downloading numpy-2.4.6-cp311-any.whl (16.9 MB)", "downloading numpy, 16.9 MB"),
        ("  Downloading idna-3.11-py3-none-any.whl (71 kB)", None),
        ("Downloading https://h/p/torch-2.13.0-x.whl (190 MB)", "downloading torch, 190 MB"),
        ("Installing collected packages: a, b, c", "installing 3 packages"),
        ("WARNING: something", None),
    ],
)
def test_the_status_says_where_pip_is(line, status):
    assert environment.pip_status(line) == status


def test_an_old_environment_is_an_error(tmp_path, monkeypatch):
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(environment, "version_of", lambda python: (3, 10))
    with pytest.raises(SetupError, match=r"\.venv holds Python 3\.10"):
        environment.find_or_create(tmp_path / ".venv")
