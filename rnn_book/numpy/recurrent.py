"""A recurrent layer around any cell, from the call to the loop and back.

The layer knows stacking, directions, lengths, initial states and masks; the loop over time of one
layer in one direction is in `sequence.py`, and the step in the cell's own file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from rnn_book import options
from rnn_book.cells import make_cell
from rnn_book.checks import as_array, check_lengths, check_size
from rnn_book.draws import draw_masks, initial_weights, spawn
from rnn_book.layout import bare_shapes, parameter_constants, parameter_shapes, suffixes
from rnn_book.numpy.functions import Array
from rnn_book.numpy.modules import Module, check_dtype
from rnn_book.numpy.product import Product
from rnn_book.numpy.sequence import State, Sweep
from rnn_book.options import check_forget_bias, regularisers, spelled_out

__all__ = ["Array", "CellOptions", "Gradients", "Options", "Recurrent", "RecurrentModule", "State"]

Gradients = tuple[Array, Array, tuple[Any, ...], dict[str, Any]]
"""What `step_gradient` returns."""


class CellOptions(options.CellOptions, total=False):
    """The keywords of a cell of this half."""

    dtype: DTypeLike | None


class Options(options.LayerOptions, CellOptions, total=False):
    """The keywords of a layer of this half."""

    checkpoint: bool


class RecurrentModule(Module):
    """What layers and single cells share: parameters, and checks of states."""

    _rank_error: type[Exception] = RuntimeError  # torch.nn's for a state of a wrong rank

    def _build(
        self, cell: Any, sizes: tuple[Any, Any], bias: bool, options: CellOptions, **layout: int
    ) -> None:
        self.cell = cell
        self.input_size = check_size("input_size", sizes[0])
        self.hidden_size = check_size("hidden_size", sizes[1])
        self.bias = bool(bias)
        dtype = check_dtype(options["dtype"])
        forget_bias = check_forget_bias(cell, options["forget_bias"], self.bias)
        shapes = parameter_shapes(cell, self.input_size, self.hidden_size, self.bias, **layout)
        weight_rng, self._mask_rng = spawn(options["rng"])
        constants = parameter_constants(cell, shapes)
        drawn = initial_weights(weight_rng, shapes, self.hidden_size**-0.5, constants)
        if forget_bias is not None:
            first = cell.forget_gate * self.hidden_size
            for name, value in drawn.items():
                if name.startswith(("bias_ih", "bias_hh")):
                    own = forget_bias if name.startswith("bias_ih") else 0
                    value[first : first + self.hidden_size] = own
        self._register(drawn, dtype)

    def _step_parameters(
        self, suffix: str, batch: int, often: bool, weight_mask: Any = None
    ) -> tuple[SimpleNamespace, dict[str, tuple[int, ...]]]:
        """What the step of one layer and direction is handed of the parameters, and their shapes.

        All are copies: what happens to the parameters before `backward` does not reach it.
        """
        cell, end = self.cell, f"_{suffix}" if suffix else ""
        shapes = bare_shapes(cell, self.hidden_size)
        weight_hh = self.parameters[f"weight_hh{end}"]
        if weight_mask is not None:
            weight_hh = weight_hh * weight_mask
        p = SimpleNamespace(recurrent=Product(weight_hh, cell.gates, batch, often))
        for name in [name for name in shapes if name != "weight_hh"]:
            value = self.parameters.get(name + end)
            if value is None:  # a bias of a layer without biases
                value = np.zeros(shapes[name], self.dtype)
            vector = (-1, 1, self.hidden_size) if value.ndim == 1 else value.shape
            setattr(p, name, value.copy().reshape(vector))
        return p, shapes

    def _check_states(
        self, name: str, value: Any, shape: tuple[int, ...], optional: bool = False
    ) -> list[Any]:
        """The states of `value` as a list of arrays of the given shape; zeros for None."""
        states = self.cell.states
        if value is None:
            return [np.zeros(shape, self.dtype) for _ in states]
        if len(states) == 1:
            if isinstance(value, tuple | list):
                raise TypeError(
                    f"{name} must be one array, the state {states[0]}, got a {type(value).__name__}"
                )
            value = (value,)
        elif not isinstance(value, tuple | list) or len(value) != len(states):
            got = (
                f"{len(value)} of them" if isinstance(value, tuple | list) else type(value).__name__
            )
            raise TypeError(
                f"{name} must be a tuple of the states ({', '.join(states)}), got {got}"
            )
        found = []
        for k, part in enumerate(value):
            if part is None and optional:
                found.append(np.zeros(shape, self.dtype))
                continue
            if type(part) is np.ndarray and part.dtype == self.dtype and part.shape == shape:
                found.append(part)
                continue
            kind, part = type(part).__name__, as_array(name, part)
            if part.dtype.kind not in "fiubc":
                raise TypeError(f"{name} must be an array of numbers for each state, got a {kind}")
            part = self._check_float(name, part)
            if part.shape != shape:
                label = f"{name}[{k}]" if len(states) > 1 else name
                error = RuntimeError if part.ndim in (1, 2) else self._rank_error
                raise error(f"Expected {label} size {shape}, got {list(part.shape)}")
            found.append(part)
        return found

    def _as_state(self, states: Sequence[Array]) -> Any:
        return states[0] if len(self.cell.states) == 1 else tuple(states)


@dataclass
class _Forward:
    """One forward of a layer: how its input was laid out, and what its backward needs."""

    batched: bool
    batch_first: bool
    shape: tuple[int, int]  # T, N
    state_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    lengths: NDArray[np.int64] | None = None
    active: NDArray[np.bool_] | None = None  # (T, N, 1): False where a sequence has ended
    masks: dict[str, dict[str, Array]] = field(default_factory=dict)
    sweeps: list[Sweep] = field(default_factory=list)

    def inward(self, x: Array) -> Array:
        """From the caller's layout to (T, N, F)."""
        if not self.batched:
            return x[:, None]
        return x.swapaxes(0, 1) if self.batch_first else x

    def outward(self, x: Array) -> Array:
        """From (T, N, F) to the caller's layout."""
        if not self.batched:
            return x[:, 0]
        return x.swapaxes(0, 1) if self.batch_first else x

    def reverse(self, x: Any) -> Any:
        """Reverse each sequence from its own last step to its first; padding stays where it is."""
        if self.lengths is None:
            return x[::-1]
        steps = np.arange(len(x))[:, None]
        index = np.where(steps < self.lengths, self.lengths - 1 - steps, steps)
        return np.take_along_axis(x, index[..., None], axis=0)

    def select(self, x: Any) -> Any:
        """0 where a sequence has ended."""
        return x if self.active is None else np.where(self.active, x, 0)


