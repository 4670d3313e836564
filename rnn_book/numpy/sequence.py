"""One layer in one direction, swept over time: the loop that every cell shares, there and back.

A cell knows one step; what happens between two steps is here, once. In the order in which it
happens:

1. recurrent dropout masks the hidden state on its way into the recurrent product (`h_rec`), never
   the carried state;
2. the cell makes its step;
3. zoneout keeps units of the old state;
4. a sequence that has ended keeps its state.

The backward pass walks through the same four in reverse. The products of the input, and those that
give the weights' gradients, are made for all steps at once, before the loop and after it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.cells import cell_name
from rnn_book.numpy.functions import Array
from rnn_book.numpy.product import ParameterGradients, flat

__all__ = ["State", "Sweep"]

ROWS = 512  # of a product of the input; four times as many for the gradients of the weights
State = tuple[Array, ...]


class Sweep:
    """One layer in one direction: its forward, and all that the backward of this forward needs.

    Parameters
    ----------
    cell
        The cell.
    p
        What its step is handed of the parameters (`rnn_book.numpy.Cell.step`).
    shapes
        Name -> shape of the parameters in `p`, as the layer keeps them.
    weight_ih, bias_ih
        Of the input, (gates*H, I) and (gates*H,); a bias that the step adds itself, or that does
        not exist, is None.
    x
        Input (T, N, I), in the order in which this direction reads it; padded steps hold 0.
    recurrent_mask, update_mask
        (N, H) on `h_rec`, and (T, N, H) on the candidate; or None.
    kept
        For each state: a boolean mask (T, N, H), a probability (evaluation), or None.
    active
        (T, N, 1), False where a sequence has ended; or None.
    checkpoint
        Whether to keep the states at the borders of sqrt(T) chunks only, and make the steps again
        in `backward`.

    Attributes
    ----------
    chunks : list
        First step and end of each chunk; `backward` goes through one after the other, and makes the
        weights' gradients in one product for each.
    steps : list
        For each chunk h before its first and after every step, and a list: for every step the
        states that it started from, `h_rec`, and what it saved. Or None at a checkpoint.
    final : tuple
        The states after the last step.
    """

    def __init__(
        self,
        cell: Any,
        p: SimpleNamespace,
        shapes: Mapping[str, tuple[int, ...]],
        weight_ih: Array,
        bias_ih: Array | None,
        x: Array,
        *,
        recurrent_mask: Array | None = None,
        update_mask: Array | None = None,
        kept: Sequence[Any] = (),
        active: NDArray[np.bool_] | None = None,
        checkpoint: bool = False,
    ) -> None:
        self.cell, self.p, self.shapes, self.features = cell, p, shapes, x.shape[-1]
        # Copies, so that nothing which happens before backward reaches it. A bias is a weight of an
        # input that is always 1: so the products add it, and find its gradient, on their way.
        if bias_ih is None:
            self.weight_ih, self.x = weight_ih.copy(), x.copy(order="C")
        else:
            self.weight_ih = np.concatenate([weight_ih, bias_ih[:, None]], axis=1)
            self.x = np.concatenate([x, np.ones_like(x[..., :1])], axis=2)
        self.has_bias = bias_ih is not None
        self.recurrent_mask, self.update_mask = recurrent_mask, update_mask
        self.kept, self.active = kept or (None,) * len(cell.states), active
        self.keeps = active is not None or any(part is not None for part in self.kept)
        self.checkpoint = checkpoint
        rows = 4 * ROWS // max(1, x.shape[1])
        length = max(1, math.isqrt(len(x)) if checkpoint else rows)
        self.chunks = [(k, min(k + length, len(x))) for k in range(0, len(x), length)]
        self.starts: list[State] = []
        self.steps: list[Any] = []

    def forward(self, state: Sequence[Array]) -> Array:
        """Make all steps from `state`, each (N, H); returns h after every step, (T, N, H)."""
        output = np.empty((len(self.x), *state[0].shape), self.x.dtype)
        self.final = tuple(state)
        for chunk in self.chunks:
            self.starts.append(tuple(s.copy() for s in self.final))
            h, made, self.final = self._make_steps(chunk, self.starts[-1])
            output[slice(*chunk)] = h[1:]
            self.steps.append(None if self.checkpoint else (h, made))
        return output

    def _make_steps(self, chunk: tuple[int, int], state: State) -> tuple[Array, list[Any], State]:
        """Make the steps of one chunk; returns what `steps` holds of it, and the last states."""
        h = np.empty((chunk[1] - chunk[0] + 1, *state[0].shape), self.x.dtype)
        h[0], made = state[0], []
        for t, a_x in self._input_products(chunk, state[0].shape[1]):
            h_rec = state[0] if self.recurrent_mask is None else state[0] * self.recurrent_mask
            mask = () if self.update_mask is None else (self.update_mask[t],)
            new, saved = self.cell.step(a_x, h_rec, state, self.p, *mask)
            if t == 0:
                self._check(new, h[0])
            if self.keeps:
                new = self._keep(t, state, new)
            after = h[t + 1 - chunk[0]]
            after[...] = new[0]
            made.append((state, h_rec, saved))
            state = (after, *new[1:])
        return h, made, state

    def _input_products(self, chunk: tuple[int, int], hidden: int) -> Iterator[tuple[int, Array]]:
        """Each step t with W_ih x_t + b_ih, (gates, N, H).

        One product makes about `ROWS` rows: enough to be fast, few enough to stay in the cache.
        """
        start, stop = chunk
        weights = self.weight_ih.reshape(-1, hidden, self.weight_ih.shape[-1]).swapaxes(1, 2)
        many = max(1, ROWS // max(1, self.x.shape[1]))
        for first in range(start, stop, many):
            x = self.x[first : min(first + many, stop)]
            product = np.matmul(flat(x), weights).reshape(len(weights), *x.shape[:2], hidden)
            yield from enumerate(product.swapaxes(0, 1), first)

    def _check(self, new: Sequence[Array], h: Array) -> None:
        """A step that changes shape or precision of a state would be understood wrongly."""
        for name, s in zip(self.cell.states, new, strict=True):
            if s.shape != h.shape or s.dtype != h.dtype:
                raise ValueError(
                    f"step of {cell_name(self.cell)} must return {name} as {h.shape} of "
                    f"{h.dtype}, got {s.shape} of {s.dtype}. Gates and vectors of parameters "
                    "are (k, N, H) and (k, 1, H), also for k = 1: take them apart, as in "
                    "(a,) = a_x + p.recurrent(h_rec) + p.bias_hh"
                )

    def _keep(self, t: int, old: State, new: Sequence[Array]) -> list[Array]:
        """Zoneout and the ends of sequences: the new states, but where the old ones stay."""
        states = []
        for kept, was, now in zip(self.kept, old, new, strict=True):
            if isinstance(kept, float):
                now = (1 - kept) * now + kept * was
            elif kept is not None:
                now = np.where(kept[t], was, now)
            if self.active is not None:
                now = np.where(self.active[t], now, was)
            states.append(now)
        return states

    def _keep_gradient(self, t: int, d_new: list[Array]) -> tuple[list[Array], list[Any]]:
        """Split the gradients of the new states: what reaches the step, and what goes to the old
        states untouched.
        """
        if not self.keeps:
            return d_new, [0.0] * len(d_new)
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
        self,
        d_output: Array | None,
        d_final: Sequence[Array],
        trace: Callable[[int, list[Array]], None] | None = None,
    ) -> tuple[Array, list[Array], dict[str, Array]]:
        """Differentiate the forward; what it saved is given away step by step, so this works once.

        Parameters
        ----------
        d_output
            Gradient of h after every step, (T, N, H), or None; 0 at padded steps.
        d_final
            Gradients of the final states, each (N, H).
        trace
            Called with t and the gradients of the states before step t, at every step.

        Returns
        -------
        d_x
            Gradient of x.
        d_state
            Gradients of the initial states.
        gradients
            Gradients of the parameters, by bare name.
        """
        d_state = [np.array(d) for d in d_final]
        d_x: Any = None
        total: dict[str, Array] = {}
        for chunk, start in zip(reversed(self.chunks), reversed(self.starts), strict=True):
            h, made = self.steps.pop() or self._make_steps(chunk, start)[:2]
            h_rec = h[:-1] if self.recurrent_mask is None else h[:-1] * self.recurrent_mask
            gradients = ParameterGradients(self.cell, self.shapes, h_rec, self.cell.gates)
            for t in reversed(range(*chunk)):
                _, h_rec, saved = made.pop()
                if d_output is not None:
                    d_state[0] = d_state[0] + d_output[t]
                d_step, d_old = self._keep_gradient(t, d_state)
                d_a_x, d_h, carried, d_p = self.cell.step_gradient(tuple(d_step), saved, self.p)
                gradients.add(t - chunk[0], d_a_x, h_rec, d_p)
                if self.recurrent_mask is not None:
                    d_h = d_h * self.recurrent_mask
                # A state that is not carried has the number 0 here, which saves an addition.
                d_h = d_h + carried[0] if isinstance(carried[0], np.ndarray) else d_h
                d_state = [d_h, *carried[1:]]
                if self.keeps:
                    d_state = [d + past for d, past in zip(d_state, d_old, strict=True)]
                if trace is not None:
                    trace(t, d_state)
            if d_x is None:  # not earlier: now what the steps saved is gone
                d_x = np.empty((*self.x.shape[:2], self.features), self.x.dtype)
            steps, rows = slice(*chunk), flat(gradients.d_a_x)
            np.matmul(rows, self.weight_ih[:, : self.features], out=flat(d_x[steps]))
            d_weight = rows.T @ flat(self.x[steps])
            found = {"weight_ih": d_weight[:, : self.features], **gradients.totals()}
            if self.has_bias:
                found["bias_ih"] = d_weight[:, -1]
            for name, value in found.items():
                total[name] = np.add(total[name], value, out=value) if name in total else value
        return d_x, d_state, total
