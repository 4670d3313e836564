"""The second run of the NumPy half: which NumPy, which tests, and that a failure is one."""

import subprocess

import pytest

from tools import lowest
from tools.console import ROOT, SetupError


def test_the_lowest_numpy_is_the_one_that_is_promised(tmp_path):
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    major, minor = lowest.promised()
    assert f'dependencies = ["numpy>={major}.{minor}"]' in text
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["numpy"]\n')
    with pytest.raises(SetupError, match="names no lowest version"):
        lowest.promised(tmp_path)


def test_every_pattern_has_files():
    assert [name for name in lowest.TESTS if not list((ROOT / "tests").glob(name))] == []


@pytest.mark.parametrize("codes, code", [((0, 0), 0), ((1, 0), 1), ((0, 2), 2)])
def test_one_failure_is_enough(codes, code, monkeypatch, tmp_path):
    left = list(codes)
    monkeypatch.setattr(lowest, "ensure", lambda: (tmp_path / "python", "2.0.2"))
    monkeypatch.setattr(
        lowest.subprocess,
        "run",
        lambda command, **_: subprocess.CompletedProcess(command, left.pop(0)),
    )
    assert lowest.main() == code
    assert left == []
