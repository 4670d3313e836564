"""The kernels of the plain RNN, the LSTM and the GRU: the same equations as their readable steps, written for speed.

They are fast for five reasons:

- *Gate-major arrays*, (gates, T, N, H): each gate of each step is one contiguous block, so NumPy's loops run over long rows,
  and the recurrent product is one small matrix product for each gate, which fits in the cache.
- *One exponential for all gates.* sigmoid(a) = 1/(1 + exp(-a)) and tanh(a) = 2 sigmoid(2a) - 1. The factors -1 and -2 are folded
  into the weights, so that a step squashes all gates in three passes over one block.
- *Biases ride along*: the input gets a column of ones, so the product of the input adds them, and the product that gives
  the weights' gradients gives theirs.
- *What does not depend on the gradient that arrives is not computed in the loop back.* The derivatives of the gates are known after the
  forward pass; they are computed for a block of steps at once, as many as fit in the cache. A step back is then a few
  multiplications and one product.
- *Weight gradients after the loop*, one matrix product over all steps.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.numpy.kernels import flat

__all__ = ["GRUKernel", "LSTMKernel", "RNNKernel"]

Array = NDArray[np.floating]


@functools.cache
def touch_product_buffer() -> None:
    """Make one larger matrix product, once.

    OpenBLAS packs matrices into a buffer whose pages come into being when they are first written. Until then small
    products, which write little of it, ran 2 to 3.7 times slower (measured: OpenBLAS 0.3.31, Haswell kernels, in a virtual machine).
    """
    np.ones((64, 384), np.float32) @ np.ones((384, 2048), np.float32)


def tanh_into(x: Array, out: Array) -> None:
    """tanh(x) into `out`; for larger arrays by way of the exponential, which NumPy computes faster than a tanh."""
    if x.size < 1024:
        np.tanh(x, out=out)
        return
    np.multiply(x, -2, out=out)
    np.exp(out, out=out)
    out += 1
    np.divide(2, out, out=out)
    out -= 1


class FastKernel:
    """What the fast kernels share: gate-major weights, and the products over all steps."""

    fold: tuple[float, ...]  # for each gate: -1 for a sigmoid, -2 for a tanh that is computed from one, else 1

    def __init__(
        self,
        p: SimpleNamespace,
        x: Array,
        states: Sequence[Array],
        masks: Array | None,
        bias: Array,
    ) -> None:
        touch_product_buffer()
        self.p, self.masks, self.states = p, masks, states
        steps, batch, _ = x.shape
        hidden, gates = p.weight_hh.shape[-1], len(self.fold)
        self.x = np.concatenate([flat(x), np.ones((steps * batch, 1), x.dtype)], axis=1)
        self.gates = np.empty((gates, steps, batch, hidden), x.dtype)
        weights = self._gate_major(np.concatenate([p.weight_ih, bias[:, None]], axis=1))
        np.matmul(self.x, weights, out=self.gates.reshape(gates, steps * batch, hidden))
        self.w_hh = self._gate_major(p.weight_hh)
        self.back = p.weight_hh.reshape(gates, hidden, hidden)
        self.product = np.empty((gates, batch, hidden), x.dtype)
        self.work = np.empty((batch, hidden), x.dtype)
        # Views of every step, made once: slicing in the loop would cost as much as a small product.
        self.at = list(self.gates.swapaxes(0, 1))
        self.each = list(zip(*(list(gate) for gate in self.gates), strict=True))
        self.h = list(states[0])
        self.block = max(1, 8192 // max(1, batch * hidden))
        self.ready = steps  # the step from which on derivatives have been computed

    def _gate_major(self, weight: Array) -> Array:
        """(gates*H, F) -> (gates, F, H), scaled."""
        blocks = weight.reshape(len(self.fold), -1, weight.shape[-1]).transpose(0, 2, 1)
        return np.multiply(blocks, np.array(self.fold, weight.dtype)[:, None, None], order="C")

    def _need(self, t: int) -> None:
        """Have the derivatives of step t ready; steps come from last to first."""
        if t < self.ready:
            self.ready = max(0, t + 1 - self.block)
            self._derivatives(slice(self.ready, t + 1))

    def _derivatives(self, steps: slice) -> None:
        """Replace what the steps computed by its derivatives."""
        raise NotImplementedError

    def gradients(self, h_rec: Array, d_x: Array) -> dict[str, Array]:
        """Fill the gradient of the input, and return those of the parameters, by bare name."""
        gates = self.gates.reshape(len(self.fold), -1, self.gates.shape[-1])
        blocks = self.p.weight_ih.reshape(len(self.fold), gates.shape[-1], -1)
        target = flat(d_x)
        np.matmul(gates[0], blocks[0], out=target)
        for gate, block in zip(gates[1:], blocks[1:], strict=True):
            target += gate @ block
        d_input = (gates.transpose(0, 2, 1) @ self.x).reshape(-1, self.x.shape[-1])
        return {
            "weight_ih": d_input[:, :-1],
            "bias_ih": d_input[:, -1].copy(),
            **self._recurrent_gradients(gates, flat(h_rec), d_input[:, -1]),
        }

    def _recurrent_gradients(
        self, gates: Array, h_rec: Array, d_bias: Array
    ) -> dict[str, Array]:
        """Gradients of weight_hh and bias_hh; those of a cell that adds both products before it squashes."""
        d_recurrent = gates.transpose(0, 2, 1) @ h_rec
        return {"weight_hh": d_recurrent.reshape(-1, h_rec.shape[-1]), "bias_hh": d_bias}


class LSTMKernel(FastKernel):
    """The step of `rnn_book.numpy.lstm.LSTMStep`."""

    fold = (-1.0, -1.0, -2.0, -1.0)  # i f g o

    def __init__(
        self,
        cell: Any,
        p: SimpleNamespace,
        x: Array,
        states: Sequence[Array],
        masks: Array | None,
    ) -> None:
        super().__init__(p, x, states, masks, p.bias_ih + p.bias_hh)
        self.c = list(states[1])
        self.shown = np.empty(self.gates.shape[1:], x.dtype)  # tanh(c), later its share of d_c
        self.shown_at = list(self.shown)
        self.but_output = list(self.gates[:3].swapaxes(0, 1))

    def step(self, t: int, h_rec: Array) -> None:
        a, gates, shown, c = self.product, self.at[t], self.shown_at[t], self.c[t + 1]
        np.matmul(h_rec, self.w_hh, out=a)
        a += gates
        np.exp(a, out=a)
        a += 1
        np.reciprocal(a, out=gates)
        i, f, g, o = self.each[t]
        g *= 2
        g -= 1
        np.multiply(i, g, out=shown)
        if self.masks is not None:
            shown *= self.masks[t]
        np.multiply(f, self.c[t], out=c)
        c += shown
        tanh_into(c, shown)
        np.multiply(o, shown, out=self.h[t + 1])

    def _derivatives(self, steps: slice) -> None:
        i, f, g, o = gates = self.gates[:, steps]
        tanh_c, c = self.shown[steps], self.states[1][steps]
        masked = 1 if self.masks is None else self.masks[steps]
        self.forget = f.copy()
        from_c = (g * masked * i * (1 - i), c * f * (1 - f), i * masked * (1 - g * g))
        from_h = tanh_c * o * (1 - o)
        self.shown[steps] = o * (1 - tanh_c * tanh_c)
        for gate, derivative in zip(gates, (*from_c, from_h), strict=True):
            gate[...] = derivative

    def step_gradient(self, t: int, d_new: Sequence[Array]) -> tuple[Array, Sequence[Any]]:
        self._need(t)
        d_h, d_c = d_new
        d_c += np.multiply(d_h, self.shown_at[t], out=self.work)
        d_gates = self.but_output[t]
        d_gates *= d_c
        d_o = self.each[t][3]
        d_o *= d_h
        d_c *= self.forget[t - self.ready]
        np.matmul(self.at[t], self.back, out=self.product)
        return np.add.reduce(self.product, axis=0, out=d_h), (0.0, d_c)


class GRUKernel(FastKernel):
    """The step of `rnn_book.numpy.gru.GRUStep`."""

    fold = (-1.0, -1.0, 1.0)  # r z n

    def __init__(
        self,
        cell: Any,
        p: SimpleNamespace,
        x: Array,
        states: Sequence[Array],
        masks: Array | None,
    ) -> None:
        # The reset gate scales the candidate's recurrent product with its bias: that one is added in the step.
        outside = p.bias_hh.copy()
        size = p.weight_hh.shape[-1]
        outside[2 * size :] = 0
        super().__init__(p, x, states, masks, p.bias_ih + outside)
        self.bias_n = np.repeat(p.bias_hh[None, 2 * size :], x.shape[1], axis=0)
        self.recurrent = np.empty(self.gates.shape[1:], x.dtype)  # that product, later its gradient
        self.recurrent_at = list(self.recurrent)
        self.sigmoids = list(self.gates[:2].swapaxes(0, 1))
        self.from_h = list(self.gates[1:].swapaxes(0, 1))

    def step(self, t: int, h_rec: Array) -> None:
        q, work = self.recurrent_at[t], self.work
        np.matmul(h_rec, self.w_hh, out=self.product)
        a, sigmoids = self.product[:2], self.sigmoids[t]
        a += sigmoids
        np.exp(a, out=a)
        a += 1
        np.reciprocal(a, out=sigmoids)
        r, z, n = self.each[t]
        np.add(self.product[2], self.bias_n, out=q)
        n += np.multiply(r, q, out=work)
        tanh_into(n, n)
        # (1 - z) n + z h, not n + z (h - n): z = 1 must carry h to the last bit
        np.subtract(1, z, out=work)
        work *= n
        if self.masks is not None:
            work *= self.masks[t]
        h = self.h[t + 1]
        np.multiply(z, self.h[t], out=h)
        h += work

    def _derivatives(self, steps: slice) -> None:
        r, z, n = gates = self.gates[:, steps]
        masked = 1 if self.masks is None else self.masks[steps]
        self.reset, self.update = r.copy(), z.copy()
        through_n = self.recurrent[steps] * r * (1 - r)
        through_z = (self.states[0][steps] - masked * n) * z * (1 - z)
        through_h = (1 - z) * masked * (1 - n * n)
        for gate, derivative in zip(gates, (through_n, through_z, through_h), strict=True):
            gate[...] = derivative

    def step_gradient(self, t: int, d_new: Sequence[Array]) -> tuple[Array, Sequence[Any]]:
        self._need(t)
        (d_h,) = d_new
        d_r, _, d_n = self.each[t]
        d_zn = self.from_h[t]
        d_zn *= d_h
        d_r *= d_n
        d_q = np.multiply(d_n, self.reset[t - self.ready], out=self.recurrent_at[t])
        d_h *= self.update[t - self.ready]
        np.matmul(self.sigmoids[t], self.back[:2], out=self.product[:2])
        np.matmul(d_q, self.back[2], out=self.product[2])
        return np.add.reduce(self.product, axis=0, out=self.work), (d_h,)

    def _recurrent_gradients(
        self, gates: Array, h_rec: Array, d_bias: Array
    ) -> dict[str, Array]:
        d_q, size = flat(self.recurrent), h_rec.shape[-1]
        d_recurrent = np.empty((3, size, size), h_rec.dtype)
        np.matmul(gates[:2].transpose(0, 2, 1), h_rec, out=d_recurrent[:2])
        np.matmul(d_q.T, h_rec, out=d_recurrent[2])
        d_bias_n = np.ones(len(d_q), d_q.dtype) @ d_q
        return {
            "weight_hh": d_recurrent.reshape(-1, size),
            "bias_hh": np.concatenate([d_bias[: 2 * size], d_bias_n]),
        }


class RNNKernel(FastKernel):
    """The step of `rnn_book.numpy.rnn.RNNStep`."""

    fold = (1.0,)

    def __init__(
        self,
        cell: Any,
        p: SimpleNamespace,
        x: Array,
        states: Sequence[Array],
        masks: Array | None,
    ) -> None:
        super().__init__(p, x, states, masks, p.bias_ih + p.bias_hh)
        self.relu = cell.nonlinearity == "relu"

    def step(self, t: int, h_rec: Array) -> None:
        a = self.each[t][0]
        a += np.matmul(h_rec, self.w_hh[0], out=self.work)
        if self.relu:
            np.maximum(a, 0, out=a)
        else:
            tanh_into(a, a)
        self.h[t + 1][...] = a

    def _derivatives(self, steps: slice) -> None:
        y = self.gates[0, steps]
        y[...] = y > 0 if self.relu else 1 - y * y

    def step_gradient(self, t: int, d_new: Sequence[Array]) -> tuple[Array, Sequence[Any]]:
        self._need(t)
        (d_h,) = d_new
        d_a = self.each[t][0]
        d_a *= d_h
        return np.matmul(d_a, self.back[0], out=d_h), (0.0,)
