"""How a sweep makes its steps faster than with a cell's own step and autograd.

A kernel makes the product of the input for all steps at once, then one step at a time, then one
step back at a time, and last the weight gradients, again for all steps at once. The same equations
as the readable steps, tested equal to them, and fast for four reasons:

- *Gate-major tensors*, (gates, T, N, H): each gate of each step is one contiguous block, and all
  gates of a step are squashed by one call.
- *One sigmoid for all gates of an LSTM*: tanh(a) = 2 sigmoid(2a) - 1, and the
  inner 2 is folded into the weights.
- *Nothing is allocated in the loops*, and autograd records nothing there.
- *What does not depend on a later step is computed for all steps at once*: on the way back a gate's
  gradient is the gradient that arrives, times a factor that the way there has fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

__all__ = ["GRUKernel", "LSTMKernel", "RNNKernel"]

# Makes step t: h_rec, one copy for each gate (a view), old states, and where the new ones go.
Step = Callable[[int, Tensor, Sequence[Tensor], Sequence[Tensor]], None]
# Makes step t back: the gradients of the new states turn into those of h_rec and of the other old
# states, in place; returns what reaches h besides, on the way that carries it, or None.
StepBack = Callable[[int, Sequence[Tensor]], Tensor | None]


def flat(x: Tensor) -> Tensor:
    """Join steps and batch: (T, N, F) -> (T*N, F)."""
    return x.reshape(-1, x.shape[-1])


class FastKernel:
    """What the kernels share: gate-major weights and the products over all steps.

    Parameters
    ----------
    cell
        The readable cell.
    """

    blocks: int  # (T, N, H) blocks of gates
    input_order: tuple[int, ...]  # blocks 0, 1, ...: the rows of torch.nn that the input feeds
    order: tuple[int, ...]  # the last blocks: the rows of torch.nn that h_rec feeds
    fold: float = 1.0  # factor on the last block, for a tanh that is computed from a sigmoid

    def __init__(self, cell: Any) -> None:
        self.cell = cell

    def start(
        self, p: SimpleNamespace, x: Tensor, update: Tensor | None
    ) -> tuple[tuple[Tensor, ...], Step]:
        """Prepare the way there.

        Parameters
        ----------
        p, x
            The parameters by bare name, and the input (T, N, I).
        update
            Mask of the candidate (T, N, H), or None.

        Returns
        -------
        saved, step
            Tensors that the steps fill and the way back needs, gates (blocks, T, N, H) first; and
            what makes a step.
        """
        raise NotImplementedError

    def start_back(
        self,
        p: SimpleNamespace,
        saved: Sequence[Tensor],
        old: Sequence[Tensor],
        update: Tensor | None,
    ) -> tuple[Tensor, StepBack]:
        """Prepare the way back.

        Parameters
        ----------
        p, saved, update
            As for `start`, and what it returned.
        old
            Every state before each step, (T, N, H).

        Returns
        -------
        d_gates, step
            Factors (blocks, T, N, H), which the steps turn into gradients; and what makes a step.
        """
        raise NotImplementedError

    def gradients(
        self,
        p: SimpleNamespace,
        d_gates: Tensor,
        x: Tensor,
        h_rec: Tensor,
        needed: Sequence[bool],
    ) -> list[Tensor | None]:
        """Gradients of x, weight_ih, weight_hh, bias_ih and bias_hh, those that are needed."""
        d_in = d_gates[: len(self.input_order)].flatten(1, 2)
        d_rec = d_gates[-len(self.order) :].flatten(1, 2)
        found: list[Tensor | None] = [None] * 5
        if needed[0]:
            weights = self._split(p.weight_ih, self.input_order)
            d_x = d_in[0] @ weights[0]
            for d, weight in zip(d_in[1:], weights[1:], strict=True):
                d_x.addmm_(d, weight)
            found[0] = d_x.view(x.shape)
        if needed[1]:
            found[1] = self._product(d_in, x, self.input_order)
        if needed[2]:
            found[2] = self._product(d_rec, h_rec, self.order)
        sums = d_gates.flatten(1, 2).sum(1)
        if needed[3]:
            found[3] = self._join(sums[: len(d_in)], self.input_order)
        if needed[4]:
            found[4] = self._join(sums[-len(d_rec) :], self.order)
        return found

    def _product(self, d: Tensor, x: Tensor, order: tuple[int, ...]) -> Tensor:
        """Gradient of a weight matrix from those of its rows (gates, T*N, H) and its input."""
        rows = flat(x).expand(len(d), -1, -1)
        return self._join(torch.bmm(d.transpose(1, 2), rows), order)

    @staticmethod
    def _split(weight: Tensor, order: tuple[int, ...]) -> Tensor:
        """(gates*H, F) -> (gates, H, F), in the order of the kernel."""
        return weight.view(len(order), -1, weight.shape[-1])[list(order)]

    @staticmethod
    def _join(blocks: Tensor, order: tuple[int, ...]) -> Tensor:
        """(gates, H, ...) in the order of the kernel -> (gates*H, ...) in torch's."""
        out = torch.empty_like(blocks)
        out[list(order)] = blocks
        return out.flatten(0, 1)

    def _gate_major(self, weight: Tensor, order: tuple[int, ...]) -> Tensor:
        """(gates*H, F) -> (gates, F, H), in the order of the kernel, folded."""
        blocks = self._split(weight, order).transpose(1, 2).contiguous()
        blocks[-1] *= self.fold
        return blocks

    def _gates(self, p: SimpleNamespace, x: Tensor, bias: Tensor) -> Tensor:
        """Gates (blocks, T, N, H) with the product of the input and `bias` (gates*H,)."""
        count = len(self.input_order)
        gates = x.new_empty(self.blocks, *x.shape[:2], p.weight_hh.shape[-1])
        torch.baddbmm(
            self._gate_major(bias[:, None], self.input_order),
            flat(x).expand(count, -1, -1),
            self._gate_major(p.weight_ih, self.input_order),
            out=gates[:count].flatten(1, 2),
        )
        return gates


