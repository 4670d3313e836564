"""The sequence machine: cells plug into it, and get stacking, directions, lengths, states and
regularisers for free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnn_book.checks import check_size
from rnn_book.draws import Rng, draw_masks, initial_weights, spawn
from rnn_book.layout import parameter_constants, parameter_shapes, suffixes
from rnn_book.numpy.modules import Module, as_array, check_dtype
from rnn_book.numpy.run import Run
from rnn_book.options import check_forget_bias, regularisers

__all__ = ["Array", "Cell", "CellModule", "Gradients", "Recurrent", "State"]

Array = NDArray[np.floating]
State = tuple[Array, ...]
Gradients = tuple[Array, Array, tuple[Any, ...], Mapping[str, Any]]


class Cell:
    """One time step: the protocol that `Recurrent` drives. Subclass it and write `step` and
    `step_gradient`.

    Attributes
    ----------
    gates : int
        Rows of weight_ih and weight_hh in units of H.
    states : tuple of str
        Names of the states, h first.
    recorded : tuple of str
        Names of the first arrays of what a step saves; `record_gates` returns them.
    extra : dict
        Further parameters: name -> shape in units of H (an int, or a tuple for a matrix).
    constants : dict
        Further parameters that start at a constant: name -> value. The others are drawn like the
        weights.
    forget_gate : int or None
        Which of the gates is a forget gate, for the option `forget_bias`.
    input_bias : bool
        Whether the machine adds bias_ih to the product of the input; False leaves it to the step.
    """

    gates: int = 1
    states: tuple[str, ...] = ("h",)
    recorded: tuple[str, ...] = ()
    extra: Mapping[str, Any] = {}
    constants: Mapping[str, float] = {}
    forget_gate: int | None = None
    input_bias: bool = True

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace, *candidate_mask: Any
    ) -> tuple[State, tuple[Any, ...]]:
        """Make one step.

        Parameters
        ----------
        a_x
            W_ih x_t + b_ih, from the machine, (N, gates*H).
        h_rec
            h_{t-1} after recurrent dropout, (N, H): for recurrent products, and nothing else.
        state
            The untouched states, each (N, H): what is carried.
        p
            Parameters by bare name: `p.weight_hh`, `p.bias_hh` (zeros in a layer without biases),
            and `extra`.
        candidate_mask
            A cell with a candidate takes ``candidate_mask=1.0`` and multiplies it into its
            candidate, always.

        Returns
        -------
        new_state
            As `state`.
        saved
            What `step_gradient` needs, beginning with the arrays named in `recorded`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no step")

    def step_gradient(self, d_new_state: State, saved: Any, p: SimpleNamespace) -> Gradients:
        """Differentiate one step.

        Parameters
        ----------
        d_new_state
            Gradients of the new states, each (N, H).
        saved, p
            What `step` saved, and the parameters.

        Returns
        -------
        d_a_x
            (N, gates*H).
        d_h_rec
            (N, H).
        d_state
            Gradients of the carried states, each (N, H); the number 0 where one is not carried.
        d_p
            Gradients of the parameters that the step itself uses, by bare name: a vector's for
            each item of the batch, (N, ...); a matrix's as a pair (d_rows, input), which stands
            for d_rows.T @ input, or a list of such pairs, one below the other.
        """
        raise NotImplementedError(f"{type(self).__name__} has no step_gradient")


def make_cell(cell: Any) -> Any:
    """An instance of a cell that is handed over as a class or an instance, with the protocol's
    defaults.
    """
    cell = cell() if isinstance(cell, type) else cell
    for name in ("gates", "states", "step"):
        if not hasattr(cell, name):
            raise TypeError(
                f"cell must have gates, states, step and step_gradient, as rnn_book.numpy.Cell; "
                f"{type(cell).__name__} has no {name}"
            )
    for name in ("recorded", "extra", "constants", "forget_gate", "input_bias"):
        if not hasattr(cell, name):
            setattr(cell, name, getattr(Cell, name))
    return cell


