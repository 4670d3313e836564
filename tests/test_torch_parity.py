"""Both halves compute the same, each by its own means: one grid of layers, options and shapes."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.grids import FAST, KINDS, REGULARISERS, cases, data, pairs, upstream
from tests.grids import initial as initial_numpy
from tests.torch_twins import compare, initial, run, run_numpy, twins

OTHERS = {
    "no_bias": {"bias": False},
    "forget_bias": {"forget_bias": 1.5},
    "batch_first": {"batch_first": True},
}
TABLE = {"plain": {}, **REGULARISERS, **OTHERS}
STACKED = {"num_layers": 2, "bidirectional": True}
CORNERS = [(1, 1), (1, 3), (5, 1), (3, 0)]  # steps, and sequences


def both_agree(kind, options, *, steps=4, batch=3, modes=(True, False), **more):
    ours, theirs = twins(kind, **STACKED, **options)
    for mode in modes:
        ours.train(mode)
        theirs.train(mode)
        x, hx = data(ours, steps, batch)
        shape = (batch, steps, 8) if ours.batch_first else (steps, batch, 8)
        arriving = upstream(np.zeros(shape), hx)
        expected = run_numpy(ours, x, hx, arriving, **more)
        compare(run(theirs, x, hx, arriving, **more), expected)
        if mode and any(ours.last_masks.values()):
            assert theirs.last_masks.keys() == ours.last_masks.keys()
            for suffix, masks in ours.last_masks.items():
                assert theirs.last_masks[suffix].keys() == masks.keys()
                for name, mask in masks.items():
                    assert_array_equal(theirs.last_masks[suffix][name].numpy(), mask)


@pytest.mark.parametrize("kind, name", cases(list(KINDS), TABLE))
@pytest.mark.parametrize("lengths", [None, (4, 0, 2)], ids=["whole", "lengths"])
def test_every_option_equals_the_numpy_half(kind, name, lengths):
    both_agree(kind, TABLE[name], lengths=lengths)


@pytest.mark.parametrize("kind, name", cases([*FAST, "peephole_lstm"], pairs(TABLE)))
def test_every_pair_of_options_equals_the_numpy_half(kind, name):
    both_agree(kind, pairs(TABLE)[name], lengths=(3, 4, 1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps, batch", CORNERS)
def test_corners_of_the_grid_equal_the_numpy_half(kind, steps, batch):
    for name in ("plain", "state", "zoneout"):
        both_agree(kind, TABLE[name], steps=steps, batch=batch)


@pytest.mark.parametrize("kind", KINDS)
def test_one_seed_gives_the_weights_of_the_numpy_half_in_any_precision(kind):
    for dtype in ("float32", "float64"):
        ours = initial_numpy(kind, rng=7, dtype=dtype, **STACKED).parameters
        theirs = initial(kind, rng=7, dtype=dtype, **STACKED).state_dict()
        assert list(ours) == list(theirs)
        for name, value in theirs.items():
            assert_array_equal(value.numpy(), ours[name])