class Recurrent(RecurrentModule):
    """A recurrent layer around any cell.

    Parameters
    ----------
    cell
        A `Cell`, class or instance.
    input_size
        I, the numbers per step of the input.
    hidden_size
        H, the units.
    num_layers
        L, the layers on top of each other.
    bias
        Whether there are bias vectors.
    batch_first
        Whether x and output are (N, T, ...) instead of (T, N, ...); states are (D*L, N, H) either
        way.
    dropout
        Probability of dropout between layers, anew at every step (Zaremba et al. 2014, arXiv
        1409.2329).
    bidirectional
        Whether there is a second direction, from the last step to the first; then D = 2, else D =
        1.
    recurrent_dropout
        Probability of recurrent dropout.
    recurrent_dropout_on
        ``"state"``: one mask a sequence, on the state's way into the recurrent products (Gal &
        Ghahramani 2016, arXiv 1512.05287). ``"update"``: a mask a step, on the candidate
        (Semeniuta et al. 2016, arXiv 1603.05118); an error for a cell without one.
    zoneout
        Probability to keep a unit's old state, one for all states or one for each (Krueger et al.
        2017, arXiv 1606.01305).
    weight_drop
        Probability of dropping a recurrent weight, one mask a forward (Merity et al. 2018, arXiv
        1708.02182).
    forget_bias
        Total bias of the forget gate at initialisation; None leaves what was drawn. Any number is
        an error for a cell without such a gate.
    rng
        Seed or generator; its children draw the weights and the masks.
    dtype
        float32 (default) or float64; input of another type is an error.
    checkpoint
        Whether backward computes the steps again from sqrt(T) stored states, to save memory; the
        gradients are the same.
    proj_size
        Not offered: anything but 0 is an error.

    Attributes
    ----------
    last_masks : dict
        Masks of the latest forward: ``"l0"``, ``"l0_reverse"`` ... -> name -> read-only array;
        empty in evaluation.
    """

    @spelled_out(Options)
    def __init__(
        self,
        cell: Any,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__()
        cell = make_cell(cell)
        self.num_layers = check_size("num_layers", num_layers)
        self.options = regularisers(cell, num_layers, dropout, options)
        self.batch_first, self.bidirectional = bool(batch_first), bool(bidirectional)
        self.directions = 1 + self.bidirectional
        layout = {"num_layers": self.num_layers, "directions": self.directions}
        self._build(cell, (input_size, hidden_size), bias, options, **layout)
        self.suffixes = suffixes(self.num_layers, self.directions)
        self.checkpoint = bool(options["checkpoint"])
        self.last_masks: dict[str, dict[str, Array]] = {}

    def __call__(
        self, x: ArrayLike, hx: Any = None, *, lengths: ArrayLike | None = None
    ) -> tuple[Array, Any]:
        """Run the layer over a batch of sequences.

        Parameters
        ----------
        x
            (T, N, I), or (N, T, I) with `batch_first`, or one sequence (T, I). Never written to.
        hx
            Initial state h, or (h, c); each (D*L, N, H), or (D*L, H) for one sequence. Zeros if
            None.
        lengths
            Integers (N,): steps of each sequence. What stands beyond has no influence.

        Returns
        -------
        output
            (T, N, D*H), laid out as x; 0 beyond the end of a sequence.
        state
            The state at the end of each sequence, in the form of `hx`.

        Raises
        ------
        ValueError
            For a wrong rank or dtype of x, and for lengths that are no integers from 0 to T, one a
            sequence.
        RuntimeError
            For a wrong number of features, no steps, or a wrong shape of `hx`.
        TypeError
            For a wrong kind of `hx`.
        """
        output, state, forward = self._forward(x, hx, lengths, self.training, self.checkpoint)
        self._saved = forward
        # Views, which cannot be made writeable: backward needs what they show.
        self.last_masks = {
            suffix: {name: mask.view() for name, mask in drawn.items()}
            for suffix, drawn in forward.masks.items()
        }
        return output, state

    def _forward(
        self, x: Any, hx: Any, lengths: Any, training: bool, checkpoint: bool
    ) -> tuple[Array, Any, _Forward]:
        """Output, state, and what backward needs; of the layer itself nothing is changed, but its
        generator of masks.
        """
        x, states, forward = self._check_input(x, hx, lengths)
        if training:
            forward.masks = self._draw_masks(forward.shape)
        outputs: list[Array] = []
        ends: list[State] = []
        for k, suffix in enumerate(self.suffixes):
            backwards, drawn = k % self.directions == 1, forward.masks.get(suffix, {})
            sweep = self._sweep(k, forward, x, checkpoint, training)
            output = forward.select(sweep.forward([s[k] for s in states]))
            ends.append(sweep.final)
            forward.sweeps.append(sweep)
            if backwards:
                output = forward.reverse(output)
            outputs.append(output * drawn["dropout"] if "dropout" in drawn else output)
            if len(outputs) == self.directions:
                x = outputs[0]
                if self.directions == 2:
                    x = np.concatenate(outputs, axis=-1)
                outputs = []
        final = [np.stack(parts).reshape(forward.state_shape) for parts in zip(*ends, strict=True)]
        return forward.outward(x), self._as_state(final), forward

    def _check_input(self, x: Any, hx: Any, lengths: Any) -> tuple[Array, list[Array], _Forward]:
        """The input as (T, N, I), the states each (D*L, N, H), and the layout of this forward."""
        x = self._check_float("input", x, ValueError)
        if x.ndim not in (2, 3):
            raise ValueError(
                f"{type(self).__name__}: Expected input to be 2D or 3D, got {x.ndim}D instead"
            )
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                f"{x.shape[-1]}"
            )
        batched, count = x.ndim == 3, self.num_layers * self.directions
        forward = _Forward(batched, self.batch_first, (0, 0), (), ())
        output_shape = (*x.shape[:-1], self.directions * self.hidden_size)
        x = forward.inward(x)
        steps, batch = forward.shape = x.shape[:2]
        if steps == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        forward.state_shape = (count, *((batch,) if batched else ()), self.hidden_size)
        forward.output_shape = output_shape
        states = self._check_states("hx", hx, forward.state_shape)
        if lengths is not None:
            if not batched:
                raise ValueError(
                    "lengths are for a batch (3D input), got 2D input: cut the sequence instead"
                )
            forward.lengths = check_lengths(lengths, batch, steps)
            forward.active = (np.arange(steps)[:, None] < forward.lengths)[..., None]
            x = forward.select(x)
        return x, [s.reshape(count, batch, self.hidden_size) for s in states], forward

    def _sweep(
        self, k: int, forward: _Forward, x: Array, checkpoint: bool, training: bool
    ) -> Sweep:
        """The sweep of one layer and direction, with its parameters and masks as they are now."""
        suffix, backwards = self.suffixes[k], k % self.directions == 1
        drawn = forward.masks.get(suffix, {})
        p, shapes = self._step_parameters(
            suffix, forward.shape[1], forward.shape[0] >= 8, drawn.get("weight_drop")
        )
        kept: list[Any] = []  # of each state: a mask in training, a probability in evaluation
        for name, probability in self.options.zoneout.items():
            mask = drawn.get(f"zoneout_{name}")
            if mask is not None:
                kept.append(forward.reverse(mask) if backwards else mask)
            else:
                kept.append(probability if probability > 0 and not training else None)
        update = drawn.get("update")
        return Sweep(
            self.cell,
            p,
            shapes,
            self.parameters[f"weight_ih_{suffix}"],
            self.parameters.get(f"bias_ih_{suffix}") if self.cell.input_bias else None,
            forward.reverse(x) if backwards else x,
            recurrent_mask=drawn.get("recurrent"),
            update_mask=forward.reverse(update) if backwards and update is not None else update,
            kept=kept,
            active=forward.active,
            checkpoint=checkpoint,
        )

    def _draw_masks(self, shape: tuple[int, int]) -> dict[str, dict[str, Array]]:
        masks = draw_masks(
            lambda size: self._mask_rng.random(size, dtype=np.float32),
            lambda keep: keep.astype(self.dtype),
            self.options,
            self.num_layers,
            self.directions,
            (*shape, self.hidden_size),
            self.cell.gates,
        )
        for drawn in masks.values():
            for mask in drawn.values():
                mask.setflags(write=False)
        return masks

    def backward(self, d_output: ArrayLike | None = None, d_state: Any = None) -> tuple[Array, Any]:
        """Differentiate the latest forward; add the gradients of the parameters into `grads`.

        Parameters
        ----------
        d_output
            Gradient of the output, of its shape; None for zeros.
        d_state
            Gradient of the final state, in its form; None for zeros, also for one of several
            states.

        Returns
        -------
        d_x, d_hx
            Gradients of x and of the initial state, in their form.

        Raises
        ------
        RuntimeError
            Without a forward that has not been differentiated yet.
        """
        forward = self._latest()
        if d_output is not None:
            d_output = self._check_gradient("d_output", d_output, forward.output_shape)
        d_state = self._check_states("d_state", d_state, forward.state_shape, optional=True)
        self._saved = None
        d_x: Any = None if d_output is None else forward.inward(d_output)
        shape = (len(self.suffixes), forward.shape[1], self.hidden_size)
        d_states = [d.reshape(shape) for d in d_state]
        d_initial = [np.empty_like(d) for d in d_states]
        for k in reversed(range(len(forward.sweeps))):
            direction, suffix = k % self.directions, self.suffixes[k]
            if direction == self.directions - 1:
                d_layer, d_x = d_x, None
            drawn = forward.masks.get(suffix, {})
            d_own = d_layer
            if d_own is not None:
                here = slice(direction * self.hidden_size, (direction + 1) * self.hidden_size)
                d_own = d_own[..., here]
                if "dropout" in drawn:
                    d_own = d_own * drawn["dropout"]
                d_own = forward.select(d_own)
                if direction == 1:
                    d_own = forward.reverse(d_own)
            d_in, d_first, gradients = forward.sweeps.pop().backward(
                d_own, [d[k] for d in d_states]
            )
            for target, value in zip(d_initial, d_first, strict=True):
                target[k] = value
            if direction == 1:
                d_in = forward.reverse(d_in)
            d_x = d_in if d_x is None else d_x + d_in
            if "weight_drop" in drawn:
                gradients["weight_hh"] = gradients["weight_hh"] * drawn["weight_drop"]
            for name, value in gradients.items():
                if f"{name}_{suffix}" in self.grads:  # not so for the biases of bias=False
                    self.grads[f"{name}_{suffix}"] += value
        d_hx = [d.reshape(forward.state_shape) for d in d_initial]
        return forward.outward(np.ascontiguousarray(d_x)), self._as_state(d_hx)
