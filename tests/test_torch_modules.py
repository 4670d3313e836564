"""What stands around recurrent layers in the PyTorch half: equal to the NumPy half and to torch."""

import copy
import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

import rnn_book.numpy as numpy_half
import rnn_book.torch as half
from rnn_book.torch import GRU, LSTM, Embedding, LayerNorm, Linear, detach_state, last_output

HALVES = [numpy_half, half]


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_linear_has_the_weights_of_the_numpy_half_and_is_torchs(bias, dtype):
    ours, theirs = (h.Linear(3, 4, bias, rng=5, dtype=dtype) for h in HALVES)
    assert isinstance(theirs, torch.nn.Linear)
    assert list(ours.parameters) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        assert_array_equal(value.numpy(), ours.parameters[name])
    x = normal(2, 5, 3).astype(dtype)
    assert_allclose(theirs(torch.from_numpy(x)).detach().numpy(), ours(x), rtol=1e-5, atol=1e-6)
    torch.nn.Linear(3, 4, bias).load_state_dict(theirs.state_dict(), strict=True)


def test_embedding_has_the_weights_of_the_numpy_half_and_is_torchs():
    ours, theirs = (h.Embedding(7, 3, rng=5, dtype="float64") for h in HALVES)
    assert isinstance(theirs, torch.nn.Embedding)
    assert_array_equal(theirs.weight.detach().numpy(), ours.parameters["weight"])
    symbols = np.array([[0, 6], [3, 3]])
    assert_array_equal(theirs(torch.from_numpy(symbols)).detach().numpy(), ours(symbols))
    padded = Embedding(7, 3, rng=5, dtype="float64", padding_idx=3)
    assert not padded.weight[3].any()
    assert torch.equal(padded.weight[4], theirs.weight[4])


@pytest.mark.parametrize("make", [lambda m: m.Linear(3, 4), lambda m: m.Embedding(7, 3)])
def test_without_an_rng_linear_and_embedding_draw_torchs_weights(make):
    torch.manual_seed(1)
    ours = make(half)
    torch.manual_seed(1)
    stock = make(torch.nn)
    for name, value in stock.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value)


def test_layer_norm_equals_the_numpy_half():
    ours, theirs = (h.LayerNorm(5, dtype="float64") for h in HALVES)
    assert isinstance(theirs, torch.nn.LayerNorm)
    x = normal(4, 5)
    assert_allclose(theirs(torch.from_numpy(x)).detach().numpy(), ours(x), atol=1e-12)
    assert LayerNorm(5, elementwise_affine=False).weight is None


@pytest.mark.parametrize("name", ["Dropout", "LockedDropout"])
def test_dropout_has_the_masks_of_the_numpy_half(name):
    ours, theirs = (getattr(h, name)(0.4, rng=3, dtype="float64") for h in HALVES)
    x = normal(5, 2, 3)
    for _ in range(2):
        output = ours(x)
        assert_array_equal(theirs(torch.from_numpy(x)).numpy(), output)
        assert_array_equal(theirs.last_mask.numpy(), ours.last_mask)
    leaf = torch.from_numpy(x).requires_grad_()
    theirs(leaf).sum().backward()
    assert_array_equal(leaf.grad.numpy(), np.broadcast_to(theirs.last_mask.numpy(), x.shape))
    theirs.eval()
    assert_array_equal(theirs(torch.from_numpy(x)).numpy(), x)
    assert theirs.last_mask is None


def test_locked_dropout_has_one_mask_for_all_steps():
    x = torch.ones(6, 4, 3)
    for first in (False, True):
        output = half.LockedDropout(0.5, batch_first=first, rng=0)(x)
        steps = output.unbind(1 if first else 0)
        assert all(torch.equal(step, steps[0]) for step in steps)
        assert 0 < output.count_nonzero() < output.numel()
    with pytest.raises(ValueError, match="Expected input to be 3D, got 2D"):
        half.LockedDropout()(x[0])


def test_dropout_without_an_rng_draws_from_torchs_generator_and_takes_any_dtype():
    layer = half.Dropout(0.5)
    assert isinstance(layer, torch.nn.Dropout)
    outputs = []
    for _ in range(2):
        torch.manual_seed(2)
        outputs.append(layer(torch.ones(50, dtype=torch.float16)))
    assert torch.equal(*outputs)
    assert outputs[0].dtype == torch.float16
    assert not half.Dropout(1.0)(torch.ones(50)).any()
    with pytest.raises(ValueError, match="p must be a probability"):
        half.Dropout(2)
    with pytest.raises(ValueError, match="does not match dtype"):
        half.Dropout(dtype="float64")(torch.ones(2))


def test_dropout_can_be_copied_and_pickled_with_its_generator():
    layer = half.LockedDropout(0.5, rng=0)
    layer(torch.ones(2, 3, 4))
    others = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))]
    expected = layer(torch.ones(2, 3, 4))
    assert all(torch.equal(other(torch.ones(2, 3, 4)), expected) for other in others)


