"""The step that a page shows is the step that runs, and a reader finds the way of a call."""

import gc
import inspect
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import rnn_book.numpy as half
from rnn_book.numpy import CellModule, Recurrent
from tests.grids import KINDS, build, data, pack, parts, upstream
from tests.test_numpy_cells import STREAMS, stream

OPTIONS = {
    "plain": {},
    "noisy": {"recurrent_dropout": 0.3, "zoneout": 0.3, "weight_drop": 0.3},
    "checkpoint": {"checkpoint": True},
}


def counted(cell_class, monkeypatch):
    """Count the calls of the two functions that the pages show, which still do their work."""
    calls = {"step": 0, "step_gradient": 0}

    def counting(name, function):
        def call(*arguments):
            calls[name] += 1
            return function(*arguments)

        return call

    for name in calls:
        monkeypatch.setattr(cell_class, name, counting(name, getattr(cell_class, name)))
    return calls


@pytest.mark.parametrize("lengths", [None, [5, 0, 2]], ids=["whole", "lengths"])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_shown_step_is_called_once_per_step_layer_and_direction(
    kind, options, lengths, monkeypatch
):
    layer = build(kind, num_layers=2, bidirectional=True, **OPTIONS[options])
    calls = counted(type(layer.cell), monkeypatch)
    x, hx = data(layer, 5)
    output, state = layer(x, hx, lengths=lengths)
    assert calls == {"step": 20, "step_gradient": 0}
    layer.backward(*upstream(output, state))
    assert calls == {"step": 40 if options == "checkpoint" else 20, "step_gradient": 20}


