"""tanh or sigmoid: the quick version, and cells with any squashing."""

import numpy as np
import pytest
import torch

import rnn_book.torch
from rnn_book import gradient_by_lag
from rnn_book.experiments import tanh_or_sigmoid as module
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean


@pytest.fixture(scope="module")
def summary(run_cache):
    return module.summarise(
        run_claim("tanh_or_sigmoid", quick=True, cache=run_cache, progress=False)
    )


@pytest.mark.parametrize(
    "net, low, high",
    [
        ("RNN, tanh", 0.78, 0.9),
        ("RNN, 2 sigmoid - 1", 0.42, 0.5),
        ("RNN, sigmoid", 0.2, 0.25),
        ("LSTM, tanh", 0.78, 0.9),
        ("LSTM, candidate sigmoid", 0.72, 0.9),
        ("LSTM, output sigmoid", 0.72, 0.9),
    ],
)
def test_the_slope_sets_the_factor_of_an_rnn_and_not_of_an_lstm(summary, net, low, high):
    factors = summary["gradient"][net]
    assert low < min(factors) <= max(factors) < high


def test_tanh_learns_the_names_better_than_a_sigmoid(summary):
    right = {net: mean(found["test"]) for net, found in summary["names"].items()}
    assert 0.02 < right["RNN, tanh"] - right["RNN, sigmoid"] < 0.4
    assert right["RNN, tanh"] < 0.75


def test_nobody_learns_to_add_in_a_moment(summary):
    for found in summary["adding"].values():
        assert found["updates"] == [50, 50]
        assert 0.1 < mean(found["test"]) < 0.4


def test_everything_can_be_shown(summary):
    assert module.verdict(summary).status in ("held", "held partly", "not held")
    assert set(module.tables(summary)) == {"table"}
    assert set(module.figures(summary)) == {""}


@pytest.mark.parametrize(
    "net, kind", [("RNN, tanh", rnn_book.torch.RNN), ("LSTM, tanh", rnn_book.torch.LSTM)]
)
def test_cells_with_tanh_are_the_packages_own(net, kind):
    ours = module.fresh_layer(net, 3, 5, np.random.default_rng(1), torch.float64)
    theirs = kind(3, 5, dtype=torch.float64)
    theirs.load_state_dict(ours.state_dict())
    x = torch.from_numpy(np.random.default_rng(2).standard_normal((6, 2, 3)))
    assert torch.allclose(ours(x)[0], theirs(x)[0])


@pytest.mark.parametrize("net", ["RNN, tanh", "LSTM, tanh"])
def test_norms_by_lag_are_those_of_the_package(net):
    rng = np.random.default_rng(1)
    ours = module.fresh_layer(net, 3, 5, rng, torch.float64)
    kind = rnn_book.torch.LSTM if "LSTM" in net else rnn_book.torch.RNN
    theirs = kind(3, 5, dtype=torch.float64)
    theirs.load_state_dict(ours.state_dict())
    x = rng.standard_normal((9, 4, 3))
    u = np.random.default_rng(8).standard_normal(5)
    found = module.norms_by_lag(ours, torch.from_numpy(x), u / np.linalg.norm(u))
    assert np.allclose(found, gradient_by_lag(theirs, x, rng=8), rtol=1e-10)


def test_a_stretched_sigmoid_is_a_tanh_of_half():
    x = torch.linspace(-4, 4, 33, dtype=torch.float64)
    assert torch.allclose(module.SQUASH["2 sigmoid - 1"](x), torch.tanh(x / 2))


@pytest.mark.parametrize(
    "net, lowest", [("LSTM, candidate sigmoid", 0.0), ("LSTM, output sigmoid", 0.0)]
)
def test_a_sigmoid_in_either_place_makes_the_hidden_state_positive(net, lowest):
    layer = module.fresh_layer(net, 3, 5, np.random.default_rng(1))
    x = torch.from_numpy(np.random.default_rng(2).standard_normal((20, 4, 3)).astype(np.float32))
    output, (_, c) = layer(x)
    assert output.min() > lowest
    assert (c.min() > 0) == (net == "LSTM, candidate sigmoid")


def test_pairs_have_to_differ_by_two_standard_errors():
    assert module._show_clear(np.array([0.9, 1.0, 1.1]))
    assert not module._show_clear(np.array([-1.0, 1.0, 1.0]))
    assert not module._show_clear(np.zeros(5))
