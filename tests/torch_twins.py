"""Layers of the PyTorch half beside those of the NumPy half, for the tables of `grids`."""

import numpy as np
import torch

import rnn_book.torch as half
from tests.grids import KINDS, build, pack, parts


def initial(kind, input_size=3, hidden_size=4, *, rng=1, dtype=torch.float64, **options):
    """Build a layer of the PyTorch half, as it is initialised."""
    options = {**dict(KINDS[kind].options), **options}
    layer = getattr(half, KINDS[kind].layer.__name__)
    return layer(input_size, hidden_size, rng=rng, dtype=dtype, **options)


def twins(kind, *sizes, **options):
    """Build a layer in both halves, from one seed, with parameters that nothing makes special."""
    ours = build(kind, *sizes, **options)
    theirs = initial(kind, *sizes, **options)
    theirs.load_state_dict({name: torch.from_numpy(v) for name, v in ours.parameters.items()})
    return ours, theirs


def leaves(x, hx):
    """Return x and hx of the NumPy half as tensors that take a gradient."""
    x, states = torch.tensor(x, requires_grad=True), parts(hx)
    return x, pack([torch.tensor(s, requires_grad=True) for s in states])


def run(layer, x, hx, upstream, **more):
    """One forward and backward; returns output, states, and every gradient, as arrays."""
    layer.zero_grad()
    x, hx = leaves(x, hx)
    output, state = layer(x, hx, **more)
    answers = (output, *parts(state))
    arriving = [torch.tensor(d) for d in (upstream[0], *parts(upstream[1]))]
    torch.autograd.backward(answers, arriving)
    gradients = {"x": x.grad, **{f"hx[{k}]": s.grad for k, s in enumerate(parts(hx))}}
    gradients |= {name: p.grad for name, p in layer.named_parameters()}
    return [a.detach().numpy() for a in answers], {k: g.numpy() for k, g in gradients.items()}


def run_numpy(layer, x, hx, upstream, **more):
    """Do what `run` does, with a layer of the NumPy half."""
    layer.zero_grad()
    output, state = layer(x, hx, **more)
    d_x, d_hx = layer.backward(*upstream)
    gradients = {"x": d_x, **{f"hx[{k}]": d for k, d in enumerate(parts(d_hx))}}
    return [output, *parts(state)], gradients | {k: g.copy() for k, g in layer.grads.items()}


def compare(found, expected, atol=1e-10):
    """Compare what two runs returned."""
    for one, two in zip(found[0], expected[0], strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=atol)
    assert found[1].keys() == expected[1].keys()
    for name, gradient in found[1].items():
        np.testing.assert_allclose(gradient, expected[1][name], rtol=0, atol=atol, err_msg=name)