@pytest.mark.parametrize("kind", STREAMS)
def test_the_shown_step_is_what_a_stream_calls(kind, monkeypatch):
    cell, layer = stream(kind)
    calls = counted(type(layer.cell), monkeypatch)
    x, hx = data(layer, 1)
    new = cell(x[0], pack([s[0] for s in parts(hx)]))
    assert calls == {"step": 1, "step_gradient": 0}
    cell.backward(new)
    assert calls == {"step": 1, "step_gradient": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_another_step_in_its_place_changes_the_output_and_another_gradient_the_gradients(
    kind, monkeypatch
):
    layer = build(kind)
    x, hx = data(layer)
    output, state = layer(x, hx)
    arriving = upstream(output, state)
    d_x, _ = layer.backward(*arriving)
    step, step_gradient = type(layer.cell).step, type(layer.cell).step_gradient

    def shifted(self, a_x, *arguments):
        return step(self, a_x + 0.1 * np.arange(a_x.shape[-1]), *arguments)

    def doubled(self, d_new_state, *arguments):
        d_a_x, *others = step_gradient(self, d_new_state, *arguments)
        return 2 * d_a_x, *others

    monkeypatch.setattr(type(layer.cell), "step", shifted)
    assert not np.allclose(layer(x, hx)[0], output)
    monkeypatch.setattr(type(layer.cell), "step", step)
    monkeypatch.setattr(type(layer.cell), "step_gradient", doubled)
    layer(x, hx)
    assert not np.allclose(layer.backward(*arriving)[0], d_x)


def files_of(run):
    """The files of the package that a run goes through, in the order in which it meets them."""
    package, found = Path(half.__file__).parents[1], []

    def watch(frame, event, _):
        path = Path(frame.f_code.co_filename)
        if event == "call" and package in path.parents and path.name not in found:
            found.append(path.name)

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


ARGUMENTS = {"modules.py", "checks.py", "draws.py", "layout.py", "options.py"}
"""What a call checks and draws before it computes, and the shapes of parameters."""


@pytest.mark.parametrize("kind", ["rnn_tanh", "lstm", "gru", "peephole_lstm"])
def test_a_call_and_its_gradient_lead_through_five_files(kind):
    layer = build(kind)
    x, hx = data(layer)
    gradients = upstream(*layer(x, hx))

    def run():
        layer(x, hx)
        layer.backward(*gradients)

    found = [name for name in files_of(run) if name not in ARGUMENTS]
    own = Path(inspect.getfile(type(layer.cell))).name
    assert sorted(found) == sorted(
        ["recurrent.py", "sequence.py", "product.py", own, "functions.py"]
    )


def test_files_stay_short_enough_to_be_read():
    for path in Path(half.__file__).parent.glob("*.py"):
        count = len(path.read_text(encoding="utf-8").splitlines())
        assert count <= (500 if path.name == "recurrent.py" else 350), path.name


LAYERS = [
    value
    for value in vars(half).values()
    if isinstance(value, type) and issubclass(value, Recurrent | CellModule)
]
SHARED = {"recurrent_dropout", "recurrent_dropout_on", "zoneout", "weight_drop", "checkpoint"}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
def test_a_constructor_names_its_options_and_their_types(layer):
    parameters = inspect.signature(layer).parameters
    kinds = {p.kind for p in parameters.values()}
    assert not kinds & {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
    assert {"input_size", "hidden_size", "bias", "forget_bias", "rng", "dtype"} <= set(parameters)
    if issubclass(layer, Recurrent):
        assert set(parameters) >= SHARED
        defaults = {name: p.default for name, p in inspect.signature(Recurrent).parameters.items()}
        assert all(p.default == defaults.get(n, p.default) for n, p in parameters.items())
    untyped = [n for n, p in parameters.items() if p.annotation is p.empty]
    assert not untyped


@pytest.mark.parametrize("kind", KINDS)
def test_a_pass_leaves_no_reference_cycles_and_keeps_nothing(kind):
    layer = build(kind, zoneout=0.2)
    x, hx = data(layer)
    layer.backward(*upstream(*layer(x, hx)))
    gc.collect()
    gc.disable()
    try:
        output, state = layer(x, hx)
        layer.backward(*upstream(output, state))
        del output, state
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert layer._saved is None


@pytest.mark.parametrize("kind", ["lstm", "gru", "gru_reset_before"])
@pytest.mark.parametrize("hidden, batch", [(64, 1), (64, 3), (96, 2)])
def test_blocks_of_columns_change_nothing_but_the_speed(kind, hidden, batch, monkeypatch):
    from rnn_book.numpy import product

    answers = []
    for small_kernel in (False, True):
        monkeypatch.setattr(product, "SMALL_KERNEL", small_kernel)
        layer = build(kind, 3, hidden, weight_drop=0.3)
        x, hx = data(layer, 9, batch)
        output, state = layer(x, hx)
        d_x, d_hx = layer.backward(*upstream(output, state))
        answers.append([output, *parts(state), d_x, *parts(d_hx), *layer.grads.values()])
    for plain, blocks in zip(*answers, strict=True):
        np.testing.assert_allclose(blocks, plain, rtol=0, atol=1e-11)
    width = product.block_width(batch, hidden, hidden, 8)
    assert width < hidden
    assert hidden % width == 0


@pytest.mark.parametrize("kind", KINDS)
def test_how_many_steps_make_one_chunk_changes_nothing_but_the_memory(kind, monkeypatch):
    from rnn_book.numpy import sequence

    answers = []
    for rows in (1, 2, 512):  # times four: chunks of one step, of two, and of all
        monkeypatch.setattr(sequence, "ROWS", rows)
        layer = build(kind, 3, 5, zoneout=0.2, recurrent_dropout=0.3, bidirectional=True)
        x, hx = data(layer, 7, 3)
        output, state = layer(x, hx, lengths=[7, 2, 5])
        assert [len(s.chunks) for s in layer._saved.sweeps] == [-(-7 // max(1, 4 * rows // 3))] * 2
        d_x, d_hx = layer.backward(*upstream(output, state))
        answers.append([output, *parts(state), d_x, *parts(d_hx), *layer.grads.values()])
    for one, two, all_ in zip(*answers, strict=True):
        np.testing.assert_allclose(one, all_, rtol=0, atol=1e-11)
        np.testing.assert_allclose(two, all_, rtol=0, atol=1e-11)


class Bad(half.Cell):
    """A cell whose step forgets to take its one gate apart."""

    def step(self, a_x, h_rec, state, p):
        return (a_x + p.recurrent(h_rec) + p.bias_hh,), ()


def test_a_step_that_returns_another_shape_or_precision_is_refused():
    x = np.ones((2, 3, 3), np.float32)
    with pytest.raises(ValueError, match=r"step of Bad must return h as \(3, 4\).*take them apart"):
        Recurrent(Bad, 3, 4)(x)

    class Wide(half.Cell):
        def step(self, a_x, h_rec, state, p):
            return ((a_x + p.recurrent(h_rec))[0] * np.ones(4),), ()

    with pytest.raises(ValueError, match=r"step of Wide must return h as .* of float32, got .*64"):
        Recurrent(Wide, 3, 4)(x)


def test_a_gradient_of_a_parameter_that_the_step_does_not_use_is_refused():
    class Typo(half.Cell):
        def step(self, a_x, h_rec, state, p):
            (h,) = a_x + p.recurrent(h_rec) + p.bias_hh
            return (h,), h_rec

        def step_gradient(self, d_new_state, saved, p):
            d_a = np.array(d_new_state)
            return d_a, p.recurrent.gradient(d_a), (0.0,), {"weight_h": (d_a, saved)}

    layer = Recurrent(Typo, 3, 4, rng=0)
    output, _ = layer(np.ones((2, 3, 3), np.float32))
    with pytest.raises(ValueError, match="step_gradient of Typo returns a gradient of weight_h,"):
        layer.backward(output)


class Reused(half.Cell):
    """A step that hands over sometimes what it was given, sometimes a copy of it."""

    def step(self, a_x, h_rec, state, p):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        h = np.tanh(a)
        return (h,), (h, h_rec)

    def step_gradient(self, d_new_state, saved, p):
        h, h_rec = saved
        d_a = np.array([d_new_state[0] * (1 - h * h)])
        if self.copies(h):
            h_rec, other = h_rec.copy(), d_a.copy()
        else:
            other = d_a
        d_p = {"weight_hh": (other, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0,), d_p

    def copies(self, h):
        return False


class Sometimes(Reused):
    def copies(self, h):
        return h[0, 0] > 0


class Always(Reused):
    def copies(self, h):
        return True


def test_what_is_handed_over_again_and_a_copy_of_it_give_the_same_gradients():
    found = []
    for cell in (Reused, Sometimes, Always):
        layer = Recurrent(cell, 3, 4, rng=0, dtype="float64", recurrent_dropout=0.3)
        x, hx = data(layer, 9)
        layer.backward(*upstream(*layer(x, hx)))
        found.append(layer.grads)
    for name, expected in found[0].items():
        for other in found[1:]:
            assert_array_equal(other[name], expected)
