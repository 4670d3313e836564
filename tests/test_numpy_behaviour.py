"""What must hold of every layer of the NumPy half, whatever its equations are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.grids import (
    KINDS,
    OPTIONS,
    build,
    cases,
    data,
    pack,
    parts,
    upstream,
)

EVERYTHING = {"num_layers": 2, "bidirectional": True}
NOISY = {
    "dropout": 0.3,
    "recurrent_dropout": 0.3,
    "zoneout": 0.3,
    "weight_drop": 0.3,
    **EVERYTHING,
}


def whole_pass(layer, x, hx, lengths=None, d_output=None, d_state=None):
    """All that comes out of a forward and a backward, by name; the gradients start at 0."""
    layer.zero_grad()
    output, state = layer(x, hx, lengths=lengths)
    if d_output is None:
        d_output, d_state = upstream(output, state)
    d_x, d_hx = layer.backward(d_output, d_state)
    found = {"output": output, "d_x": d_x}
    found |= {f"state[{k}]": s for k, s in enumerate(parts(state))}
    found |= {f"d_hx[{k}]": d for k, d in enumerate(parts(d_hx))}
    return found | {f"d {name}": g.copy() for name, g in layer.grads.items()}


def assert_same(first, second, tolerance=0.0):
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert_allclose(value, second[name], rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("poison, checkpoint", [(np.nan, False), (np.inf, False), (np.nan, True)])
@pytest.mark.parametrize("kind", KINDS)
def test_padding_never_leaks(kind, poison, checkpoint, training):
    lengths = [4, 0, 6, 1]
    clean, poisoned = (
        build(kind, checkpoint=checkpoint, **NOISY).train(training) for _ in range(2)
    )
    x, hx = data(clean, 6, 4)
    padding = np.arange(6)[:, None] >= lengths
    output, state = build(kind, **EVERYTHING)(x, hx)
    d_output, d_state = upstream(output, state)
    expected = whole_pass(clean, x, hx, lengths, d_output, d_state)
    bad_x, bad_d = x.copy(), d_output.copy()
    bad_x[padding], bad_d[padding] = poison, poison
    found = whole_pass(poisoned, bad_x, hx, lengths, bad_d, d_state)
    for name, value in found.items():
        assert np.isfinite(value).all(), name
        assert_array_equal(value, expected[name], err_msg=name)
    assert not found["output"][padding].any()
    assert not found["d_x"][padding].any()


@pytest.mark.parametrize("kind", KINDS)
def test_length_0_returns_hx_and_passes_its_gradient_through(kind):
    layer = build(kind, **NOISY)
    x, hx = data(layer, 4, 3)
    output, state = layer(x, hx, lengths=[0, 4, 0])
    d_output, d_state = upstream(output, state)
    _, d_hx = layer.backward(d_output, d_state)
    for s, old, d_old, d in zip(*map(parts, (state, hx, d_hx, d_state)), strict=True):
        assert_array_equal(s[:, [0, 2]], old[:, [0, 2]])
        assert_array_equal(d_old[:, [0, 2]], d[:, [0, 2]])


@settings(derandomize=True, max_examples=12, deadline=None, database=None)
@given(
    lengths=st.lists(st.integers(0, 6), min_size=1, max_size=4),
    extra=st.integers(0, 2),
    kind=st.sampled_from(list(KINDS)),
    options=st.sampled_from([{}, {"zoneout": 0.4}, {"checkpoint": True}, {"batch_first": True}]),
)
def test_a_sequence_in_a_batch_is_the_sequence_by_itself(lengths, extra, kind, options):
    layer = build(kind, **EVERYTHING, **options).eval()
    x, hx = data(layer, max(*lengths, 1) + extra, len(lengths))
    output, state = layer(x, hx, lengths=lengths)
    for n, length in enumerate(lengths):
        if layer.batch_first:
            own, padded = x[n : n + 1, :length], output[n]
        else:
            own, padded = x[:length, n : n + 1], output[:, n]
        assert not padded[length:].any()
        if length:
            alone, end = layer(own, pack([s[:, n : n + 1] for s in parts(hx)]))
            assert_allclose(padded[:length], alone.reshape(length, -1), rtol=0, atol=1e-13)
            for s, e in zip(parts(state), parts(end), strict=True):
                assert_allclose(s[:, n], e[:, 0], rtol=0, atol=1e-13)


@pytest.mark.parametrize("kind, options", cases(list(KINDS), OPTIONS))
def test_split_sequence_equals_whole(kind, options):
    options = OPTIONS[options]
    layer = build(kind, **({"num_layers": 2} if "dropout" in options else {}), **options).eval()
    x, hx = data(layer, 7)
    output, state = layer(x, hx)
    pieces = []
    for piece in np.split(x, [1, 4]):
        one, hx = layer(piece, hx)
        pieces.append(one)
    assert_allclose(np.concatenate(pieces), output, rtol=0, atol=1e-14)
    for s, e in zip(parts(hx), parts(state), strict=True):
        assert_allclose(s, e, rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_of_a_split_sequence_handed_back_equals_whole(kind):
    layers = [build(kind, num_layers=2, zoneout=0.3).eval() for _ in range(3)]
    x, hx = data(layers[0], 6)
    whole = whole_pass(layers[0], x, hx)
    d_output, d_state = upstream(*layers[0](x, hx))
    _, middle = layers[1](x[:4], hx)
    layers[2](x[4:], middle)
    d_late, d_middle = layers[2].backward(d_output[4:], d_state)
    d_early, d_hx = layers[1].backward(d_output[:4], d_middle)
    assert_allclose(np.concatenate([d_early, d_late]), whole["d_x"], rtol=0, atol=1e-13)
    for k, d in enumerate(parts(d_hx)):
        assert_allclose(d, whole[f"d_hx[{k}]"], rtol=0, atol=1e-13)
    for name, g in layers[1].grads.items():
        assert_allclose(g + layers[2].grads[name], whole[f"d {name}"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_zero_upstream_gradient_gives_zero(kind):
    layer = build(kind, **NOISY)
    x, hx = data(layer)
    zeros = (0 * a for a in upstream(*layer(x, hx))[:1])
    for given_gradients in ((next(zeros), None), (None, None)):
        layer(x, hx, lengths=[4, 0, 2])
        d_x, d_hx = layer.backward(*given_gradients)
        for value in (d_x, *parts(d_hx), *layer.grads.values()):
            assert not value.any()


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_is_linear_in_what_arrives(kind):
    layer = build(kind, **EVERYTHING, zoneout=0.3).eval()
    x, hx = data(layer)
    d_output, d_state = upstream(*layer(x, hx))
    both = whole_pass(layer, x, hx, None, d_output, d_state)
    first = whole_pass(layer, x, hx, None, d_output, pack([0 * d for d in parts(d_state)]))
    second = whole_pass(layer, x, hx, None, 0 * d_output, d_state)
    for name in both:
        if name.startswith("d"):
            assert_allclose(first[name] + second[name], both[name], rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_batch_items_are_independent(kind):
    options = {**NOISY, "weight_drop": 0.0}
    x, hx = data(build(kind, **options))
    other_x, other_hx = data(build(kind, **options), seed=9)
    other_x[:, 1] = x[:, 1]
    other_hx = [np.array(s) for s in parts(other_hx)]
    for s, own in zip(other_hx, parts(hx), strict=True):
        s[:, 1] = own[:, 1]
    first, second = build(kind, **options), build(kind, **options)
    d_output, d_state = upstream(*build(kind, **options)(x, hx))
    a = whole_pass(first, x, hx, [4, 3, 1], d_output, d_state)
    b = whole_pass(second, other_x, pack(other_hx), [2, 3, 4], d_output, d_state)
    for name in a:
        if not name.startswith("d "):
            assert_allclose(a[name][:, 1], b[name][:, 1], rtol=0, atol=1e-14, err_msg=name)
    d_output[:, [0, 2]], d_state = 0, pack([d * [[[0], [1], [0]]] for d in parts(d_state)])
    alone = whole_pass(build(kind, **options), x, hx, [4, 3, 1], d_output, d_state)
    assert not alone["d_x"][:, [0, 2]].any()


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_a_batch_are_the_sum_over_its_items(kind):
    layer = build(kind, **EVERYTHING)
    x, hx = data(layer)
    d_output, d_state = upstream(*layer(x, hx))
    whole = whole_pass(layer, x, hx, None, d_output, d_state)
    layer.zero_grad()
    for n in range(3):
        layer(x[:, n], pack([s[:, n] for s in parts(hx)]))
        layer.backward(d_output[:, n], pack([d[:, n] for d in parts(d_state)]))
    for name, g in layer.grads.items():
        assert_allclose(g, whole[f"d {name}"], rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("kind, options", cases(list(KINDS), OPTIONS))
def test_two_passes_in_a_row_agree(kind, options):
    two = {"num_layers": 2} if "dropout" in OPTIONS[options] else {"bidirectional": True}
    layer = build(kind, **two, **OPTIONS[options])
    x, hx = data(layer)
    layer.eval()
    assert_same(whole_pass(layer, x, hx, [4, 0, 2]), whole_pass(layer, x, hx, [4, 0, 2]))
    layer.train()
    other = build(kind, **two, **OPTIONS[options])
    for _ in range(2):  # the second pass of one layer is the second pass of its twin
        assert_same(whole_pass(layer, x, hx), whole_pass(other, x, hx))


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_add_up_over_passes_until_they_are_set_to_zero(kind):
    layer = build(kind)
    x, hx = data(layer)
    once = whole_pass(layer, x, hx)
    layer.backward(*upstream(*layer(x, hx)))
    for name, g in layer.grads.items():
        assert_allclose(g, 2 * once[f"d {name}"], rtol=1e-14)
    arrays = dict(layer.grads)
    layer.zero_grad()
    assert all(layer.grads[name] is a and not a.any() for name, a in arrays.items())


@pytest.mark.parametrize("steps", [1, 2, 4, 9, 11])
@pytest.mark.parametrize("kind", KINDS)
def test_checkpoint_gives_the_same(kind, steps):
    # Masks that change from step to step, where there are some: each chunk must find its own.
    options = {**NOISY, "recurrent_dropout_on": "update" if KINDS[kind].candidate else "state"}
    plain, checkpointed = build(kind, **options), build(kind, checkpoint=True, **options)
    x, hx = data(plain, steps)
    lengths = [steps, 0, (steps + 1) // 2]
    a, b = whole_pass(plain, x, hx, lengths), whole_pass(checkpointed, x, hx, lengths)
    # Not to the last bit: a product of fewer rows may be rounded otherwise.
    for name, value in a.items():
        assert_allclose(b[name], value, rtol=0, atol=1e-14 * max(1, np.abs(value).max()))
