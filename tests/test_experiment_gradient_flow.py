"""Gradients over time: the quick version, and how its numbers are read off."""

import numpy as np
import pytest
import torch

from rnn_book.experiments import gradient_flow as module
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
        ("LSTM, forget bias 0", 0.5, 0.75),
        ("LSTM, forget bias 1", 0.75, 0.92),
        ("LSTM, forget bias 3", 0.95, 1.05),
        ("LSTM, no forget gate", 0.97, 1.06),
        ("GRU", 0.5, 0.75),
        ("GRU, update bias 3", 0.9, 0.99),
    ],
)
def test_the_gate_that_keeps_sets_the_factor_per_step(summary, net, low, high):
    factors = summary["fresh"][net]["factors"]
    assert low < min(factors) <= max(factors) < high


def test_both_halves_measure_the_same(summary):
    for net in summary["fresh"].values():
        assert 0 < net["backends_differ"] < 1e-9


def test_training_opens_the_lstm_and_not_the_rnn(summary):
    def growth(net):
        found = summary["trained"][net]
        pairs = zip(found["before"], found["after"], strict=True)
        return [np.log10(after[found["at"]] / before[found["at"]]) for before, after in pairs]

    assert 0.3 < mean(growth("LSTM")) < 6
    assert mean(growth("RNN")) < mean(growth("LSTM"))
    assert 1e-4 < mean(summary["trained"]["LSTM"]["error"]) < 0.05


def test_everything_can_be_shown(summary):
    assert module.verdict(summary).status in ("held", "held partly", "not held")
    assert set(module.tables(summary)) == {"table", "trained"}
    assert set(module.figures(summary)) == {"", "trained"}


@pytest.mark.parametrize("rate", [0.5, 0.9, 1.02])
def test_the_factor_of_a_geometric_sequence_is_its_ratio(rate):
    assert module.factor(3 * rate ** np.arange(101.0)) == pytest.approx(rate)
    assert module.factor(3 * rate ** np.arange(31.0)) == pytest.approx(rate)


def test_the_first_lags_do_not_count_for_the_factor():
    norms = 0.9 ** np.arange(101.0)
    norms[:10] = 7
    assert module.factor(norms) == pytest.approx(0.9)


@pytest.mark.parametrize("half", ["numpy", "torch"])
def test_orthogonal_weights_are_orthogonal(half):
    layer = module.fresh_layer(half, "RNN, orthogonal", 9, 3)
    weights = np.asarray(
        layer.parameters["weight_hh_l0"] if half == "numpy" else layer.weight_hh_l0.detach()
    )
    assert np.allclose(weights @ weights.T, np.eye(9))


@pytest.mark.parametrize("net", module.FRESH)
def test_a_fresh_layer_has_the_same_weights_in_both_halves(net):
    ours = module.fresh_layer("numpy", net, 7, 5)
    theirs = module.fresh_layer("torch", net, 7, 5)
    for name, value in theirs.state_dict().items():
        assert value.dtype == torch.float64
        assert np.array_equal(ours.parameters[name], value.numpy())


def test_the_update_bias_is_set_on_one_vector_of_the_update_gate_alone():
    p = module.fresh_layer("numpy", "GRU, update bias 3", 4, 5).parameters
    plain = module.fresh_layer("numpy", "GRU", 4, 5).parameters
    total = p["bias_ih_l0"] + p["bias_hh_l0"]
    assert np.allclose(total[4:8], 3)
    for part in (slice(0, 4), slice(8, 12)):
        assert np.array_equal(total[part], (plain["bias_ih_l0"] + plain["bias_hh_l0"])[part])