class RecurrentModule(Module):
    """What layers and single cells share: parameters, and checks of states."""

    _rank_error: type[Exception] = RuntimeError  # torch.nn's for a state of a wrong rank

    def _build(
        self,
        cell: Any,
        sizes: tuple[Any, Any],
        bias: bool,
        forget_bias: Any,
        rng: Rng,
        dtype: Any,
        **layout: int,
    ) -> None:
        self.cell = cell
        self.input_size = check_size("input_size", sizes[0])
        self.hidden_size = check_size("hidden_size", sizes[1])
        self.bias = bool(bias)
        biases = ("bias_ih", "bias_hh") if self.bias else ()
        self._names = ("weight_ih", "weight_hh", *biases, *cell.extra)
        dtype = check_dtype(dtype)
        forget_bias = check_forget_bias(cell, forget_bias, self.bias)
        shapes = parameter_shapes(cell, self.input_size, self.hidden_size, self.bias, **layout)
        weight_rng, self._mask_rng = spawn(rng)
        constants = parameter_constants(cell, shapes)
        drawn = initial_weights(weight_rng, shapes, self.hidden_size**-0.5, constants)
        if forget_bias is not None:
            rows = slice(
                cell.forget_gate * self.hidden_size, (cell.forget_gate + 1) * self.hidden_size
            )
            for name, value in drawn.items():
                if name.startswith(("bias_ih", "bias_hh")):
                    value[rows] = forget_bias if name.startswith("bias_ih") else 0
        self._register(drawn, dtype)

    def _bare(self, suffix: str, weight_mask: Any = None) -> SimpleNamespace:
        """The parameters of one layer and direction by bare name; biases that do not exist are
        zeros.
        """
        end = f"_{suffix}" if suffix else ""
        p = SimpleNamespace(**{name: self.parameters[name + end] for name in self._names})
        if not self.bias:
            p.bias_ih = p.bias_hh = np.zeros(self.cell.gates * self.hidden_size, self.dtype)
        if weight_mask is not None:
            p.weight_hh = p.weight_hh * weight_mask
        return p

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
            kind, part = type(part).__name__, as_array(part)
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


class CellModule(RecurrentModule):
    """A cell with parameters of its own, which makes one step a call: for streaming.

    Parameters
    ----------
    cell
        A `Cell`, class or instance.
    input_size, hidden_size
        I and H.
    bias
        Whether there are bias vectors.
    forget_bias
        As for `Recurrent`.
    rng
        Seed or generator for the weights.
    dtype
        float32 (default) or float64.

    Attributes
    ----------
    fast : bool
        Whether a faster twin of the cell's step may be used; False runs the readable step.
    """

    _rank_error = ValueError

    def __init__(
        self,
        cell: Any,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        forget_bias: float | None = None,
        rng: Rng = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._build(make_cell(cell), (input_size, hidden_size), bias, forget_bias, rng, dtype)
        self.fast = True

    @property
    def _step(self) -> Any:
        """The cell's step, or its faster twin where its own class has one."""
        own = type(self.cell)
        return own.stream if self.fast and "stream" in vars(own) else self.cell.step

    def __call__(self, x: ArrayLike, state: Any = None) -> Any:
        """Make one step.

        Parameters
        ----------
        x
            (N, I), or (I,). Kept, not copied: leave it as it is until `backward`.
        state
            h, or (h, c) for a cell with two states; each (N, H), or (H,). Zeros if None.

        Returns
        -------
        The new state, in the same form.
        """
        x = self._check_float("input", x)
        if x.ndim not in (1, 2):
            raise ValueError(
                f"{type(self).__name__}: Expected input to be 1D or 2D, got {x.ndim}D instead"
            )
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {x.shape[-1]} expected {self.input_size}"
            )
        batched = x.ndim == 2
        states = self._check_states("hx", state, (*x.shape[:-1], self.hidden_size))
        states = [s.copy() for s in states]  # a state is often changed in place before backward
        if not batched:
            x, states = x[None], [s[None] for s in states]
        p = self._bare("")
        a_x = x @ p.weight_ih.T
        if self.cell.input_bias:
            a_x += p.bias_ih
        new, saved = self._step(a_x, states[0], tuple(states), p)
        self._saved = x, saved, batched
        # A copy: what the caller does to it must not reach what the step saved.
        return self._as_state([(s if batched else s[0]).copy() for s in new])

    def backward(self, d_state: Any) -> tuple[Array, Any]:
        """Differentiate the latest step; add the gradients of the parameters into `grads`.

        Parameters
        ----------
        d_state
            Gradient of the new state, in its form.

        Returns
        -------
        d_x, d_state
            Gradients of x and of the state that went in.
        """
        if self._saved is not None:
            x, _, batched = self._saved
            shape = (len(x), self.hidden_size) if batched else (self.hidden_size,)
            d_state = self._check_states("d_state", d_state, shape, optional=True)
        x, saved, batched = self._take_saved()
        p = self._bare("")
        d_new = tuple(d if batched else d[None] for d in d_state)
        d_a, d_h, d_old, d_p = self.cell.step_gradient(d_new, saved, p)
        gradients = {"weight_ih": (d_a, x), **d_p}
        if self.cell.input_bias:
            gradients["bias_ih"] = d_a
        for name, d in gradients.items():
            if name in self.grads:
                pairs = d if isinstance(d, list) else [d]
                blocks = [q[0].T @ q[1] if isinstance(q, tuple) else q.sum(axis=0) for q in pairs]
                self.grads[name] += np.concatenate(blocks)
        # A state that is not carried has the number 0, which the caller gets as an array.
        others = [d if isinstance(d, np.ndarray) else np.full_like(d_h, d) for d in d_old[1:]]
        d_x, d_old = d_a @ p.weight_ih, [d_h + d_old[0], *others]
        return (
            (d_x, self._as_state(d_old))
            if batched
            else (d_x[0], self._as_state([d[0] for d in d_old]))
        )


