"""One layer in one direction, swept over time: the loop that every cell shares, forward and
backward.

A cell knows one step; what happens between two steps is here, once. In the order in which it
happens:

1. recurrent dropout masks the hidden state on its way into the recurrent product (`h_rec`), never
the carried state; 2. the kernel makes the step;
3. zoneout keeps units of the old state;
4. a sequence that has ended keeps its state.

The backward pass walks through the same four in reverse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.numpy.kernels import StepKernel

__all__ = ["Sweep"]

Array = NDArray[np.floating]


class Sweep:
    """The forward of one layer in one direction, and all that its backward needs.

    Parameters
    ----------
    cell
        The cell (`rnn_book.numpy.recurrent.Cell`).
    p
        The parameters of this layer and direction, by bare name.
    x
        Input (T, N, I), contiguous, in the order in which this direction reads it; padded steps
        hold 0.
    state
        Initial states, each (N, H).
    recurrent_mask, update_mask
        (N, H) on `h_rec`, and (T, N, H) on the candidate; or None.
    kept
        For each state: a boolean mask (T, N, H), a probability (evaluation), or None.
    active
        (T, N, 1), False where a sequence has ended; or None.
    checkpoint
        Whether to keep the states at the borders of sqrt(T) chunks only, and compute the rest
        again in `backward`.
    fast
        Whether the cell's own kernel may be used.
    """

    def __init__(
        self,
        cell: Any,
        p: SimpleNamespace,
        x: Array,
        state: Sequence[Array],
        recurrent_mask: Array | None = None,
        update_mask: Array | None = None,
        kept: Sequence[Any] = (),
        active: NDArray[np.bool_] | None = None,
        checkpoint: bool = False,
        fast: bool = True,
    ) -> None:
        self.cell, self.p, self.x = cell, p, x
        self.recurrent_mask, self.update_mask = recurrent_mask, update_mask
        self.kept, self.active = kept or (None,) * len(state), active
        self.keeps = active is not None or any(part is not None for part in self.kept)
        self.kernel_class = vars(type(cell)).get("kernel", StepKernel) if fast else StepKernel
        steps, batch = x.shape[:2]
        hidden = state[0].shape[-1]
        # h before and after every step; what the backward pass needs of the other states lives in
        # the chunks.
        self.h = np.empty((steps + 1, batch, hidden), x.dtype)
        self.h[0] = state[0]
        length = max(1, math.isqrt(steps)) if checkpoint else steps
        self.borders = [*range(0, steps, length), steps]
        self.start = [[s.copy() for s in state[1:]]]  # the other states, at the start of each chunk
        self.chunks: list[Any] = []
        for start, stop in zip(self.borders, self.borders[1:], strict=False):
            chunk = self._run_chunk(start, stop, self.start[-1])
            self.start.append([s[-1].copy() if checkpoint else s[-1] for s in chunk[1][1:]])
            self.chunks.append(None if checkpoint else chunk)

    @property
    def final(self) -> list[Array]:
        """The states after the last step."""
        return [self.h[-1], *self.start[-1]]

    def _run_chunk(self, start: int, stop: int, others: Sequence[Array]) -> tuple[Any, list[Array]]:
        """Steps `start` to `stop`: the kernel that made them, and every state before and after
        each of them.
        """
        states = [self.h[start : stop + 1]]
        for first in others:
            states.append(np.empty_like(states[0]))
            states[-1][0] = first
        masks = None if self.update_mask is None else self.update_mask[start:stop]
        kernel = self.kernel_class(self.cell, self.p, self.x[start:stop], states, masks)
        with np.errstate(over="ignore"):  # exp(1e4) is inf, and 1 / (1 + inf) the right 0
            for t, h in enumerate(states[0][:-1]):
                kernel.step(t, h if self.recurrent_mask is None else h * self.recurrent_mask)
                if self.keeps:
                    self._keep(start + t, [s[t] for s in states], [s[t + 1] for s in states])
        return kernel, states

    def _keep(self, t: int, old: Sequence[Array], new: Sequence[Array]) -> None:
        """Zoneout and the ends of sequences: change `new` where the old state stays."""
        for kept, was, now in zip(self.kept, old, new, strict=True):
            if isinstance(kept, float):
                now *= 1 - kept
                now += kept * was
            elif kept is not None:
                np.copyto(now, was, where=kept[t])
        if self.active is not None:
            for was, now in zip(old, new, strict=True):
                np.copyto(now, was, where=~self.active[t])

    def _keep_gradient(self, t: int, d_new: list[Array]) -> tuple[list[Array], list[Array] | None]:
        """Split the gradients of the new states: what reaches the step, and what goes to the old
        states untouched.
        """
        if not self.keeps:
            return d_new, None
        d_step, d_old = [], []
        for kept, d in zip(self.kept, d_new, strict=True):
            past: Any = 0.0
            if self.active is not None:
                past = np.where(self.active[t], 0, d)
                d = np.where(self.active[t], d, 0)
            if isinstance(kept, float):
                past, d = past + kept * d, (1 - kept) * d
            elif kept is not None:
                past, d = past + np.where(kept[t], d, 0), np.where(kept[t], 0, d)
            d_step.append(d)
            d_old.append(past)
        return d_step, d_old

    def backward(
        self, d_output: Array | None, d_final: Sequence[Array], d_x: Array, trace: Any = None
    ) -> tuple[list[Array], dict[str, Array]]:
        """Differentiate the sweep.

        Parameters
        ----------
        d_output
            Gradient of h after every step, (T, N, H), or None; 0 at padded steps.
        d_final
            Gradients of the final states, each (N, H).
        d_x
            Receives the gradient of x, (T, N, I).
        trace
            Called with (t, gradients of the states before step t) at every step, or None.

        Returns
        -------
        d_state
            Gradients of the initial states.
        gradients
            Gradients of the parameters, by bare name.
        """
        d_state = [np.array(d) for d in d_final]
        gradients: dict[str, Array] = {}
        for start, stop in reversed(list(zip(self.borders, self.borders[1:], strict=False))):
            chunk = self.chunks.pop() or self._run_chunk(start, stop, self.start[len(self.chunks)])
            kernel, states = chunk
            for t in reversed(range(stop - start)):
                if d_output is not None:
                    d_state[0] = d_state[0] + d_output[start + t]
                d_step, d_old = self._keep_gradient(start + t, d_state)
                d_h_rec, carried = kernel.step_gradient(t, d_step)
                if self.recurrent_mask is not None:
                    d_h_rec = d_h_rec * self.recurrent_mask
                # A cell whose h is not carried says so with a number, 0, and saves the addition.
                d_h = d_h_rec + carried[0] if isinstance(carried[0], np.ndarray) else d_h_rec
                d_state = [d_h, *carried[1:]]
                if d_old is not None:
                    d_state = [d + past for d, past in zip(d_state, d_old, strict=True)]
                if trace is not None:
                    trace(start + t, d_state)
            h = states[0][:-1]
            h_rec = h if self.recurrent_mask is None else h * self.recurrent_mask
            for name, gradient in kernel.gradients(h_rec, d_x[start:stop]).items():
                if name in gradients:
                    gradients[name] += gradient
                else:
                    gradients[name] = gradient
        return d_state, gradients
