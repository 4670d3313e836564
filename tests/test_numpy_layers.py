"""Every layer of the NumPy half against torch.nn, and against loops over scalars."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.grids import (
    KINDS,
    OPTIONS,
    REGULARISERS,
    STOCK,
    build,
    cases,
    data,
    pack,
    pairs,
    parts,
    upstream,
)
from tests.oracles import run_layer, torch_answer, torch_twin

# steps, batch, input, hidden, layers, directions, further options, lengths
SIZES = {
    "one_step": (1, 3, 3, 4, 1, 1, {}, None),
    "one_sequence": (5, 1, 3, 4, 1, 1, {}, None),
    "one_of_each": (1, 1, 1, 1, 1, 1, {}, None),
    "one_step_two_directions": (1, 2, 3, 4, 2, 2, {}, None),
    "no_sequence": (4, 0, 3, 4, 2, 2, {}, None),
    "no_sequence_lengths": (4, 0, 3, 4, 1, 2, {}, []),
    "wide": (4, 2, 2, 7, 1, 1, {}, None),
    "narrow": (4, 2, 7, 2, 1, 1, {}, None),
    "three_layers": (6, 3, 3, 4, 3, 1, {}, None),
    "three_layers_two_directions": (6, 3, 3, 4, 3, 2, {}, None),
    "no_bias": (5, 3, 3, 4, 2, 2, {"bias": False}, None),
    "batch_first": (5, 3, 3, 4, 2, 2, {"batch_first": True}, None),
    "long": (40, 2, 3, 4, 1, 1, {}, None),
    # beyond the sizes at which the fast kernels work in blocks and squash by the exponential
    "large": (19, 33, 3, 32, 1, 2, {}, None),
    "large_lengths": (19, 33, 3, 32, 1, 1, {}, [19, 0, *range(1, 17), 4, *range(1, 15)]),
    "full_lengths": (4, 3, 3, 4, 1, 2, {}, [4, 4, 4]),
    "lengths": (6, 4, 3, 4, 2, 2, {}, [3, 6, 1, 4]),
    "lengths_below_steps": (6, 3, 3, 4, 1, 2, {}, [3, 2, 1]),
    "lengths_batch_first": (6, 4, 3, 4, 2, 2, {"batch_first": True}, [3, 6, 1, 4]),
    "lengths_with_0": (6, 4, 3, 4, 2, 2, {}, [3, 0, 6, 1]),
    "lengths_with_0_batch_first": (6, 4, 3, 4, 2, 2, {"batch_first": True}, [0, 6, 2, 0]),
    "lengths_all_0": (3, 2, 3, 4, 1, 2, {}, [0, 0]),
    "lengths_no_bias": (6, 3, 3, 4, 2, 2, {"bias": False}, [2, 6, 0]),
    "unbatched": (5, None, 3, 4, 2, 2, {}, None),
    "unbatched_batch_first": (5, None, 3, 4, 2, 2, {"batch_first": True}, None),
    "checkpoint": (10, 3, 3, 4, 2, 2, {"checkpoint": True}, [10, 0, 7]),
}


def sized(kind, name):
    steps, batch, inputs, hidden, layers, directions, options, lengths = SIZES[name]
    layer = build(kind, inputs, hidden, num_layers=layers, bidirectional=directions == 2, **options)
    x, hx = data(layer, steps, batch, unbatched=batch is None)
    return layer, x, hx, lengths


def close(actual, expected, what, tolerance=1e-10):
    assert_allclose(actual, expected, rtol=0, atol=tolerance, err_msg=what)


@pytest.mark.parametrize("kind", STOCK)
@pytest.mark.parametrize(
    "size, hx_given",
    [(size, True) for size in SIZES]
    + [(size, False) for size in ("one_step", "three_layers", "unbatched", "lengths")],
)
def test_forward_and_backward_match_torch(kind, size, hx_given):
    layer, x, hx, lengths = sized(kind, size)
    if not hx_given:
        hx = pack([np.zeros_like(s) for s in parts(hx)])
    output, state = layer(x, hx if hx_given else None, lengths=lengths)
    d_output, d_state = upstream(output, state)
    packed = bool(lengths) and min(lengths) > 0  # torch packs no sequence of length 0
    expected, states, gradients = torch_answer(
        torch_twin(kind, layer), x, parts(hx), lengths or None, d_output, parts(d_state), packed
    )
    assert output.shape == expected.shape
    close(output, expected, "output")
    for k, (ours, theirs) in enumerate(zip(parts(state), states, strict=True)):
        assert ours.shape == theirs.shape
        close(ours, theirs, f"state {k}")
    d_x, d_hx = layer.backward(d_output, d_state)
    assert d_x.shape == x.shape
    close(d_x, gradients.pop("x"), "d_x")
    for k, d in enumerate(parts(d_hx)):
        close(d, gradients.pop(f"hx[{k}]"), f"d_hx {k}")
    assert gradients.keys() == layer.grads.keys()
    for name, expected in gradients.items():
        close(layer.grads[name], expected, name)


ARRIVING = {
    "output": (1, 0, 0),
    "h_n": (0, 1, 0),
    "c_n": (0, 0, 1),
    "output_and_h_n": (1, 1, 0),
    "h_n_and_c_n": (0, 1, 1),
    "everything": (1, 1, 1),
}


@pytest.mark.parametrize("size", ["three_layers_two_directions", "lengths_with_0", "unbatched"])
@pytest.mark.parametrize(
    "kind, arriving",
    [(k, a) for k in STOCK for a in ARRIVING if k == "lstm" or "c_n" not in a],
)
def test_backward_matches_torch_wherever_the_gradient_arrives(kind, arriving, size):
    layer, x, hx, lengths = sized(kind, size)
    arrives = ARRIVING[arriving][: 1 + KINDS[kind].states]
    output, state = layer(x, hx, lengths=lengths)
    d_output, d_state = upstream(output, state)
    d_output = d_output if arrives[0] else None
    d_states = [d if here else None for d, here in zip(parts(d_state), arrives[1:], strict=True)]
    _, _, gradients = torch_answer(
        torch_twin(kind, layer), x, parts(hx), lengths, d_output, d_states, packed=False
    )
    given = None if not any(arrives[1:]) else pack(d_states)
    d_x, d_hx = layer.backward(d_output, given)
    close(d_x, gradients.pop("x"), "d_x")
    for k, d in enumerate(parts(d_hx)):
        close(d, gradients.pop(f"hx[{k}]"), f"d_hx {k}")
    for name, expected in gradients.items():
        close(layer.grads[name], expected, name)


@pytest.mark.parametrize("kind", STOCK)
def test_dropout_of_1_between_layers_matches_torch_in_training(kind):
    layer = build(kind, num_layers=2, bidirectional=True, dropout=1.0)
    x, hx = data(layer)
    twin = torch_twin(kind, layer).train()
    twin.dropout = 1.0
    output, state = layer(x, hx)
    d_output, d_state = upstream(output, state)
    expected, _, gradients = torch_answer(
        twin, x, parts(hx), None, d_output, parts(d_state), packed=False
    )
    close(output, expected, "output")
    d_x, _ = layer.backward(d_output, d_state)
    close(d_x, gradients["x"], "d_x")
    for name, gradient in layer.grads.items():
        close(gradient, gradients[name], name)


def check_against_loops(kind, options, lengths, training):
    layer = build(kind, num_layers=2, bidirectional=True, **options).train(training)
    x, hx = data(layer, steps=5)
    output, state = layer(x, hx, lengths=lengths)
    mixed = layer.options.zoneout if not training else {}
    mixed = [mixed.get(name, 0) for name in layer.cell.states]
    expected, states = run_layer(kind, layer, x, parts(hx), lengths, layer.last_masks, mixed)
    close(output, expected, "output", 1e-13)
    for ours, theirs in zip(parts(state), states, strict=True):
        close(ours, theirs, "state", 1e-13)


@pytest.mark.parametrize("kind, options", cases(list(KINDS), OPTIONS))
def test_forward_matches_loops_over_scalars(kind, options):
    for lengths in (None, [5, 0, 2]):
        check_against_loops(kind, OPTIONS[options], lengths, training=True)


@pytest.mark.parametrize("kind, options", cases(list(KINDS), REGULARISERS))
def test_forward_in_evaluation_matches_loops_over_scalars(kind, options):
    check_against_loops(kind, REGULARISERS[options], [5, 0, 2], training=False)


@pytest.mark.parametrize("kind, options", cases(list(KINDS), pairs(REGULARISERS)))
def test_forward_matches_loops_over_scalars_with_two_options(kind, options):
    check_against_loops(kind, pairs(REGULARISERS)[options], [5, 0, 2], training=True)


def test_a_cell_that_inherits_from_ours_is_run_by_its_own_step():
    from rnn_book.numpy import Recurrent
    from rnn_book.numpy.lstm import LSTMStep

    class Frozen(LSTMStep):
        def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
            return state, ()

    layer = Recurrent(Frozen, 3, 4, rng=0, dtype=np.float64)
    x, hx = data(layer)
    output, state = layer(x, hx)
    assert_array_equal(output, np.broadcast_to(hx[0], output.shape))
    assert_array_equal(state[1], hx[1])
