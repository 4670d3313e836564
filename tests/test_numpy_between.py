"""What happens between a forward and its backward changes no gradient without a word."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from rnn_book.numpy import (
    SGD,
    Dropout,
    Embedding,
    LayerNorm,
    Linear,
    LockedDropout,
    Recurrent,
)
from tests.grids import KINDS, build, data, parts, upstream
from tests.test_numpy_cells import CELLS, OWN_STREAMS, STREAMS

NOISY = {
    "num_layers": 2,
    "bidirectional": True,
    "dropout": 0.3,
    "recurrent_dropout": 0.3,
    "zoneout": 0.3,
    "weight_drop": 0.3,
}


def layer_of(kind, **options):
    if kind in CELLS:
        return Recurrent(CELLS[kind], 3, 4, rng=1, dtype=np.float64, **options)
    return build(kind, **options)


MODULES = {
    f"{kind}{label}": lambda kind=kind, options=options: layer_of(kind, **options)
    for kind in (*KINDS, *CELLS)
    for label, options in {
        "": {},
        "-noisy": NOISY,
        "-checkpoint": {**NOISY, "checkpoint": True},
    }.items()
}
MODULES |= {
    f"stream-{kind}": lambda make=make: make(rng=1, dtype=np.float64)
    for kind, make in (STREAMS | OWN_STREAMS).items()
}
MODULES |= {
    "linear": lambda: Linear(3, 4, rng=0, dtype=np.float64),
    "linear-no-bias": lambda: Linear(3, 4, bias=False, rng=0, dtype=np.float64),
    "layer_norm": lambda: LayerNorm(3, dtype=np.float64),
    "embedding": lambda: Embedding(5, 4, rng=0, dtype=np.float64),
    "dropout": lambda: Dropout(0.4, rng=0, dtype=np.float64),
    "locked_dropout": lambda: LockedDropout(0.4, rng=0, dtype=np.float64),
}


class Passed:
    """One forward, with all that a caller holds of it."""

    def __init__(self, name):
        rng = np.random.default_rng(7)
        self.module = MODULES[name]()
        for parameter in self.module.parameters.values():
            parameter += rng.normal(0, 0.4, parameter.shape)
        if isinstance(self.module, Recurrent):
            x, hx = data(self.module, 5)
            output, state = self.module(x, hx)
            self.gradients = upstream(output, state)
            self.given = [x, *parts(hx)]
            self.returned = [output, *parts(state)]
        elif name.startswith("stream"):
            self.given = [rng.standard_normal((2, 3))]
            self.given += [rng.standard_normal((2, 4)) for _ in self.module.cell.states]
            state = self.given[1:]
            self.returned = parts(
                self.module(self.given[0], tuple(state) if len(state) > 1 else state[0])
            )
            d = tuple(rng.standard_normal((2, 4)) for _ in state)
            self.gradients = (d if len(d) > 1 else d[0],)
        else:
            x = rng.integers(5, size=(2, 3)) if name == "embedding" else rng.random((2, 2, 3))
            self.given, self.returned = [x], [self.module(x)]
            self.gradients = (rng.standard_normal(self.returned[0].shape),)

    def backward(self, module=None):
        module = module or self.module
        module.zero_grad()
        found = module.backward(*self.gradients)
        found = found if isinstance(found, tuple) else (found,)
        arrays = [a for part in found for a in parts(part) if a is not None]
        return [*arrays, *(g.copy() for g in module.grads.values())]


def scribble_on_what_was_given(passed):
    for array in passed.given:
        array[...] = 0


def scribble_on_what_was_returned(passed):
    for array in passed.returned:
        array[...] = np.nan


def scribble_on_the_weights(passed):
    for array in passed.module.parameters.values():
        array *= -2


def put_other_weights_in_their_place(passed):
    for name, array in passed.module.parameters.items():
        passed.module.parameters[name] = np.full_like(array, 9)


def load_other_weights(passed):
    module = passed.module
    module.load_state_dict({name: np.zeros_like(a) for name, a in module.parameters.items()})


def let_an_optimiser_step(passed):
    if passed.module.parameters:
        for gradient in passed.module.grads.values():
            gradient += 1
        SGD(passed.module, 0.5).step()


def switch_the_mode(passed):
    passed.module.train(not passed.module.training)


def turn_what_the_constructor_was_told(passed):
    module, other = passed.module, layer_of("lstm", zoneout=1.0, recurrent_dropout=1.0)
    for name in ("batch_first", "checkpoint"):
        setattr(module, name, not getattr(module, name, False))
    module.p, module.options, module.eps = 0.9, other.options, 9.0


def forget_the_masks(passed):
    passed.module.last_masks, passed.module.last_mask = {}, None


EVENTS = [
    scribble_on_what_was_given,
    scribble_on_what_was_returned,
    scribble_on_the_weights,
    put_other_weights_in_their_place,
    load_other_weights,
    let_an_optimiser_step,
    switch_the_mode,
    turn_what_the_constructor_was_told,
    forget_the_masks,
]


@pytest.mark.parametrize("name", MODULES)
def test_whatever_happens_before_backward_the_gradients_are_those_of_the_forward(name):
    expected = Passed(name).backward()
    assert any(a.any() for a in expected)
    for event in EVENTS:
        passed = Passed(name)
        event(passed)
        for found, right in zip(passed.backward(), expected, strict=True):
            assert_array_equal(found, right, err_msg=event.__name__)


@pytest.mark.parametrize("name", MODULES)
def test_a_copy_made_before_backward_has_the_gradients_of_the_original(name):
    passed = Passed(name)
    copies = [copy.deepcopy(passed.module), pickle.loads(pickle.dumps(passed.module))]
    expected = passed.backward()
    scribble_on_the_weights(passed)
    for copied in copies:
        for found, right in zip(passed.backward(copied), expected, strict=True):
            assert_array_equal(found, right)


@pytest.mark.parametrize("name", MODULES)
def test_a_second_forward_is_the_one_that_is_differentiated(name):
    passed, other = Passed(name), Passed(name)
    module = passed.module.eval()
    other.module.eval()
    fresh = [np.roll(a, 1, axis=0) for a in passed.given]
    for m in (module, other.module):
        m(fresh[0], *([tuple(fresh[1:]) if len(fresh) > 2 else fresh[1]] if fresh[1:] else []))
    other.module.train()
    for found, right in zip(passed.backward(), other.backward(), strict=True):
        assert_array_equal(found, right)


def test_masks_that_are_shown_cannot_be_written():
    layer = build("lstm", **NOISY)
    layer(data(layer)[0])
    dropout = Dropout(0.5, rng=0)
    dropout(np.ones((2, 3), np.float32))
    shown = [m for masks in layer.last_masks.values() for m in masks.values()]
    for mask in (*shown, dropout.last_mask):
        with pytest.raises(ValueError, match="read-only"):
            mask[...] = 0
        with pytest.raises(ValueError, match="WRITEABLE"):
            mask.flags.writeable = True


def test_a_nonlinearity_cannot_change_behind_the_layers_back():
    layer = build("rnn_tanh")
    with pytest.raises(AttributeError):
        layer.cell.nonlinearity = "relu"
