"""A cell as a module of its own, which makes one step per call: for streaming."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from rnn_book.cells import make_cell
from rnn_book.numpy.recurrent import Array, CellOptions, RecurrentModule
from rnn_book.numpy.sequence import Sweep
from rnn_book.options import spelled_out

__all__ = ["CellModule"]


class CellModule(RecurrentModule):
    """A cell with parameters of its own, which makes one step a call: for streaming.

    Parameters
    ----------
    cell
        A `Cell`, class or instance.
    input_size
        I, the numbers per step of the input.
    hidden_size
        H, the units.
    bias
        Whether there are bias vectors.
    forget_bias
        As for `Recurrent`.
    rng
        Seed or generator for the weights.
    dtype
        float32 (default) or float64.
    """

    _rank_error = ValueError

    @spelled_out(CellOptions)
    def __init__(
        self,
        cell: Any,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        **options: Unpack[CellOptions],
    ) -> None:
        super().__init__()
        self._build(make_cell(cell), (input_size, hidden_size), bias, options)

    def __call__(self, x: ArrayLike, state: Any = None) -> Any:
        """Make one step.

        Parameters
        ----------
        x
            (N, I), or (I,).
        state
            h, or (h, c) for a cell with two states; each (N, H), or (H,). Zeros if None.

        Returns
        -------
        The new state, in the same form.
        """
        x = self._check_float("input", x)
        if x.ndim not in (1, 2):
            raise ValueError(
                f"{type(self).__name__}: Expected input to be 1D or 2D, got {x.ndim}D instead"
            )
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {x.shape[-1]} expected {self.input_size}"
            )
        batched = x.ndim == 2
        states = self._check_states("hx", state, (*x.shape[:-1], self.hidden_size))
        if not batched:
            x, states = x[None], [s[None] for s in states]
        p, shapes = self._step_parameters("", len(x), often=False)
        bias_ih = self.parameters.get("bias_ih") if self.cell.input_bias else None
        sweep = Sweep(self.cell, p, shapes, self.parameters["weight_ih"], bias_ih, x[None])
        sweep.forward(states)
        self._saved = sweep, batched
        # Copies: what the caller does to them must not reach what the step saved.
        return self._as_state([(s if batched else s[0]).copy() for s in sweep.final])

    def backward(self, d_state: Any) -> tuple[Array, Any]:
        """Differentiate the latest step; add the gradients of the parameters into `grads`.

        Parameters
        ----------
        d_state
            Gradient of the new state, in its form.

        Returns
        -------
        d_x, d_state
            Gradients of x and of the state that went in.
        """
        sweep, batched = self._latest()
        shape = sweep.final[0].shape[0 if batched else 1 :]
        d_state = self._check_states("d_state", d_state, shape, optional=True)
        self._saved = None
        d_new = d_state if batched else [d[None] for d in d_state]
        d_x, d_old, gradients = sweep.backward(None, d_new)
        for name, d in gradients.items():
            if name in self.grads:  # not so for the biases of bias=False
                self.grads[name] += d
        # A state that is not carried has the number 0, which the caller gets as an array.
        d_old = [np.broadcast_to(d, sweep.final[0].shape).astype(self.dtype) for d in d_old]
        if not batched:
            return d_x[0, 0], self._as_state([d[0] for d in d_old])
        return d_x[0], self._as_state(d_old)
