"""Backward of every layer against finite differences, through fixed masks."""

import numpy as np
import pytest

from tests.grids import (
    KINDS,
    OPTIONS,
    OTHERS,
    REGULARISERS,
    build,
    cases,
    data,
    initial,
    pack,
    pairs,
    parts,
    upstream,
)
from tests.oracles import compare_slopes

PAIRS = pairs(REGULARISERS | {name: OTHERS[name] for name in ("no_bias", "checkpoint")})


def run(kind, options, points, lengths, training):
    """A new layer, which draws the same masks again, at the given x, hx and parameters."""
    layer = initial(kind, **options).train(training)
    for name, parameter in layer.parameters.items():
        parameter[...] = points[name]
    hx = pack([points[f"hx[{k}]"] for k in range(KINDS[kind].states)])
    return layer, *layer(points["x"], hx, lengths=lengths)


def check_slopes(kind, options, lengths=None, training=True, arriving=(1, 1, 1), steps=3):
    layer = build(kind, **options)
    x, hx = data(layer, steps)
    points = {"x": x, **{f"hx[{k}]": s for k, s in enumerate(parts(hx))}, **layer.state_dict()}
    layer, output, state = run(kind, options, points, lengths, training)
    d_output, d_state = upstream(output, state)
    weights = [d * here for d, here in zip((d_output, *parts(d_state)), arriving, strict=False)]

    def loss(moved):
        _, output, state = run(kind, options, moved, lengths, training)
        return sum(np.vdot(w, a) for w, a in zip(weights, (output, *parts(state)), strict=True))

    d_x, d_hx = layer.backward(weights[0], pack(weights[1:]))
    gradients = {"x": d_x, **{f"hx[{k}]": d for k, d in enumerate(parts(d_hx))}, **layer.grads}
    wrong = compare_slopes(loss, points, gradients)
    assert not wrong, "\n".join(wrong)


def deep(options):
    """Two layers where there is dropout between them."""
    return {"num_layers": 2, **options} if "dropout" in options else options


@pytest.mark.parametrize("kind, options", cases(list(KINDS), OPTIONS))
def test_backward_matches_finite_differences(kind, options):
    options = deep({"bidirectional": True, **OPTIONS[options]})
    check_slopes(kind, options, lengths=[3, 0, 2])


@pytest.mark.parametrize("lengths", [None, [4, 0, 3]], ids=["whole", "lengths"])
@pytest.mark.parametrize("kind", KINDS)
def test_backward_matches_finite_differences_through_two_layers_and_directions(kind, lengths):
    check_slopes(kind, {"num_layers": 2, "bidirectional": True}, lengths, steps=4)


@pytest.mark.parametrize("kind, options", cases(list(KINDS), PAIRS))
def test_backward_matches_finite_differences_with_two_options(kind, options):
    check_slopes(kind, deep(PAIRS[options]), lengths=[3, 1, 2])


@pytest.mark.parametrize("kind", KINDS)
def test_backward_matches_finite_differences_with_every_option_at_once(kind):
    options = {
        "num_layers": 2,
        "bidirectional": True,
        "dropout": 0.3,
        "recurrent_dropout": 0.3,
        "zoneout": (0.2, 0.4) if KINDS[kind].states == 2 else 0.3,
        "weight_drop": 0.3,
        "checkpoint": True,
        "batch_first": True,
    }
    check_slopes(kind, options, lengths=[5, 0, 2], steps=5)


@pytest.mark.parametrize("kind", KINDS)
def test_backward_matches_finite_differences_through_zoneout_in_evaluation(kind):
    check_slopes(kind, {"zoneout": 0.3, "bidirectional": True}, lengths=[3, 0, 2], training=False)


ARRIVING = {"output": (1, 0, 0), "h": (0, 1, 0), "c": (0, 0, 1)}


@pytest.mark.parametrize(
    "kind, arriving", [(k, a) for k in KINDS for a in ARRIVING if KINDS[k].states == 2 or a != "c"]
)
def test_backward_matches_finite_differences_wherever_the_gradient_arrives(kind, arriving):
    options = {"zoneout": 0.3, "recurrent_dropout": 0.3}
    arriving = ARRIVING[arriving][: 1 + KINDS[kind].states]
    check_slopes(kind, options, lengths=[3, 0, 2], arriving=arriving)
