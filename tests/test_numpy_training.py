"""Optimisers and clipping follow torch's to the last digits."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from rnn_book.numpy import LSTM, SGD, Adam, Linear, clip_grad_norm, cross_entropy_gradient

OPTIMISERS = {
    "sgd": (lambda m: SGD(m, 0.3), lambda p: torch.optim.SGD(p, 0.3)),
    "momentum": (
        lambda m: SGD(m, 0.1, momentum=0.9),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9),
    ),
    "sgd_by_default": (SGD, torch.optim.SGD),
    "adam": (lambda m: Adam(m, 0.02), lambda p: torch.optim.Adam(p, 0.02)),
    "adam_by_default": (Adam, torch.optim.Adam),
    "adam_otherwise": (
        lambda m: Adam(m, lr=0.1, betas=(0.5, 0.9), eps=1e-3),
        lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.5, 0.9), eps=1e-3),
    ),
}


def both_models():
    """The same small model twice, and one batch."""
    lstm, linear = LSTM(3, 4, rng=0, dtype=np.float64), Linear(4, 2, rng=1, dtype=np.float64)
    twins = torch.nn.LSTM(3, 4, dtype=torch.float64), torch.nn.Linear(4, 2, dtype=torch.float64)
    for module, twin in zip((lstm, linear), twins, strict=True):
        twin.load_state_dict({k: torch.from_numpy(v) for k, v in module.state_dict().items()})
    rng = np.random.default_rng(2)
    return (lstm, linear), twins, rng.normal(size=(5, 3, 3)), rng.integers(2, size=(5, 3))


def our_backward(modules, x, targets):
    lstm, linear = modules
    logits = linear(lstm(x)[0])
    lstm.backward(linear.backward(cross_entropy_gradient(logits, targets)))


def their_backward(twins, x, targets):
    lstm, linear = twins
    logits = linear(lstm(torch.tensor(x))[0])
    torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), torch.tensor(targets).flatten()
    ).backward()


def assert_same_parameters(modules, twins):
    for module, twin in zip(modules, twins, strict=True):
        for name, parameter in twin.named_parameters():
            assert_allclose(module.parameters[name], parameter.detach(), rtol=0, atol=1e-10)


@pytest.mark.parametrize("clip", [None, 0.05], ids=["", "clipped"])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_optimiser_follows_torch_for_50_steps(name, clip):
    modules, twins, x, targets = both_models()
    parameters = [p for twin in twins for p in twin.parameters()]
    ours, theirs = OPTIMISERS[name][0](list(modules)), OPTIMISERS[name][1](parameters)
    live = [array for module in modules for array in module.parameters.values()]
    start = [array.copy() for array in live]
    for _ in range(50):
        ours.zero_grad()
        theirs.zero_grad()
        our_backward(modules, x, targets)
        their_backward(twins, x, targets)
        if clip:
            norm = clip_grad_norm(modules, clip)
            expected = torch.nn.utils.clip_grad_norm_(parameters, clip)
            assert_allclose(norm, expected.item(), rtol=1e-10)
        ours.step()
        theirs.step()
    assert_same_parameters(modules, twins)
    arrays = [array for module in modules for array in module.parameters.values()]
    assert all(a is b for a, b in zip(live, arrays, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(live, start, strict=True))


@pytest.mark.parametrize("max_norm", [0.0, 1e-3, 0.1, 1.0, 1e3, float("inf")])
def test_clip_grad_norm_equals_torchs(max_norm):
    modules, twins, x, targets = both_models()
    our_backward(modules, x, targets)
    their_backward(twins, x, targets)
    parameters = [p for twin in twins for p in twin.parameters()]
    norm = clip_grad_norm(list(modules), max_norm)
    assert isinstance(norm, float)
    assert_allclose(norm, torch.nn.utils.clip_grad_norm_(parameters, max_norm).item(), rtol=1e-12)
    for module, twin in zip(modules, twins, strict=True):
        for name, parameter in twin.named_parameters():
            assert_allclose(module.grads[name], parameter.grad, rtol=0, atol=1e-12)


def test_one_module_is_as_good_as_a_list_of_one():
    answers = []
    for wrap in (lambda m: m, lambda m: [m], lambda m: (m,), lambda m: iter([m])):
        linear = Linear(3, 2, rng=0)
        linear(np.ones((1, 3), np.float32))
        linear.backward(np.ones((1, 2), np.float32))
        norm = clip_grad_norm(wrap(linear), 0.5)
        Adam(wrap(linear), 0.1).step()
        answers.append((norm, linear.parameters["weight"]))
    for norm, weight in answers[1:]:
        assert norm == answers[0][0]
        assert_array_equal(weight, answers[0][1])


@pytest.mark.parametrize("make", [lambda m: SGD(m, 0.1, 0.9), lambda m: Adam(m, 0.1)])
def test_a_step_keeps_float32_and_does_not_touch_the_gradients(make):
    linear = Linear(3, 2, rng=0)
    optimiser = make(linear)
    for _ in range(3):
        linear(np.ones((1, 3), np.float32))
        linear.backward(np.ones((1, 2), np.float32))
        before = {name: g.copy() for name, g in linear.grads.items()}
        optimiser.step()
        for name, g in linear.grads.items():
            assert_array_equal(g, before[name])
    assert {p.dtype for p in linear.parameters.values()} == {np.dtype(np.float32)}
    optimiser.zero_grad()
    assert not any(g.any() for g in linear.grads.values())


def test_parameters_that_are_loaded_are_the_ones_that_are_trained():
    linear = Linear(3, 2, rng=0)
    optimiser = SGD(linear, 1.0)
    linear.load_state_dict({"weight": np.zeros((2, 3)), "bias": np.zeros(2)})
    linear.grads["weight"][...] = 1
    optimiser.step()
    assert_array_equal(linear.parameters["weight"], -np.ones((2, 3)))
