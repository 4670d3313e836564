"""Backward of every layer against finite differences, through fixed masks."""

import pytest

from tests.grids import (
    KINDS,
    OPTIONS,
    OTHERS,
    REGULARISERS,
    cases,
    initial,
    pairs,
)
from tests.slopes import wrong_slopes

PAIRS = pairs(
    {name: options for name, options in REGULARISERS.items() if name != "zoneout_c"}
    | {"checkpoint": OTHERS["checkpoint"]}
)


def check(kind, options, **given):
    wrong = wrong_slopes(lambda: initial(kind, **options), **given)
    assert not wrong, "\n".join(wrong)


def deep(options):
    """Two layers where there is dropout between them."""
    return {"num_layers": 2, **options} if "dropout" in options else options


@pytest.mark.parametrize("kind, options", cases(list(KINDS), OPTIONS))
def test_backward_matches_finite_differences(kind, options):
    options = deep({"bidirectional": True, **OPTIONS[options]})
    check(kind, options, lengths=[3, 0, 2])


@pytest.mark.parametrize("lengths", [None, [4, 0, 3]], ids=["whole", "lengths"])
@pytest.mark.parametrize("kind", KINDS)
def test_backward_matches_finite_differences_through_two_layers_and_directions(kind, lengths):
    check(kind, {"num_layers": 2, "bidirectional": True}, lengths=lengths, steps=4)


@pytest.mark.parametrize("kind, options", cases(list(KINDS), PAIRS))
def test_backward_matches_finite_differences_with_two_options(kind, options):
    check(kind, deep(PAIRS[options]), lengths=[3, 1, 2])


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
    check(kind, options, lengths=[5, 0, 2], steps=5)


@pytest.mark.parametrize("kind", KINDS)
def test_backward_matches_finite_differences_through_zoneout_in_evaluation(kind):
    check(kind, {"zoneout": 0.3, "bidirectional": True}, lengths=[3, 0, 2], training=False)


ARRIVING = {"output": (1, 0, 0), "h": (0, 1, 0), "c": (0, 0, 1)}


@pytest.mark.parametrize(
    "kind, arriving", [(k, a) for k in KINDS for a in ARRIVING if KINDS[k].states == 2 or a != "c"]
)
def test_backward_matches_finite_differences_wherever_the_gradient_arrives(kind, arriving):
    options = {"zoneout": 0.3, "recurrent_dropout": 0.3}
    arriving = ARRIVING[arriving][: 1 + KINDS[kind].states]
    check(kind, options, lengths=[3, 0, 2], arriving=arriving)
