"""The workflows: what can be known of them without GitHub."""

import re
import shutil
import subprocess

import pytest
import yaml

from tools.console import ROOT

FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")


def steps(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actionlint_finds_nothing(path):
    if not (program := shutil.which("actionlint")):
        pytest.skip("no actionlint: https://github.com/rhysd/actionlint")
    done = subprocess.run([program, "-no-color", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_command_is_one_for_bash_and_takes_no_text_of_others(path):
    runs = [step["run"] for step in steps(path) if "run" in step]
    assert runs or path.stem == "deploy"
    for run in runs:
        # What others write, a tag's name for one, is passed in the environment.
        assert not EXPRESSION.search(run), run
        done = subprocess.run(["bash", "-n"], input=run, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_target_and_file_that_a_command_names_is_there(path):
    runs = "\n".join(step["run"] for step in steps(path) if "run" in step)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", runs, re.MULTILINE):
        assert f"\n{target}:" in makefile
    for file in re.findall(r"(?:^|\s)(\.ci/\S+|constraints\.txt|pyproject\.toml)", runs):
        assert (ROOT / file).exists()
