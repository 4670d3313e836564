"""Cells of the PyTorch half, a step a call: those of the NumPy half, and their layers' steps."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

import rnn_book.numpy as numpy_half
import rnn_book.torch as half
from rnn_book.numpy import variants as numpy_variants
from rnn_book.torch import variants
from tests.grids import pack, parts

CELLS = {
    "LSTMCell": ("LSTM", {}),
    "GRUCell": ("GRU", {}),
    "GRUCell before": ("GRU", {"reset_after": False}),
    "RNNCell": ("RNN", {}),
    "RNNCell relu": ("RNN", {"nonlinearity": "relu"}),
}
STEPS = [name for name in variants.__all__ if name.endswith("Step")]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("bias", [True, False])
def test_a_cell_equals_that_of_the_numpy_half_with_its_gradients(name, bias):
    options = {**CELLS[name][1], "bias": bias, "rng": 3, "dtype": "float64"}
    ours, theirs = (getattr(h, name.split()[0])(3, 4, **options) for h in (numpy_half, half))
    compare(ours, theirs)


@pytest.mark.parametrize("name", STEPS)
def test_a_module_around_any_step_equals_that_of_the_numpy_half(name):
    pairs = ((numpy_half, numpy_variants), (half, variants))
    modules = [h.CellModule(getattr(v, name), 3, 4, rng=3, dtype="float64") for h, v in pairs]
    compare(*modules)


def compare(ours, theirs):
    rng = np.random.default_rng(0)
    for shape in ((2,), ()):
        x = rng.standard_normal((*shape, 3))
        hx = [rng.standard_normal((*shape, 4)) for _ in ours.cell.states]
        d = [rng.standard_normal((*shape, 4)) for _ in ours.cell.states]
        ours.zero_grad()
        theirs.zero_grad()
        leaf, states = (
            torch.tensor(x, requires_grad=True),
            [torch.tensor(h, requires_grad=True) for h in hx],
        )
        found = parts(theirs(leaf, pack(states)))
        for one, two in zip(found, parts(ours(x, pack(hx))), strict=True):
            assert_allclose(one.detach().numpy(), two, atol=1e-12)
        torch.autograd.backward(found, [torch.tensor(part) for part in d])
        d_x, d_hx = ours.backward(pack(d))
        assert_allclose(leaf.grad.numpy(), d_x, atol=1e-12)
        for one, two in zip(states, parts(d_hx), strict=True):
            assert_allclose(one.grad.numpy(), two, atol=1e-12)
        for key, parameter in theirs.named_parameters():
            assert_allclose(parameter.grad.numpy(), ours.grads[key], atol=1e-12, err_msg=key)


@pytest.mark.parametrize("name", CELLS)
def test_a_stream_of_steps_equals_the_layer(name):
    layer_name, options = CELLS[name]
    cell = getattr(half, name.split()[0])(3, 4, rng=3, **options)
    layer = getattr(half, layer_name)(3, 4, rng=3, **options)
    x = torch.linspace(-1, 1, 30).reshape(5, 2, 3)
    output, end = layer(x)
    state = None
    for x_t, expected in zip(x, output, strict=True):
        state = cell(x_t, state)
        torch.testing.assert_close(parts(state)[0], expected)
    for one, two in zip(parts(state), parts(end), strict=True):
        torch.testing.assert_close(one, two[0])


def test_a_forget_bias_of_a_cell_is_the_total():
    cell = half.LSTMCell(3, 4, forget_bias=2.0)
    assert torch.equal(cell.bias_ih[4:8] + cell.bias_hh[4:8], torch.full((4,), 2.0))
    with pytest.raises(ValueError, match="forget gate"):
        half.GRUCell(3, 4, forget_bias=1.0)


@pytest.mark.parametrize("rng", [0, None], ids=["own", "torch"])
def test_a_forget_bias_leaves_other_parameters_alone(rng):
    class Own(half.Cell):
        gates, forget_gate = 1, 0
        extra = {"bias_of_its_own": 1}

    module = half.CellModule(Own, 3, 4, forget_bias=3, rng=rng)
    assert module.bias_ih.tolist() == [3.0] * 4
    assert len(module.bias_of_its_own.unique()) == 4


def test_cells_show_what_they_are():
    assert repr(half.LSTMCell(3, 4, bias=False)) == "LSTMCell(3, 4, bias=False)"
    assert repr(half.CellModule(variants.CoupledLSTMStep, 3, 4)) == (
        "CellModule(CoupledLSTMStep, 3, 4)"
    )


def test_a_cell_is_one_protocol_and_a_step_in_the_old_layout_is_told():
    assert half.Cell is numpy_half.Cell

    class Flat(half.Cell):
        def step(self, a_x, h_rec, state, p):
            return (torch.tanh(a_x + p.recurrent(h_rec) + p.bias_hh),), ()

    with pytest.raises(ValueError, match=r"one gate alone is \(a,\) = a_x"):
        half.Recurrent(Flat, 3, 4)(torch.ones(5, 2, 3))
    with pytest.raises(ValueError, match=r"the shapes \[\(2, 4\)\], got \[\(1, 2, 4\)\]"):
        half.CellModule(Flat, 3, 4)(torch.ones(2, 3))

    class Old(half.Cell):
        def step(self, a_x, h_rec, state, p):
            return (torch.tanh(a_x[0] + h_rec @ p.weight_hh.T),), ()

    with pytest.raises(AttributeError, match="p has no weight_hh"):
        half.Recurrent(Old, 3, 4)(torch.ones(5, 2, 3))
