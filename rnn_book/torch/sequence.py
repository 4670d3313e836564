"""One layer in one direction, swept over time: the loop that every cell shares.

A cell knows one step; what happens between two steps is here, once. In the order in which it
happens:

1. recurrent dropout masks the hidden state on its way into the recurrent product (`h_rec`), never
   the carried state;
2. the cell makes the step;
3. zoneout keeps units of the old state;
4. a sequence that has ended keeps its state.

`Sweep` runs the loop with the cell's readable step, which autograd records, or hands it to
`FastSweep`: the same loop in place, with a kernel for the step, and the same four backwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from rnn_book.layout import WEIGHTS

__all__ = ["FastSweep", "Sweep"]

State = tuple[Tensor, ...]


class Sweep:
    """One layer in one direction.

    Parameters
    ----------
    cell
        The cell (`rnn_book.torch.recurrent.Cell`).
    p
        The parameters of this layer and direction, by bare name.
    x
        Input (T, N, I), in the order in which this direction reads it; padded steps hold 0.
    state
        Initial states, each (N, H).
    recurrent_mask, update_mask
        (N, H) on `h_rec`, and (T, N, H) on the candidate; or None.
    kept
        For each state: a boolean mask (T, N, H), a probability (evaluation), or None.
    active
        (T, N, 1), False where a sequence has ended; or None.
    fast
        Whether the cell's own kernel may be used.
    """

    def __init__(
        self,
        cell: Any,
        p: SimpleNamespace,
        x: Tensor,
        state: Sequence[Tensor],
        recurrent_mask: Tensor | None = None,
        update_mask: Tensor | None = None,
        kept: Sequence[Any] = (),
        active: Tensor | None = None,
        fast: bool = True,
    ) -> None:
        self.cell, self.p, self.x, self.state = cell, p, x, list(state)
        self.recurrent_mask, self.update_mask = recurrent_mask, update_mask
        self.kept, self.active = list(kept) or [None] * len(self.state), active
        # Half precision and autocast choose a type for each product, which the kernels do not.
        whole = x.dtype == p.weight_hh.dtype and x.dtype in (torch.float32, torch.float64)
        fast = fast and whole and not torch.is_autocast_enabled(x.device.type)
        # Where the readable loop is to leave, for each step, the states after it and what it saved.
        self.trace: list[tuple[State, Any]] | None = None
        self.kernel: Any = vars(type(cell)).get("kernel") if fast else None

    def forward(self) -> tuple[Tensor, list[Tensor]]:
        """Make all steps; returns h after each of them, (T, N, H), and the final states."""
        cell, p = self.cell, self.p
        if self.kernel is not None:
            weights = (p.weight_ih, p.weight_hh, p.bias_ih, p.bias_hh)
            output, *final = FastSweep.apply(self._between(), self.x, *weights, *self.state)
            return output, final
        bias = p.bias_ih if cell.input_bias else None
        a_x = torch.nn.functional.linear(self.x, p.weight_ih, bias).unbind(0)
        state = tuple(self.state)
        outputs = []
        for t, a in enumerate(a_x):
            h = state[0]
            h_rec = h if self.recurrent_mask is None else h * self.recurrent_mask
            extra = () if self.update_mask is None else (self.update_mask[t],)
            new, saved = cell.step(a, h_rec, state, p, *extra)
            state = tuple(
                self._keep(t, k, was, now)
                for k, (was, now) in enumerate(zip(state, new, strict=True))
            )
            if self.trace is not None:
                state = tuple(s.view_as(s) for s in state)  # apart, for the gradient of each
                self.trace.append((state, saved))
            outputs.append(state[0])
        return torch.stack(outputs), list(state)

    def _keep(self, t: int, k: int, was: Tensor, now: Tensor) -> Tensor:
        """Zoneout and the ends of sequences: the old state where it stays, else the new one."""
        kept = self.kept[k]
        if isinstance(kept, float):
            now = kept * was + (1 - kept) * now
        elif kept is not None:
            now = torch.where(kept[t], was, now)
        return now if self.active is None else torch.where(self.active[t], now, was)

    def _between(self) -> SimpleNamespace:
        """What `FastSweep` does between two steps."""
        steps = len(self.x)
        return SimpleNamespace(
            kernel=self.kernel(self.cell),
            recurrent=self.recurrent_mask,
            update=self.update_mask,
            # For each state: what share of the old one stays, at every step.
            shares=[
                kept.to(self.x.dtype).unbind(0) if isinstance(kept, Tensor) else [kept] * steps
                for kept in self.kept
            ],
            ended=None if self.active is None else (~self.active).unbind(0),
        )


class FastSweep(torch.autograd.Function):
    """The loop of `Sweep` in place, forward and backward, around a kernel.

    Takes what acts between two steps, x, the four parameters and the initial states; returns the
    output and the final states.
    """

    @staticmethod
    def forward(ctx: Any, between: Any, x: Tensor, *tensors: Tensor) -> tuple[Tensor, ...]:
        weights, state = tensors[:4], tensors[4:]
        steps, (batch, hidden) = len(x), state[0].shape
        saved, step = between.kernel.start(_named(weights), x, between.update)
        output = x.new_empty(steps, batch, hidden)
        others = [x.new_empty(steps + 1, batch, hidden) for _ in state[1:]]
        for other, first in zip(others, state[1:], strict=True):
            other[0] = first
        outputs = [state[0], *output.unbind(0)]
        states = [outputs, *(other.unbind(0) for other in others)]
        gates = len(between.kernel.order)
        if between.recurrent is not None:
            masked = torch.empty_like(outputs[1])
            recs = [masked.expand(gates, -1, -1)] * steps
        else:
            masked = None
            recs = [
                state[0].expand(gates, -1, -1),
                *output[:-1, None].expand(-1, gates, -1, -1).unbind(0),
            ]
        ended = between.ended
        for t in range(steps):
            if masked is not None:
                torch.mul(outputs[t], between.recurrent, out=masked)
            old, new = [s[t] for s in states], [s[t + 1] for s in states]
            step(t, recs[t], old, new)
            for was, now, shares in zip(old, new, between.shares, strict=True):
                if shares[t] is not None:
                    now.lerp_(was, shares[t])
                if ended is not None:
                    torch.where(ended[t], was, now, out=now)
        ctx.between = between
        # Through autograd, so that whoever changes one of them in place before backward is told.
        masks = (between.recurrent, between.update)
        ctx.save_for_backward(x, *weights, *state, *masks, output, *others, *saved)
        ctx.set_materialize_grads(False)
        return output, *(s[-1].clone() for s in states)

    @staticmethod
    def backward(ctx: Any, d_output: Tensor | None, *d_final: Tensor | None) -> tuple[Any, ...]:
        with torch.no_grad():
            gradients = _sweep_back(ctx, d_output, d_final)
        if torch.is_grad_enabled():  # whoever asked keeps the graph, to differentiate once more
            inputs = ctx.saved_tensors[: 5 + len(d_final)]
            gradients = _Once.apply(len(gradients), *gradients, *inputs, d_output, *d_final)
        return None, *gradients


def _sweep_back(ctx: Any, d_output: Tensor | None, d_final: Sequence[Tensor | None]) -> list[Any]:
    """Gradients of x, of the four parameters, and of the initial states."""
    between, count = ctx.between, len(d_final)
    x, *weights, first = ctx.saved_tensors[:6]
    recurrent, update, output, *rest = ctx.saved_tensors[5 + count :]
    others, saved = rest[: count - 1], rest[count - 1 :]
    h, p = torch.cat((first[None], output[:-1])), _named(weights)
    old = [h, *(other[:-1] for other in others)]
    d_gates, step = between.kernel.start_back(p, saved, old, update)
    d_state = [torch.zeros_like(first) if d is None else d.clone() for d in d_final]
    # For each state that may stay: its gradient, and room for the part that passes by the step.
    stays = [
        (d, shares, torch.empty_like(d), torch.empty_like(d))
        for d, shares in zip(d_state, between.shares, strict=True)
        if between.ended is not None or shares[0] is not None
    ]
    d_outputs = () if d_output is None else d_output.unbind(0)
    zero = first.new_zeros(())
    for t in reversed(range(len(x))):
        if d_outputs:
            d_state[0].add_(d_outputs[t])
        for d, shares, past, kept in stays:
            if between.ended is not None:
                d.sub_(torch.where(between.ended[t], d, zero, out=past))
            if shares[t] is not None:
                d.sub_(torch.mul(d, shares[t], out=kept))
        carried = step(t, d_state)
        if recurrent is not None:
            d_state[0].mul_(recurrent)
        if carried is not None:
            d_state[0].add_(carried)
        for d, shares, past, kept in stays:
            if between.ended is not None:
                d.add_(past)
            if shares[t] is not None:
                d.add_(kept)
    h_rec = h if recurrent is None else h.mul_(recurrent)
    needed = ctx.needs_input_grad[1:6]
    return [*between.kernel.gradients(p, d_gates, x, h_rec, needed), *d_state]


class _Once(torch.autograd.Function):
    """Passes gradients on; to differentiate them again is an error that says what helps.

    Takes their number, the gradients, and whatever they depend on: so every way back leads here.
    """

    @staticmethod
    def forward(ctx: Any, count: int, *tensors: Tensor | None) -> tuple[Tensor | None, ...]:
        return tuple(d if d is None else d.detach() for d in tensors[:count])

    @staticmethod
    def backward(ctx: Any, *d: Any) -> Any:
        raise RuntimeError(
            "the fast path of a recurrent layer can be differentiated only once: set "
            "layer.fast = False for double backward (create_graph=True, gradient penalties)"
        )


def _named(weights: Sequence[Tensor]) -> SimpleNamespace:
    return SimpleNamespace(**dict(zip(WEIGHTS, weights, strict=True)))
