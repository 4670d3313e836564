"""How a sweep makes its steps: with any cell's own step, or faster.

A kernel has the weights of one layer and direction and the input of a run of steps. It makes the product of the input
for all steps at once, then one step at a time, then one step back at a time, and last the weight gradients, again for
all steps at once. `StepKernel` does so with the cell's readable step. The other kernels are the same equations, written
for speed, and tested equal to it. They are fast for four reasons:

- *Gate-major arrays*, (gates, T, N, H): each gate of each step is one contiguous block, so NumPy's loops run over long rows, and
  the recurrent product is one small matrix product for each gate, which fits in the cache.
- *One exponential for all gates.* sigmoid(a) = 1/(1 + exp(-a)) and tanh(a) = 2 sigmoid(2a) - 1. The factors -1 and -2 are
  folded into the weights, so that a step squashes all gates in three passes over one block.
- *Nothing is allocated in the loop*: results go where they will be needed, and the gradient of a gate takes the gate's place.
- *Weight gradients after the loop*, one matrix product over all steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["GRUKernel", "LSTMKernel", "RNNKernel", "StepKernel"]

Array = NDArray[np.floating]


def flat(x: Array) -> Array:
    """Join steps and batch: (T, N, F) -> (T*N, F)."""
    return x.reshape(-1, x.shape[-1])


def sum_rows(x: Array) -> Array:
    """Sum of (..., M, F) over M, as a matrix product: blocked, so faster and more exact than adding row by row."""
    return (np.ones((1, x.shape[-2]), x.dtype) @ x)[..., 0, :]


class StepKernel:
    """Any cell, through its own `step` and `step_gradient`."""

    def __init__(self, cell: Any, p: SimpleNamespace, x: Array) -> None:
        self.cell, self.p, self.x = cell, p, x
        self.a_x = x @ p.weight_ih.T
        if cell.input_bias:
            self.a_x += p.bias_ih
        self.saved: list[Any] = [None] * len(x)
        self.vectors: dict[str, Array] = {}
        self.products: dict[str, list[list[tuple[Array, Array]]]] = {}

    def step(
        self, t: int, h_rec: Array, old: Sequence[Array], mask: Any, new: Sequence[Array]
    ) -> None:
        """Step t: write the new states into `new`."""
        extra = () if mask is None else (mask,)
        state, self.saved[t] = self.cell.step(self.a_x[t], h_rec, tuple(old), self.p, *extra)
        for target, value in zip(new, state, strict=True):
            target[...] = value

    def step_gradient(
        self, t: int, old: Sequence[Array], d_new: Sequence[Array]
    ) -> tuple[Array, Sequence[Array]]:
        """Gradients of `h_rec` and of the carried states at step t; gradients of parameters are collected."""
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


class FastKernel:
    """What the fast kernels share: gate-major weights and the products over all steps."""

    order: tuple[int, ...]  # the kernel's gates as rows of torch.nn: those with a sigmoid first
    fold: tuple[float, ...]  # -1 for a sigmoid, -2 for a tanh that is computed from one

    def __init__(self, cell: Any, p: SimpleNamespace, x: Array) -> None:
        self.p, self.x = p, x
        self.steps, self.batch = x.shape[:2]
        self.hidden = p.weight_hh.shape[-1]
        self.scale = np.array(self.fold, x.dtype)[:, None, None]
        self.w_hh = self._gate_major(p.weight_hh)
        self.back = np.empty(0)  # W_hh for the way back, made when it is needed
        gates = len(self.order)
        self.gates = np.empty((gates, self.steps, self.batch, self.hidden), x.dtype)
        size = (gates, self.steps * self.batch, self.hidden)
        np.matmul(flat(x), self._gate_major(p.weight_ih), out=self.gates.reshape(size))
        self.product = np.empty((gates, self.batch, self.hidden), x.dtype)
        self.work = np.empty((gates, self.batch, self.hidden), x.dtype)

    def _gate_major(self, weight: Array) -> Array:
        """(gates*H, F) -> (gates, F, H), in the kernel's order, scaled."""
        blocks = weight.reshape(len(self.order), self.hidden, -1)[list(self.order)]
        return np.multiply(blocks.transpose(0, 2, 1), self.scale, order="C")

    def _full(self, bias: Array) -> Array:
        """(gates*H,) -> (gates, N, H), in the kernel's order, scaled: one block, added in one pass."""
        rows = bias.reshape(len(self.order), 1, self.hidden)[list(self.order)]
        return np.repeat(rows * self.scale, self.batch, axis=1)

    def _start_back(self) -> None:
        blocks = self.p.weight_hh.reshape(len(self.order), self.hidden, self.hidden)
        self.back = blocks[list(self.order)]

    def _unorder(self, blocks: Array) -> Array:
        """(gates, H, ...) in the kernel's order -> (gates*H, ...) in torch's."""
        out = np.empty_like(blocks)
        out[list(self.order)] = blocks
        return out.reshape(len(self.order) * self.hidden, *blocks.shape[2:])

    def _input_gradients(self, d_x: Array) -> dict[str, Array]:
        """Fill the gradient of the input from the gates' gradients; return those of weight_ih and bias_ih."""
        blocks = self.p.weight_ih.reshape(len(self.order), self.hidden, -1)[list(self.order)]
        target = flat(d_x)
        gates = self.gates.reshape(len(self.order), -1, self.hidden)
        np.matmul(gates[0], blocks[0], out=target)
        for gate, block in zip(gates[1:], blocks[1:], strict=True):
            target += gate @ block
        return {
            "weight_ih": self._unorder(gates.transpose(0, 2, 1) @ flat(self.x)),
            "bias_ih": self._unorder(sum_rows(gates)),
        }


