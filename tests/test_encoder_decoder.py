"""The encoder-decoder in both halves, and the searches that write with it."""

import itertools
import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

import rnn_book.numpy as numpy_half
import rnn_book.torch as torch_half
from rnn_book.decoding import Line, beam_search, greedy_search
from rnn_book.numpy import EncoderDecoder, cross_entropy, cross_entropy_gradient
from tests.bad_input import Row, raises_as_told
from tests.slopes import compare_slopes

KINDS = ["dot", "additive", None]
HALVES = [numpy_half, torch_half]
SOURCES, TARGETS = 6, 5
LENGTHS = np.array([7, 3, 1])


def make(attention, half=numpy_half):
    return half.EncoderDecoder(SOURCES, TARGETS, 3, 4, attention=attention, rng=2, dtype="float64")


def largest(difference):
    return float(abs(getattr(difference, "detach", lambda: difference)()).max())


def data():
    rng = np.random.default_rng(0)
    return rng.integers(0, SOURCES, (7, 3)), rng.integers(0, TARGETS, (5, 3))


@pytest.mark.parametrize("attention", KINDS)
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["all", "lengths"])
def test_both_halves_have_one_layout_and_agree(attention, lengths):
    ours, theirs = (make(attention, half) for half in HALVES)
    assert list(ours.parameters) == list(theirs.state_dict())
    theirs.load_state_dict({k: torch.from_numpy(v) for k, v in ours.state_dict().items()})
    source, target = data()
    (scores, weights), (expected, looked) = (m(source, target, lengths) for m in (ours, theirs))
    assert_allclose(scores, expected.detach(), rtol=0, atol=1e-12)
    if attention is None:
        assert weights is None
        assert looked is None
    else:
        assert_allclose(weights, looked.detach(), rtol=0, atol=1e-12)
    mask = np.arange(5)[:, None] < [5, 2, 4]
    ours.backward(cross_entropy_gradient(scores, target, mask))
    torch_half.cross_entropy(expected, target, mask).backward()
    for name, parameter in theirs.named_parameters():
        assert_allclose(ours.grads[name], parameter.grad, rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("attention", KINDS)
def test_backward_is_the_slope_of_the_loss(attention):
    source, target = data()
    model = make(attention)
    scores, _ = model(source, target, LENGTHS)
    model.backward(cross_entropy_gradient(scores, target))

    def loss(points):
        probe = make(attention)
        probe.load_state_dict(points)
        return cross_entropy(probe(source, target, LENGTHS)[0], target)

    assert compare_slopes(loss, model.state_dict(), model.grads) == []


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
@pytest.mark.parametrize("attention", KINDS)
def test_a_source_alone_and_among_longer_ones_is_one_thing(half, attention):
    model = make(attention, half)
    source, target = data()
    together, _ = model(source, target, LENGTHS)
    for n, length in enumerate(LENGTHS):
        alone, _ = model(source[:length, n : n + 1], target[:, n : n + 1])
        difference = together[:, n : n + 1] - alone
        assert largest(difference) < 1e-12


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
@pytest.mark.parametrize("attention", KINDS)
def test_step_by_step_is_the_call_with_a_teacher(half, attention):
    model = make(attention, half)
    source, target = data()
    expected, looked = model(source, target, LENGTHS)
    reading = model.start(source, LENGTHS)
    for s, symbols in enumerate(target):
        found, reading = model.step(symbols, reading)
        assert largest(found - half.log_softmax(expected[s])) < 1e-12
        if looked is not None:
            assert largest(reading.weights - looked[s]) < 1e-12


@pytest.mark.parametrize("attention", KINDS)
def test_steps_between_a_call_and_its_backward_change_nothing(attention):
    source, target = data()
    wanted, model = make(attention), make(attention)
    for one in (wanted, model):
        scores, _ = one(source, target, LENGTHS)
        if one is model:
            one.step([0], one.start(source[:, :1]))
        one.backward(cross_entropy_gradient(scores, target))
    for name, gradient in wanted.grads.items():
        assert_array_equal(model.grads[name], gradient)
    with pytest.raises(RuntimeError, match="not been differentiated"):
        model.backward(np.zeros_like(scores))


def test_a_gradient_of_another_shape_is_refused_and_the_right_one_still_taken():
    source, target = data()
    model = make("dot")
    scores, _ = model(source, target)
    with pytest.raises(RuntimeError, match="must have shape"):
        model.backward(scores[1:])
    assert not any(gradient.any() for gradient in model.grads.values())
    model.backward(scores)
    assert all(gradient.any() for gradient in model.grads.values())


def test_the_arrays_are_those_of_the_parts():
    model = make("additive")
    before = model.decoder.parameters["weight_hh_l0"]
    model.load_state_dict({name: value + 1 for name, value in model.state_dict().items()})
    assert model.decoder.parameters["weight_hh_l0"] is before
    assert model.parameters["decoder.weight_hh_l0"] is before
    assert model.grads["mix.bias"] is model.mix.grads["bias"]


def test_a_few_updates_learn_to_reverse_a_sequence():
    rng = np.random.default_rng(0)
    model = EncoderDecoder(5, 5, 8, 8, rng=rng)
    adam = numpy_half.Adam(model, lr=0.02)
    losses = []
    for _ in range(80):
        source = rng.integers(1, 5, (3, 16))
        target = np.concatenate([np.zeros((1, 16), int), source[::-1]])
        scores, _ = model(source, target[:-1])
        losses.append(cross_entropy(scores, target[1:]))
        model.zero_grad()
        model.backward(cross_entropy_gradient(scores, target[1:]))
        adam.step()
    assert losses[0] > 1.2
    assert np.mean(losses[-10:]) < 0.3


# Searches


def every_line(step, known, start, end, steps, symbols):
    """All finished lines and all cut off, with their log-probabilities, the best first."""
    found = []
    for length in range(1, steps + 1):
        for line in itertools.product(range(symbols), repeat=length):
            if end in line[:-1] or (line[-1] != end and length < steps):
                continue
            then, total = known, 0.0
            for latest, symbol in zip((start, *line), line, strict=False):
                scores, then = step(np.array([latest]), then)
                total += float(scores[0, symbol].item())
            found.append(Line(list(line), total))
    return sorted(found, key=lambda one: -one.log_probability)


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
@pytest.mark.parametrize("attention", KINDS)
def test_a_beam_wide_enough_finds_what_trying_everything_finds(half, attention):
    model = half.EncoderDecoder(4, 3, 3, 4, attention=attention, rng=7, dtype="float64")
    for parameter in model.parameters.values() if half is numpy_half else model.parameters():
        if half is numpy_half:
            parameter *= 3  # so that the symbols are not nearly equal
        else:
            parameter.data *= 3
    known = model.start(np.array([[1], [3], [2]]))
    options = {"start": 0, "end": 0, "steps": 4}
    expected = every_line(model.step, known, **options, symbols=3)
    assert math.isclose(sum(math.exp(line.log_probability) for line in expected), 1)
    found = beam_search(model.step, known, width=3**4, **options)
    assert [line.symbols for line in found] == [line.symbols for line in expected]
    assert_allclose([a[1] for a in found], [b[1] for b in expected], atol=1e-12)


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
@pytest.mark.parametrize("attention", KINDS)
def test_a_beam_of_one_is_greedy_and_a_batch_is_one_after_the_other(half, attention):
    model = make(attention, half)
    source, _ = data()
    options = {"start": 1, "end": 2, "steps": 6}
    together = greedy_search(model.step, model.start(source, LENGTHS), 3, **options)
    for n, line in enumerate(together):
        known = model.start(source[: LENGTHS[n], n : n + 1])
        (beam,) = beam_search(model.step, known, width=1, **options)
        assert beam.symbols == line.symbols
        assert beam.log_probability == pytest.approx(line.log_probability, abs=1e-12)


# A trap: the most probable first symbol leads nowhere. 0 ends, 1 and 2 begin.
TRAP = {0: [0, 0.6, 0.4], 1: [0.5, 0.25, 0.25], 2: [1, 0, 0]}


def trap(symbols, known):
    with np.errstate(divide="ignore"):
        return np.log([TRAP[int(s)] for s in symbols]), known


def test_a_beam_of_two_finds_what_greed_misses():
    options = {"start": 0, "end": 0, "steps": 3}
    (greedy,) = greedy_search(trap, None, 1, **options)
    assert greedy.symbols == [1, 0]
    assert math.exp(greedy.log_probability) == pytest.approx(0.3)
    best, second = beam_search(trap, None, width=2, **options)
    assert best.symbols == [2, 0]
    assert math.exp(best.log_probability) == pytest.approx(0.4)
    assert second == greedy


def test_a_search_stops_at_the_end_or_when_steps_run_out():
    def endless(symbols, count):
        return np.log(np.tile([0.1, 0.9], (len(symbols), 1))), count + 1

    (line,) = greedy_search(endless, 0, 1, start=0, end=0, steps=3)
    assert line.symbols == [1, 1, 1]
    beam = beam_search(endless, 0, width=2, start=0, end=0, steps=3)
    assert [one.symbols for one in beam] == [[1, 1, 1], [0]]


SEARCHES = {
    "width": (lambda: beam_search(trap, None, width=0, start=0, end=0, steps=3), ValueError),
    "steps": (lambda: beam_search(trap, None, width=2, start=0, end=0, steps=1.5), TypeError),
    "start": (lambda: greedy_search(trap, None, 1, start=-1, end=0, steps=3), ValueError),
    "end": (lambda: greedy_search(trap, None, 1, start=0, end="0", steps=3), TypeError),
    "batch": (lambda: greedy_search(trap, None, 0, start=0, end=0, steps=3), ValueError),
    "shape": (
        lambda: greedy_search(lambda s, k: (np.zeros(3), k), None, 1, start=0, end=0, steps=3),
        ValueError,
    ),
    "NaN": (
        lambda: greedy_search(
            lambda s, k: (np.full((1, 3), np.nan), k), None, 1, start=0, end=0, steps=3
        ),
        ValueError,
    ),
}


@pytest.mark.parametrize("name", SEARCHES)
def test_bad_arguments_of_a_search_are_named(name):
    call, error = SEARCHES[name]
    raises_as_told(Row(call, error, (name,)))


BAD = {
    "attention": Row(
        lambda half: half.EncoderDecoder(4, 4, attention="cosine"), ValueError, ("attention",)
    ),
    "size": Row(lambda half: half.EncoderDecoder(4, 0), ValueError, ("targets", "0")),
    "float": Row(lambda half: half.EncoderDecoder(4, 4, 2.0), TypeError, ("embedding_size",)),
    "dtype": Row(lambda half: half.EncoderDecoder(4, 4, dtype="int8"), TypeError, ("dtype",)),
}
CALLS = {
    "floats": ([[0.5]], [[1]], None, TypeError, ("source", "integers")),
    "rank": ([1, 2], [[1]], None, ValueError, ("source", "steps, batch")),
    "empty": (np.zeros((0, 1), int), [[1]], None, ValueError, ("source",)),
    "symbol": ([[6]], [[1]], None, IndexError, ("source", "5", "6")),
    "target": ([[1]], [[-1]], None, IndexError, ("target", "4", "-1")),
    "batches": ([[1, 2]], [[1]], None, ValueError, ("2 and 1",)),
    "length": ([[1]], [[1]], [0], ValueError, ("lengths", "at least 1")),
}


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_are_named(half, name):
    raises_as_told(BAD[name], half)


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
@pytest.mark.parametrize("name", CALLS)
def test_bad_input_is_named(half, name):
    source, target, lengths, error, words = CALLS[name]
    model = make("dot", half)
    raises_as_told(Row(lambda: model(np.array(source), np.array(target), lengths), error, words))


@pytest.mark.parametrize("half", HALVES, ids=["numpy", "torch"])
def test_a_step_for_another_batch_is_an_error(half):
    model = make("dot", half)
    with pytest.raises(ValueError, match="symbols"):
        model.step([[1]], model.start(np.array([[1]])))
    with pytest.raises(RuntimeError):
        model.step([1, 2], model.start(np.array([[1]])))
