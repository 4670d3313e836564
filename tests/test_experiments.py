"""What holds for every claim: its stored result, what is made of it, and how it is run."""

import ast
import inspect
import json
import math
import os
import re
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from rnn_book.experiments import __main__ as command
from rnn_book.experiments import claims, plots, report, runner, shown, store
from rnn_book.experiments.claims import CLAIMS, Picture, Run, Verdict, claim
from rnn_book.experiments.intervals import Interval
from tests import markdown

ROOT = Path(__file__).resolve().parents[1]
PROVENANCE = {
    *("date", "python", "processor", "versions", "code", "data"),
    *("seeds", "runs", "complete", "cpu_seconds"),
}


@pytest.fixture(scope="module", params=CLAIMS)
def stored(request):
    found = report.load(request.param)
    assert found is not None, f"{request.param} has no result; run it in full and commit it"
    return found


def runs_of(found):
    return report.runs(found)


# -------------------------------------------------------------------------------- stored results


def test_results_follow_the_schema(stored):
    assert set(stored) == {
        *("claim", "title", "question", "provenance", "verdict", "summary"),
    }
    module = claim(stored["claim"])
    assert (stored["title"], stored["question"]) == (module.TITLE, module.QUESTION)
    where = stored["provenance"]
    assert set(where) == PROVENANCE
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", where["date"])
    assert set(where["versions"]) == set(runner.PACKAGES)
    assert where["versions"]["numpy"]
    assert where["versions"]["torch"]
    assert where["processor"]
    runs = runs_of(stored)
    assert where["runs"] == len(runs)
    assert where["cpu_seconds"] == round(sum(run.cpu_seconds for run in runs))
    assert set(stored["verdict"]) == set(Verdict._fields)
    assert stored["verdict"]["status"] in report.ICONS


def test_a_result_is_complete_or_says_so(stored):
    module = claim(stored["claim"])
    far = runner.progress_of(module, False, runs_of(stored))
    assert far.complete == stored["provenance"]["complete"]
    assert stored["provenance"]["seeds"] == module.SEEDS >= 5
    if not far.complete:
        assert stored["verdict"]["status"] == "undecided"
        assert f"of about {module.COST.runs} runs" in stored["verdict"]["text"]
        assert len(far.runs) < module.COST.runs


def test_committed_runs_are_those_of_the_result(stored):
    """No line is damaged, doubled, or, once all are in, left over from other code."""
    file = runner.file_of(stored["claim"])
    if not file.exists():
        assert stored["provenance"]["runs"] == 0
        return
    lines = store.read(file)
    assert len(lines) == len(file.read_text(encoding="utf-8").splitlines())
    keys = [(line.code, store.key(line.run.setting, line.run.index)) for line in lines]
    assert len(set(keys)) == len(keys)
    if stored["provenance"]["complete"]:
        assert {line.code for line in lines} == {stored["provenance"]["code"]}
        assert len(lines) == len(runs_of(stored))


def test_settings_and_seeds_of_runs_differ(stored):
    name, runs = stored["claim"], runs_of(stored)
    seeds = [runner.seed_of(name, run.setting, run.index) for run in runs]
    assert len({seed.own for seed in seeds}) == len(seeds)
    assert len({seed.shared for seed in seeds}) == len({run.index for run in runs})


def test_results_hold_only_numbers_that_json_knows(stored):
    def check(value):
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            for item in value.values():
                check(item)
        elif isinstance(value, list):
            for item in value:
                check(item)
        elif isinstance(value, float):
            assert math.isfinite(value)

    check(stored)


def test_summary_and_verdict_follow_from_the_runs(stored):
    module = claim(stored["claim"])
    summary = report.summary_of(stored["claim"], runs_of(stored))
    assert runner.alike(summary, stored["summary"])
    where = stored["provenance"]
    verdict = report.verdict(module, stored["summary"], where["runs"], where["complete"])
    assert verdict._asdict() == stored["verdict"]