class LSTMKernel(FastKernel):
    """The step of `rnn_book.torch.lstm.LSTMStep`."""

    blocks = 4  # i f o g
    input_order = order = (0, 1, 3, 2)
    fold = 2.0

    def start(
        self, p: SimpleNamespace, x: Tensor, update: Tensor | None
    ) -> tuple[tuple[Tensor, ...], Step]:
        weight = self._gate_major(p.weight_hh, self.order)
        gates = self._gates(p, x, p.bias_ih + p.bias_hh)
        tanh_c = torch.empty_like(gates[0])
        ifog, (i, f, o, g) = gates.unbind(1), (gate.unbind(0) for gate in gates)
        tanhs, masks = tanh_c.unbind(0), () if update is None else update.unbind(0)
        minus, masked = gates.new_tensor(-1.0), torch.empty_like(tanh_c[0])

        def step(t: int, rec: Tensor, old: Sequence[Tensor], new: Sequence[Tensor]) -> None:
            h, c = new
            ifog[t].baddbmm_(rec, weight).sigmoid_()
            candidate = torch.add(minus, g[t], alpha=2, out=g[t])
            if masks:
                candidate = torch.mul(candidate, masks[t], out=masked)
            torch.mul(f[t], old[1], out=c)
            c.addcmul_(i[t], candidate)
            torch.tanh(c, out=tanhs[t])
            torch.mul(o[t], tanhs[t], out=h)

        return (gates, tanh_c), step

    def start_back(
        self,
        p: SimpleNamespace,
        saved: Sequence[Tensor],
        old: Sequence[Tensor],
        update: Tensor | None,
    ) -> tuple[Tensor, StepBack]:
        gates, tanh_c = saved
        i, f, o, g = gates
        one, weight = gates.new_tensor(1.0), self._split(p.weight_hh, self.order)
        d_gates = torch.empty_like(gates)
        d_i, d_f, d_o, d_g = d_gates
        torch.addcmul(gates[:3], gates[:3], gates[:3], value=-1, out=d_gates[:3])  # s - s^2
        torch.addcmul(one, g, g, value=-1, out=d_g)  # 1 - g^2
        d_i *= g
        d_f *= old[1]
        d_o *= tanh_c
        d_g *= i
        if update is not None:
            d_i *= update
            d_g *= update
        to_c = torch.addcmul(one, tanh_c, tanh_c, value=-1)
        to_c *= o
        ifog, inputs, product = (
            d_gates.unbind(1),
            d_gates[:2].unbind(1),
            torch.empty_like(gates[:, 0]),
        )
        outputs, nodes, shown, forget = (part.unbind(0) for part in (d_o, d_g, to_c, f))

        def step(t: int, d_state: Sequence[Tensor]) -> None:
            d_h, d_c = d_state
            d_c.addcmul_(d_h, shown[t])
            inputs[t].mul_(d_c)
            nodes[t].mul_(d_c)
            outputs[t].mul_(d_h)
            torch.bmm(ifog[t], weight, out=product)
            torch.sum(product, 0, out=d_h)
            d_c.mul_(forget[t])

        return d_gates, step


