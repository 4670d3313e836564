"""Modules that are not recurrent, functions and losses, and state dicts: torch.nn is the oracle."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from rnn_book import numpy as ours
from rnn_book.numpy import (
    Dropout,
    Embedding,
    GRUCell,
    LayerNorm,
    Linear,
    LockedDropout,
    LSTMCell,
    RNNCell,
)
from tests.grids import STOCK, build, initial
from tests.oracles import torch_twin
from tests.slopes import compare_slopes

SHAPES = [(3,), (2, 3), (5, 2, 3), (0, 3), (4, 0, 3)]


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def against_torch(module, twin, x):
    """Outputs, gradient of x and gradients of the parameters of both, after two backward passes."""
    module.load_state_dict(twin.state_dict())
    leaf = torch.tensor(x, requires_grad=x.dtype.kind == "f")
    theirs = twin(leaf)
    d = np.random.default_rng(9).standard_normal(tuple(theirs.shape))
    theirs.backward(torch.tensor(2 * d))
    for _ in range(2):
        output = module(x)
        d_x = module.backward(d)
    assert output.shape == tuple(theirs.shape)
    assert_allclose(output, theirs.detach(), rtol=0, atol=1e-12)
    if leaf.grad is not None:
        assert_allclose(2 * d_x, leaf.grad, rtol=0, atol=1e-12)
    for name, parameter in twin.named_parameters():
        assert_allclose(module.grads[name], parameter.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("bias", [True, False], ids=["", "no_bias"])
def test_linear_matches_torch(shape, bias, rng):
    module = Linear(3, 4, bias, rng=0, dtype=np.float64)
    against_torch(module, torch.nn.Linear(3, 4, bias, dtype=torch.float64), rng.normal(size=shape))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_layer_norm_matches_torch(shape, rng):
    twin = torch.nn.LayerNorm(3, eps=1e-3, dtype=torch.float64)
    torch.nn.init.normal_(twin.weight, generator=torch.Generator().manual_seed(0))
    against_torch(LayerNorm(3, 1e-3, dtype=np.float64), twin, rng.normal(size=shape))


@pytest.mark.parametrize("index", [np.array([1, 1, 4, 0]), np.array([[2], [2]]), np.array(3)])
def test_embedding_matches_torch_where_symbols_repeat(index):
    module = Embedding(5, 3, rng=0, dtype=np.float64)
    against_torch(module, torch.nn.Embedding(5, 3, dtype=torch.float64), index)


def test_embedding_takes_any_integers_and_keeps_what_it_looked_up():
    module = Embedding(5, 3, rng=0)
    index = np.array([1, 4], np.uint8)
    vectors = module(index)
    assert_array_equal(vectors, module.parameters["weight"][[1, 4]])
    assert_array_equal(module([1, 4]), vectors)
    index[...] = 0
    vectors[...] = 1
    module.backward(np.ones_like(vectors))
    assert_array_equal(module.grads["weight"].sum(axis=1), [0, 3, 0, 0, 3])
    assert module(np.zeros((2, 0), int)).shape == (2, 0, 3)


def test_layer_norm_of_equal_entries_has_no_warning():
    module = LayerNorm(4)
    assert_array_equal(module(np.ones((2, 4), np.float32)), 0)
    assert np.isfinite(module.backward(np.ones((2, 4), np.float32))).all()


@pytest.mark.parametrize("name", ["linear", "layer_norm"])
def test_backward_matches_finite_differences(name, rng):
    def make():
        if name == "linear":
            return Linear(3, 4, rng=0, dtype=np.float64)
        return LayerNorm(3, dtype=np.float64)

    module = make()
    points = {k: v + rng.normal(size=v.shape) for k, v in module.parameters.items()}
    points["x"] = rng.normal(size=(5, 2, 3))

    def run(points):
        module = make()
        module.load_state_dict({k: points[k] for k in module.parameters})
        return module, module(points["x"])

    module, output = run(points)
    weights = rng.normal(size=output.shape)
    gradients = {"x": module.backward(weights), **module.grads}
    assert not compare_slopes(lambda p: np.vdot(weights, run(p)[1]), points, gradients)


# --- dropout ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, shape, mask_shape",
    [
        (lambda **o: Dropout(0.4, **o), (7, 2, 3), (7, 2, 3)),
        (lambda **o: Dropout(0.4, **o), (3,), (3,)),
        (lambda **o: LockedDropout(0.4, **o), (7, 2, 3), (1, 2, 3)),
        (lambda **o: LockedDropout(0.4, True, **o), (7, 2, 3), (7, 1, 3)),
    ],
    ids=["every_entry", "vector", "locked", "locked_batch_first"],
)
def test_dropout_masks_with_the_documented_mask_and_sends_gradients_through_it(
    make, shape, mask_shape, rng
):
    module = make(rng=3, dtype=np.float64)
    x, d = rng.normal(size=shape), rng.normal(size=shape)
    draws = np.random.default_rng(3).spawn(2)[1]
    for _ in range(2):
        mask = np.where(draws.random(mask_shape, dtype=np.float32) >= 0.4, 1 / 0.6, 0)
        assert_array_equal(module(x), x * mask)
        assert_array_equal(module.last_mask, mask)
        assert_array_equal(module.backward(d), d * mask)
    assert module.eval() is module
    output = module(x)
    assert_array_equal(output, x)
    assert not np.shares_memory(output, x)
    assert module.last_mask is None
    assert_array_equal(module.backward(d), d)


@pytest.mark.parametrize("module", [Dropout(1.0, rng=0), LockedDropout(1, rng=0)])
def test_dropout_of_1_gives_zeros_without_a_division(module):
    with np.errstate(all="raise"):
        x = np.ones((4, 2, 3), np.float32)
        assert not module(x).any()
        assert not module.backward(x).any()


@pytest.mark.parametrize("module", [Dropout(0.0, rng=0), LockedDropout(0, rng=0)])
def test_dropout_of_0_is_the_identity(module, rng):
    x = rng.normal(size=(4, 2, 3)).astype(np.float32)
    assert_array_equal(module(x), x)
    assert_array_equal(module.backward(x), x)


# --- functions and losses -----------------------------------------------------------------------

SQUASHING = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
}


@pytest.mark.parametrize("name", SQUASHING)
def test_squashing_functions_and_their_gradients_match_torch(name):
    x = torch.tensor([-1e4, -30.0, -2.0, -1e-9, 0.0, 0.5, 3.0, 700.0, 1e4], dtype=torch.float64)
    x.requires_grad_()
    y = SQUASHING[name](x)
    y.sum().backward()
    with np.errstate(all="raise", under="ignore"):
        found = getattr(ours, name)(x.detach().numpy())
        gradient = getattr(ours, f"{name}_gradient")(found)
    assert_allclose(found, y.detach(), rtol=0, atol=1e-15)
    assert_allclose(gradient, x.grad, rtol=0, atol=1e-15)
    assert found.dtype == gradient.dtype == np.float64
    single = getattr(ours, name)(np.ones(2, np.float32))
    assert single.dtype == getattr(ours, f"{name}_gradient")(single).dtype == np.float32


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_matches_torch_at_any_size(name, rng):
    x = np.concatenate([rng.normal(size=(3, 5)), [[1e4, -1e4, 0, 1, 2], [-1e4] * 5]])
    with np.errstate(all="raise", under="ignore"):
        found = getattr(ours, name)(x)
    expected = getattr(torch, name)(torch.tensor(x), dim=-1)
    assert_allclose(found, expected, rtol=1e-14, atol=1e-14)
    assert getattr(ours, name)(x.astype(np.float32)).dtype == np.float32


def masks(rng, shape):
    mask = rng.random(shape) < 0.6
    mask[(0,) * len(shape)] = True
    return [None, np.ones(shape, bool), mask]


@pytest.mark.parametrize("shape", [(7,), (4, 3)], ids=str)
@pytest.mark.parametrize("case", range(3), ids=["all", "mask_of_ones", "mask"])
def test_cross_entropy_matches_torch(shape, case, rng):
    mask = masks(rng, shape)[case]
    logits, targets = rng.normal(size=(*shape, 5)), rng.integers(5, size=shape)
    counts = np.ones(shape, bool) if mask is None else mask
    leaf = torch.tensor(logits, requires_grad=True)
    theirs = torch.nn.functional.cross_entropy(leaf[counts], torch.tensor(targets[counts]))
    theirs.backward()
    spoilt, nowhere = logits.copy(), targets.copy()
    spoilt[~counts], nowhere[~counts] = [np.nan, np.inf, -np.inf, np.inf, 0], -100
    for given in ((logits, targets), (spoilt, nowhere)):
        before = [a.copy() for a in given]
        assert_allclose(ours.cross_entropy(*given, mask), theirs.item(), rtol=1e-13)
        gradient = ours.cross_entropy_gradient(*given, mask)
        assert_allclose(gradient, leaf.grad, rtol=0, atol=1e-14)
        assert not gradient[~counts].any()
        for a, b in zip(given, before, strict=True):
            assert_array_equal(a, b)
    assert ours.cross_entropy_gradient(logits.astype(np.float32), targets).dtype == np.float32


@pytest.mark.parametrize("shape", [(7,), (4, 3), (2, 3, 1)], ids=str)
@pytest.mark.parametrize("case", range(3), ids=["all", "mask_of_ones", "mask"])
def test_mean_squared_error_matches_torch(shape, case, rng):
    mask = masks(rng, shape)[case]
    prediction, target = rng.normal(size=shape), rng.normal(size=shape)
    counts = np.ones(shape, bool) if mask is None else mask
    leaf = torch.tensor(prediction, requires_grad=True)
    theirs = torch.nn.functional.mse_loss(leaf[counts], torch.tensor(target[counts]))
    theirs.backward()
    spoilt, nowhere = prediction.copy(), target.copy()
    spoilt[~counts], nowhere[~counts] = np.nan, np.inf
    for given in ((prediction, target), (spoilt, nowhere)):
        assert_allclose(ours.mean_squared_error(*given, mask), theirs.item(), rtol=1e-13)
        gradient = ours.mean_squared_error_gradient(*given, mask)
        assert_allclose(gradient, leaf.grad, rtol=0, atol=1e-14)
        assert not gradient[~counts].any()
    single = ours.mean_squared_error_gradient(prediction.astype(np.float32), target)
    assert single.dtype == np.float32


def test_mean_squared_error_of_integers_is_not_rounded():
    assert ours.mean_squared_error([1, 2], [0.5, 1.5]) == 0.25
    assert_array_equal(ours.mean_squared_error_gradient([1, 2], [0.5, 1.5]), [0.5, 0.5])


def test_cross_entropy_of_huge_logits_has_no_warning():
    with np.errstate(all="raise", under="ignore"):
        logits = np.array([[1e4, -1e4], [-1e4, 1e4]], np.float32)
        assert ours.cross_entropy(logits, [0, 1]) == 0
        assert ours.cross_entropy(logits, [1, 0]) == 2e4
        assert_array_equal(ours.cross_entropy_gradient(logits, [1, 0]), [[0.5, -0.5], [-0.5, 0.5]])


# --- state dicts --------------------------------------------------------------------------------

TWINS = {
    "linear": (
        lambda **o: Linear(3, 4, **o),
        lambda: torch.nn.Linear(3, 4, dtype=torch.float64),
    ),
    "embedding": (
        lambda **o: Embedding(3, 4, **o),
        lambda: torch.nn.Embedding(3, 4, dtype=torch.float64),
    ),
    "layer_norm": (
        lambda rng, **o: LayerNorm(3, **o),
        lambda: torch.nn.LayerNorm(3, dtype=torch.float64),
    ),
    "rnn_cell": (
        lambda **o: RNNCell(3, 4, **o),
        lambda: torch.nn.RNNCell(3, 4, dtype=torch.float64),
    ),
    "lstm_cell": (
        lambda **o: LSTMCell(3, 4, **o),
        lambda: torch.nn.LSTMCell(3, 4, dtype=torch.float64),
    ),
    "gru_cell": (
        lambda **o: GRUCell(3, 4, **o),
        lambda: torch.nn.GRUCell(3, 4, dtype=torch.float64),
    ),
}
for _kind in STOCK:
    for _options in ({}, {"num_layers": 3, "bidirectional": True}, {"bias": False}):
        TWINS[f"{_kind}-{'-'.join(_options)}"] = (
            lambda _kind=_kind, _options=_options, **o: initial(_kind, **_options, **o),
            lambda _kind=_kind, _options=_options: torch_twin(_kind, initial(_kind, **_options)),
        )


@pytest.mark.parametrize("name", TWINS)
def test_state_dict_goes_to_torch_and_back_under_the_same_keys(name):
    make, make_twin = TWINS[name]
    module, twin = make(rng=9, dtype=np.float64), make_twin()
    assert list(module.state_dict()) == list(twin.state_dict())
    tensors = {key: torch.from_numpy(a) for key, a in module.state_dict().items()}
    twin.load_state_dict(tensors, strict=True)
    other = make(rng=10, dtype=np.float64)
    other.load_state_dict(twin.state_dict())
    assert other.parameters.keys() == module.parameters.keys() == module.grads.keys()
    for key, value in module.parameters.items():
        assert_array_equal(other.parameters[key], value)
        assert value.shape == module.grads[key].shape
    single = make(rng=10, dtype=np.float32)
    single.load_state_dict(twin.state_dict())
    assert all(value.dtype == np.float32 for value in single.parameters.values())


def test_a_state_dict_is_a_copy_and_loading_keeps_the_live_arrays():
    layer = build("lstm")
    live = dict(layer.parameters)
    kept = layer.state_dict()
    kept["weight_ih_l0"][...] = 7
    assert not (layer.parameters["weight_ih_l0"] == 7).any()
    layer.load_state_dict(kept)
    kept["weight_ih_l0"][...] = 8
    assert all(layer.parameters[name] is a for name, a in live.items())
    assert (layer.parameters["weight_ih_l0"] == 7).all()


BROKEN = {
    "missing": lambda s: s.pop("bias_hh_l1"),
    "unknown": lambda s: s.update(weight_hr_l0=np.zeros(3)),
    "both": lambda s: s.update(weight_hr_l0=s.pop("bias_hh_l1")),
    "shape": lambda s: s.update(bias_hh_l1=np.zeros(15)),
    "broadcast": lambda s: s.update(bias_hh_l1=np.zeros(())),
    "broadcast_rows": lambda s: s.update(weight_hh_l1=np.zeros((1, 4))),
    "text": lambda s: s.update(bias_hh_l1=np.full(16, "x")),
    "complex": lambda s: s.update(bias_hh_l1=np.zeros(16, complex)),
    "objects": lambda s: s.update(bias_hh_l1=np.full(16, None)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_load_state_dict_changes_nothing_on_error(name):
    layer = build("lstm", num_layers=2)
    before = layer.state_dict()
    broken = {key: value + 1 for key, value in before.items()}
    BROKEN[name](broken)
    expected = TypeError if name in ("text", "complex", "objects") else RuntimeError
    with pytest.raises(expected, match=r"bias_hh_l1|weight_hr_l0|weight_hh_l1"):
        layer.load_state_dict(broken)
    if expected is RuntimeError:
        tensors = {key: torch.from_numpy(value) for key, value in broken.items()}
        with pytest.raises(expected):
            torch_twin("lstm", layer).load_state_dict(tensors)
    for key, value in before.items():
        assert_array_equal(layer.parameters[key], value)
