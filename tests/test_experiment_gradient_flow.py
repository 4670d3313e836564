"""Gradients over time: the quick version, and how its numbers are judged."""

import numpy as np
import pytest

from rnn_book.experiments import gradient_flow as module
from rnn_book.experiments import report
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean


@pytest.fixture(scope="module")
def summary(run_cache):
    return module.summarise(run_claim("gradient_flow", quick=True, cache=run_cache, progress=False))


@pytest.mark.parametrize(
    "net, low, high",
    [
        ("RNN", 0.4, 0.7),
        ("RNN, orthogonal", 0.75, 0.92),
        ("RNN, ReLU, identity", 0.95, 1.15),
        ("LSTM, forget bias 0", 0.5, 0.75),
        ("LSTM, forget bias 1", 0.75, 0.92),
        ("LSTM, forget bias 3", 0.95, 1.05),
        ("LSTM, no forget gate", 0.97, 1.06),
        ("GRU", 0.5, 0.75),
        ("GRU, update bias 3", 0.9, 0.99),
    ],
)
def test_factors_per_step_of_fresh_networks(summary, net, low, high):
    factors = summary["fresh"][net]["factors"]
    assert low < min(factors) <= max(factors) < high


def test_the_gradient_loses_less_than_the_gate_alone_would_let_through(summary):
    for net, found in summary["fresh"].items():
        if not found["paths"]:
            continue
        carry = found["paths"]["carry"]["factors"]
        recurrent = found["paths"]["recurrent"]["factors"]
        assert min(np.subtract(found["factors"], carry)) > 0, net
        assert max(recurrent) < min(carry)
        if found["gates"]:
            assert mean(carry) == pytest.approx(mean(found["gates"]), abs=0.1)
        else:
            assert mean(carry) == pytest.approx(1)


def test_both_halves_measure_the_same(summary):
    for net in summary["fresh"].values():
        assert 0 < net["backends_differ"] < 1e-9


def test_training_opens_the_lstm_and_not_the_rnn(summary):
    lstm, rnn = (np.array(summary["trained"][net]["at_last"]) for net in ("LSTM", "RNN"))
    assert 0.3 < np.log10(lstm[:, 1] / lstm[:, 0]).mean() < 6
    grown = [np.log10(norms[:, 1]).mean() for norms in (lstm, rnn)]  # of two seeds one may be lucky
    assert grown[0] > grown[1]
    assert 1e-4 < mean(summary["trained"]["LSTM"]["test"]) < 0.05


def test_in_the_stored_networks_training_opened_every_lstm_and_no_rnn():
    trained = report.load("gradient_flow")["summary"]["trained"]
    lstm, rnn = (np.array(trained[net]["at_last"])[:, 1] for net in ("LSTM", "RNN"))
    assert lstm.min() > 10 * rnn.max()


def test_everything_can_be_shown_and_nothing_as_well(summary):
    for found in (summary, module.summarise([])):
        assert module.verdict(found).status == "undecided"  # two seeds decide nothing
        assert set(module.tables(found)) == {"table", "paths", "trained"}
        assert set(module.figures(found)) == {"", "paths", "trained"}
    assert module.verdict(module.summarise([])).status == "undecided"


@pytest.mark.parametrize(
    "unbiased, biased, trained, status",
    [
        (1e-1, 1e-1, 1e-1, "held"),
        (1e-20, 1e-1, 1e-1, "held partly"),
        (1e-20, 1e-1, 1e-9, "not held"),
        (1e-20, 1e-9, 1e-1, "not held"),
        (1e-20, 1e-9, 1e-9, "not held"),
        (1e-20, 1e-3, 1e-1, "undecided"),
    ],
)
def test_the_verdict_follows_its_rule(unbiased, biased, trained, status):
    spread = np.array([0.8, 0.9, 1.0, 1.1, 1.2])

    def fresh(norm):
        return {"norms_at": list(norm * spread), "at": 100}

    found = {
        "fresh": {"LSTM, forget bias 0": fresh(unbiased), "LSTM, forget bias 3": fresh(biased)},
        "trained": {"LSTM": {"at_last": [(1e-9, trained * part) for part in spread]}},
        "alive": module.ALIVE,
    }
    assert module.verdict(found).status == status


def test_kept_norms_are_every_fifth():
    assert module.thinned(np.arange(1.0, 12.0)) == [1, 6, 11]
    assert module.thinned(np.zeros(1)) == [1e-300]