class GRUKernel(FastKernel):
    """The step of `rnn_book.torch.gru.GRUStep`."""

    blocks = 4  # n r z q, where q is the recurrent product of n
    input_order = (2, 0, 1)
    order = (0, 1, 2)

    def start(
        self, p: SimpleNamespace, x: Tensor, update: Tensor | None
    ) -> tuple[tuple[Tensor, ...], Step]:
        weight, hidden = self._gate_major(p.weight_hh, self.order), p.weight_hh.shape[-1]
        bias = p.bias_ih.clone()
        bias[: 2 * hidden] += p.bias_hh[: 2 * hidden]
        gates = self._gates(p, x, bias)
        gates[3] = p.bias_hh[2 * hidden :]
        rzq, rz, (n, r, z, q) = (
            gates[1:].unbind(1),
            gates[1:3].unbind(1),
            (gate.unbind(0) for gate in gates),
        )
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
        self,
        p: SimpleNamespace,
        saved: Sequence[Tensor],
        old: Sequence[Tensor],
        update: Tensor | None,
    ) -> tuple[Tensor, StepBack]:
        (gates,) = saved
        n, r, z, q = gates
        one, weight = gates.new_tensor(1.0), self._split(p.weight_hh, self.order)
        d_gates = torch.empty_like(gates)
        d_n, d_r, d_z, d_q = d_gates
        torch.addcmul(gates[1:3], gates[1:3], gates[1:3], value=-1, out=d_gates[1:3])  # s - s^2
        torch.addcmul(one, n, n, value=-1, out=d_n)  # 1 - n^2
        d_n.addcmul_(d_n, z, value=-1)  # times 1 - z
        if update is not None:
            d_n *= update
        d_z *= old[0] - (n if update is None else n * update)
        torch.mul(d_n, r, out=d_q)
        d_r *= q
        d_r *= d_n
        nrzq, rzq, carry = d_gates.unbind(1), d_gates[1:].unbind(1), z.unbind(0)
        product, carried = torch.empty_like(gates[1:, 0]), torch.empty_like(gates[0, 0])

        def step(t: int, d_state: Sequence[Tensor]) -> Tensor:
            (d_h,) = d_state
            nrzq[t].mul_(d_h)
            torch.mul(d_h, carry[t], out=carried)
            torch.bmm(rzq[t], weight, out=product)
            torch.sum(product, 0, out=d_h)
            return carried

        return d_gates, step


class RNNKernel(FastKernel):
    """The step of `rnn_book.torch.rnn.RNNStep`."""

    blocks = 1
    input_order = order = (0,)

    def start(
        self, p: SimpleNamespace, x: Tensor, update: Tensor | None
    ) -> tuple[tuple[Tensor, ...], Step]:
        weight = self._gate_major(p.weight_hh, self.order)
        gates = self._gates(p, x, p.bias_ih + p.bias_hh)
        products, squash = gates.unbind(1), torch.relu_ if self._relu else torch.tanh_

        def step(t: int, rec: Tensor, old: Sequence[Tensor], new: Sequence[Tensor]) -> None:
            new[0].copy_(squash(products[t].baddbmm_(rec, weight))[0])

        return (gates,), step

    def start_back(
        self,
        p: SimpleNamespace,
        saved: Sequence[Tensor],
        old: Sequence[Tensor],
        update: Tensor | None,
    ) -> tuple[Tensor, StepBack]:
        (gates,) = saved
        one = gates.new_tensor(1.0)
        d_gates = (gates > 0).to(gates.dtype) if self._relu else one - gates * gates
        d_a = d_gates[0].unbind(0)

        def step(t: int, d_state: Sequence[Tensor]) -> None:
            (d_h,) = d_state
            torch.mm(d_a[t].mul_(d_h), p.weight_hh, out=d_h)

        return d_gates, step

    @property
    def _relu(self) -> bool:
        return self.cell.nonlinearity == "relu"
