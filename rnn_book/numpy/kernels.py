"""How a sweep makes its steps with any cell's own step.

A kernel has the weights of one layer and direction, the input of a run of steps, and the states
before and after each of them. It makes the product of the input for all steps at once, then one
step at a time, then one step back at a time, and last the weight gradients, again for all steps at
once. `StepKernel` calls the readable step; `rnn_book.numpy.fast` holds the kernels that are
written for speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["StepKernel", "flat", "sum_rows"]

Array = NDArray[np.floating]


def flat(x: Array) -> Array:
    """Join steps and batch: (T, N, F) -> (T*N, F)."""
    return x.reshape(-1, x.shape[-1])


def sum_rows(x: Array) -> Array:
    """Sum of (..., M, F) over M, as a matrix product: blocked, so faster and more exact than
    adding row by row.
    """
    return (np.ones((1, x.shape[-2]), x.dtype) @ x)[..., 0, :]


class StepKernel:
    """Any cell, through its own `step` and `step_gradient`."""

    def __init__(
        self,
        cell: Any,
        p: SimpleNamespace,
        x: Array,
        states: Sequence[Array],
        masks: Array | None,
    ) -> None:
        self.cell, self.p, self.x = cell, p, x
        self.states, self.masks = states, masks
        self.a_x = x @ p.weight_ih.T
        if cell.input_bias:
            self.a_x += p.bias_ih
        self.saved: list[Any] = [None] * len(x)
        self.vectors: dict[str, Array] = {}
        self.products: dict[str, list[list[tuple[Array, Array]]]] = {}

    def step(self, t: int, h_rec: Array) -> None:
        """Step t, from the states at t; writes the states at t + 1."""
        mask = () if self.masks is None else (self.masks[t],)
        old = tuple(s[t] for s in self.states)
        new, self.saved[t] = self.cell.step(self.a_x[t], h_rec, old, self.p, *mask)
        for target, value in zip(self.states, new, strict=True):
            target[t + 1] = value

    def step_gradient(self, t: int, d_new: Sequence[Array]) -> tuple[Array, Sequence[Any]]:
        """Gradients of `h_rec` and of the carried states at step t; gradients of parameters are
        collected.
        """
        saved, self.saved[t] = self.saved[t], None
        d_a_x, d_h_rec, d_state, d_p = self.cell.step_gradient(tuple(d_new), saved, self.p)
        self.a_x[t] = d_a_x
        for name, d in d_p.items():
            if isinstance(d, tuple | list):
                pairs = [d] if isinstance(d, tuple) else d
                self.products.setdefault(name, []).append(pairs)
            elif name in self.vectors:
                self.vectors[name] += d.sum(axis=0)
            else:
                self.vectors[name] = d.sum(axis=0)
        return d_h_rec, d_state

    def gradients(self, h_rec: Array, d_x: Array) -> dict[str, Array]:
        """Fill the gradient of the input, and return those of the parameters, by bare name."""
        d_a_x = flat(self.a_x)
        np.matmul(d_a_x, self.p.weight_ih, out=flat(d_x))
        found = {"weight_ih": d_a_x.T @ flat(self.x), **self.vectors}
        if self.cell.input_bias:
            found["bias_ih"] = sum_rows(d_a_x)
        for name, steps in self.products.items():
            blocks = []
            for pairs in zip(*steps, strict=True):
                rows, inputs = (np.concatenate(part) for part in zip(*pairs, strict=True))
                blocks.append(rows.T @ inputs)
            found[name] = np.concatenate(blocks)
        return found
