"""The product of the hidden state with its weights, step by step, and the gradients of parameters.

A product is made for each gate by itself, so that its result comes with the gates first. Where the
processor has AVX-512 the weights are cut into blocks of columns as well: OpenBLAS has a kernel for
small products there, which copies neither factor, and takes products of up to 10^6 multiplications.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.cells import cell_name
from rnn_book.numpy.functions import Array

__all__ = ["ParameterGradients", "Product", "flat"]

# A private name of NumPy's: where it is missing, products are merely a little slower.
_core: Any = getattr(np, "_core", None)
_features = getattr(getattr(_core, "_multiarray_umath", None), "__cpu_features__", {})
SMALL_KERNEL = bool(_features.get("AVX512_SKX", False))
"""Whether OpenBLAS has a kernel for small products here."""


def block_width(batch: int, rows: int, columns: int, itemsize: int) -> int:
    """The widest block for (batch, rows) @ (rows, columns): 128 to 400 bytes, a divisor of
    `columns`, few enough multiplications for the small kernel; else all columns.
    """
    widths = range(128 // itemsize, 400 // itemsize + 1) if SMALL_KERNEL else ()
    fitting = (w for w in widths if columns % w == 0 and batch * rows * w <= 1e6)
    return max(fitting, default=columns)


def blocks(a: Array, width: int) -> Array:
    """(..., M, F) seen as blocks of columns, (..., F/width, M, width)."""
    return a.reshape(*a.shape[:-1], a.shape[-1] // width, width).swapaxes(-2, -3)


class Product:
    """x -> x W^T, gate by gate: (N, F) -> (gates, N, H).

    Parameters
    ----------
    weight
        W, (gates * H, F). Copied: what happens to it afterwards changes nothing here.
    gates
        Number of gates.
    batch
        N, for which the blocks are chosen.
    often
        Whether many products follow, so that rearranging the weights is worth its time.
    """

    def __init__(self, weight: Array, gates: int, batch: int, often: bool = True) -> None:
        hidden, features = len(weight) // gates, weight.shape[1]
        by_gate = weight.reshape(gates, hidden, features)
        if often:
            widths = [
                block_width(batch, features, hidden, weight.itemsize),
                block_width(batch, hidden, features, weight.itemsize),
            ]
            self.forth = np.array(blocks(by_gate.swapaxes(1, 2), widths[0]), order="C")
            self.back = np.array(blocks(by_gate, widths[1]), order="C")
        else:
            self.back = by_gate.copy()[:, None]
            self.forth = self.back.swapaxes(2, 3)

    def __getitem__(self, gates: slice) -> Product:
        """The product with the weights of some of the gates."""
        if not isinstance(gates, slice):
            raise TypeError(f"p.recurrent takes a slice of gates, as in [2:], got [{gates!r}]")
        part = Product.__new__(Product)
        part.forth, part.back = self.forth[gates], self.back[gates]
        return part

    def __call__(self, x: Array) -> Array:
        """(N, F) -> (gates, N, H)."""
        gates, count, _, width = self.forth.shape
        out = np.empty((gates, len(x), count * width), x.dtype)
        if count == 1:
            return np.matmul(x, self.forth[:, 0], out=out)
        np.matmul(x, self.forth, out=blocks(out, width))
        return out

    def gradient(self, d: Array) -> Array:
        """Turn the gradient of the product, (gates, N, H), into that of x, (N, F)."""
        _, count, _, width = self.back.shape
        if count == 1:
            return np.matmul(d, self.back[:, 0]).sum(axis=0)
        out = np.empty((*d.shape[:-1], count * width), d.dtype)
        np.matmul(d[:, None], self.back, out=blocks(out, width))
        return out.sum(axis=0)


class ParameterGradients:
    """What the steps hand over for the gradients of parameters, until all steps are one product.

    The gradient of a product, (gates, N, H), is kept as rows, (N, gates, H), so that those of all
    steps are one matrix. What is there already is not kept twice: most steps hand over the gradient
    of W_ih x_t for weight_hh as well, and with it the very `h_rec` that they were given.

    Parameters
    ----------
    cell
        The cell, which errors name.
    shapes
        Name -> shape of each parameter that a step may use itself.
    h_rec
        Of every step, (T, N, H).
    gates
        Number of gates.
    """

    def __init__(
        self, cell: Any, shapes: Mapping[str, tuple[int, ...]], h_rec: Array, gates: int
    ) -> None:
        steps, batch, hidden = h_rec.shape
        self.cell, self.shapes, self.h_rec = cell, shapes, h_rec
        self.d_a_x = np.empty((steps, batch, gates, hidden), h_rec.dtype)
        self.names: set[str] = set()
        self.pairs: dict[str, int] = {}
        self.rows: dict[tuple[str, int, str], Array] = {}
        self.sums: dict[str, Array] = {}

    def add(self, t: int, d_a_x: Array, h_rec: Array, d_p: Mapping[str, Any]) -> None:
        """Take what `step_gradient` returned for step t; steps come from the last to the first."""
        self.d_a_x[t] = d_a_x.swapaxes(0, 1)
        if d_p.keys() != self.names:
            self._check(t, d_p)
        for name, d in d_p.items():
            if isinstance(d, tuple | list):
                pairs = [d] if isinstance(d, tuple) else d
                self.pairs[name] = len(pairs)
                for k, (d_product, x) in enumerate(pairs):
                    self._keep((name, k, "d"), t, d_product, d_a_x, self.d_a_x)
                    self._keep((name, k, "x"), t, x, h_rec, self.h_rec)
            elif name in self.sums:
                self.sums[name] += d
            else:
                self.sums[name] = np.array(d)

    def _keep(self, key: Any, t: int, value: Array, known: Array, kept: Array) -> None:
        """Keep the rows of one step, unless they are those that are kept anyway."""
        if key not in self.rows:
            if value is known:
                return
            rows = value if value.ndim == 2 else value.swapaxes(0, 1)
            self.rows[key] = np.empty((len(self.h_rec), *rows.shape), rows.dtype)
            if t + 1 < len(kept):  # so far they were
                self.rows[key][t + 1 :] = kept[t + 1 :]
        self.rows[key][t] = value if value.ndim == 2 else value.swapaxes(0, 1)

    def _check(self, t: int, d_p: Mapping[str, Any]) -> None:
        wrong = ""
        if unknown := sorted(d_p.keys() - self.shapes.keys()):
            wrong = (
                f"returns a gradient of {', '.join(unknown)}, and its step uses no such "
                f"parameter: it has {', '.join(self.shapes)}"
            )
        elif t + 1 < len(self.h_rec):
            wrong = (
                "must return gradients of the same parameters at every step, got "
                f"{sorted(d_p)} after {sorted(self.names)}"
            )
        if wrong:
            raise ValueError(f"step_gradient of {cell_name(self.cell)} {wrong}")
        self.names = set(d_p)

    def totals(self) -> dict[str, Array]:
        """The gradients, by bare name."""
        found = {name: d.sum(axis=-2) for name, d in self.sums.items()}
        for name, count in self.pairs.items():
            parts = []
            for k in range(count):
                d = flat(self.rows.get((name, k, "d"), self.d_a_x))
                parts.append(d.T @ flat(self.rows.get((name, k, "x"), self.h_rec)))
            found[name] = np.concatenate(parts) if count > 1 else parts[0]
        return {name: value.reshape(self.shapes[name]) for name, value in found.items()}


def flat(rows: Array) -> Array:
    """(T, N, ...) as a matrix of T * N rows."""
    return rows.reshape(rows.shape[0] * rows.shape[1], math.prod(rows.shape[2:]))
