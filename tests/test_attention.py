"""Attention in both halves: loops over scalars, PyTorch's own, finite differences, and padding."""

import copy
import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

import rnn_book.numpy as numpy_half
import rnn_book.torch as torch_half
from rnn_book.numpy import Attention
from tests.bad_input import Row, raises_as_told, tensor, zeros
from tests.slopes import compare_slopes

SCORES = ["dot", "additive"]
HALVES = [numpy_half, torch_half]
S, N, T, SIZE = 3, 2, 5, 4
LENGTHS = [5, 2]


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def make(score, half=numpy_half, **options):
    memory_size = SIZE if score == "dot" else 3
    hidden = None if score == "dot" else 6
    return half.Attention(SIZE, memory_size, hidden, score=score, rng=1, dtype="float64", **options)


def data(attention):
    return normal(S, N, SIZE), normal(T, N, attention.memory_size, seed=1)


def by_hand(attention, query, memory, lengths):
    """Context and weights, number by number."""
    p = attention.parameters
    context, weights = np.zeros((S, N, memory.shape[-1])), np.zeros((S, N, T))
    for s, n in np.ndindex(S, N):
        scores = []
        for t in range(lengths[n]):
            q, m = query[s, n], memory[t, n]
            if attention.score == "dot":
                scores.append(sum(a * b for a, b in zip(q, m, strict=True)))
            else:
                inner = p["weight_query"] @ q + p["weight_memory"] @ m
                scores.append(sum(p["weight_score"] * np.tanh(inner)))
        shares = np.exp(scores) / sum(np.exp(scores))
        for t, share in enumerate(shares):
            weights[s, n, t] = share
            context[s, n] += share * memory[t, n]
    return context, weights


@pytest.mark.parametrize("score", SCORES)
def test_context_and_weights_are_those_of_loops_over_scalars(score):
    attention = make(score)
    query, memory = data(attention)
    for found, expected in zip(
        attention(query, memory, LENGTHS),
        by_hand(attention, query, memory, LENGTHS),
        strict=True,
    ):
        assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["all", "lengths"])
def test_the_dot_product_is_torchs_own_attention(lengths):
    query, memory = data(make("dot"))
    q, m = (torch.from_numpy(x).transpose(0, 1) for x in (query, memory))
    allowed = None
    if lengths is not None:
        allowed = (torch.arange(T) < torch.tensor(lengths)[:, None])[:, None]
    expected = torch.nn.functional.scaled_dot_product_attention(
        q, m, m, attn_mask=allowed, scale=1.0
    )
    context, _ = make("dot")(query, memory, lengths)
    assert_allclose(context, expected.transpose(0, 1).numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["all", "lengths"])
def test_both_halves_agree_forward_and_backward(score, lengths):
    ours, theirs = (make(score, half) for half in HALVES)
    assert list(ours.parameters) == list(theirs.state_dict())
    query, memory = data(ours)
    q, m = (torch.tensor(x, requires_grad=True) for x in (query, memory))
    (context, weights), (expected, looked) = ours(query, memory, lengths), theirs(q, m, lengths)
    assert_allclose(context, expected.detach(), rtol=0, atol=1e-12)
    assert_allclose(weights, looked.detach(), rtol=0, atol=1e-12)
    d_context = normal(*context.shape, seed=2)
    expected.backward(torch.from_numpy(d_context))
    for d, leaf in zip(ours.backward(d_context), (q, m), strict=True):
        assert_allclose(d, leaf.grad, rtol=0, atol=1e-12)
    for name, parameter in theirs.named_parameters():
        assert_allclose(ours.grads[name], parameter.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["all", "lengths"])
def test_backward_is_the_slope_of_forward(score, lengths):
    attention = make(score)
    query, memory = data(attention)
    factor = normal(S, N, attention.memory_size, seed=2)
    points = {"query": query, "memory": memory, **attention.state_dict()}

    def loss(points):
        probe = make(score)
        probe.load_state_dict({name: points[name] for name in probe.parameters})
        return float((probe(points["query"], points["memory"], lengths)[0] * factor).sum())

    attention(query, memory, lengths)
    d_query, d_memory = attention.backward(factor)
    gradients = {"query": d_query, "memory": d_memory, **attention.grads}
    assert compare_slopes(loss, points, gradients) == []


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("filling", [np.nan, np.inf, 1e300])
def test_what_stands_in_the_padding_has_no_influence(half, score, filling):
    attention = make(score, half)
    query, clean = data(attention)
    clean[2:, 1] = 0
    padded = clean.copy()
    padded[2:, 1] = filling

    def answer(memory):
        if half is numpy_half:
            attention.zero_grad()
            context, weights = attention(query, memory, LENGTHS)
            d = attention.backward(np.ones_like(context))
            return [context, weights, *d, *(g.copy() for g in attention.grads.values())]
        attention.zero_grad()
        q, m = (torch.tensor(x, requires_grad=True) for x in (query, memory))
        context, weights = attention(q, m, LENGTHS)
        context.sum().backward()
        grads = [p.grad for p in attention.parameters()]
        return [x.detach().numpy() for x in (context, weights, q.grad, m.grad, *grads)]

    expected, found = answer(clean), answer(padded)
    for a, b in zip(expected, found, strict=True):
        assert_array_equal(a, b)
    weights, d_memory = found[1], found[3]
    assert (weights[:, 1, 2:] == 0).all()
    assert (d_memory[2:, 1] == 0).all()
    assert_allclose(weights.sum(axis=-1), 1, atol=1e-12)


