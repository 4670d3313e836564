"""Sequences of several lengths: each is treated as if it were alone, and padding never leaks."""

import copy

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pad_packed_sequence,
)

from tests.grids import FAST, KINDS, REGULARISERS, STOCK, cases, pack, parts
from tests.torch_twins import initial

TABLE = {"plain": {}, **REGULARISERS}
STEPS, LENGTHS = 5, (3, 0, 5, 1)
STACKED = {"num_layers": 2, "bidirectional": True}


def batch(layer, lengths=LENGTHS, steps=STEPS):
    generator = torch.Generator().manual_seed(0)
    count = layer.num_layers * layer.directions

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    hx = pack([draw(count, len(lengths), 4) for _ in layer.cell.states])
    return draw(steps, len(lengths), 3), hx


def spoil(x, lengths=LENGTHS, value=float("nan")):
    """A copy of x with a value planted where padding stands."""
    x = x.clone()
    for n, length in enumerate(lengths):
        x[length:, n] = value
    return x


@pytest.mark.parametrize("kind, name", cases(list(KINDS), TABLE))
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_padding_never_leaks_forward_or_in_any_gradient(kind, name, training):
    layer = initial(kind, **STACKED, **TABLE[name]).train(training)
    x, hx = batch(layer)
    found = []
    for value in (0.0, float("nan"), float("inf")):
        one = copy.deepcopy(layer)
        spoiled = spoil(x, value=value).requires_grad_()
        states = [s.clone().requires_grad_() for s in parts(hx)]
        output, state = one(spoiled, pack(states), lengths=LENGTHS)
        (output.square().sum() + sum(s.square().sum() for s in parts(state))).backward()
        assert not any(spoiled.grad[length:, n].any() for n, length in enumerate(LENGTHS))
        gradients = [spoiled.grad, *(s.grad for s in states), *(p.grad for p in one.parameters())]
        found.append([output, *parts(state), *gradients])
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], other, strict=True))
    assert all(torch.isfinite(part).all() for part in found[0])


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_sequence_in_a_batch_equals_the_sequence_alone(kind):
    layer = initial(kind, **STACKED)
    x, hx = batch(layer)
    output, state = layer(spoil(x), hx, lengths=LENGTHS)
    for n, length in enumerate(LENGTHS):
        assert not output[length:, n].any()
        if not length:
            for found, given in zip(parts(state), parts(hx), strict=True):
                assert torch.equal(found[:, n], given[:, n])
            continue
        alone, end = layer(x[:length, n], pack([s[:, n] for s in parts(hx)]))
        torch.testing.assert_close(output[:length, n], alone, rtol=0, atol=1e-12)
        for found, expected in zip(parts(state), parts(end), strict=True):
            torch.testing.assert_close(found[:, n], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", STOCK)
@pytest.mark.parametrize("batch_first", [False, True])
def test_lengths_equal_torchs_packed_sequence_bitwise(kind, batch_first):
    lengths = (3, 2, 5, 1)
    layer = initial(kind, **STACKED, batch_first=batch_first)
    x, hx = batch(layer, lengths)
    x = x.transpose(0, 1) if batch_first else x
    options = {"batch_first": batch_first, "enforce_sorted": False}
    expected, end = layer(pack_padded_sequence(x, torch.tensor(lengths), **options), hx)
    expected, _ = pad_packed_sequence(expected, batch_first=batch_first)
    output, state = layer(x, hx, lengths=lengths)
    assert torch.equal(output, expected)
    for found, wanted in zip(parts(state), parts(end), strict=True):
        assert torch.equal(found, wanted)


@pytest.mark.parametrize("kind, name", cases([*FAST, "layer_norm_lstm"], TABLE))
@pytest.mark.parametrize("order", [(5, 3, 3, 1), (2, 5, 1, 3)], ids=["sorted", "unsorted"])
def test_a_packed_sequence_equals_lengths_with_every_option(kind, name, order):
    layer = initial(kind, **STACKED, **TABLE[name])
    twin = copy.deepcopy(layer)
    x, hx = batch(layer, order)
    is_sorted = list(order) == sorted(order, reverse=True)
    packed = pack_padded_sequence(x, torch.tensor(order), enforce_sorted=is_sorted)
    found, end = layer(packed, hx)
    assert isinstance(found, PackedSequence)
    expected, state = twin(x, hx, lengths=order)
    torch.testing.assert_close(pad_packed_sequence(found)[0], expected, rtol=0, atol=1e-12)
    for one, two in zip(parts(end), parts(state), strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=1e-12)
    for suffix, masks in twin.last_masks.items():
        for mask, value in masks.items():
            assert torch.equal(layer.last_masks[suffix][mask], value)


@pytest.mark.parametrize("kind, name", cases([*FAST, "peephole_lstm"], TABLE))
def test_a_batch_without_a_single_step_returns_its_state(kind, name):
    layer = initial(kind, **STACKED, **TABLE[name])
    x, hx = batch(layer)
    states = [s.requires_grad_() for s in parts(hx)]
    output, state = layer(spoil(x, (0,) * 4), pack(states), lengths=(0,) * 4)
    assert torch.equal(output, torch.zeros(STEPS, 4, 8, dtype=torch.float64))
    sum(s.sum() for s in parts(state)).backward()
    for found, given in zip(parts(state), states, strict=True):
        assert torch.equal(found, given)
        assert torch.equal(given.grad, torch.ones_like(given))


@pytest.mark.parametrize("name", ["plain", "state"])
@pytest.mark.parametrize(
    "form", [list, tuple, np.array, torch.tensor, lambda v: torch.tensor(v, dtype=torch.uint8)]
)
def test_lengths_may_be_a_list_an_array_or_a_tensor(form, name):
    layer = initial("lstm", **TABLE[name]).eval()
    x, hx = batch(layer)
    output, _ = layer(x, hx, lengths=form(LENGTHS))
    assert torch.equal(output, layer(x, hx, lengths=LENGTHS)[0])


@pytest.mark.parametrize("name", ["plain", "state", "zoneout"])
def test_the_longest_may_be_shorter_than_the_padding(name):
    layer = initial("gru", **STACKED, **TABLE[name]).eval()
    x, hx = batch(layer, (2, 3))
    output, state = layer(x, hx, lengths=(2, 3))
    short, end = layer(x[:3], hx, lengths=(2, 3))
    torch.testing.assert_close(output[:3], short, rtol=0, atol=1e-12)
    assert not output[3:].any()
    torch.testing.assert_close(state, end, rtol=0, atol=1e-12)


def test_torchs_dropout_acts_between_layers_with_lengths_too():
    torch.manual_seed(0)
    layer = initial("lstm", rng=None, num_layers=2, dropout=0.9)
    x, hx = batch(layer)
    first, second = (layer(x, hx, lengths=LENGTHS)[0] for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(*(layer.eval()(x, hx, lengths=LENGTHS)[0] for _ in range(2)))