class Recurrent(RecurrentModule):
    """A recurrent layer around any cell.

    Parameters
    ----------
    cell
        A `Cell`, class or instance.
    input_size, hidden_size, num_layers
        I, H and L.
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
        (Semeniuta et al. 2016, arXiv 1603.05118).
    zoneout
        Probability to keep a unit's old state, one for all states or one for each (Krueger et al.
        2017, arXiv 1606.01305).
    weight_drop
        Probability of dropping a recurrent weight, one mask a forward (Merity et al. 2018, arXiv
        1708.02182).
    forget_bias
        Total bias of the forget gate at initialisation; None leaves what was drawn.
    rng
        Seed or generator; its children draw the weights and the masks.
    dtype
        float32 (default) or float64; input of another type is an error.
    checkpoint
        Whether backward computes the steps again from sqrt(T) stored states, to save memory; the
        gradients are the same.

    Attributes
    ----------
    last_masks : dict
        Masks of the latest forward: ``"l0"``, ``"l0_reverse"`` ... -> name -> read-only array;
        empty in evaluation.
    fast : bool
        Whether the cell's fast kernel may be used; False runs the readable step.
    """

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
        *,
        recurrent_dropout: float = 0.0,
        recurrent_dropout_on: str = "state",
        zoneout: float | tuple[float, ...] = 0.0,
        weight_drop: float = 0.0,
        forget_bias: float | None = None,
        rng: Rng = None,
        dtype: Any = None,
        checkpoint: bool = False,
        proj_size: int = 0,
    ) -> None:
        super().__init__()
        cell = make_cell(cell)
        if proj_size != 0:
            raise NotImplementedError(f"proj_size is not offered: leave it at 0, got {proj_size!r}")
        self.num_layers = check_size("num_layers", num_layers)
        self.options = regularisers(
            cell, num_layers, dropout, recurrent_dropout, recurrent_dropout_on, zoneout, weight_drop
        )
        self.batch_first, self.bidirectional = bool(batch_first), bool(bidirectional)
        self.directions = 1 + self.bidirectional
        layout = {"num_layers": self.num_layers, "directions": self.directions}
        self._build(cell, (input_size, hidden_size), bias, forget_bias, rng, dtype, **layout)
        self.suffixes = suffixes(self.num_layers, self.directions)
        self.checkpoint, self.fast = bool(checkpoint), True
        self.last_masks: dict[str, dict[str, Array]] = {}

    def __call__(
        self, x: ArrayLike, hx: Any = None, *, lengths: ArrayLike | None = None
    ) -> tuple[Array, Any]:
        """Run the layer over a batch of sequences.

        Parameters
        ----------
        x
            (T, N, I), or (N, T, I) with `batch_first`, or one sequence (T, I). Never written to.
            Kept, not copied: leave it as it is until `backward`.
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
        run = Run(self, x, hx, lengths)
        masks = self._draw_masks(run) if self.training else {}
        output, state = run.forward(masks, self.fast, self.checkpoint)
        self._saved = run
        self.last_masks = {suffix: dict(drawn) for suffix, drawn in masks.items()}
        return output, state

    def _draw_masks(self, run: Run) -> dict[str, dict[str, Array]]:
        shape = (*run.x.shape[:2], self.hidden_size)
        masks = draw_masks(
            lambda size: self._mask_rng.random(size, dtype=np.float32),
            lambda keep: keep.astype(self.dtype),
            self.options,
            self.num_layers,
            self.directions,
            shape,
            self.cell.gates,
        )
        for drawn in masks.values():
            for mask in drawn.values():
                mask.setflags(write=False)  # they are shown, and backward needs them
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
        if self._saved is not None:
            d_output, d_state = self._saved.check_gradients(d_output, d_state)
        return self._take_saved().backward(d_output, d_state)
