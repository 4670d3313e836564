"""Gradients of the PyTorch layers against finite differences, once and twice."""

import numpy as np
import pytest
import torch

from rnn_book.torch import LSTM, Recurrent
from tests.grids import FAST, KINDS, REGULARISERS, cases, pack, parts
from tests.torch_twins import initial

TABLE = {"plain": {}, **REGULARISERS}


def deterministic(layer, **more):
    """The layer as a function of input, states and parameters, which draws the same masks again."""
    names = [name for name, _ in layer.named_parameters()]
    masks = layer._mask_rng.bit_generator.state
    count = len(layer.cell.states)

    def function(x, *tensors):
        layer._mask_rng.bit_generator.state = masks
        weights = dict(zip(names, tensors[count:], strict=True))
        output, state = torch.func.functional_call(layer, weights, (x, pack(tensors[:count])), more)
        return output, *parts(state)

    return function


def points(layer, steps=3, batch=2):
    rng = np.random.default_rng(5)
    shape = (layer.num_layers * layer.directions, batch, layer.hidden_size)
    arrays = [rng.standard_normal((steps, batch, layer.input_size))]
    arrays += [rng.standard_normal(shape) for _ in layer.cell.states]
    arrays += [p.detach().numpy() + rng.normal(0, 0.3, p.shape) for p in layer.parameters()]
    return [torch.tensor(a, requires_grad=True) for a in arrays]


@pytest.mark.parametrize("kind, name", cases(FAST, TABLE))
@pytest.mark.parametrize("lengths", [None, (2, 3)], ids=["whole", "lengths"])
def test_gradients_match_finite_differences(kind, name, lengths):
    layer = initial(kind, 2, 2, num_layers=2, **TABLE[name])
    function = deterministic(layer, lengths=lengths)
    assert torch.autograd.gradcheck(function, points(layer), fast_mode=True)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in FAST])
def test_gradients_of_the_readable_loop_match_finite_differences(kind):
    layer = initial(kind, 2, 3, zoneout=0.3, recurrent_dropout=0.3)
    assert torch.autograd.gradcheck(deterministic(layer), points(layer), fast_mode=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["plain", "state", "zoneout", "weight_drop"])
def test_second_gradients_match_finite_differences_off_the_fast_path(kind, name):
    layer = initial(kind, 2, 3, **TABLE[name])
    layer.fast = False
    assert torch.autograd.gradgradcheck(deterministic(layer), points(layer), fast_mode=True)


@pytest.mark.parametrize("kind", FAST)
@pytest.mark.parametrize("again", ["x", "hx", "weight_hh_l0", "arriving"])
def test_a_second_gradient_on_the_fast_path_names_the_switch(kind, again):
    layer = initial(kind, 2, 3, zoneout=0.3)
    x, *states = (point for point in points(layer)[: 1 + len(layer.cell.states)])
    arriving = torch.ones(3, 2, 3, dtype=torch.float64, requires_grad=True)
    leaf = {"x": x, "hx": states[-1], "arriving": arriving}.get(again, layer.weight_hh_l0)
    for act in (
        lambda slope: slope.square().sum().backward(),
        lambda slope: torch.autograd.grad(slope.square().sum(), leaf, allow_unused=True),
    ):
        output, _ = layer(x, pack(states))
        (slope,) = torch.autograd.grad(output, x, arriving, create_graph=True)
        with pytest.raises(RuntimeError, match=r"layer\.fast = False"):
            act(slope)


def test_a_graph_that_is_only_kept_does_not_raise():
    layer = LSTM(2, 3, zoneout=0.3, rng=0)
    x = torch.ones(3, 2, 2, requires_grad=True)
    head = torch.nn.Linear(3, 1)
    loss = head(layer(x)[0]).sum() + head.weight.pow(3).sum()
    (slope,) = torch.autograd.grad(loss, head.weight, create_graph=True)
    expected = layer.weight_hh_l0
    (kept,) = torch.autograd.grad(loss, expected, create_graph=True)
    assert torch.isfinite(kept).all()
    assert torch.isfinite(slope).all()


@pytest.mark.parametrize("kind", FAST)
def test_without_gradients_the_fast_path_gives_the_same(kind):
    layer = initial(kind, zoneout=0.3).eval()
    x = torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(4, 2, 3)
    with torch.no_grad():
        output, _ = layer(x)
    assert not output.requires_grad
    assert torch.equal(output, layer(x)[0])
    with torch.inference_mode():
        assert torch.equal(output, layer(x)[0])


def test_a_cell_without_a_kernel_of_its_own_runs_its_own_step():
    class Halved(type(LSTM(1, 1).cell)):
        def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
            (h, c), saved = super().step(a_x, h_rec, state, p, candidate_mask)
            return (h / 2, c), saved

    layer, whole = Recurrent(Halved, 3, 4, rng=0), Recurrent(LSTM(1, 1).cell, 3, 4, rng=0)
    one, two = layer(torch.ones(1, 2, 3))[0], whole(torch.ones(1, 2, 3))[0]
    torch.testing.assert_close(one, two / 2)