class LSTMKernel(FastKernel):
    """The step of `rnn_book.numpy.lstm.LSTMStep`."""

    order = (0, 1, 3, 2)  # i f o g
    fold = (-1.0, -1.0, -1.0, -2.0)

    def __init__(self, cell: Any, p: SimpleNamespace, x: Array) -> None:
        super().__init__(cell, p, x)
        self.bias = self._full(p.bias_ih + p.bias_hh)
        self.tanh_c = np.empty((self.steps, self.batch, self.hidden), x.dtype)
        self.masks: list[Any] = [None] * self.steps

    def step(
        self, t: int, h_rec: Array, old: Sequence[Array], mask: Any, new: Sequence[Array]
    ) -> None:
        gates, tanh_c, product = self.gates[:, t], self.tanh_c[t], self.product
        np.matmul(h_rec, self.w_hh, out=product)
        product += self.bias
        gates += product
        np.exp(gates, out=gates)
        gates += 1
        np.reciprocal(gates, out=gates)
        i, f, o, g = gates
        g *= 2
        g -= 1
        h, c = new
        np.multiply(i, g, out=tanh_c)
        if mask is not None:
            self.masks[t] = mask
            tanh_c *= mask
        np.multiply(f, old[1], out=c)
        c += tanh_c
        tanh_into(c, tanh_c)
        np.multiply(o, tanh_c, out=h)

    def step_gradient(
        self, t: int, old: Sequence[Array], d_new: Sequence[Array]
    ) -> tuple[Array, Sequence[Array]]:
        if not self.back.size:
            self._start_back()
        gates, tanh_c, mask, work = self.gates[:, t], self.tanh_c[t], self.masks[t], self.work
        i, f, o, g = gates
        d_i, d_f, d_o, d_g = work
        d_h, d_c = d_new
        # d_c += d_h * o * (1 - tanh(c)^2), with d_g as a place to work in
        np.multiply(tanh_c, tanh_c, out=d_g)
        np.subtract(1, d_g, out=d_g)
        d_g *= o
        d_g *= d_h
        d_c += d_g
        # every sigmoid's own derivative, s * (1 - s), in two passes
        sigmoids, d_sigmoids = gates[:3], work[:3]
        np.subtract(1, sigmoids, out=d_sigmoids)
        d_sigmoids *= sigmoids
        d_o *= tanh_c
        d_o *= d_h
        work[:2] *= d_c
        d_f *= old[1]
        d_i *= g
        np.multiply(g, g, out=d_g)
        np.subtract(1, d_g, out=d_g)
        d_g *= i
        d_g *= d_c
        if mask is not None:
            d_i *= mask
            d_g *= mask
        d_c *= f
        gates[...] = work
        np.matmul(work, self.back, out=self.product)
        np.add.reduce(self.product, axis=0, out=d_h)
        return d_h, (0.0, d_c)

    def gradients(self, h_rec: Array, d_x: Array) -> dict[str, Array]:
        found = self._input_gradients(d_x)
        gates = self.gates.reshape(4, -1, self.hidden)
        found["weight_hh"] = self._unorder(gates.transpose(0, 2, 1) @ flat(h_rec))
        found["bias_hh"] = found["bias_ih"].copy()
        return found


