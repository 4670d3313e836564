"""The kernels of the plain RNN, the LSTM and the GRU: the same equations as their readable steps,
written for speed.

They are fast for six reasons:

- *Blocks*: the gates are (T, gates, N, H), so that all gates of a step, and each of them, are one
contiguous block. NumPy's loops
  run over long rows, and the recurrent product is one small matrix product for each gate, which
  fits in the cache.
- *One exponential for all gates.* sigmoid(a) = 1/(1 + exp(-a)) and tanh(a) = 2 sigmoid(2a) - 1.
The factors -1 and -2 are folded
  into the weights, so that a step squashes all gates in three passes over one block.
- *Biases ride along*: the input gets a column of ones, so the product of the input adds them, and
the product that gives
  the weights' gradients gives theirs.
- *What does not depend on the gradient that arrives is not computed in the loop back.* The
derivatives of the gates are known after the
  forward pass; they are computed for a block of steps at once, as many as fit in the cache. A step
  back is then a few multiplications and one product.
- *No Python number meets an array in the loop*: turning it into an array costs more than adding it
to a small one.
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

__all__ = ["GRUKernel", "LSTMKernel", "RNNKernel", "stream_lstm"]

Array = NDArray[np.floating]


@functools.cache
def touch_product_buffer() -> None:
    """Make one larger matrix product, once.

    OpenBLAS packs matrices into a buffer whose pages come into being when they are first written.
    Until then small products, which write little of it, ran 2 to 3.7 times slower (measured:
    OpenBLAS 0.3.31, Haswell kernels, in a virtual machine).
    """
    np.ones((64, 384), np.float32) @ np.ones((384, 2048), np.float32)


def squash(x: Array, one: Array, two: Array) -> None:
    """tanh(x) in place; for larger arrays by way of the exponential, which NumPy computes faster
    than a tanh.
    """
    if x.size < 1024:
        np.tanh(x, out=x)
        return
    np.multiply(x, -two, out=x)
    np.exp(x, out=x)
    np.add(x, one, out=x)
    np.divide(two, x, out=x)
    np.subtract(x, one, out=x)


@functools.cache
def _rows(hidden: int, dtype: np.dtype) -> tuple[Array, Array]:
    """Factors and shifts (4H,) by which one tanh does for all gates, since
    sigmoid(a) = (tanh(a/2) + 1) / 2.
    """
    half, one = np.full(hidden, 0.5, dtype), np.ones(hidden, dtype)
    return np.concatenate([half, half, one, half]), np.concatenate([half, half, 0 * one, half])


def stream_lstm(
    a_x: Array, h_rec: Array, state: Sequence[Array], p: SimpleNamespace
) -> tuple[tuple[Array, Array], tuple[Any, ...]]:
    """`LSTMStep.step` for a step that stands alone: as few calls of NumPy as there can be."""
    hidden = h_rec.shape[-1]
    factor, shift = _rows(hidden, a_x.dtype)
    gates = h_rec @ p.weight_hh.T
    gates += a_x
    gates += p.bias_hh
    gates *= factor
    np.tanh(gates, out=gates)
    gates *= factor
    gates += shift
    i, f = gates[:, :hidden], gates[:, hidden : 2 * hidden]
    g, o = gates[:, 2 * hidden : 3 * hidden], gates[:, 3 * hidden :]
    c = f * state[1]
    c += i * g
    tanh_c = np.tanh(c)
    return (o * tanh_c, c), (i, f, g, o, state[1], tanh_c, h_rec, 1.0)


class FastKernel:
    """What the fast kernels share: gate-major weights, and the products over all steps."""

    fold: tuple[
        float, ...
    ]  # for each gate: -1 for a sigmoid, -2 for a tanh that is computed from one, else 1

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
        self.x = np.concatenate([x, np.ones((steps, batch, 1), x.dtype)], axis=2)
        self.gates = np.empty((steps, gates, batch, hidden), x.dtype)
        weights = self._gate_major(np.concatenate([p.weight_ih, bias[:, None]], axis=1))
        np.matmul(self.x[:, None], weights, out=self.gates)
        self.w_hh = self._gate_major(p.weight_hh)
        self.back = p.weight_hh.reshape(gates, hidden, hidden)
        self.product = np.empty((gates, batch, hidden), x.dtype)
        self.work = np.empty((batch, hidden), x.dtype)
        self.one, self.two = np.array(1, x.dtype), np.array(2, x.dtype)
        # Views of every step, made once: slicing in the loop would cost as much as a small product.
        self.at = list(self.gates)
        self.each = [list(gates) for gates in self.at]
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
        hidden, rows = self.gates.shape[-1], flat(self.x)
        blocks = self.p.weight_ih.reshape(len(self.fold), hidden, -1)
        d_recurrent, d_input = np.empty_like(self.back), []
        target = flat(d_x)
        for k, block in enumerate(blocks):
            d_gate = flat(np.ascontiguousarray(self.gates[:, k]))
            if k == 0:
                np.matmul(d_gate, block, out=target)
            else:
                target += d_gate @ block
            d_input.append(d_gate.T @ rows)
            np.matmul(self._recurrent_side(k, d_gate).T, flat(h_rec), out=d_recurrent[k])
        d_rows = np.concatenate(d_input)
        return {
            "weight_ih": d_rows[:, :-1],
            "bias_ih": d_rows[:, -1].copy(),
            "weight_hh": d_recurrent.reshape(-1, hidden),
            "bias_hh": self._recurrent_bias(d_rows[:, -1]),
        }

    def _recurrent_side(self, k: int, d_gate: Array) -> Array:
        """Gradient of gate k's recurrent product (T*N, H): that of the gate, where both products
        are added.
        """
        return d_gate

    def _recurrent_bias(self, d_bias: Array) -> Array:
        return d_bias.copy()


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
        self.shown = np.empty_like(states[0][1:])  # tanh(c), later its share of d_c
        self.shown_at = list(self.shown)
        self.but_output = list(self.gates[:, :3])

    def step(self, t: int, h_rec: Array) -> None:
        a, gates, shown, c = self.product, self.at[t], self.shown_at[t], self.c[t + 1]
        np.matmul(h_rec, self.w_hh, out=a)
        np.add(a, gates, out=a)
        np.exp(a, out=a)
        np.add(a, self.one, out=a)
        np.reciprocal(a, out=gates)
        i, f, g, o = self.each[t]
        np.multiply(g, self.two, out=g)
        np.subtract(g, self.one, out=g)
        np.multiply(i, g, out=shown)
        if self.masks is not None:
            shown *= self.masks[t]
        np.multiply(f, self.c[t], out=c)
        np.add(c, shown, out=c)
        np.copyto(shown, c)
        squash(shown, self.one, self.two)
        np.multiply(o, shown, out=self.h[t + 1])

    def _derivatives(self, steps: slice) -> None:
        i, f, g, o = gates = self.gates[steps].swapaxes(0, 1)
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
        # The reset gate scales the candidate's recurrent product with its bias: that one is added
        # in the step.
        outside = p.bias_hh.copy()
        size = p.weight_hh.shape[-1]
        outside[2 * size :] = 0
        super().__init__(p, x, states, masks, p.bias_ih + outside)
        self.bias_n = np.repeat(p.bias_hh[None, 2 * size :], x.shape[1], axis=0)
        self.recurrent = np.empty_like(states[0][1:])  # that product, later its gradient
        self.recurrent_at = list(self.recurrent)
        self.sigmoids = list(self.gates[:, :2])
        self.from_h = list(self.gates[:, 1:])

    def step(self, t: int, h_rec: Array) -> None:
        q, work = self.recurrent_at[t], self.work
        np.matmul(h_rec, self.w_hh, out=self.product)
        a, sigmoids = self.product[:2], self.sigmoids[t]
        np.add(a, sigmoids, out=a)
        np.exp(a, out=a)
        np.add(a, self.one, out=a)
        np.reciprocal(a, out=sigmoids)
        r, z, n = self.each[t]
        np.add(self.product[2], self.bias_n, out=q)
        n += np.multiply(r, q, out=work)
        squash(n, self.one, self.two)
        # (1 - z) n + z h, not n + z (h - n): z = 1 must carry h to the last bit
        np.subtract(self.one, z, out=work)
        work *= n
        if self.masks is not None:
            work *= self.masks[t]
        h = self.h[t + 1]
        np.multiply(z, self.h[t], out=h)
        h += work

    def _derivatives(self, steps: slice) -> None:
        r, z, n = gates = self.gates[steps].swapaxes(0, 1)
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

    def _recurrent_side(self, k: int, d_gate: Array) -> Array:
        return flat(self.recurrent) if k == 2 else d_gate

    def _recurrent_bias(self, d_bias: Array) -> Array:
        d_q = flat(self.recurrent)
        d_bias_n = np.ones(len(d_q), d_q.dtype) @ d_q
        return np.concatenate([d_bias[: -len(d_bias_n)], d_bias_n])


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
            squash(a, self.one, self.two)
        self.h[t + 1][...] = a

    def _derivatives(self, steps: slice) -> None:
        y = self.gates[steps, 0]
        y[...] = y > 0 if self.relu else 1 - y * y

    def step_gradient(self, t: int, d_new: Sequence[Array]) -> tuple[Array, Sequence[Any]]:
        self._need(t)
        (d_h,) = d_new
        d_a = self.each[t][0]
        d_a *= d_h
        return np.matmul(d_a, self.back[0], out=d_h), (0.0,)
