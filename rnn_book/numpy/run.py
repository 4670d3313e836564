"""One forward of a whole layer: every layer and direction, one sweep each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.checks import check_lengths
from rnn_book.numpy.sequence import Sweep

__all__ = ["Run"]

Array = NDArray[np.floating]


class Run:
    """The checked input of a layer, in one layout, and what its forward leaves for its backward."""

    def __init__(self, layer: Any, x: Any, hx: Any, lengths: Any) -> None:
        x = layer._check_float("input", x, ValueError)
        if x.ndim not in (2, 3):
            raise ValueError(
                f"{type(layer).__name__}: Expected input to be 2D or 3D, got {x.ndim}D instead"
            )
        if x.shape[-1] != layer.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {layer.input_size}, got "
                f"{x.shape[-1]}"
            )
        self.layer, self.batched, self.training = layer, x.ndim == 3, layer.training
        self.x = np.ascontiguousarray(self._inward(x))
        steps, batch = self.x.shape[:2]
        if steps == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        count = layer.num_layers * layer.directions
        self.state_shape = (count, *((batch,) if self.batched else ()), layer.hidden_size)
        states = layer._check_states("hx", hx, self.state_shape)
        self.states = [s.reshape(count, batch, layer.hidden_size) for s in states]
        self.lengths = self.active = None
        if lengths is not None:
            if not self.batched:
                raise ValueError(
                    "lengths are for a batch (3D input), got 2D input: cut the sequence instead"
                )
            self.lengths = check_lengths(lengths, batch, steps)
            self.active = (np.arange(steps)[:, None] < self.lengths)[..., None]
            self.x = np.where(self.active, self.x, 0)
        self.sweeps: list[Sweep] = []
        self.masks: dict[str, dict[str, Array]] = {}

    def _inward(self, x: Array) -> Array:
        """From the caller's layout to (T, N, F)."""
        if not self.batched:
            return x[:, None]
        return x.swapaxes(0, 1) if self.layer.batch_first else x

    def _outward(self, x: Array) -> Array:
        """From (T, N, F) to the caller's layout."""
        if not self.batched:
            return x[:, 0]
        return x.swapaxes(0, 1) if self.layer.batch_first else x

    def reverse(self, x: Any) -> Any:
        """Reverse each sequence from its own last step to its first; padding stays where it is."""
        if self.lengths is None:
            return x[::-1]
        steps = np.arange(len(x))[:, None]
        index = np.where(steps < self.lengths, self.lengths - 1 - steps, steps)
        return np.take_along_axis(x, index[..., None], axis=0)

    def _kept(self, drawn: dict[str, Array], backwards: bool) -> list[Any]:
        """What zoneout keeps of each state: a mask in training, a probability in evaluation, or
        None.
        """
        kept: list[Any] = []
        for name, p in self.layer.options.zoneout.items():
            mask = drawn.get(f"zoneout_{name}")
            if mask is not None:
                kept.append(self.reverse(mask) if backwards else mask)
            else:
                kept.append(p if p > 0 and not self.training else None)
        return kept

    def forward(
        self, masks: dict[str, dict[str, Array]], fast: bool, checkpoint: bool
    ) -> tuple[Array, Any]:
        """Sweep over every layer and direction; returns output and state in the caller's layout."""
        layer, x = self.layer, self.x
        self.masks = masks
        outputs: list[Array] = []
        for k, suffix in enumerate(layer.suffixes):
            backwards = k % layer.directions == 1
            drawn = masks.get(suffix, {})
            update = drawn.get("update")
            sweep = Sweep(
                layer.cell,
                layer._bare(suffix, drawn.get("weight_drop")),
                np.ascontiguousarray(self.reverse(x)) if backwards else x,
                [s[k] for s in self.states],
                drawn.get("recurrent"),
                self.reverse(update) if backwards and update is not None else update,
                self._kept(drawn, backwards),
                self.active,
                checkpoint,
                fast,
            )
            self.sweeps.append(sweep)
            output = sweep.h[1:]
            if self.active is not None:
                output = np.where(self.active, output, 0)
            if backwards:
                output = self.reverse(output)
            outputs.append(output * drawn["dropout"] if "dropout" in drawn else output)
            if len(outputs) == layer.directions:
                # A copy in any case: what the caller does to the output must not reach what
                # backward needs.
                x, outputs = np.concatenate(outputs, axis=-1), []
        ends = [sweep.final for sweep in self.sweeps]
        states = [np.stack(parts).reshape(self.state_shape) for parts in zip(*ends, strict=True)]
        return self._outward(x), layer._as_state(states)

    def recorded(self) -> dict[str, dict[str, Array]]:
        """What every step saved under a name, and every state after it, (T, N, H), steps in order
        of time.

        Needs a forward with neither the fast kernel nor checkpoints.
        """
        cell, found = self.layer.cell, {}
        for k, suffix in enumerate(self.layer.suffixes):
            kernel, states = self.sweeps[k].chunks[0]
            arrays = {
                name: np.stack([saved[position] for saved in kernel.saved])
                for position, name in enumerate(cell.recorded)
            }
            arrays |= {
                name: state[1:].copy()
                for name, state in reversed(list(zip(cell.states, states, strict=True)))
            }
            for name, value in arrays.items():
                if self.active is not None:
                    value = np.where(self.active, value, 0)
                if k % self.layer.directions == 1:
                    value = self.reverse(value)
                arrays[name] = value
            found[suffix] = arrays
        return found

    def check_gradients(self, d_output: Any, d_state: Any) -> tuple[Array | None, list[Array]]:
        """Check the gradients that arrive, and bring that of the output into (T, N, D*H)."""
        layer = self.layer
        if d_output is not None:
            shape = (*self.x.shape[:2], layer.directions * layer.hidden_size)
            d_output = layer._check_gradient(
                "d_output", d_output, self._outward(np.empty(shape)).shape
            )
            d_output = self._inward(d_output)
        return d_output, layer._check_states("d_state", d_state, self.state_shape, optional=True)

    def backward(self, d_output: Array | None, d_state: list[Array]) -> tuple[Array, Any]:
        """Sweep back; adds into the layer's `grads`, returns the gradients of x and of the initial
        state.
        """
        layer, hidden = self.layer, self.layer.hidden_size
        d_states = [d.reshape(self.states[0].shape) for d in d_state]
        d_initial = [np.empty_like(s) for s in self.states]
        d_x: Any = d_output
        for k in reversed(range(len(layer.suffixes))):
            direction = k % layer.directions
            suffix, sweep = layer.suffixes[k], self.sweeps.pop()
            if direction == layer.directions - 1:
                d_output, d_x = d_x, None
            drawn = self.masks.get(suffix, {})
            d_own = d_output
            if d_own is not None:
                d_own = d_own[..., direction * hidden : (direction + 1) * hidden]
                if "dropout" in drawn:
                    d_own = d_own * drawn["dropout"]
                if self.active is not None:
                    d_own = np.where(self.active, d_own, 0)
                if direction == 1:
                    d_own = self.reverse(d_own)
            d_in = np.empty_like(sweep.x)
            d_first, gradients = sweep.backward(d_own, [d[k] for d in d_states], d_in)
            for target, value in zip(d_initial, d_first, strict=True):
                target[k] = value
            if direction == 1:
                d_in = self.reverse(d_in)
            d_x = d_in if d_x is None else d_x + d_in
            if "weight_drop" in drawn:
                gradients["weight_hh"] *= drawn["weight_drop"]
            for name, value in gradients.items():
                if f"{name}_{suffix}" in layer.grads:
                    layer.grads[f"{name}_{suffix}"] += value
        d_hx = [d.reshape(self.state_shape) for d in d_initial]
        return self._outward(np.ascontiguousarray(d_x)), layer._as_state(d_hx)
