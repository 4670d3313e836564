"""`make test` runs every check, whatever failed before, and sums up once."""

import importlib.util
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tools import build_site, check, environment, run
from tools.console import SetupError

ROOT = Path(__file__).resolve().parent.parent


def sum_up(monkeypatch, capsys, outcomes: dict[str, bool]) -> tuple[int, str]:
    monkeypatch.setattr(environment, "ensure", lambda extras: Path("python"))
    stages = {name: lambda o=o: (o, "") for name, o in outcomes.items()}
    quick = {name: stages.pop(name) for name in ("lint", "types") if name in stages}
    monkeypatch.setattr(check, "beside", lambda python: quick)
    monkeypatch.setitem(check.KINDS, "test", lambda python: stages)
    monkeypatch.setattr(check.sys, "argv", ["check", "test"])
    code = check.main()
    return code, capsys.readouterr().out


def test_all_passed_is_success(monkeypatch, capsys):
    code, said = sum_up(monkeypatch, capsys, {"lint": True, "tests": True})
    assert code == 0
    assert "All passed" in said


@pytest.mark.parametrize("failing", ["lint", "types", "tests"])
def test_one_failure_fails_the_whole_and_the_others_still_run(monkeypatch, capsys, failing):
    outcomes = dict.fromkeys(["lint", "types", "tests"], True) | {failing: False}
    code, said = sum_up(monkeypatch, capsys, outcomes)
    assert code == 1
    summary = said.split("== summary")[1]
    verdicts = re.findall(r"^  (\S+) +(passed|FAILED)", summary, re.MULTILINE)
    assert dict(verdicts) == {"set-up": "passed"} | {
        name: "passed" if passed else "FAILED" for name, passed in outcomes.items()
    }
    assert f"Failed: {failing} (" in summary


def test_every_check_of_the_agreement_is_a_stage():
    python = Path("python")
    assert list(check.beside(python)) == ["lint", "format", "types"]
    assert list(check.test(python)) == ["strict build", "tests"]
    assert {*check.test(python), *check.sweep(python)} == {*check.everything(python), "sweeps"}


def test_the_site_is_built_while_tests_run_that_need_none(monkeypatch, tmp_path):
    order = []
    begun = threading.Event()
    monkeypatch.setattr(check, "NOTE", tmp_path / "built")

    def build():
        assert begun.wait(60)
        order.append("built")
        return tmp_path

    def tests():
        begun.set()
        site = build_site.wait_for(tmp_path / "built")
        order.append("tested")
        return site == tmp_path, ""

    stages = {check.BUILD: lambda: check.attempt(build), "tests": tests}
    monkeypatch.setitem(check.KINDS, "test", lambda python: stages)
    monkeypatch.setattr(check, "beside", lambda python: {"lint": lambda: (True, "")})
    (tmp_path / "built").write_text("of an earlier build\n")
    results = check.run_stages(Path("python"), "test")
    assert order == ["built", "tested"]
    assert {name: passed for name, (passed, _) in results.items()} == {
        "lint": True,
        check.BUILD: True,
        "tests": True,
    }


def test_a_site_that_does_not_build_is_not_waited_for(monkeypatch, tmp_path):
    monkeypatch.setattr(check, "NOTE", tmp_path / "built")

    def build():
        raise SetupError("planted")

    assert check.attempt(build) == (False, "Error: planted\n")
    assert build_site.wait_for(tmp_path / "built") is None


def test_a_stage_fails_with_its_program():
    python = environment.python_in(environment.VENV)
    if not python.exists():
        pytest.skip("the tests run in another environment than .venv")
    assert check.run(python, "platform")[0]
    passed, said = check.run(python, "no_such_module", quiet=True)
    assert not passed
    assert "no_such_module" in said


IGNORING = """
import signal, subprocess, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.SIG_IGN)
from tools import check
probe = "import signal; raise SystemExit(signal.getsignal(2) is not signal.default_int_handler)"
stage = lambda: (subprocess.run([sys.executable, "-c", probe]).returncode == 0, "")
check.environment.ensure = lambda extras: Path(sys.executable)
check.beside = lambda python: {}
check.KINDS["test"] = lambda python: {"probe": stage}
sys.argv = ["check", "test"]
sys.exit(check.main())
"""


def test_what_is_started_can_be_interrupted_where_we_cannot():
    done = subprocess.run(
        [sys.executable, "-c", IGNORING], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_target_is_listed_and_explained():
    environment_ = {key: os.environ[key] for key in ("PATH", "HOME")}
    said = subprocess.run(
        ["make", "help"], cwd=ROOT, env=environment_, capture_output=True, text=True, check=True
    ).stdout
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert re.findall(r"^  (\w+) ", said, re.MULTILINE) == phony[1].split()


def test_every_target_runs_what_is_there(monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(run.environment, "ensure", lambda extras: tmp_path / "python")
    monkeypatch.setattr(
        run.subprocess,
        "run",
        lambda command, **_: ran.append(command[2]) or subprocess.CompletedProcess(command, 0),
    )
    for target in run.TARGETS:
        monkeypatch.setattr(run.sys, "argv", ["run", target])
        assert run.main() == 0
    assert ran
    for module in ran:
        assert importlib.util.find_spec(f"{module}.__main__"), module
