"""Gradients by lag and by path, starts of layers, and training until a task is solved."""

import math

import numpy as np
import pytest
import torch

import rnn_book.numpy
import rnn_book.torch
from rnn_book import gradient_by_lag, record_gates
from rnn_book.experiments import lags, solving
from rnn_book.experiments.starts import Start, fresh, torch_twin

STARTS = [
    Start("RNN"),
    Start("RNN", "orthogonal"),
    Start("RNN", "identity"),
    Start("RNN", "ReLU, orthogonal"),
    Start("LSTM", 1),
    Start("LSTM", "ln T"),
    Start("LSTM", "chrono"),
    Start("NoForgetGateLSTM"),
    Start("GRU", 3),
    Start("GRU", "chrono"),
]


@pytest.mark.parametrize("rate", [0.5, 0.9, 1.02])
def test_the_factor_of_a_geometric_sequence_is_its_ratio(rate):
    assert lags.factor(3 * rate ** np.arange(101.0)) == pytest.approx(rate)
    assert lags.factor(3 * rate ** np.arange(31.0)) == pytest.approx(rate)


def test_the_first_lags_do_not_count_for_the_factor():
    norms = 0.9 ** np.arange(101.0)
    norms[:10] = 7
    assert lags.factor(norms) == pytest.approx(0.9)


@pytest.mark.parametrize("kind", ["LSTM", "NoForgetGateLSTM", "GRU"])
def test_all_paths_together_are_the_gradient_by_lag(kind):
    rng = np.random.default_rng(3)
    layer = getattr(rnn_book.numpy, kind)(4, 7, rng=rng, dtype=np.float64)
    x, u = rng.standard_normal((12, 3, 4)), np.random.default_rng(8).standard_normal(7)
    found = lags.norms_by_path(kind, layer.parameters, x, u / np.linalg.norm(u), "all")
    assert np.allclose(found, gradient_by_lag(layer, x, rng=8), rtol=1e-10)


@pytest.mark.parametrize("kind, gate", [("LSTM", "f"), ("GRU", "z")])
def test_the_carried_path_is_the_product_of_the_gate_that_keeps(kind, gate):
    rng = np.random.default_rng(3)
    layer = getattr(rnn_book.numpy, kind)(4, 7, rng=rng, dtype=np.float64)
    x, u = rng.standard_normal((12, 3, 4)), rng.standard_normal(7)
    u /= np.linalg.norm(u)
    gates = record_gates(layer, x)["l0"]
    found = lags.norms_by_path(kind, layer.parameters, x, u, "carry")
    last = u * gates["o"][-1] * (1 - np.tanh(gates["c"][-1]) ** 2) if kind == "LSTM" else u
    for lag in range(1, 13):
        kept = last * gates[gate][12 - lag :].prod(0)
        expected = np.sqrt(np.mean(np.sum(kept**2, -1)))
        assert found[lag] == pytest.approx(expected, rel=1e-10)


def test_the_recurrent_path_ends_where_the_recurrent_weights_are_zero():
    layer = rnn_book.numpy.LSTM(4, 7, rng=1, dtype=np.float64)
    layer.parameters["weight_hh_l0"][:] = 0
    x = np.random.default_rng(2).standard_normal((9, 3, 4))
    u = np.eye(7)[0]
    norms = {path: lags.norms_by_path("LSTM", layer.parameters, x, u, path) for path in lags.PATHS}
    assert norms["recurrent"][2:].max() == 0 < norms["recurrent"][0]
    assert np.allclose(norms["all"], norms["carry"])


@pytest.mark.parametrize("start", STARTS, ids=lambda start: f"{start.kind}, {start.how}")
def test_both_halves_start_alike(start):
    layer = fresh(start, 4, 7, 30, np.random.default_rng(3), dtype=np.float64)
    twin = torch_twin(layer, start)
    x = np.random.default_rng(4).standard_normal((6, 3, 4))
    theirs = twin(torch.from_numpy(x))[0].detach().numpy()
    assert np.allclose(layer(x)[0], theirs, rtol=1e-12)


@pytest.mark.parametrize("how", ["orthogonal", "ReLU, orthogonal", "identity"])
def test_orthogonal_starts_keep_lengths(how):
    weights = fresh(Start("RNN", how), 4, 9, 30, np.random.default_rng(3), dtype=np.float64)
    matrix = weights.parameters["weight_hh_l0"]
    assert np.allclose(matrix @ matrix.T, np.eye(9))
    assert np.array_equal(matrix, np.eye(9)) == (how == "identity")


def total_bias(start, steps=30, hidden=400):
    p = fresh(start, 2, hidden, steps, np.random.default_rng(3), dtype=np.float64).parameters
    return (p["bias_ih_l0"] + p["bias_hh_l0"]).reshape(-1, hidden)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
