"""Long lags: the quick version, its plan, and how it is judged."""

import numpy as np
import pytest

from rnn_book.experiments import long_lags as module
from rnn_book.experiments import long_lags_shown as shown
from rnn_book.experiments import report
from rnn_book.experiments.claims import Run
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean

TASKS = ("adding", "recall")


@pytest.fixture(scope="module")
def summary(run_cache):
    return module.summarise(run_claim("long_lags", quick=True, cache=run_cache, progress=False))


def cell(summary, task):
    return next(cell["nets"] for cell in summary["cells"] if cell["task"] == task)


def test_the_lstm_learns_to_add_sooner_than_the_rnn(summary):
    lstm, rnn = (cell(summary, "adding")[net] for net in ("LSTM, forget bias 1", "RNN"))
    assert lstm["solved"] == [True, True]
    assert 75 < mean(lstm["updates"]) < 600
    assert 2e-4 < mean(lstm["test"]) < 0.01
    assert rnn["solved"] == [False, False]
    assert 0.02 < mean(rnn["test"]) < 0.25


def test_the_rnn_that_starts_from_the_identity_recalls_and_the_lstm_does_not(summary):
    nets = cell(summary, "recall")
    assert nets["RNN, ReLU, identity"]["solved"] == [True, True]
    assert 0.2 < mean(nets["LSTM, forget bias 1"]["test"]) < 0.9


def test_everything_can_be_shown_and_nothing_as_well(summary):
    for found in (summary, module.summarise([])):
        assert module.verdict(found).status == "undecided"  # two seeds decide nothing
        assert set(module.tables(found)) == {*TASKS, "starts"}
        assert set(module.figures(found)) == {"", "recall"}
    assert module.verdict(module.summarise([])).status == "undecided"


def test_a_task_is_begun_when_the_one_before_has_run():
    def run(setting, effort):
        solved = effort < 1
        result = {"updates": int(effort * 1000), "solved": solved, "validation": 0.1, "test": 0.1}
        return Run(setting, 0, result, 0.0)

    first = module.plan(False, [])
    assert len(first) == len(module.NETS) * len(module.RATES)
    assert {setting["task"] for setting in first} == {"recall"}
    # The rate in the middle is best for all, so no grid grows.
    tuned = [run(setting, 0.1 if setting["rate"] == 3e-3 else 0.2) for setting in first]
    second = module.plan(False, tuned)
    reported = [setting for setting in second if setting["stage"] == "reported"]
    assert len(reported) == len(module.NETS)
    assert {setting["rate"] for setting in reported} == {3e-3}
    assert len(second) == len(first) + len(reported)
    third = module.plan(False, [*tuned, *(run(setting, 0.1) for setting in reported)])
    assert {(s["task"], s["steps"]) for s in third} == {("recall", 50), ("adding", 50)}
    assert not set(module.seeds(first[0])) & set(module.seeds(reported[0]))


@pytest.mark.parametrize("hits, trials, low, high", [(10, 10, 0.692, 1), (3, 10, 0.067, 0.652)])
def test_intervals_of_shares_are_those_of_the_tables(hits, trials, low, high):
    """Clopper and Pearson's, as printed in any table of them."""
    assert shown.share_interval(hits, trials) == pytest.approx((low, high), abs=1e-3)
    mirrored = shown.share_interval(trials - hits, trials)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-3)


def planted(*cells):
    """A summary: for each task at a length, of ten seeds how many the LSTM and the RNN solve."""

    def net(solved):
        hits = [True] * solved + [False] * (10 - solved)
        updates = [100 if hit else 3000 for hit in hits]
        tried = [0.003, 0.01, 0.03]
        return {
            "solved": hits,
            "updates": updates,
            "test": [0.1] * 10,
            "rate": 0.01,
            "tried": tried,
        }

    return {
        "cells": [
            {
                "task": "adding",
                "steps": 50 * k,
                "budget": 3000,
                "nets": {"RNN": net(rnn), "LSTM, forget bias 1": net(lstm), "GRU": net(10)},
            }
            for k, (lstm, rnn) in enumerate(cells, 1)
        ]
    }


@pytest.mark.parametrize(
    "cells, status",
    [
        (((10, 0), (10, 0)), "held"),
        (((10, 0), (10, 10)), "held partly"),
        (((10, 10), (0, 0)), "not held"),
        (((10, 5), (10, 0)), "undecided"),
        (((6, 0), (10, 10)), "undecided"),
    ],
)
def test_the_verdict_follows_its_rule(cells, status):
    assert module.verdict(planted(*cells)).status == status


def test_the_table_of_starts_compares_seed_by_seed():
    found = planted((10, 0))
    nets = found["cells"][0]["nets"]
    nets["LSTM, chrono"] = {**nets["LSTM, forget bias 1"], "updates": [50] * 10}
    (faster,) = shown._faster(found["cells"][0]).values()
    assert faster.mean == faster.low == faster.high == pytest.approx(1)
    assert "2 [2, 2] | fewer" in module.tables(found)["starts"]


def test_a_ratio_to_a_start_that_never_solved_the_task_is_a_bound():
    found = planted((0, 0))
    nets = found["cells"][0]["nets"]
    nets["LSTM, chrono"] = {**nets["LSTM, forget bias 1"], "updates": [1500] * 10}
    assert "| at least 2 | fewer" in module.tables(found)["starts"]


def test_a_rate_at_the_edge_of_what_was_tried_is_marked():
    found = planted((10, 0))
    assert "†" not in module.tables(found)["adding"]
    found["cells"][0]["nets"]["GRU"]["rate"] = 0.03
    text = module.tables(found)["adding"]
    assert "| GRU | 10/10, 100 † |" in text
    assert text.endswith("† the learning rate lies at the edge of what was tried.")


def test_two_networks_solved_recall_once_on_the_seed_that_chose_their_rates():
    """As the page says."""
    runs = report.runs(report.load("long_lags"))
    recalls = [run for run in runs if run.setting["task"] == "recall"]
    for net in ("RNN", "LSTM, forget bias 1"):
        solved = [r for r in recalls if r.setting["net"] == net and r.result["solved"]]
        assert [run.setting["stage"] for run in solved] == ["tuning"]


@pytest.mark.parametrize("name", module.NETS)
@pytest.mark.parametrize("task", TASKS)
def test_every_network_can_learn(task, name):
    learner = module.learner(task, module.NETS[name], 12, 1e-2, np.random.default_rng(3))
    batch = module.draw(task, 12, 32, np.random.default_rng(4))
    losses = [learner.learn(batch) for _ in range(30)]
    assert losses[-1] < losses[0]