def test_data_of_results_is_identified(stored):
    for data in stored["provenance"]["data"]:
        assert data["name"]
        assert re.fullmatch(r"[0-9a-f]{64}", data["sha256"])


# --------------------------------------------------------------------- tables, figures and pages


def test_tables_are_made_from_the_result(stored):
    for path, text in report.files(stored).items():
        if path.endswith(".md"):
            assert (ROOT / path).read_text(encoding="utf-8") == text, "run --figures"


def test_figures_are_made_from_the_result(stored):
    pinned = re.search(
        r"^matplotlib==(.+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    if metadata.version("matplotlib") != pinned[1]:
        pytest.skip("plots are compared under the pinned Matplotlib only")
    for path, text in report.files(stored).items():
        if path.endswith(".svg"):
            assert (ROOT / path).read_text(encoding="utf-8") == text, "run --figures"


def test_every_result_is_shown_on_a_page(stored):
    shown_on_pages = {
        target
        for page in markdown.pages(ROOT)
        for _, target in markdown.includes(page.read_text(encoding="utf-8"))
    }
    sections = [*claim(stored["claim"]).tables(stored["summary"]), "verdict", "details", "row"]
    hidden = [s for s in sections if f"results/{stored['claim']}.md:{s}" not in shown_on_pages]
    assert not hidden
    text = "".join(page.read_text(encoding="utf-8") for page in markdown.pages(ROOT))
    pictures = [path for path in report.files(stored) if path.endswith(".svg")]
    assert [path for path in pictures if f"../{path}" not in text] == []


def test_no_stale_result_lies_about():
    kept = {path.stem for path in report.RESULTS.glob("*.json")}
    assert kept <= set(CLAIMS)
    tables = {path.stem for path in (ROOT / "docs/snippets/results").glob("*.md")}
    assert tables == kept
    drawn = {path.name for path in (ROOT / "images/experiments").glob("*.svg")}
    made = {Path(path).name for name in kept for path in report.files(report.load(name))}
    assert drawn == {name for name in made if name.endswith(".svg")}


def test_a_changed_number_changes_table_or_figure():
    found = report.load("gradient_flow")
    before = report.files(found)
    found["summary"]["fresh"]["RNN"]["factors"] = [0.7] * 5
    assert report.files(found) != before


# --------------------------------------------------------------------------- a claim made to test


class Planted:
    """A claim that takes no time: two settings, then two more for the better of them."""

    __name__ = "rnn_book.experiments.planted"
    TITLE, QUESTION, SEEDS, COST = "Planted", "One plus one is two.", 3, claims.Cost(9, 1)

    @staticmethod
    def plan(quick, runs):
        first = [{"a": 1}, {"a": 2}]
        if not runs:
            return first
        best = max(runs, key=lambda run: run.result["value"]).setting["a"]
        return [*first, {"a": best, "again": 1}]

    @staticmethod
    def run(setting, seed):
        noise = np.random.default_rng(seed.own).random()
        return {
            "value": setting["a"] + noise / 2,
            "shared": seed.shared,
            "third": np.float32(1 / 3),
        }


@pytest.fixture
def planted(monkeypatch, tmp_path):
    """The runner with the planted claim, run in this process; returns the order of its runs."""
    done = []

    def work(name, tasks, total, jobs, progress, end):
        for task in tasks:
            done.append((task.setting, task.index))
            yield runner._run(task)

    monkeypatch.setattr(runner, "claim", lambda name: Planted)
    monkeypatch.setattr(runner, "code_of", lambda module: "code")
    monkeypatch.setattr(runner, "_work", work)
    return done


def test_a_claim_plans_until_nothing_is_new(planted, tmp_path):
    runs = runner.run_claim("planted", cache=tmp_path)
    assert [run.setting for run in runs[::3]] == [{"a": 1}, {"a": 2}, {"a": 2, "again": 1}]
    assert [run.index for run in runs] == [0, 1, 2] * 3
    assert len(planted) == 9


def test_finished_runs_are_not_run_again(planted, tmp_path):
    first = runner.run_claim("planted", cache=tmp_path)
    planted.clear()
    assert runner.run_claim("planted", cache=tmp_path) == first
    assert planted == []


def test_an_interrupted_claim_goes_on_where_it_stopped(planted, tmp_path):
    """Also when a line was cut off in the middle, and runs of other code stand beside."""
    whole = runner.run_claim("planted", cache=tmp_path)
    file = tmp_path / "planted.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    other = (
        lines[0].replace('"code": "code"', '"code": "other"').replace('"value": 1', '"value": 9')
    )
    file.write_text(other + "".join(lines[1::2]) + lines[0][:40], encoding="utf-8")
    planted.clear()
    again = runner.run_claim("planted", cache=tmp_path)
    assert [run._replace(cpu_seconds=0) for run in again] == [
        run._replace(cpu_seconds=0) for run in whole
    ]
    assert len(planted) == len(lines[::2])


