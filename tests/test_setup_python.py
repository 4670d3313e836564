"""tools/python.sh finds an interpreter that is new enough, or says in one line what it found."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

OLD = "#!/bin/sh\ncase $2 in *exit*) exit 1;; *) echo 3.8.10;; esac\n"
BROKEN = "#!/bin/sh\necho 'the version is not installed' >&2\nexit 127\n"
NEW = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'


def run(folder: Path, programs: dict[str, str], **variables: str) -> subprocess.CompletedProcess:
    for name, text in programs.items():
        program = folder / name
        program.write_text(text)
        program.chmod(0o755)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHON"}
    return subprocess.run(
        ["/bin/sh", str(ROOT / "tools" / "python.sh"), "-c", "print('ran')"],
        cwd=folder,
        env=environment | {"PATH": str(folder)} | variables,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "programs",
    [
        {"python3": NEW},
        {"python3": OLD, "python3.12": NEW},
        {"python3": BROKEN, "python3.13": BROKEN, "python3.11": NEW},
        {"python": NEW},
    ],
    ids=lambda programs: "+".join(programs),
)
def test_the_first_interpreter_that_is_new_enough_is_used(tmp_path, programs):
    assert run(tmp_path, programs).stdout == "ran\n"


@pytest.mark.parametrize(
    "programs, variables, found",
    [
        ({"python3": OLD}, {}, "python3 is Python 3.8.10"),
        ({"python3": BROKEN}, {}, "python3 does not run"),
        ({}, {}, "there is no python3"),
        ({"python3": NEW, "old": OLD}, {"PYTHON": "old"}, "old is Python 3.8.10"),
        ({"python3": NEW}, {"PYTHON": "python3.99"}, "there is no python3.99"),
    ],
)
def test_without_one_there_is_one_clear_line(tmp_path, programs, variables, found):
    result = run(tmp_path, programs, **variables)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("Error: rnn_book needs Python 3.11 or newer, and " + found)


def test_the_variable_chooses_among_several(tmp_path):
    mine = "#!/bin/sh\ncase $2 in *exit*) exit 0;; *) echo mine;; esac\n"
    assert run(tmp_path, {"python3": NEW, "mine": mine}, PYTHON="mine").stdout == "mine\n"