@pytest.mark.parametrize("masked", [False, True])
def test_losses_and_their_gradients_equal_the_numpy_half(masked):
    mask = np.array([[True, False, True], [True, True, False]]) if masked else None
    logits, targets = normal(2, 3, 5), np.array([[0, 4, 2], [1, 1, 3]])
    values, wanted = normal(2, 3), normal(2, 3, seed=1)
    if masked:
        logits[~mask], values[~mask], wanted[~mask] = np.nan, np.nan, np.inf
        targets[~mask] = -100
    cases = [("cross_entropy", logits, targets), ("mean_squared_error", values, wanted)]
    for name, x, target in cases:
        leaf = torch.tensor(x, requires_grad=True)
        loss = getattr(half, name)(leaf, torch.from_numpy(target), mask)
        loss.backward()
        assert loss.shape == ()
        assert_allclose(loss.item(), getattr(numpy_half, name)(x, target, mask), atol=1e-12)
        expected = getattr(numpy_half, f"{name}_gradient")(x, target, mask)
        assert_allclose(leaf.grad.numpy(), expected, atol=1e-12)


def test_losses_refuse_what_does_not_fit():
    logits = torch.zeros(2, 3, 5)
    for targets, words in [
        (torch.zeros(2, 3), "class indices"),
        (torch.zeros(2, dtype=torch.int64), "shape of logits without the last axis"),
        (torch.full((2, 3), 5), "between 0 and 4, got 5"),
    ]:
        with pytest.raises(ValueError, match=words):
            half.cross_entropy(logits, targets)
    with pytest.raises(ValueError, match="prediction's shape"):
        half.mean_squared_error(torch.zeros(2, 1), torch.zeros(2))
    for mask, words in [
        (torch.ones(2, 3), "mask must be boolean"),
        (torch.zeros(2, 3, dtype=torch.bool), "at least one"),
    ]:
        with pytest.raises(ValueError, match=words):
            half.mean_squared_error(torch.zeros(2, 3), torch.zeros(2, 3), mask)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "softmax", "log_softmax"])
def test_squashing_functions_equal_the_numpy_half(name):
    x = normal(3, 4) * 20
    found = getattr(half, name)(torch.from_numpy(x)).numpy()
    assert_allclose(found, getattr(numpy_half, name)(x), atol=1e-12)


@pytest.mark.parametrize("make", [lambda h, m: h.Adam(m, 0.05), lambda h, m: h.SGD(m, 0.05, 0.9)])
def test_both_halves_train_alike(make):
    x, target = normal(4, 2, 3), normal(4, 2, 1, seed=1)
    ours, theirs = (
        [h.LSTM(3, 5, rng=0, dtype="float64"), h.Linear(5, 1, rng=1, dtype="float64")]
        for h in HALVES
    )
    one, two = make(numpy_half, ours), make(half, theirs)
    for _ in range(20):
        one.zero_grad()
        prediction = ours[1](ours[0](x)[0])
        ours[0].backward(
            ours[1].backward(numpy_half.mean_squared_error_gradient(prediction, target))
        )
        norm = numpy_half.clip_grad_norm(ours, 0.5)
        one.step()
        two.zero_grad()
        half.mean_squared_error(theirs[1](theirs[0](torch.from_numpy(x))[0]), target).backward()
        assert_allclose(half.clip_grad_norm(theirs, 0.5), norm, atol=1e-12)
        two.step()
    for layer, twin in zip(ours, theirs, strict=True):
        for name, value in twin.state_dict().items():
            assert_allclose(value.numpy(), layer.parameters[name], atol=1e-10)


@pytest.mark.parametrize("name", ["Adam", "SGD"])
def test_optimisers_take_what_torchs_take(name):
    layer = LSTM(3, 4)
    optimiser = getattr(half, name)
    assert isinstance(optimiser(layer, lr=0.1), getattr(torch.optim, name))
    for given in (layer, [layer], layer.parameters(), list(layer.parameters())):
        assert len(optimiser(given, lr=0.1).param_groups[0]["params"]) == 4
    groups = [{"params": layer.parameters(), "lr": 0.2}, {"params": Linear(2, 2).parameters()}]
    assert [g["lr"] for g in optimiser(groups, lr=0.1, weight_decay=0.01).param_groups] == [
        0.2,
        0.1,
    ]
    with pytest.raises(ValueError, match="max_norm"):
        half.clip_grad_norm(layer, -1)


@pytest.mark.parametrize("batch_first", [False, True])
def test_the_last_output_is_that_of_each_sequences_last_step(batch_first):
    layer = GRU(3, 4, batch_first=batch_first)
    lengths = [2, 5, 0]
    x = torch.randn(3, 5, 3, generator=torch.Generator().manual_seed(0))
    x = x if batch_first else x.transpose(0, 1)
    output, state = layer(x, lengths=lengths)
    found = last_output(output, lengths, batch_first)
    torch.testing.assert_close(found, state[0])
    output = output.detach().requires_grad_()
    last_output(output, torch.tensor(lengths), batch_first).sum().backward()
    assert output.grad.sum() == 2 * 4
    with pytest.raises(ValueError, match="lengths must lie between"):
        last_output(output, [2, 6, 0], batch_first)
    with pytest.raises(ValueError, match="output must be 3D"):
        last_output(output[0], lengths)


def test_a_detached_state_has_the_values_and_no_history():
    _, state = LSTM(3, 4)(torch.ones(2, 1, 3))
    cut = detach_state(state)
    assert isinstance(cut, tuple)
    for one, two in zip(cut, state, strict=True):
        assert torch.equal(one, two)
        assert not one.requires_grad
    assert detach_state(None) is None
    assert [type(part) for part in detach_state([state, None])] == [tuple, type(None)]
    assert not detach_state(state[0]).requires_grad
    with pytest.raises(TypeError, match="state must be"):
        detach_state("h")
