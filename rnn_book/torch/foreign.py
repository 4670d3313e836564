"""A reader's own torch cell, as a cell of the NumPy machine: what looks into layers then needs one
machine only.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from rnn_book.numpy.recurrent import Cell, make_cell

__all__ = ["ForeignStep"]


class ForeignStep(Cell):
    """Makes its steps with a torch cell, and their gradients with autograd."""

    def __init__(self, cell: Any) -> None:
        make_cell(cell)
        self.cell = cell
        self.gates, self.states, self.recorded = cell.gates, cell.states, cell.recorded
        self.extra, self.constants = cell.extra, cell.constants
        self.forget_gate, self.input_bias = cell.forget_gate, cell.input_bias

    def step(self, a_x: Any, h_rec: Any, state: Any, p: SimpleNamespace) -> Any:
        def leaf(value: Any) -> torch.Tensor:
            return torch.tensor(value, requires_grad=True)

        inputs = leaf(a_x), leaf(h_rec), tuple(leaf(s) for s in state)
        parameters = SimpleNamespace(**{name: leaf(value) for name, value in vars(p).items()})
        with torch.enable_grad():
            new, saved = self.cell.step(*inputs, parameters)
        shown = [value.detach().numpy() for value in saved[: len(self.recorded)]]
        return tuple(s.detach().numpy() for s in new), (*shown, inputs, new)

    def step_gradient(self, d_new_state: Any, saved: Any, p: SimpleNamespace) -> Any:
        (a_x, h_rec, state), new = saved[-2:]
        d_new = [torch.from_numpy(np.ascontiguousarray(d)) for d in d_new_state]
        d_a_x, d_h_rec, *d_state = torch.autograd.grad(
            new, [a_x, h_rec, *state], d_new, allow_unused=True, materialize_grads=True
        )
        return d_a_x.numpy(), d_h_rec.numpy(), tuple(d.numpy() for d in d_state), {}