@pytest.mark.parametrize("how, bias", [(1, 1.0), ("ln T", math.log(30))])
def test_the_gate_that_keeps_has_the_bias_of_its_start(kind, how, bias):
    total = total_bias(Start(kind, how))
    assert np.allclose(total[1], bias)
    assert np.abs(np.delete(total, 1, axis=0)).max() < 0.2


def test_chrono_is_as_published():
    total = total_bias(Start("LSTM", "chrono"))
    spans = np.exp(total[1])
    # Uniform between 1 and T - 1.
    assert 1 <= spans.min() < 2
    assert 28 < spans.max() <= 29
    assert np.mean(spans) == pytest.approx(15, abs=1.2)
    assert np.array_equal(total[0], -total[1])
    assert np.abs(total[2:]).max() < 0.2
    gru = total_bias(Start("GRU", "chrono"))
    assert np.exp(gru[1]).max() <= 29
    assert np.abs(gru[0]).max() < 0.2


# ------------------------------------------------------------------------- until a task is solved


@pytest.mark.parametrize("start", STARTS[:5], ids=lambda start: f"{start.kind}, {start.how}")
@pytest.mark.parametrize("task, inputs, outputs", [("adding", 2, 1), ("recall", 8, 4)])
def test_both_halves_learn_alike(task, inputs, outputs, start):
    rng = np.random.default_rng(3)
    layer = fresh(start, inputs, 7, 12, rng)
    head = rnn_book.numpy.Linear(7, outputs, rng=5)
    twin, other = torch_twin(layer, start), rnn_book.torch.Linear(7, outputs, rng=5)
    ours = solving.NumPyLearner(task, layer, head, 1e-3)
    theirs = solving.TorchLearner(task, twin, other, 1e-3)
    for _ in range(3):
        batch = solving.draw(task, 12, 5, rng)
        assert ours.learn(batch) == pytest.approx(theirs.learn(batch), rel=1e-4)
        assert ours.error(batch) == pytest.approx(theirs.error(batch), rel=1e-3)
    for name, weight in twin.state_dict().items():
        assert np.allclose(layer.parameters[name], weight, atol=1e-5)


class Planted:
    """A learner whose error halves with each look at it."""

    def __init__(self, first, loss=0.0):
        self.next, self.loss, self.learned, self.seen = first, loss, 0, []

    def learn(self, batch):
        self.learned += 1
        return self.loss

    def error(self, batch):
        self.seen.append(batch)
        self.next /= 2
        return self.next


def test_training_ends_when_the_validation_set_is_solved_and_scores_another():
    learner = Planted(0.064)
    drawn = iter(range(1000))
    found = solving.train("adding", learner, lambda batch: next(drawn), 1000)
    # 0.032 before training, then 0.016, 0.008, 0.004.
    assert found["updates"] == learner.learned == 3 * solving.EVERY
    assert found["solved"]
    assert found["validation"] == pytest.approx(0.004)
    assert found["test"] == pytest.approx(0.002)
    assert found["curve"] == [0.032, 0.016, 0.008, 0.004]
    # The validation set four times, then the test set once.
    assert learner.seen == [0, 0, 0, 0, 1]


def test_an_unsolved_run_counts_as_its_budget():
    found = solving.train("adding", Planted(1e9), lambda batch: None, 60)
    assert (found["updates"], found["solved"], len(found["curve"])) == (60, False, 3)
    assert solving.effort(found, "adding", 60) == 2


def test_a_run_that_diverges_stops():
    learner = Planted(1e9, loss=math.nan)
    found = solving.train("adding", learner, lambda batch: None, 500)
    assert learner.learned == 1
    assert not found["solved"]


def test_effort_prefers_solved_runs_then_few_updates_then_little_error():
    def result(solved, updates, validation):
        return {"solved": solved, "updates": updates, "validation": validation}

    efforts = [
        solving.effort(result(*found), "adding", 100)
        for found in ((True, 25, 0.004), (True, 75, 0.001), (False, 100, 0.01), (False, 100, 0.1))
    ]
    assert efforts == sorted(efforts)
    assert efforts[1] < 1 < efforts[2] < efforts[3] < 2


def test_wrong_answers_are_counted():
    rng = np.random.default_rng(1)
    layer, head = rnn_book.numpy.RNN(8, 5, rng=rng), rnn_book.numpy.Linear(5, 4, rng=rng)
    batch = solving.draw("recall", 6, 50, rng)
    answers = head(layer(batch.inputs)[0][-1]).argmax(1)
    wrong = sum(int(a != b) for a, b in zip(answers, batch.targets, strict=True))
    learner = solving.NumPyLearner("recall", layer, head, 1e-3)
    assert learner.error(batch) == pytest.approx(wrong / 50)