class GRUKernel(FastKernel):
    """The step of `rnn_book.numpy.gru.GRUStep`."""

    order = (0, 1, 2)  # r z n
    fold = (-1.0, -1.0, 1.0)

    def __init__(self, cell: Any, p: SimpleNamespace, x: Array) -> None:
        super().__init__(cell, p, x)
        self.bias = self._full(p.bias_hh)
        bias_ih = self._full(p.bias_ih)
        self.bias[:2] += bias_ih[:2]
        self.gates[2] += bias_ih[2]
        # the recurrent product of the candidate, and later its gradient
        self.recurrent = np.empty((self.steps, self.batch, self.hidden), x.dtype)
        self.masks: list[Any] = [None] * self.steps

    def step(
        self, t: int, h_rec: Array, old: Sequence[Array], mask: Any, new: Sequence[Array]
    ) -> None:
        gates, product, q = self.gates[:, t], self.product, self.recurrent[t]
        np.matmul(h_rec, self.w_hh, out=product)
        product += self.bias
        sigmoids = gates[:2]
        sigmoids += product[:2]
        np.exp(sigmoids, out=sigmoids)
        sigmoids += 1
        np.reciprocal(sigmoids, out=sigmoids)
        r, z, n = gates
        q[...] = product[2]
        np.multiply(r, q, out=self.work[0])
        n += self.work[0]
        tanh_into(n, n)
        # (1 - z) n + z h, not n + z (h - n): z = 1 must carry h to the last bit
        update = np.subtract(1, z, out=self.work[0])
        update *= n
        if mask is not None:
            self.masks[t] = mask
            update *= mask
        (h,) = new
        np.multiply(z, old[0], out=h)
        h += update

    def step_gradient(
        self, t: int, old: Sequence[Array], d_new: Sequence[Array]
    ) -> tuple[Array, Sequence[Array]]:
        if not self.back.size:
            self._start_back()
        gates, mask, work, q = self.gates[:, t], self.masks[t], self.work, self.recurrent[t]
        r, z, n = gates
        d_r, d_z, d_n = work
        (d_h,) = d_new
        candidate = n if mask is None else n * mask
        np.subtract(1, gates[:2], out=work[:2])
        np.multiply(n, n, out=d_n)
        np.subtract(1, d_n, out=d_n)
        d_n *= d_z  # 1 - z
        d_n *= d_h
        if mask is not None:
            d_n *= mask
        work[:2] *= gates[:2]
        d_z *= old[0] - candidate
        d_z *= d_h
        d_r *= q
        d_r *= d_n
        np.multiply(d_n, r, out=q)
        d_h *= z
        gates[...] = work
        work[2] = q
        np.matmul(work, self.back, out=self.product)
        return np.add.reduce(self.product, axis=0), (d_h,)

    def gradients(self, h_rec: Array, d_x: Array) -> dict[str, Array]:
        found = self._input_gradients(d_x)
        self.gates[2] = self.recurrent
        gates = self.gates.reshape(3, -1, self.hidden)
        found["weight_hh"] = self._unorder(gates.transpose(0, 2, 1) @ flat(h_rec))
        found["bias_hh"] = self._unorder(sum_rows(gates))
        return found


class RNNKernel(FastKernel):
    """The step of `rnn_book.numpy.rnn.RNNStep`."""

    order = (0,)
    fold = (1.0,)

    def __init__(self, cell: Any, p: SimpleNamespace, x: Array) -> None:
        super().__init__(cell, p, x)
        self.relu = cell.nonlinearity == "relu"
        self.bias = self._full(p.bias_ih + p.bias_hh)[0]

    def step(
        self, t: int, h_rec: Array, old: Sequence[Array], mask: Any, new: Sequence[Array]
    ) -> None:
        a, (h,), product = self.gates[0, t], new, self.product[0]
        np.matmul(h_rec, self.w_hh[0], out=product)
        product += self.bias
        a += product
        if self.relu:
            np.maximum(a, 0, out=a)
        else:
            tanh_into(a, a)
        h[...] = a

    def step_gradient(
        self, t: int, old: Sequence[Array], d_new: Sequence[Array]
    ) -> tuple[Array, Sequence[Array]]:
        y, (d_h,) = self.gates[0, t], d_new
        if self.relu:
            np.multiply(d_h, y > 0, out=y)
        else:
            np.multiply(y, y, out=y)
            np.subtract(1, y, out=y)
            y *= d_h
        np.matmul(y, self.p.weight_hh, out=d_h)
        return d_h, (0.0,)

    def gradients(self, h_rec: Array, d_x: Array) -> dict[str, Array]:
        found = self._input_gradients(d_x)
        found["weight_hh"] = self.gates.reshape(-1, self.hidden).T @ flat(h_rec)
        found["bias_hh"] = found["bias_ih"].copy()
        return found


def tanh_into(x: Array, out: Array) -> None:
    """tanh(x) into `out`; in float64 by way of the exponential, which NumPy computes four times faster than a tanh."""
    if x.dtype == np.float32 or x.size < 256:
        np.tanh(x, out=out)
        return
    np.multiply(x, -2, out=out)
    np.exp(out, out=out)
    out += 1
    np.divide(2, out, out=out)
    out -= 1