DAMAGES = {
    "empty": lambda text: "",
    "half": lambda text: text[: len(text) // 2],
    "no text": lambda text: "\udcff\0",
    "another kind": lambda text: "[1, 2]",
    "a part": lambda text: '{"setting": {"a": 1}, "index": 0}',
    "another run's": lambda text: text.replace('"index": 0', '"index": 7'),
    "no numbers": lambda text: re.sub(r'"result": \{.*?\}', '"result": null', text),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_run_is_done_again(damage, planted, tmp_path):
    whole = runner.run_claim("planted", cache=tmp_path)
    file = tmp_path / "planted.jsonl"
    first, *others = file.read_text(encoding="utf-8").splitlines()
    text = "\n".join([damage(first), *others]) + "\n"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    planted.clear()
    again = runner.run_claim("planted", cache=tmp_path)
    assert planted == [(whole[0].setting, 0)]
    assert [run.result for run in again] == [run.result for run in whole]


@pytest.mark.parametrize("text", ["", '{"claim": "long_lags", "summary": [', "[]", "{}"])
def test_a_damaged_result_says_what_to_delete(text, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    (tmp_path / "long_lags.json").write_text(text)
    assert command.main(["--figures", "long_lags"]) == 1
    said = capsys.readouterr().err
    path = tmp_path / "long_lags.json"
    assert said == f"Error: {path} is damaged: delete it, and run long_lags again.\n"
    assert command.main([]) == 0
    assert re.search(r"^long_lags +damaged ", capsys.readouterr().out, re.MULTILINE)


def test_a_missing_result_says_what_to_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    assert command.main(["--figures", "long_lags"]) == 1
    said = capsys.readouterr().err
    assert said == f"Error: long_lags has no result in {tmp_path} yet; run it first.\n"


def test_runs_of_other_code_stay_until_a_claim_is_complete(planted, tmp_path):
    file = tmp_path / "planted.jsonl"
    store.append(file, store.Line("other", Run({"a": 1}, 0, {"value": 9}, 1.0)))
    runner.run_claim("planted", cache=tmp_path, minutes=0)
    assert len(store.read(file)) == 1
    runner.run_claim("planted", cache=tmp_path)
    assert [line.code for line in store.read(file)] == ["code"] * 9


def test_time_that_is_up_ends_a_claim_between_runs(planted, tmp_path):
    assert runner.run_claim("planted", cache=tmp_path, minutes=0) == []
    far = runner.finished("planted", file=tmp_path / "planted.jsonl")
    assert not far.complete
    assert far.missing == [({"a": a}, index) for a in (1, 2) for index in range(3)]


def test_a_stage_that_is_not_complete_plans_nothing_further(planted, tmp_path):
    done = runner.run_claim("planted", cache=tmp_path)
    far = runner.progress_of(Planted, False, done[1:])
    assert far.missing == [({"a": 1}, 0)]
    assert {run.setting.get("again") for run in far.runs} == {None}


def test_a_verdict_is_undecided_as_long_as_runs_are_missing(planted, monkeypatch):
    class Shown(Planted):
        summarise = staticmethod(lambda runs: {"count": len(runs)})
        verdict = staticmethod(lambda summary: Verdict("held", "count.", "It counts."))

    monkeypatch.setattr(report, "claim", lambda name: Shown)
    monkeypatch.setattr(report, "code_of", lambda module: "code")
    runs = [Run({"a": a}, index, {"value": a}, 1.0) for a in (1, 2) for index in range(3)]
    found = report.result("planted", runs)
    assert found["verdict"]["status"] == "undecided"
    assert found["verdict"]["text"] == "6 of about 9 runs are in, too few to tell. It counts."
    runs += [Run({"a": 2, "again": 1}, index, {"value": 0}, 1.0) for index in range(3)]
    assert report.result("planted", runs)["verdict"]["status"] == "held"


def test_a_result_of_the_same_runs_says_where_they_ran(planted, monkeypatch, tmp_path):
    class Shown(Planted):
        summarise = staticmethod(lambda runs: {})
        verdict = staticmethod(lambda summary: Verdict("held", "count.", "It counts."))

    monkeypatch.setattr(report, "claim", lambda name: Shown)
    monkeypatch.setattr(report, "code_of", lambda module: "code")
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    runs = [Run({"a": a}, index, {"value": a}, 1.0) for a in (1, 2) for index in range(3)]
    here = report.result("planted", runs)
    where = {**here["provenance"], "processor": "another", "date": "2001-01-01"}
    report.store({**here, "provenance": where})
    assert report.result("planted", runs)["provenance"] == where
    more = [*runs, Run({"a": 2, "again": 1}, 0, {"value": 0}, 1.0)]
    again = report.result("planted", more)["provenance"]
    assert again["processor"] == here["provenance"]["processor"]


def test_a_claim_says_how_its_rule_came_about(planted, monkeypatch):
    found = report.load("truncation")
    assert "    The rule, changed after ten of the fifteen seeds" in report._details(found)
    assert "    The rule, fixed beforehand: " in report._details(report.load("normalisation"))


def test_a_claim_may_have_seeds_of_its_own_for_a_setting(planted, monkeypatch):
    monkeypatch.setattr(
        Planted, "seeds", lambda setting: [100] if "again" not in setting else [0, 1], raising=False
    )
    far = runner.progress_of(Planted, False, [])
    assert far.missing == [({"a": 1}, 100), ({"a": 2}, 100)]


def test_runs_of_changed_code_are_adopted_if_they_come_out_alike(planted, tmp_path, monkeypatch):
    file = tmp_path / "planted.jsonl"
    monkeypatch.setattr(runner, "file_of", lambda name, quick=False: file)
    runner.run_claim("planted", cache=tmp_path)
    lines = [store.Line("old", line.run) for line in store.read(file)]
    store.rewrite(file, lines)
    assert runner.adopt("planted") == ["old"]
    assert {line.code for line in store.read(file)} == {"code"}
    spoilt = [line._replace(code="old") for line in lines]
    spoilt[0].run.result["value"] += 1e-3
    store.rewrite(file, spoilt)
    with pytest.raises(ValueError, match="gives other numbers than with old"):
        runner.adopt("planted", again=9)


def test_a_run_that_fails_leaves_no_line(planted, tmp_path, monkeypatch):
    def fails(setting, seed):
        return {"value": math.nan}

    monkeypatch.setattr(Planted, "run", fails)
    with pytest.raises(ValueError, match="results must be finite or None, got nan"):
        runner.run_claim("planted", cache=tmp_path)
    assert list(tmp_path.rglob("*.jsonl")) == []


def test_seeds_follow_from_claim_setting_and_index():
    seed = runner.seed_of("a", {"x": 1, "y": 2}, 0)
    assert seed == runner.seed_of("a", {"y": 2, "x": 1}, 0)
    others = [
        runner.seed_of("b", {"x": 1, "y": 2}, 0),
        runner.seed_of("a", {"x": 1, "y": 3}, 0),
        runner.seed_of("a", {"x": 1, "y": 2}, 1),
    ]
    assert seed.own not in {other.own for other in others}
    assert [seed.shared == other.shared for other in others] == [False, True, False]


def test_numbers_are_kept_with_eight_digits():
    kept = runner.plain({"a": np.float64(1 / 3), "b": np.arange(2), "c": (None, "x", True)})
    assert kept == {"a": 0.33333333, "b": [0, 1], "c": [None, "x", True]}
    assert json.loads(json.dumps(kept)) == kept


def test_no_jobs_is_an_error():
    with pytest.raises(ValueError, match="jobs must be at least 1, got 0"):
        runner.run_claim("gradient_flow", jobs=0)


# ----------------------------------------------------------------------------------- the real one


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A real claim cut down to two settings of a moment each, run by two workers at once."""
    module = claim("gradient_flow")
    settings = [
        {"part": "fresh", "net": net, "hidden": 8, "steps": 12}
        for net in ("LSTM, forget bias 1", "GRU")
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "plan", lambda quick, runs: settings)
        patch.setenv("OMP_NUM_THREADS", "2")
        patch.delenv("MKL_NUM_THREADS", raising=False)
        cache = tmp_path_factory.mktemp("runs")
        runs = runner.run_claim("gradient_flow", quick=True, jobs=2, cache=cache, progress=False)
        left = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    return runs, left


def test_jobs_and_order_do_not_change_the_numbers(small):
    """Two workers find what this process finds alone, the last run first."""
    side_by_side, _ = small
    alone = [
        runner._run(runner._Task("gradient_flow", run.setting, run.index))
        for run in reversed(side_by_side)
    ]
    assert [run.result for run in reversed(alone)] == [run.result for run in side_by_side]
    assert len(side_by_side) == 4
    assert all(run.result["norms"][0] == 1 for run in alone)


def test_workers_leave_the_environment_as_it_was(small):
    assert small[1] == {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": None}


def test_a_changed_table_keeps_the_runs_and_a_changed_run_does_not(tmp_path, monkeypatch):
    source = Path(inspect.getfile(claim("gradient_flow"))).read_text(encoding="utf-8")

    def code(text):
        file = tmp_path / "gradient_flow.py"
        file.write_text(text, encoding="utf-8")
        real = runner.importlib.import_module

        class Changed:
            __file__ = str(file)

        monkeypatch.setattr(
            runner.importlib,
            "import_module",
            lambda name: Changed if name.endswith("gradient_flow") else real(name),
        )
        found = runner.code_of(claim_module)
        monkeypatch.setattr(runner.importlib, "import_module", real)
        return found

    claim_module = claim("gradient_flow")
    before = code(source)
    assert code(source.replace('"factor per step"', '"factor"')) == before
    assert code(source.replace("ALIVE = 1e-3", "ALIVE = 1e-3\n# why")) == before
    assert code(source.replace('    """', '    """Now: ')) == before
    shown_elsewhere = "from rnn_book.experiments.gradient_flow_shown import a\nTITLE ="
    assert code(source.replace("TITLE =", shown_elsewhere)) == before
    assert code(source.replace("BATCH, HALF = 16, 16, 50", "BATCH, HALF = 16, 17, 50")) != before


def test_a_run_depends_on_what_its_module_imports_from_the_experiments():
    tree = ast.parse(
        "import numpy\n"
        "from rnn_book.tasks import adding\n"
        "from rnn_book.experiments import forecast\n"
        "from rnn_book.experiments.characters import texts\n"
        "from rnn_book.experiments.shown import table\n"
        "from rnn_book.experiments.intervals import decide\n"
        "from rnn_book.experiments.forecast_shown import figures\n"
    )
    package = "rnn_book.experiments"
    assert runner._imported(tree) == {f"{package}.forecast", f"{package}.characters"}


# -------------------------------------------------------------------------------------- commands


def test_unknown_claims_list_the_known_ones(capsys):
    with pytest.raises(SystemExit) as stop:
        command.main(["nothing"])
    assert stop.value.code == 2
    words = capsys.readouterr().err
    assert "no claim 'nothing'" in words
    assert all(name in words for name in CLAIMS)
    with pytest.raises(ValueError, match="no claim 'nothing'; there are gradient_flow"):
        claims.claim("nothing")


def test_the_list_names_every_claim_with_its_time(capsys):
    assert command.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CLAIMS)
    assert all(re.search(r"\d (seconds|minutes|hours)|not run yet", line) for line in lines)


def test_the_time_that_a_claim_takes_is_named_before_it_runs(capsys, monkeypatch):
    monkeypatch.setattr(runner, "finished", lambda name: runner.Progress([], [({}, 0)]))
    command._announce("stacking")
    cost = claim("stacking").COST
    words = capsys.readouterr().out
    assert f"0 of about {cost.runs} runs are there" in words
    assert report.duration(60 * cost.minutes) in words


@pytest.mark.skipif(sys.platform == "win32", reason="signals work otherwise there")
def test_an_interruption_is_survived(tmp_path):
    """Ctrl-C ends the command with a word, and leaves no process behind."""
    # A claim that takes no time: what is tested is the command, its worker and the file of runs.
    code = (
        "import sys, time, types; from pathlib import Path\n"
        "from rnn_book.experiments import __main__ as command, claims, runner\n"
        "planted = types.ModuleType('rnn_book.experiments.gradient_flow')\n"
        "planted.__file__ = __file__\n"
        "planted.SEEDS, planted.COST = 1000, claims.Cost(1000, 1)\n"
        "planted.plan = lambda quick, runs: [{'a': 1}]\n"
        "planted.run = lambda setting, seed: time.sleep(0.05) or {'value': seed.index}\n"
        "sys.modules[planted.__name__] = planted\n"
        f"runner.file_of = lambda name, quick=False: Path({str(tmp_path)!r}) / (name + '.jsonl')\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(command.main(['gradient_flow', '--jobs', '1']))\n"
    )
    script = tmp_path / "interrupted.py"
    script.write_text(code, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    while not list(tmp_path.rglob("*.jsonl")) and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, 2)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted. What is finished is kept" in words
    runs = [line.run for line in store.read(tmp_path / "gradient_flow.jsonl")]
    assert [run.result["value"] for run in runs] == list(range(len(runs)))
    assert 1 <= len(runs) < 1000


# ----------------------------------------------------------------------------- numbers and plots


def test_spread_is_that_of_a_sample():
    assert shown.spread([1.0, 3.0]) == pytest.approx(math.sqrt(2))
    assert shown.spread([1.0]) == 0
    assert shown.plus_minus([1.0, 3.0], 1) == "2.0 ± 1.4"


def test_differences_have_a_sign_and_an_interval():
    assert shown.signed(0.126) == "+0.13"
    assert shown.signed(-0.126) == "−0.13"
    assert shown.signed(-0.001) == "0.00"
    found = Interval(0.12, -0.03, 0.21, 5, 0.95)
    assert shown.bracket(found) == "+0.12 [−0.03, +0.21]"


def test_settings_are_chosen_by_mean_validation_alone():
    def run(rate, index, validation, test):
        setting = {"net": "a", "rate": rate}
        return Run(setting, index, {"validation": validation, "test": test}, 0.0)

    runs = [run(1, 0, 0.2, 0.9), run(1, 1, 0.4, 0.9), run(2, 0, 0.1, 0.1), run(2, 1, 0.6, 0.1)]
    score = lambda one: one.result["validation"]  # noqa: E731 - the shortest way to say it
    smallest = shown.best_by_validation(runs, ["net"], score)
    assert {one.setting["rate"] for one in smallest["a",]} == {1}
    largest = shown.best_by_validation(runs, ["net"], score, largest=True)
    assert {one.setting["rate"] for one in largest["a",]} == {2}


def test_labels_stay_in_order_and_apart():
    places = plots._apart([0.5, 0.51, 0.1, 0.0], 0.1)
    assert np.argsort(places).tolist() == np.argsort([0.5, 0.51, 0.1, 0.0]).tolist()
    assert np.diff(np.sort(places)).min() > 0.0999


@pytest.mark.parametrize(
    "cell, wanted",
    [
        ("bias -1, short", "bias −1, short"),
        ("2 sigmoid - 1", "2 sigmoid − 1"),
        ("1.3e-08", r"$1.3 \cdot 10^{-8}$"),
        ("both ways, output[-1]", "both ways, output[-1]"),
        ("5-gram, LSTM-32, 2026-11-27", "5-gram, LSTM-32, 2026-11-27"),
        (12, "12"),
    ],
)
def test_a_cell_is_as_in_print(cell, wanted):
    assert shown.table(["a"], [[cell]]).splitlines()[-1] == f"| {wanted} |"


def test_plots_are_the_same_twice_and_follow_the_theme():
    def draw():
        with plots.book_style():
            figure, axes = plots.canvas()
            plots.band(axes, [0, 1, 2], [[1, 2, 3], [2, 3, 4]], plots.quantity("f"), "f")
            axes.set_title("A panel")
            axes.legend()
            plots.label_lines(axes)
            return plots.svg(Picture(figure, "A title", "Words < more"))

    text = draw()
    assert text == draw()
    assert "<title" in text
    assert "Words &lt; more" in text
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"(fill|stroke): #", text), "a colour that does not follow"
    assert "<g transform=" not in text, "letters without a colour"


def test_words_at_the_ends_of_lines_hide_what_is_behind_them():
    _, axes = plots.canvas()
    plots.line(axes, [0, 1], [0, 1], style=plots.CONTENDERS[0], label="a")
    plots.label_lines(axes)
    (word,) = axes.texts
    assert word.get_bbox_patch() is not None


def test_seed_lines_show_every_seed_and_the_median():
    _, axes = plots.canvas()
    plots.seed_lines(axes, [0, 1, 2], [[1, 2, 3], [2, 3, 4], [9, 9]], plots.CONTENDERS[1], "a")
    *seeds, middle = (line.get_ydata().tolist() for line in axes.get_lines())
    assert seeds == [[1, 2, 3], [2, 3, 4], [9, 9]]
    assert middle == [2, 3]


def test_dots_show_every_seed_mean_and_median():
    _, axes = plots.canvas()
    plots.dots(axes, 0, [1.0, 2.0, 6.0], plots.CONTENDERS[0])
    assert axes.get_lines()[0].get_ydata().tolist() == [1, 2, 6]
    heights = [strokes.get_segments()[0][0, 1] for strokes in axes.collections]
    assert heights == [3, 2]


def test_bands_are_mean_and_deviation():
    _, axes = plots.canvas()
    values = np.array([[1.0, 10.0], [3.0, 30.0]])
    plots.band(axes, [0, 1], values, plots.CONTENDERS[0], "a")
    assert axes.get_lines()[0].get_ydata().tolist() == [2.0, 20.0]
    edges = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert edges.min() == pytest.approx(2 - math.sqrt(2))
    assert edges.max() == pytest.approx(20 + 10 * math.sqrt(2))
