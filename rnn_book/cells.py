"""What a cell is, for both halves of the package: one time step, and what a layer must know of it.

Arrays are NumPy's in `rnn_book.numpy` and tensors in `rnn_book.torch`; a step reads alike in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Cell", "PlainCell", "cell_name", "make_cell"]


class Cell:
    """One time step: the protocol that `Recurrent` drives.

    Subclass it and write `step`; for `rnn_book.numpy` also `step_gradient`, which autograd does
    in `rnn_book.torch`.

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
        Whether the layer adds bias_ih to the product of the input; False leaves it to the step.
    candidate : bool
        Whether the step takes ``candidate_mask=1.0`` and multiplies it into its candidate, always;
        for ``recurrent_dropout_on="update"``.
    """

    gates: int = 1
    states: tuple[str, ...] = ("h",)
    recorded: tuple[str, ...] = ()
    extra: Mapping[str, Any] = {}
    constants: Mapping[str, float] = {}
    forget_gate: int | None = None
    input_bias: bool = True
    candidate: bool = False

    def step(self, a_x: Any, h_rec: Any, state: Any, p: Any, *candidate_mask: Any) -> Any:
        """Make one step.

        Parameters
        ----------
        a_x
            W_ih x_t + b_ih, from the layer, (gates, N, H): the gates come first.
        h_rec
            h_{t-1} after recurrent dropout, (N, H): for recurrent products, and nothing else.
        state
            The untouched states, each (N, H): what is carried.
        p
            The parameters of this layer and direction. ``p.recurrent(h_rec)`` is W_hh h_rec,
            (gates, N, H), and ``p.recurrent[2:](v)`` the product with some of the gates' weights;
            ``p.bias_ih`` and ``p.bias_hh`` are (gates, 1, H), zeros in a layer without biases;
            a vector of `extra` is (k, 1, H), a matrix as it is.
        candidate_mask
            For a cell with `candidate`: (N, H), or a number.

        Returns
        -------
        new_state
            As `state`.
        saved
            What `step_gradient` needs, beginning with the arrays named in `recorded`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no step")

    def step_gradient(self, d_new_state: Any, saved: Any, p: Any) -> Any:
        """Differentiate one step (NumPy only).

        Parameters
        ----------
        d_new_state
            Gradients of the new states, each (N, H).
        saved, p
            What `step` saved, and the parameters. ``p.recurrent.gradient(d)`` turns the gradient
            of the product, (gates, N, H), into that of its input, (N, H).

        Returns
        -------
        d_a_x
            (gates, N, H).
        d_h_rec
            (N, H).
        d_state
            Gradients of the carried states, each (N, H); the number 0 where one is not carried.
        d_p
            Gradients of the parameters that the step itself uses, by bare name, the same names at
            every step. A vector's is given for each item of the batch, (k, N, H). That of weight_hh
            is a pair (d, input): d (gates, N, H) is the gradient of the product, and the pair
            stands for d^T @ input, gate by gate; or a list of such pairs, for some of the gates
            each, one below the other. A matrix of `extra` has a pair with d (N, rows).
        """
        raise NotImplementedError(f"{type(self).__name__} has no step_gradient")


@dataclass(frozen=True)  # a nonlinearity that changes before backward would change its gradient
class PlainCell(Cell):
    """A cell without gates, whose nonlinearity is ``"tanh"`` or ``"relu"``."""

    nonlinearity: Literal["tanh", "relu"] = "tanh"

    def __post_init__(self) -> None:
        if self.nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{self.nonlinearity}'. Select from 'tanh' or 'relu'."
            )


_DEFAULTS = ("recorded", "extra", "constants", "forget_gate", "input_bias", "candidate")


class _Completed(Cell):
    """A cell that is no `Cell`, with the protocol's defaults for what it leaves out."""

    def __init__(self, cell: Any) -> None:
        self.cell = cell
        for name in ("gates", "states", *_DEFAULTS):
            setattr(self, name, getattr(cell, name, getattr(Cell, name)))

    def step(self, *arguments: Any) -> Any:
        return self.cell.step(*arguments)

    def step_gradient(self, *arguments: Any) -> Any:
        return self.cell.step_gradient(*arguments)


def make_cell(cell: Any) -> Any:
    """An instance of a cell that is handed over as a class or an instance, which is not changed.

    Raises
    ------
    TypeError
        If it lacks `gates`, `states` or `step`.
    """
    cell = cell() if isinstance(cell, type) else cell
    for name in ("gates", "states", "step"):
        if not hasattr(cell, name):
            raise TypeError(
                "cell must have gates, states and step (and step_gradient in NumPy), as "
                f"rnn_book.numpy.Cell; {type(cell).__name__} has no {name}"
            )
    return cell if all(hasattr(cell, name) for name in _DEFAULTS) else _Completed(cell)


def cell_name(cell: Any) -> str:
    """The name of the class of a cell, as the reader wrote it."""
    return type(cell.cell if isinstance(cell, _Completed) else cell).__name__