@pytest.mark.parametrize("score", SCORES)
def test_backward_needs_nothing_that_may_have_changed_since(score):
    attention = make(score)
    query, memory = data(attention)
    expected = copy.deepcopy(attention)
    expected(query, memory)
    d = normal(S, N, attention.memory_size)
    wanted = expected.backward(d)
    attention(query, memory)
    query[...], memory[...] = 1, 1
    for value in attention.parameters.values():
        value[...] = 7
    for a, b in zip(pickle.loads(pickle.dumps(attention)).backward(d), wanted, strict=True):
        assert_array_equal(a, b)
    attention.backward(d)
    with pytest.raises(RuntimeError, match="not been differentiated"):
        attention.backward(d)


def test_equal_memories_get_equal_shares_and_one_memory_gets_all():
    attention = make("additive")
    query, memory = data(attention)
    _, weights = attention(query, np.broadcast_to(memory[:1], memory.shape))
    assert_allclose(weights, 1 / T, atol=1e-15)
    context, weights = attention(query, memory[:1])
    assert_array_equal(weights, 1.0)
    assert_allclose(context, np.broadcast_to(memory[:1], context.shape))


def test_without_an_rng_torch_draws_from_its_own_generator():
    torch.manual_seed(1)
    first = torch_half.Attention(4, 4, score="additive")
    torch.manual_seed(1)
    second = torch_half.Attention(4, 4, score="additive")
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)
        assert a.abs().max() <= 0.5
    assert list(torch_half.Attention(4, 4).parameters()) == []


BAD = {
    "score": Row(
        lambda half: half.Attention(4, 4, score="cosine"), ValueError, ("score", "cosine")
    ),
    "sizes": Row(lambda half: half.Attention(4, 5), ValueError, ("4 and 5", "additive")),
    "dot hidden": Row(lambda half: half.Attention(4, 4, 3), ValueError, ("hidden_size", "3")),
    "zero": Row(
        lambda half: half.Attention(4, 4, 0, score="additive"), ValueError, ("hidden_size",)
    ),
    "size": Row(lambda half: half.Attention(4.0, 4), TypeError, ("query_size", "float")),
    "dtype": Row(lambda half: half.Attention(4, 4, dtype="int8"), TypeError, ("dtype",)),
}

CALLS = {
    "query rank": ((3, 4), (5, 2, 4), None, RuntimeError, ("query", "batch, 4", r"\(3, 4\)")),
    "memory rank": ((3, 2, 4), (5, 4), None, RuntimeError, ("memory",)),
    "query size": ((3, 2, 5), (5, 2, 4), None, RuntimeError, ("query", "4")),
    "memory size": ((3, 2, 4), (5, 2, 3), None, RuntimeError, ("memory", "4")),
    "batch": ((3, 2, 4), (5, 1, 4), None, RuntimeError, ("2 and 1",)),
    "no steps": ((3, 2, 4), (0, 2, 4), None, RuntimeError, ("memory", "none")),
    "length 0": ((3, 2, 4), (5, 2, 4), [0, 5], ValueError, ("lengths", "at least 1")),
    "long": ((3, 2, 4), (5, 2, 4), [6, 5], ValueError, ("lengths", "5")),
    "floats": ((3, 2, 4), (5, 2, 4), [1.0, 5.0], ValueError, ("lengths", "integers")),
    "one length": ((3, 2, 4), (5, 2, 4), [5], ValueError, ("lengths",)),
}


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_are_named(half, name):
    raises_as_told(BAD[name], half)


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
@pytest.mark.parametrize("name", CALLS)
def test_bad_input_is_named(half, name):
    query, memory, lengths, error, words = CALLS[name]
    fill = zeros if half is numpy_half else tensor
    attention = half.Attention(4, 4, rng=0)
    raises_as_told(Row(lambda: attention(fill(*query), fill(*memory), lengths), error, words))


def test_another_precision_or_shape_of_a_gradient_is_an_error():
    attention = Attention(4, 4)
    with pytest.raises(RuntimeError, match="query dtype"):
        attention(zeros(3, 2, 4, dtype=np.float64), zeros(5, 2, 4))
    attention(zeros(3, 2, 4), zeros(5, 2, 4))
    with pytest.raises(RuntimeError, match="d_context"):
        attention.backward(zeros(5, 2, 4))
