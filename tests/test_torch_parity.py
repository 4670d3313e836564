"""The PyTorch half equals torch.nn where torch.nn has the layer, and the NumPy half everywhere."""

import copy
import pickle

import numpy as np
import pytest
import torch

import rnn_book.numpy as numpy_half
import rnn_book.torch as torch_half
from rnn_book import gradient_by_lag
from rnn_book.numpy import variants as numpy_variants
from rnn_book.torch import variants as torch_variants

PLAIN = ["LSTM", "GRU", "RNN"]
VARIANTS = ["PeepholeLSTM", "CoupledLSTM", "NoForgetGateLSTM"]
VARIANTS += ["LayerNormLSTM", "LayerNormGRU", "LayerNormRNN"]
GRID = [
    (1, 1, 3, 4, 1, False),
    (5, 2, 3, 4, 2, True),
    (4, 0, 3, 2, 1, True),
    (6, 3, 2, 5, 3, False),
]
OPTIONS = [
    {},
    {"recurrent_dropout": 0.4},
    {"recurrent_dropout": 0.4, "recurrent_dropout_on": "update"},
    {"zoneout": 0.3},
    {"weight_drop": 0.3},
    {"dropout": 0.3, "recurrent_dropout": 0.3, "zoneout": 0.2, "weight_drop": 0.2},
]


def pair(name, sizes, **options):
    """The layer of this name in both halves, from one seed."""
    input_size, hidden, layers, both = sizes
    arguments = {"num_layers": layers, "bidirectional": both, "rng": 3, **options}
    first = getattr(numpy_half, name, None) or getattr(numpy_variants, name)
    second = getattr(torch_half, name, None) or getattr(torch_variants, name)
    return (
        first(input_size, hidden, dtype="float64", **arguments),
        second(input_size, hidden, dtype=torch.float64, **arguments),
    )


def as_tuple(state):
    return state if isinstance(state, tuple) else (state,)


def agree(one, two, shape, *, lengths=None):
    """Outputs, states and every gradient of both halves, for one input, at 1e-10."""
    steps, batch, inputs = shape
    rng = np.random.default_rng(0)
    x = rng.standard_normal((steps, batch, inputs))
    count = one.num_layers * one.directions
    states = len(one.cell.states)
    hx = tuple(rng.standard_normal((count, batch, one.hidden_size)) for _ in range(states))
    x_t = torch.tensor(x, requires_grad=True)
    hx_t = tuple(torch.tensor(h, requires_grad=True) for h in hx)
    output, state = one(x, hx if states > 1 else hx[0], lengths=lengths)
    output_t, state_t = two(x_t, hx_t if states > 1 else hx_t[0], lengths=lengths)
    results, results_t = (output, *as_tuple(state)), (output_t, *as_tuple(state_t))
    for ours, theirs in zip(results, results_t, strict=True):
        np.testing.assert_allclose(theirs.detach().numpy(), ours, atol=1e-10)
    d = [rng.standard_normal(r.shape) for r in results]
    torch.autograd.backward(results_t, [torch.tensor(part) for part in d])
    d_x, d_hx = one.backward(d[0], tuple(d[1:]) if states > 1 else d[1])
    np.testing.assert_allclose(x_t.grad.numpy(), d_x, atol=1e-10)
    for leaf, ours in zip(hx_t, as_tuple(d_hx), strict=True):
        np.testing.assert_allclose(leaf.grad.numpy(), ours, atol=1e-10)
    for name, parameter in two.named_parameters():
        np.testing.assert_allclose(
            parameter.grad.numpy(), one.grads[name], atol=1e-10, err_msg=name
        )


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("sizes", GRID, ids=str)
def test_a_plain_layer_is_torchs_own_call_bitwise(name, sizes):
    steps, batch, inputs, hidden, layers, both = sizes
    ours = getattr(torch_half, name)(inputs, hidden, layers, bidirectional=both)
    stock = getattr(torch.nn, name)(inputs, hidden, layers, bidirectional=both)
    assert isinstance(ours, getattr(torch.nn, name))
    stock.load_state_dict(ours.state_dict(), strict=True)
    ours.load_state_dict(stock.state_dict(), strict=True)
    x = torch.randn(steps, batch, inputs, generator=torch.Generator().manual_seed(1))
    expected, state = stock(x)
    output, ours_state = ours(x)
    assert torch.equal(output, expected)
    for part, stock_part in zip(as_tuple(ours_state), as_tuple(state), strict=True):
        assert torch.equal(part, stock_part)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("lengths", [None, [5, 0, 3]], ids=["full", "lengths"])
