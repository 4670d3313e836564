"""Long lags: the quick version, and the net that both tasks are trained with."""

import math

import numpy as np
import pytest
import torch

import rnn_book.torch
from rnn_book.experiments import long_lags as module
from rnn_book.experiments.claims import Run
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean

TASKS = ("adding", "recall")


@pytest.fixture(scope="module")
def summary(run_cache):
    return module.summarise(run_claim("long_lags", quick=True, cache=run_cache, progress=False))


def test_the_lstm_learns_to_add_and_the_rnn_does_not(summary):
    nets = summary["adding"]["nets"]
    lstm, rnn = nets["LSTM, forget bias 1"], nets["RNN"]
    assert lstm["solved"] == [[True, True]]
    assert 75 < mean(lstm["updates"][0]) < 600
    assert 2e-4 < mean(lstm["test"][0]) < 0.01
    assert rnn["solved"] == [[False, False]]
    assert 0.05 < mean(rnn["test"][0]) < 0.25


def test_the_rnn_recalls_the_first_symbol_and_the_lstm_does_not(summary):
    nets = summary["recall"]["nets"]
    lstm, rnn = nets["LSTM, forget bias 1"], nets["RNN, orthogonal"]
    assert rnn["solved"] == [[True, True]]
    assert 0.2 < mean(lstm["test"][0]) < 0.9


def test_everything_can_be_shown(summary):
    assert module.verdict(summary).status == "held partly"
    assert set(module.tables(summary)) == set(TASKS)
    assert set(module.figures(summary)) == {"", "recall"}


@pytest.mark.parametrize("name", module.NETS)
@pytest.mark.parametrize("task", TASKS)
def test_loss_and_gradients_are_those_of_autograd(task, name):
    rng = np.random.default_rng(3)
    net = module.Net(task, name, 12, rng)
    batch = module.draw(task, 12, 5, rng)
    net.learn(batch)
    kind = module.NETS[name][0]
    inputs = batch.inputs.shape[-1]
    layer = getattr(rnn_book.torch, kind)(inputs, module.HIDDEN)
    head = rnn_book.torch.Linear(module.HIDDEN, net.head.parameters["bias"].size)
    for ours, theirs in ((net.layer, layer), (net.head, head)):
        theirs.load_state_dict(
            {key: torch.from_numpy(value.copy()) for key, value in ours.parameters.items()}
        )
    answer = head(layer(torch.from_numpy(batch.inputs))[0][-1])
    score = torch.nn.functional.mse_loss if task == "adding" else torch.nn.functional.cross_entropy
    loss = score(answer, torch.from_numpy(batch.targets))
    loss.backward()
    assert net.loss(batch) == pytest.approx(loss.item(), rel=1e-5)
    for ours, theirs in ((net.layer, layer), (net.head, head)):
        for key, parameter in theirs.named_parameters():
            assert np.allclose(ours.grads[key], parameter.grad, atol=1e-6)


@pytest.mark.parametrize(
    "name, bias",
    [
        ("LSTM, forget bias 1", 1),
        ("LSTM, forget bias ln T", math.log(30)),
        ("GRU, update bias ln T", math.log(30)),
    ],
)
def test_the_gate_that_keeps_has_the_bias_of_its_name(name, bias):
    hidden = module.HIDDEN
    p = module.Net("adding", name, 30, np.random.default_rng(1)).layer.parameters
    total = p["bias_ih_l0"] + p["bias_hh_l0"]
    assert np.allclose(total[hidden : 2 * hidden], bias)
    assert np.abs(total[:hidden]).max() < 1


def test_orthogonal_weights_are_orthogonal():
    net = module.Net("recall", "RNN, orthogonal", 20, np.random.default_rng(1))
    weights = net.layer.parameters["weight_hh_l0"]
    assert np.allclose(weights @ weights.T, np.eye(module.HIDDEN), atol=1e-5)


def test_the_rate_is_chosen_at_the_shortest_length_by_updates_then_error():
    def run(rate, steps, updates, validation, test):
        setting = {"task": "adding", "net": "RNN", "steps": steps, "rate": rate}
        return Run(setting, 0, {"updates": updates, "validation": validation, "test": test}, 0.0)

    runs = [
        run(0.1, 50, 800, 0.2, 0.0),
        run(0.2, 50, 800, 0.1, 0.3),
        run(0.3, 50, 900, 0.0, 0.0),
        run(0.1, 100, 10, 0.0, 0.0),
    ]
    ((key, group),) = module.best_rates(runs, 50).items()
    assert key == ("RNN",)
    assert [chosen.setting["rate"] for chosen in group] == [0.2]


def test_wrong_answers_are_counted():
    net = module.Net("recall", "RNN", 6, np.random.default_rng(1))
    batch = module.draw("recall", 6, 50, np.random.default_rng(2))
    answers = net.head(net.layer(batch.inputs)[0][-1]).argmax(1)
    wrong = sum(int(a != b) for a, b in zip(answers, batch.targets, strict=True))
    assert net.error(batch) == pytest.approx(wrong / 50)
