"""tanh or sigmoid: the quick version, layers with any squashing, and how it is judged."""

import numpy as np
import pytest
import torch

import rnn_book.torch
from rnn_book.experiments import tanh_or_sigmoid as module
from rnn_book.experiments import tanh_or_sigmoid_shown as shown
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean
from rnn_book.experiments.squashed import NETS, SQUASH, Squashed


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
        ("LSTM, both sigmoid", 0.7, 0.85),
    ],
)
def test_factors_per_step_of_fresh_networks(summary, net, low, high):
    found = summary["gradient"][net]
    assert low < min(found["factor"]) <= max(found["factor"]) < high
    if net == "LSTM, tanh":
        assert max(found["carry"]) < min(found["factor"]) - 0.05
    elif found["carry"]:
        # Where hidden states are positive, the way around through them adds next to nothing.
        assert mean(found["carry"]) == pytest.approx(mean(found["factor"]), abs=0.04)


def test_tanh_learns_the_names_sooner_than_a_sigmoid(summary):
    right = {net: mean(found["test"]) for net, found in summary["names"].items()}
    assert 0 < right["RNN, tanh"] - right["RNN, sigmoid"] < 0.4
    assert right["RNN, tanh"] < 0.75


def test_nobody_learns_to_add_in_a_moment(summary):
    for found in summary["adding"].values():
        assert found["updates"] == [25, 25]
        assert found["solved"] == [False, False]
        assert 0.1 < mean(found["test"]) < 0.4


def test_everything_can_be_shown_and_nothing_as_well(summary):
    for found in (summary, module.summarise([])):
        assert module.verdict(found).status == "undecided"  # two seeds decide nothing
        assert set(module.tables(found)) == {"gradient", "table", "differences", "centred"}
        assert set(module.figures(found)) == {""}
    assert module.verdict(module.summarise([])).status == "undecided"


@pytest.mark.parametrize(
    "net, kind", [("RNN, tanh", rnn_book.torch.RNN), ("LSTM, tanh", rnn_book.torch.LSTM)]
)
def test_layers_with_tanh_are_the_packages_own(net, kind):
    ours = Squashed(net, 3, 5, np.random.default_rng(1), np.float64)
    theirs = kind(3, 5, dtype=torch.float64)
    theirs.load_state_dict({f"{name}_l0": value for name, value in ours.state_dict().items()})
    x = torch.from_numpy(np.random.default_rng(2).standard_normal((6, 2, 3)))
    assert torch.allclose(ours(x), theirs(x)[0])


def test_a_layer_with_a_stretched_sigmoid_is_one_with_tanh_and_half_the_weights():
    ours = Squashed("RNN, 2 sigmoid - 1", 3, 5, np.random.default_rng(1), np.float64)
    theirs = Squashed("RNN, tanh", 3, 5, np.random.default_rng(1), np.float64)
    with torch.no_grad():
        for weight in theirs.parameters():
            weight /= 2
    x = torch.from_numpy(np.random.default_rng(2).standard_normal((6, 2, 3)))
    assert torch.allclose(ours(x), theirs(x))


def test_the_four_combinations_are_there():
    found = {squash for squash in NETS.values() if len(squash) == 2}
    assert found >= {(a, b) for a in ("tanh", "sigmoid") for b in ("tanh", "sigmoid")}


@pytest.mark.parametrize("net", [net for net in NETS if net.startswith("LSTM")])
def test_each_place_has_its_own_squashing(net):
    candidate, output = (SQUASH[name] for name in NETS[net])
    layer = Squashed(net, 3, 2, np.random.default_rng(1))
    a = torch.from_numpy(np.random.default_rng(2).standard_normal((4, 8)).astype(np.float32))
    c = torch.from_numpy(np.random.default_rng(3).standard_normal((4, 2)).astype(np.float32))
    h_new, c_new = layer.step(a, (torch.zeros(4, 2), c))
    i, f, _, o = torch.sigmoid(a).chunk(4, -1)
    torch.testing.assert_close(c_new, f * c + i * candidate(a[:, 4:6]))
    torch.testing.assert_close(h_new, o * output(c_new))


