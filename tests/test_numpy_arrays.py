"""Arrays in and out of the NumPy half: layout, precision, ownership, and numbers of any size."""

from contextlib import suppress

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

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
from tests.grids import KINDS, OPTIONS, build, cases, data, pack, parts, upstream

NOISY = {
    "num_layers": 2,
    "bidirectional": True,
    "dropout": 0.3,
    "recurrent_dropout": 0.3,
    "zoneout": 0.3,
    "weight_drop": 0.3,
}


def strided(a):
    wide = np.full((*a.shape[:-1], 2 * a.shape[-1]), np.nan, a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def transposed(a):
    axes = tuple(reversed(range(a.ndim)))
    return np.ascontiguousarray(a.transpose(axes)).transpose(axes)


def backwards(a):
    return np.ascontiguousarray(a[::-1])[::-1]


LAYOUTS = {"fortran": transposed, "strided": strided, "reversed": backwards}


def frozen(a, layout):
    a = layout(a)
    a.setflags(write=False)
    return a


@pytest.mark.parametrize(
    "lengths, batch_first",
    [(None, False), ((4, 0, 2), False), (None, True)],
    ids=["whole", "lengths", "batch_first"],
)
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_input_of_any_layout_works_and_is_never_written_to(kind, layout, lengths, batch_first):
    answers = []
    for arrange in (np.copy, layout):
        layer = build(kind, batch_first=batch_first, checkpoint=True, **NOISY)
        x, hx = data(layer)
        d_output, d_state = upstream(*build(kind, batch_first=batch_first, **NOISY)(x, hx))
        given = [frozen(a, arrange) for a in (x, *parts(hx), d_output, *parts(d_state))]
        before = [np.array(a) for a in given]
        x, *hx, d_output = given[: 2 + KINDS[kind].states]
        lengths = None if lengths is None else np.array(lengths)
        output, state = layer(x, pack(hx), lengths=lengths)
        d_x, d_hx = layer.backward(d_output, pack(given[2 + KINDS[kind].states :]))
        for a, b in zip(given, before, strict=True):
            assert_array_equal(a, b)
        answers.append([output, *parts(state), d_x, *parts(d_hx), *layer.grads.values()])
        if lengths is not None:
            assert_array_equal(lengths, [4, 0, 2])
    for a, b in zip(*answers, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_changes_to_returned_arrays_never_reach_backward(kind):
    answers = []
    for spoil in (False, True):
        layer = build(kind, **NOISY)
        x, hx = data(layer)
        output, state = layer(x, hx, lengths=[4, 0, 2])
        d_output, d_state = upstream(output, state)
        if spoil:
            for a in (output, *parts(state)):
                a[...] = np.nan
            for name in list(layer.state_dict()):
                layer.state_dict()[name][...] = np.nan
            for masks in layer.last_masks.values():
                for name in list(masks):
                    with suppress(ValueError):  # a mask may as well be read-only
                        masks[name][...] = 7
                masks.clear()
            layer.last_masks.clear()
            layer.eval()
        d_x, d_hx = layer.backward(d_output, d_state)
        grads = {name: g.copy() for name, g in layer.grads.items()}
        for a in (d_x, *parts(d_hx)):
            a[...] = np.nan
        answers.append([*grads.values(), *layer.grads.values()])
    for a, b in zip(*answers, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("checkpoint", [False, True], ids=["", "checkpoint"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_state_that_is_handed_on_may_be_overwritten_before_backward(kind, checkpoint):
    answers = []
    for spoil in (False, True):
        layer = build(kind, checkpoint=checkpoint)
        x, hx = data(layer)
        d_output, d_state = upstream(*layer(x, hx))
        if spoil:
            for a in parts(hx):
                a[...] = np.nan
        d_x, d_hx = layer.backward(d_output, d_state)
        answers.append([d_x, *parts(d_hx), *layer.grads.values()])
    for a, b in zip(*answers, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_returned_arrays_share_no_memory_with_each_other_or_with_what_was_given(kind):
    layer = build(kind)
    x, hx = data(layer, 1, 1)
    output, state = layer(x, hx, lengths=[0])
    d_output, d_state = upstream(output, state)
    d_x, d_hx = layer.backward(d_output, d_state)
    arrays = [x, *parts(hx), output, *parts(state), d_output, *parts(d_state), d_x, *parts(d_hx)]
    arrays += [*layer.parameters.values(), *layer.grads.values(), *layer.state_dict().values()]
    for k, a in enumerate(arrays):
        assert not any(np.shares_memory(a, b) for b in arrays[:k])


# what, how to build it, what goes in
MODULES = {
    "rnn_cell": (lambda dtype: RNNCell(3, 4, rng=1, dtype=dtype), ((2, 3), (2, 4))),
    "lstm_cell": (lambda dtype: LSTMCell(3, 4, rng=1, dtype=dtype), ((2, 3), ((2, 4), (2, 4)))),
    "gru_cell": (lambda dtype: GRUCell(3, 4, rng=1, dtype=dtype), ((2, 3), (2, 4))),
    "gru_cell_reset_before": (
        lambda dtype: GRUCell(3, 4, reset_after=False, rng=1, dtype=dtype),
        ((2, 3), (2, 4)),
    ),
    "linear": (lambda dtype: Linear(3, 4, rng=1, dtype=dtype), ((5, 2, 3),)),
    "layer_norm": (lambda dtype: LayerNorm(3, dtype=dtype), ((5, 2, 3),)),
    "dropout": (lambda dtype: Dropout(0.3, rng=1, dtype=dtype), ((5, 2, 3),)),
    "locked_dropout": (lambda dtype: LockedDropout(0.3, rng=1, dtype=dtype), ((5, 2, 3),)),
}


def module_data(name, dtype):
    build_module, shapes = MODULES[name]
    rng = np.random.default_rng(6)

    def draw(shape):
        if isinstance(shape[0], tuple):
            return tuple(draw(part) for part in shape)
        return rng.standard_normal(shape).astype(dtype)

    return build_module(dtype), [draw(shape) for shape in shapes]


def module_upstream(result):
    rng = np.random.default_rng(7)
    return pack([rng.standard_normal(a.shape).astype(a.dtype) for a in parts(result)])


def flat(*values):
    return [a for value in values for part in parts(value) for a in parts(part)]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("name", MODULES)
def test_a_module_takes_any_layout_and_never_writes_to_it(name, layout):
    answers = []
    for arrange in (np.copy, layout):
        module, given = module_data(name, np.float64)
        given = [pack([frozen(a, arrange) for a in parts(value)]) for value in given]
        before = [np.array(a) for a in flat(*given)]
        result = module(*given)
        d = module_upstream(result)
        d = pack([frozen(a, arrange) for a in parts(d)])
        answers.append([*flat(result, module.backward(d)), *module.grads.values()])
        for a, b in zip(flat(*given), before, strict=True):
            assert_array_equal(a, b)
    for a, b in zip(*answers, strict=True):
        assert_allclose(a, b, rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", MODULES)
def test_changes_to_what_a_module_returns_never_reach_its_backward(name):
    answers = []
    for spoil in (False, True):
        module, given = module_data(name, np.float64)
        result = module(*given)
        d = module_upstream(result)
        if spoil:
            for a in parts(result):
                a[...] = np.nan
            if getattr(module, "last_mask", None) is not None and module.last_mask.flags.writeable:
                module.last_mask[...] = 7
        answers.append([*flat(module.backward(d)), *module.grads.values()])
    for a, b in zip(*answers, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_stays_in_its_precision(name):
    for dtype in (np.float32, np.float64):
        module, given = module_data(name, dtype)
        result = module(*given)
        found = flat(result, module.backward(module_upstream(result)))
        found += [*module.parameters.values(), *module.grads.values()]
        found += [getattr(module, "last_mask", result)] if "dropout" in name else []
        assert {a.dtype for a in found} == {np.dtype(dtype)}


def test_an_embedding_stays_in_its_precision():
    for dtype in (np.float32, np.float64):
        module = Embedding(5, 3, rng=0, dtype=dtype)
        vectors = module([[0, 4], [2, 2]])
        module.backward(vectors)
        arrays = (vectors, module.parameters["weight"], module.grads["weight"])
        assert {a.dtype for a in arrays} == {np.dtype(dtype)}


@pytest.mark.parametrize("kind, options", cases(list(KINDS), OPTIONS))
def test_float32_in_is_float32_throughout(kind, options):
    layer = build(kind, num_layers=2, bidirectional=True, dtype=None, **OPTIONS[options])
    x, hx = data(layer)
    assert x.dtype == np.float32
    for training, given_hx in ((True, hx), (True, None), (False, hx)):
        layer.train(training)
        output, state = layer(x, given_hx, lengths=[4, 0, 2])
        d_x, d_hx = layer.backward(*upstream(output, state))
        arrays = [output, *parts(state), d_x, *parts(d_hx)]
        arrays += [*layer.parameters.values(), *layer.grads.values()]
        for masks in layer.last_masks.values():
            arrays += [mask for name, mask in masks.items() if not name.startswith("zoneout")]
        assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


@pytest.mark.parametrize("kind", KINDS)
def test_float32_agrees_with_float64_up_to_rounding(kind):
    answers = []
    for dtype in (np.float32, np.float64):
        layer = KINDS[kind].layer(3, 4, rng=1, dtype=dtype, **NOISY, **dict(KINDS[kind].options))
        x, hx = data(layer)
        output, state = layer(x, hx)
        d_x, d_hx = layer.backward(*upstream(output, state))
        answers.append([output, *parts(state), d_x, *parts(d_hx), *layer.grads.values()])
    for single, double in zip(*answers, strict=True):
        assert_allclose(single, double, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("hidden, batch", [(4, 3), (32, 33)], ids=["small", "large"])
@pytest.mark.parametrize("kind", KINDS)
def test_huge_preactivations_raise_no_warning(kind, hidden, batch, dtype):
    layer = build(kind, 3, hidden, dtype=dtype, checkpoint=True)
    x, hx = data(layer, batch=batch)
    layer.parameters["weight_ih_l0"][...] = 1e4 * np.sign(layer.parameters["weight_ih_l0"])
    with np.errstate(all="raise", under="ignore"):
        output, state = layer(np.sign(x) * np.array([1, 0, 0], x.dtype), hx)
        found = layer.backward(*upstream(output, state))
    for a in (output, *parts(state), *parts(found[0]), *parts(found[1])):
        assert np.isfinite(a).all()
    if "relu" not in kind:
        assert np.abs(output).max() <= max(1, np.abs(parts(hx)[0]).max())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("cell", [RNNCell, LSTMCell, GRUCell])
def test_huge_preactivations_of_a_single_cell_raise_no_warning(cell, dtype):
    cell = cell(1, 4, rng=0, dtype=dtype)
    cell.parameters["weight_ih"][...] = 1e4 * np.sign(cell.parameters["weight_ih"])
    with np.errstate(all="raise", under="ignore"):
        state = cell(np.ones((2, 1), dtype))
        d_x, d_state = cell.backward(pack([np.ones_like(s) for s in parts(state)]))
    for a in flat(state, d_x, d_state):
        assert np.isfinite(a).all()
