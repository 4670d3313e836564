"""For speed alone: the loop over time in place, forward and backward, around a kernel for the step.

The same equations as the readable steps and the loop of `recurrent.py`, which run with
``layer.fast = False``, and tested equal to them. Fast for four reasons:

- *One sigmoid for all gates of an LSTM*: tanh(a) = 2 sigmoid(2a) - 1, with the inner 2 folded into
  the weights.
- *Each gate of each step is one contiguous block*, and all gates are multiplied by one call.
- *Nothing is allocated in the loops*, and autograd records nothing there.
- *What does not depend on a later step is computed for all steps at once*: on the way back a gate's
  gradient is the gradient that arrives, times a factor that the way there has fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from rnn_book.torch.modules import autocast, transformed

__all__ = ["KERNELS", "FastSweep", "GRUKernel", "LSTMKernel", "RNNKernel", "kernel_for"]

KERNELS: dict[type, Any] = {}
"""Type of a cell -> its kernel. A subclass of the cell has a step of its own, and no kernel."""


def kernel_for(cell: Any, x: Tensor, weight: Tensor) -> Any:
    """The kernel of a cell, or None where the readable loop has to run.

    Half precision and autocast choose a type for each product, and what looks into PyTorch
    (tracers, compilers, torch.func) or puts other tensors in its place sees no loop in place.
    """
    kernel = KERNELS.get(type(cell))
    plain = type(x) is Tensor and x.dtype == weight.dtype
    if (
        kernel is None
        or not plain
        or x.dtype not in (torch.float32, torch.float64)
        or autocast(x)
        or torch.compiler.is_compiling()
        or torch.jit.is_tracing()
        or transformed()
    ):
        return None
    return kernel(cell)


class FastSweep(torch.autograd.Function):
    """The loop over time of one layer and direction.

    Takes a kernel, what acts between two steps, a_x (gates, T, N, H), weight_hh (gates, H, H),
    bias_hh (gates, 1, H) and the initial states; returns the output and the final states.
    """

    @staticmethod
    def forward(
        ctx: Any,
        kernel: Any,
        between: Any,
        a_x: Tensor,
        weight: Tensor,
        bias: Tensor,
        *first: Tensor,
    ) -> tuple[Tensor, ...]:
        steps, (batch, hidden) = a_x.shape[1], first[0].shape
        saved, step = kernel.start(a_x, weight, bias, between.update)
        output = a_x.new_empty(steps, batch, hidden)
        others = [a_x.new_empty(steps + 1, batch, hidden) for _ in first[1:]]
        for other, state in zip(others, first[1:], strict=True):
            other[0] = state
        outputs = [first[0], *output.unbind(0)]
        states = [outputs, *(other.unbind(0) for other in others)]
        gates = len(weight)
        if between.recurrent is not None:
            masked = torch.empty_like(outputs[1])
            recs = [masked.expand(gates, -1, -1)] * steps
        else:
            masked = None
            recs = [state.expand(gates, -1, -1) for state in outputs[:-1]]
        ended = None if between.active is None else (~between.active).unbind(0)
        # For each state: what share of the old one stays, at every step.
        shares = [
            kept.to(a_x.dtype).unbind(0) if isinstance(kept, Tensor) else [kept] * steps
            for kept in between.kept
        ]
        for t in range(steps):
            if masked is not None:
                torch.mul(outputs[t], between.recurrent, out=masked)
            old, new = [s[t] for s in states], [s[t + 1] for s in states]
            step(t, recs[t], old, new)
            for was, now, share in zip(old, new, shares, strict=True):
                if share[t] is not None:
                    now.lerp_(was, share[t])
                if ended is not None:
                    torch.where(ended[t], was, now, out=now)
        ctx.kernel, ctx.shares, ctx.ended = kernel, shares, ended
        # Through autograd, so that whoever changes one of them in place before backward is told.
        masks = (between.recurrent, between.update)
        ctx.save_for_backward(a_x, weight, bias, *first, *masks, output, *others, *saved)
        ctx.set_materialize_grads(False)
        return output, *(s[-1].clone() for s in states)

    @staticmethod
    def backward(ctx: Any, d_output: Tensor | None, *d_final: Tensor | None) -> tuple[Any, ...]:
        tensors = ctx.saved_tensors  # once: a checkpoint hands them out a single time
        with torch.no_grad():
            gradients = _sweep_back(ctx, tensors, d_output, d_final)
        if torch.is_grad_enabled():  # whoever asked keeps the graph, to differentiate once more
            inputs = tensors[: 3 + len(d_final)]
            gradients = _Once.apply(len(gradients), *gradients, *inputs, d_output, *d_final)
        return None, None, *gradients

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        raise RuntimeError(
            "the fast path of a recurrent layer has no forward-mode derivative: set "
            "layer.fast = False"
        )


def _sweep_back(
    ctx: Any, tensors: Sequence[Any], d_output: Tensor | None, d_final: Sequence[Tensor | None]
) -> list[Any]:
    """Gradients of a_x, weight_hh and bias_hh, and of the initial states."""
    kernel, ended, count = ctx.kernel, ctx.ended, len(d_final)
    _, weight, _, first = tensors[:4]
    recurrent, update, output, *rest = tensors[3 + count :]
    others, saved = rest[: count - 1], rest[count - 1 :]
    h = torch.cat((first[None], output[:-1]))
    old = [h, *(other[:-1] for other in others)]
    d_gates, step = kernel.start_back(weight, saved, old, update)
    d_state = [torch.zeros_like(first) if d is None else d.clone() for d in d_final]
    # For each state that may stay: its gradient, and room for the part that passes by the step.
    stays = [
        (d, shares, torch.empty_like(d), torch.empty_like(d))
        for d, shares in zip(d_state, ctx.shares, strict=True)
        if ended is not None or shares[0] is not None
    ]
    d_outputs = () if d_output is None else d_output.unbind(0)
    zero = first.new_zeros(())
    for t in reversed(range(len(output))):
        if d_outputs:
            d_state[0].add_(d_outputs[t])
        for d, shares, past, kept in stays:
            if ended is not None:
                d.sub_(torch.where(ended[t], d, zero, out=past))
            if shares[t] is not None:
                d.sub_(torch.mul(d, shares[t], out=kept))
        carried = step(t, d_state)
        if recurrent is not None:
            d_state[0].mul_(recurrent)
        if carried is not None:
            d_state[0].add_(carried)
        for d, shares, past, kept in stays:
            if ended is not None:
                d.add_(past)
            if shares[t] is not None:
                d.add_(kept)
    d_a_x, d_rec = kernel.ends(d_gates)
    h_rec = (h if recurrent is None else h.mul_(recurrent)).flatten(0, 1)
    d_rec = d_rec.flatten(1, 2)
    d_weight = d_rec.mT @ h_rec if ctx.needs_input_grad[3] else None
    return [d_a_x, d_weight, d_rec.sum(1, keepdim=True), *d_state]


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


def _gate_major(a_x: Tensor, bias: Tensor) -> Tensor:
    """a_x + bias, (gates, T, N, H), where each gate of each step is one block of memory."""
    return torch.add(a_x, bias[:, None], out=a_x.new_empty(a_x.shape))


class LSTMKernel:
    """The step of `rnn_book.torch.lstm.LSTMStep`.

    The methods are those of every kernel. `start` takes a_x, weight_hh, bias_hh and the mask of the
    candidate (T, N, H) or None; it returns what the steps fill for the way back, and a function
    that makes step t from h_rec (one view for each gate) and the old states, into the new ones.
    `start_back` takes weight_hh, what `start` saved, every state before each step, and that mask;
    it returns factors, which the steps turn into gradients, and a function that turns the gradients
    of the new states into those of the old ones, in place, and returns what reaches h by the way
    that carries it. `ends` tells which gradients belong to a_x, and which to the recurrent product.
    """

    def __init__(self, cell: Any) -> None:
        self.cell = cell

    def start(self, a_x: Tensor, weight: Tensor, bias: Tensor, update: Any) -> tuple[Any, Any]:
        gates, weight = _gate_major(a_x, bias), weight.mT.contiguous()
        for part in (gates, weight):
            part[2] *= 2  # the tanh of g is made from a sigmoid
        i, f, g, o = (gate.unbind(0) for gate in gates)
        ifgo, tanh_c = gates.unbind(1), torch.empty_like(gates[0])
        tanhs, masks = tanh_c.unbind(0), () if update is None else update.unbind(0)
        minus, masked = gates.new_tensor(-1.0), torch.empty_like(tanh_c[0])

        def step(t: int, rec: Tensor, old: Sequence[Tensor], new: Sequence[Tensor]) -> None:
            h, c = new
            ifgo[t].baddbmm_(rec, weight).sigmoid_()
            candidate = torch.add(minus, g[t], alpha=2, out=g[t])
            if masks:
                candidate = torch.mul(candidate, masks[t], out=masked)
            torch.mul(f[t], old[1], out=c)
            c.addcmul_(i[t], candidate)
            torch.tanh(c, out=tanhs[t])
            torch.mul(o[t], tanhs[t], out=h)

        return (gates, tanh_c), step

    def start_back(
        self, weight: Tensor, saved: Sequence[Tensor], old: Sequence[Tensor], update: Any
    ) -> tuple[Tensor, Any]:
        gates, tanh_c = saved
        i, f, g, o = gates
        one = gates.new_tensor(1.0)
        d_gates = torch.addcmul(gates, gates, gates, value=-1)  # s - s^2
        d_i, d_f, d_g, d_o = d_gates
        torch.addcmul(one, g, g, value=-1, out=d_g)  # 1 - g^2
        d_i *= g
        d_f *= old[1]
        d_g *= i
        d_o *= tanh_c
        if update is not None:
            d_i *= update
            d_g *= update
        shown = torch.addcmul(one, tanh_c, tanh_c, value=-1)  # what of d_h reaches c
        shown *= o
        written, outputs = d_gates[:3].unbind(1), d_o.unbind(0)
        ifgo, product = d_gates.unbind(1), torch.empty_like(gates[:, 0])
        shows, forget = shown.unbind(0), f.unbind(0)

        def step(t: int, d_state: Sequence[Tensor]) -> None:
            d_h, d_c = d_state
            d_c.addcmul_(d_h, shows[t])
            written[t].mul_(d_c)
            outputs[t].mul_(d_h)
            torch.bmm(ifgo[t], weight, out=product)
            torch.sum(product, 0, out=d_h)
            d_c.mul_(forget[t])

        return d_gates, step

    def ends(self, d_gates: Tensor) -> tuple[Tensor, Tensor]:
        return d_gates, d_gates


class GRUKernel(LSTMKernel):
    """The step of `rnn_book.torch.gru.GRUStep`; blocks r, z, q, n with q = W_hn h + b_hn."""

    def start(self, a_x: Tensor, weight: Tensor, bias: Tensor, update: Any) -> tuple[Any, Any]:
        weight, gates = weight.mT.contiguous(), a_x.new_empty(4, *a_x.shape[1:])
        torch.add(a_x[:2], bias[:2, None], out=gates[:2])
        gates[2], gates[3] = bias[2], a_x[2]
        r, z, q, n = (gate.unbind(0) for gate in gates)
        rzq, rz = gates[:3].unbind(1), gates[:2].unbind(1)
        masks, work = () if update is None else update.unbind(0), torch.empty_like(gates[0, 0])

        def step(t: int, rec: Tensor, old: Sequence[Tensor], new: Sequence[Tensor]) -> None:
            (h,) = new
            rzq[t].baddbmm_(rec, weight)
            rz[t].sigmoid_()
            candidate = n[t].addcmul_(r[t], q[t]).tanh_()
            if masks:
                candidate = torch.mul(candidate, masks[t], out=work)
            # (1 - z) n + z h, not n + z (h - n): z = 1 must carry h to the last bit
            torch.addcmul(candidate, z[t], candidate, value=-1, out=work)
            torch.mul(z[t], old[0], out=h)
            h.add_(work)

        return (gates,), step

    def start_back(
        self, weight: Tensor, saved: Sequence[Tensor], old: Sequence[Tensor], update: Any
    ) -> tuple[Tensor, Any]:
        (gates,) = saved
        r, z, q, n = gates
        d_gates = torch.addcmul(gates, gates, gates, value=-1)  # s - s^2
        d_r, d_z, d_q, d_n = d_gates
        torch.addcmul(gates.new_tensor(1.0), n, n, value=-1, out=d_n)  # 1 - n^2
        d_n.addcmul_(d_n, z, value=-1)  # times 1 - z
        if update is not None:
            d_n *= update
        d_z *= old[0] - (n if update is None else n * update)
        torch.mul(d_n, r, out=d_q)
        d_r *= q
        d_r *= d_n
        rzqn, rzq, carry = d_gates.unbind(1), d_gates[:3].unbind(1), z.unbind(0)
        product, carried = torch.empty_like(gates[:3, 0]), torch.empty_like(gates[0, 0])

        def step(t: int, d_state: Sequence[Tensor]) -> Tensor:
            (d_h,) = d_state
            rzqn[t].mul_(d_h)
            torch.mul(d_h, carry[t], out=carried)
            torch.bmm(rzq[t], weight, out=product)
            torch.sum(product, 0, out=d_h)
            return carried

        return d_gates, step

    def ends(self, d_gates: Tensor) -> tuple[Tensor, Tensor]:
        return d_gates[[0, 1, 3]], d_gates[:3]


class RNNKernel(LSTMKernel):
    """The step of `rnn_book.torch.rnn.RNNStep`."""

    def start(self, a_x: Tensor, weight: Tensor, bias: Tensor, update: Any) -> tuple[Any, Any]:
        gates, weight = _gate_major(a_x, bias), weight.mT.contiguous()
        a, squash = gates.unbind(1), torch.relu_ if self._relu else torch.tanh_

        def step(t: int, rec: Tensor, old: Sequence[Tensor], new: Sequence[Tensor]) -> None:
            new[0].copy_(squash(a[t].baddbmm_(rec, weight))[0])

        return (gates,), step

    def start_back(
        self, weight: Tensor, saved: Sequence[Tensor], old: Sequence[Tensor], update: Any
    ) -> tuple[Tensor, Any]:
        (gates,) = saved
        d_gates = (gates > 0).to(gates.dtype) if self._relu else 1 - gates * gates
        d_a = d_gates[0].unbind(0)

        def step(t: int, d_state: Sequence[Tensor]) -> None:
            (d_h,) = d_state
            torch.mm(d_a[t].mul_(d_h), weight[0], out=d_h)

        return d_gates, step

    @property
    def _relu(self) -> bool:
        return self.cell.nonlinearity == "relu"
