"""Looking inside layers: what is recorded is what the layer's own backend computes."""

import copy
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from torch.nn.utils import parametrizations, prune
from torch.nn.utils.rnn import pack_padded_sequence

import rnn_book.numpy
import rnn_book.torch as half
from rnn_book import gradient_by_lag, record_gates
from rnn_book.cells import Cell
from tests.grids import KINDS
from tests.grids import initial as initial_numpy
from tests.torch_twins import initial


def noise(*shape, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"zoneout": 0.3}], ids=["plain", "zoneout"])
@pytest.mark.parametrize("lengths", [None, (5, 0, 2)], ids=["whole", "lengths"])
def test_both_backends_record_the_same_and_it_is_what_the_layer_returns(kind, options, lengths):
    more = {"num_layers": 2, "bidirectional": True, **options}
    ours, theirs = initial_numpy(kind, **more), initial(kind, **more)
    x, hx = noise(5, 3, 3), [noise(4, 3, 4) for _ in theirs.cell.states]
    hx = tuple(hx) if len(hx) > 1 else hx[0]
    found = record_gates(theirs, x, hx, lengths)
    arrays = tuple(h.numpy() for h in hx) if isinstance(hx, tuple) else hx.numpy()
    expected = record_gates(ours, x.numpy(), arrays, lengths)
    assert found.keys() == expected.keys()
    for suffix, gates in expected.items():
        assert list(found[suffix]) == list(gates)
        for name, value in gates.items():
            np.testing.assert_allclose(found[suffix][name], value, atol=1e-12)
    output, _ = theirs.eval()(x, hx, lengths=lengths)
    last = np.concatenate([found[s]["h"] for s in ("l1", "l1_reverse")], axis=-1)
    np.testing.assert_allclose(output.detach(), last, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_both_backends_have_the_same_gradients_by_lag(kind):
    ours, theirs = initial_numpy(kind, zoneout=0.2), initial(kind, zoneout=0.2)
    x = noise(6, 2, 3)
    found = gradient_by_lag(theirs, x, rng=3)
    np.testing.assert_allclose(found, gradient_by_lag(ours, x.numpy(), rng=3), atol=1e-12)
    assert found[0] == pytest.approx(1, abs=1e-12)


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


class Reader(Cell):
    """A reader's own cell, which is not written for either half."""

    gates, states, recorded = 1, ("h",), ("leak",)
    extra = {"weight_leak": 1}

    def step(self, a_x, h_rec, state, p):
        leak = torch.sigmoid(p.weight_leak)[0].expand_as(state[0])
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        return ((1 - leak) * state[0] + leak * torch.tanh(a),), (leak,)


def test_a_readers_own_cell_is_recorded_and_differentiated():
    layer = half.Recurrent(Reader, 3, 4, rng=0, dtype="float64")
    x = noise(5, 2, 3)
    found = record_gates(layer, x)["l0"]
    assert list(found) == ["leak", "h"]
    np.testing.assert_allclose(found["h"], layer(x)[0].detach(), atol=1e-12)
    h = torch.zeros(1, 2, 4, dtype=torch.float64, requires_grad=True)
    u = np.random.default_rng(1).standard_normal(4)
    last = layer(x, h)[1][0] @ torch.tensor(u / np.linalg.norm(u))
    (slope,) = torch.autograd.grad(last.sum(), h)
    expected = slope[0].square().sum(-1).mean().sqrt()
    np.testing.assert_allclose(gradient_by_lag(layer, x, rng=1)[5], expected, atol=1e-12)


class Mine(torch.nn.LSTM):
    """A reader's subclass of a stock layer."""


STOCK = {
    "lstm": torch.nn.LSTM,
    "subclass": Mine,
    "gru": torch.nn.GRU,
    "rnn": lambda *sizes, **more: torch.nn.RNN(*sizes, nonlinearity="relu", **more),
}


@pytest.mark.parametrize("name", STOCK)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_a_stock_layer_is_recorded_in_its_own_dtype(name, dtype):
    layer = STOCK[name](3, 4, num_layers=2, bidirectional=True, batch_first=True, dtype=dtype)
    x = noise(2, 5, 3, dtype=dtype)
    found = record_gates(layer, x)
    output = layer(x)[0].detach().transpose(0, 1).float()
    tolerance = {torch.float64: 1e-12, torch.float32: 1e-6}.get(dtype, 0.02)
    last = np.concatenate([found[s]["h"] for s in ("l1", "l1_reverse")], axis=-1)
    np.testing.assert_allclose(last, output, atol=tolerance)
    assert last.dtype == (np.float64 if dtype == torch.float64 else np.float32)


def test_a_packed_sequence_is_recorded_like_the_padded_one():
    layer = half.GRU(3, 4, bidirectional=True, rng=0, dtype="float64")
    x, lengths = noise(5, 3, 3), [2, 5, 3]
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    found, expected = record_gates(layer, packed), record_gates(layer, x, lengths=lengths)
    for suffix, gates in expected.items():
        for name, value in gates.items():
            np.testing.assert_array_equal(found[suffix][name], value)
    with pytest.raises(TypeError, match="one length"):
        gradient_by_lag(half.GRU(3, 4, dtype="float64"), packed)


WRAPS = {
    "pruned": lambda layer: prune.random_unstructured(layer, "weight_hh_l0", 0.5),
    "weight_norm": lambda layer: parametrizations.weight_norm(layer, "weight_hh_l0"),
    "spectral_norm": lambda layer: parametrizations.spectral_norm(layer, "weight_hh_l0"),
    "compiled": lambda layer: torch.compile(layer, backend="eager"),
}


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("own", [True, False], ids=["ours", "stock"])
def test_what_is_wrapped_around_weights_counts(wrap, own):
    torch.manual_seed(0)
    layer = (half if own else torch.nn).LSTM(3, 4, dtype=torch.float64)
    wrapped = WRAPS[wrap](layer).eval()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(0.1)  # as an optimiser does: what hooks have computed is old now
    x = noise(5, 2, 3)
    found, lags = record_gates(wrapped, x)["l0"]["c"][-1], gradient_by_lag(wrapped, x, rng=0)
    plain = torch.nn.LSTM(3, 4, dtype=torch.float64)
    expected = wrapped(x)[1][1][0].detach()  # hooks compute anew
    with torch.no_grad():
        for name in plain.state_dict():
            getattr(plain, name).copy_(getattr(layer, name))
    np.testing.assert_allclose(found, plain(x)[1][1][0].detach(), atol=1e-12)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    np.testing.assert_allclose(lags, gradient_by_lag(plain, x, rng=0), atol=1e-12)


def test_a_layer_is_left_as_it_was():
    layer = half.LSTM(3, 4, 2, recurrent_dropout=0.5, rng=0, dtype="float64")
    other = copy.deepcopy(layer)
    record_gates(layer, noise(5, 2, 3))
    assert layer.training
    assert layer.last_masks == {}
    assert all(p.grad is None for p in layer.parameters())
    assert torch.equal(layer(noise(5, 2, 3))[0], other(noise(5, 2, 3))[0])


def test_what_is_no_layer_is_a_type_error_that_says_what_to_do():
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.LSTM(3, 4))
    with pytest.raises(TypeError, match="hand over its layer 1"):
        record_gates(model, noise(5, 2, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer is deprecated, and says what it cannot see
        traced = torch.jit.trace(torch.nn.GRU(3, 4), noise(5, 2, 3).float())
    with pytest.raises(TypeError, match="the layer that it was made from"):
        record_gates(traced, noise(5, 2, 3))
    with pytest.raises(TypeError, match="projection"):
        record_gates(torch.nn.LSTM(3, 4, proj_size=2), noise(5, 2, 3))
    for other in (torch.nn.Linear(3, 4), rnn_book.numpy.Linear(3, 4), "layer"):
        with pytest.raises(TypeError, match="layer must be a recurrent layer"):
            gradient_by_lag(other, noise(5, 2, 3))
    with pytest.raises(ValueError, match="one layer and one direction"):
        gradient_by_lag(torch.nn.LSTM(3, 4, 2), noise(5, 2, 3))


def test_a_numpy_layer_is_recorded_without_pytorch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from rnn_book import gradient_by_lag, record_gates\n"
        "import rnn_book.numpy as rn, numpy as np\n"
        "layer, x = rn.LSTM(3, 4, rng=0), np.ones((5, 2, 3), np.float32)\n"
        "print(len(record_gates(layer, x)['l0']), len(gradient_by_lag(layer, x)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "6 6\n", done.stderr
