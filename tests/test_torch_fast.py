"""Fast equals readable: every layer, option and dtype, over shapes drawn by chance."""

import copy

import numpy as np
import pytest
import torch

from tests.grids import KINDS, REGULARISERS, cases, pack, parts
from tests.torch_twins import initial

TABLE = {
    "plain": {},
    **REGULARISERS,
    "everything": {"dropout": 0.2, "recurrent_dropout": 0.3, "zoneout": 0.2, "weight_drop": 0.2},
    "forget_bias": {"forget_bias": 1.5},
}
TOLERANCE = {  # relative, absolute
    torch.float64: (1e-10, 1e-11),
    torch.float32: (1e-3, 1e-4),
    torch.bfloat16: (0.1, 0.2),
}


def by_chance(rng, options):
    """The sizes and flags of a layer, and what it is called with."""
    inputs, hidden, layers, steps, batch = (int(n) for n in rng.integers(1, 6, 5))
    flags = {
        "bidirectional": bool(rng.integers(2)),
        "batch_first": bool(rng.integers(2)),
        "bias": "forget_bias" in options or bool(rng.integers(4)),
        "num_layers": max(layers // 2, 1 + ("dropout" in options)),
    }
    lengths = rng.integers(0, steps + 1, batch) if rng.integers(2) else None
    return (inputs, hidden), flags, (steps, batch), lengths


def answers(layer, x, hx, lengths):
    """Output, states, and every gradient, those that arrive on the states included."""
    x, states = x.clone().requires_grad_(), [s.clone().requires_grad_() for s in hx or ()]
    output, state = layer(x, pack(states) if states else None, lengths=lengths)
    loss = output.float().square().sum() + sum(s.float().sin().sum() for s in parts(state))
    loss.backward()
    slopes = [x.grad, *(s.grad for s in states), *(p.grad for p in layer.parameters())]
    return [output.detach(), *(s.detach() for s in parts(state)), *slopes]


@pytest.mark.parametrize("kind, name", cases(list(KINDS), TABLE))
def test_fast_equals_readable(kind, name):
    rng = np.random.default_rng([len(kind), len(name), ord(kind[0])])
    for dtype in (torch.float64, torch.float32, torch.float64, torch.bfloat16):
        sizes, flags, (steps, batch), lengths = by_chance(rng, TABLE[name])
        fast = initial(kind, *sizes, dtype=dtype, **flags, **TABLE[name])
        shape = (batch, steps, sizes[0]) if fast.batch_first else (steps, batch, sizes[0])
        count = fast.num_layers * fast.directions
        x = torch.from_numpy(rng.standard_normal(shape)).to(dtype)
        states = rng.standard_normal((len(fast.cell.states), count, batch, sizes[1]))
        hx = [torch.from_numpy(s).to(dtype) for s in states] if rng.integers(3) else None
        for training in (True, False):
            readable = copy.deepcopy(fast.train(training))
            readable.fast = False
            found = [answers(layer, x, hx, lengths) for layer in (fast, readable)]
            for one, two in zip(*found, strict=True):
                assert one.dtype == two.dtype == dtype
                relative, absolute = TOLERANCE[dtype]
                torch.testing.assert_close(one, two, rtol=relative, atol=absolute)
            for suffix, masks in fast.last_masks.items():
                for mask, value in masks.items():
                    assert torch.equal(value, readable.last_masks[suffix][mask])
            fast.zero_grad()


@pytest.mark.parametrize("kind", KINDS)
def test_the_readable_loop_calls_the_step_that_is_shown_and_the_fast_way_does_not(kind):
    layer = initial(kind)
    calls, step = [], layer.cell.step
    layer.cell.step = lambda *arguments: calls.append(1) or step(*arguments)
    x = torch.ones(5, 2, 3, dtype=torch.float64)
    layer.fast = False
    layer(x)
    assert len(calls) == 5
    if kind in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
        layer.fast = True
        layer(x)
        assert len(calls) == 5