def test_every_option_equals_the_numpy_half_forward_and_backward(name, options, lengths):
    if name == "RNN" and options.get("recurrent_dropout_on") == "update":
        pytest.skip("a plain RNN has no candidate")
    one, two = pair(name, (3, 4, 2, True), **options)
    for mode in (True, False):
        one.train(mode)
        two.train(mode)
        one.zero_grad()
        two.zero_grad()
        agree(one, two, (5, 3, 3), lengths=lengths)
        for suffix, masks in one.last_masks.items():
            for mask, value in masks.items():
                np.testing.assert_array_equal(two.last_masks[suffix][mask].numpy(), value)


@pytest.mark.parametrize("name", [*PLAIN, *VARIANTS])
@pytest.mark.parametrize("sizes", GRID, ids=str)
def test_every_layer_equals_the_numpy_half_on_the_corner_grid(name, sizes):
    steps, batch, inputs, hidden, layers, both = sizes
    one, two = pair(name, (inputs, hidden, layers, both))
    assert list(one.state_dict()) == list(two.state_dict())
    agree(one, two, (steps, batch, inputs))


def test_a_gru_that_resets_before_the_product_equals_the_numpy_half():
    agree(*pair("GRU", (3, 4, 2, True), reset_after=False), (5, 3, 3))


@pytest.mark.parametrize("name", PLAIN)
def test_padding_never_leaks(name):
    layer = getattr(torch_half, name)(3, 4, bidirectional=True, recurrent_dropout=0.2, rng=0)
    x = torch.zeros(5, 2, 3)
    x[3:, 1] = float("nan")
    x.requires_grad_()
    output, state = layer(x, lengths=torch.tensor([5, 3]))
    (output.sum() + sum(s.sum() for s in as_tuple(state))).backward()
    assert torch.equal(output[3:, 1], torch.zeros(2, 8))
    assert not x.grad[3:, 1].any()
    for gradient in (x.grad, *(p.grad for p in layer.parameters())):
        assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("options", OPTIONS[1:], ids=str)
def test_training_forwards_leave_the_stored_weights_bitwise_as_they_were(options):
    layer = torch_half.LSTM(3, 4, 2, rng=0, **options)
    before = copy.deepcopy(layer.state_dict())
    for _ in range(50):
        layer(torch.ones(3, 2, 3))
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())
    layer.eval()
    first, second = layer(torch.ones(3, 2, 3))[0], layer(torch.ones(3, 2, 3))[0]
    assert torch.equal(first, second)


def test_a_copy_and_a_pickle_go_on_with_the_same_masks():
    layer = torch_half.LSTM(3, 4, recurrent_dropout=0.5, rng=0)
    twins = [layer, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))]
    outputs = [twin(torch.ones(4, 2, 3))[0] for twin in twins]
    assert torch.equal(outputs[0], outputs[1])
    assert torch.equal(outputs[0], outputs[2])


def test_the_gradient_by_lag_is_autograds():
    stock = torch.nn.RNN(2, 3, dtype=torch.float64)
    x = torch.randn(4, 1, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    u = np.random.default_rng(5).standard_normal(3)
    u = torch.tensor(u / np.linalg.norm(u))
    for lag in (1, 3, 4):
        _, past = stock(x[: 4 - lag]) if lag < 4 else (None, torch.zeros(1, 1, 3).double())
        past = past.detach().requires_grad_()
        _, last = stock(x[4 - lag :], past)
        (d_past,) = torch.autograd.grad((last[0, 0] * u).sum(), past)
        found = gradient_by_lag(stock, x, rng=5)[lag]
        np.testing.assert_allclose(found, d_past.norm().item(), atol=1e-12)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("options", [OPTIONS[1], OPTIONS[3]], ids=str)
def test_the_fast_path_equals_the_readable_loop_and_autograd_agrees(name, options):
    found = []
    for fast in (True, False):
        layer = getattr(torch_half, name)(3, 4, rng=0, dtype=torch.float64, **options)
        layer.fast = fast
        x = torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(4, 2, 3).requires_grad_()
        output, _ = layer(x)
        output.square().sum().backward()
        found.append([output.detach(), x.grad, *(p.grad for p in layer.parameters())])
    for fast, readable in zip(*found, strict=True):
        torch.testing.assert_close(fast, readable, rtol=0, atol=1e-12)


def test_double_backward_on_the_fast_path_names_the_switch_and_works_without_it():
    layer = torch_half.LSTM(3, 4, recurrent_dropout=0.3, rng=0, dtype=torch.float64)
    x = torch.ones(3, 1, 3, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(layer(x)[0].sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match=r"layer\.fast = False"):
        slope.square().sum().backward()
    layer.fast = False
    (slope,) = torch.autograd.grad(layer(x)[0].sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert torch.isfinite(x.grad).all()