def planted(names, adding):
    """A summary in which tanh is ahead by so much, in points and in powers of two of updates."""
    spread = np.linspace(-0.1, 0.1, 10)
    found = {"steps": 20, "lags": 100, "gradient": dict.fromkeys(NETS), "names": {}, "adding": {}}
    for net in NETS:
        behind = sum(squash == "sigmoid" for squash in NETS[net])
        noise = spread if behind else 0 * spread
        found["names"][net] = {"test": (60 - names * behind + noise) / 100}
        updates = 200 * 2 ** (adding * behind + noise)
        found["adding"][net] = {"updates": updates, "solved": [True] * 10, "test": [0.004] * 10}
    return found


@pytest.mark.parametrize(
    "names, adding, status",
    [
        (2, 1, "held"),
        (2, 0, "held partly"),
        (0, 0, "undecided"),
        (-2, -1, "not held"),
    ],
)
def test_the_verdict_follows_its_rule(names, adding, status):
    assert module.verdict(planted(names, adding)).status == status


def test_where_nobody_solves_a_task_nothing_is_compared():
    found = planted(2, 1) | {"gradient": {}}
    assert shown.UNSOLVED not in str(module.tables(found))
    for net in found["adding"]:
        if net.startswith("RNN"):
            found["adding"][net]["solved"] = [False] * 10
    tables = module.tables(found)
    for table, rows in (("differences", 1), ("centred", 2)):
        assert tables[table].count(shown.UNSOLVED) == rows
    assert "plain network, no run solved" in module.verdict(found).text
    found["adding"]["RNN, tanh"]["solved"][0] = True
    assert shown.UNSOLVED not in module.tables(found)["differences"]


def test_a_comparison_that_excludes_equality_is_called_ahead():
    spread = np.linspace(-0.1, 0.1, 10)
    found = planted(0, 0) | {"gradient": {}}

    def answer(lead):
        rest = {"rate": 0.01, "budget": 400}
        found["names"]["LSTM, both 2 sigmoid - 1"] = {"test": (60 + lead + spread) / 100, **rest}
        found["names"]["LSTM, tanh"] = {"test": np.full(10, 0.6), **rest}
        rows = module.tables(found)["centred"].splitlines()
        return next(row for row in rows if "two tanhs" in row).split("|")[2].rpartition(", ")[2]

    assert [answer(lead).strip() for lead in (2, 1, 0, -2)] == ["ahead", "ahead", "level", "behind"]


def test_a_place_in_the_lstm_is_compared_whatever_stands_in_the_other():
    found = shown.comparisons(planted(2, 1))
    assert len(found) == 6
    assert found["names", "candidate of the LSTM"].mean == pytest.approx(2, abs=0.1)
    assert found["adding", "output of the LSTM"].mean == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("net", NETS)
def test_the_backward_pass_is_that_of_autograd_through_the_steps(net):
    layer = Squashed(net, 3, 5, np.random.default_rng(1), np.float64)
    x = torch.from_numpy(np.random.default_rng(2).standard_normal((7, 4, 3))).requires_grad_()
    u = torch.from_numpy(np.random.default_rng(3).standard_normal((7, 4, 5)))

    def by_steps():
        state, outputs = (x.new_zeros(4, 5),) * layer.shapes, []
        for a_x in layer.product(x):
            state = layer.step(a_x + state[0] @ layer.weight_hh.T, state)
            outputs.append(state[0])
        return torch.stack(outputs)

    wanted = [x, *layer.parameters()]
    for ours, theirs in zip(
        torch.autograd.grad((layer(x) * u).sum(), wanted),
        torch.autograd.grad((by_steps() * u).sum(), wanted),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs)
