"""The sequence machine: cells plug into it.

They get stacking, directions, lengths, initial states and regularisers for free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnn_book.checks import check_size
from rnn_book.draws import Rng, draw_masks, initial_weights, spawn
from rnn_book.layout import parameter_constants, parameter_shapes, suffixes
from rnn_book.options import check_forget_bias, regularisers
from rnn_book.torch.dropout import uniform
from rnn_book.torch.modules import as_dtype, fill
from rnn_book.torch.run import Run

__all__ = ["Cell", "CellModule", "Layer", "Recurrent", "RecurrentModule", "State"]

State = tuple[Tensor, ...]


class Cell:
    """One time step: the protocol that `Recurrent` drives.

    Subclass it and write `step`; autograd does the rest.

    Attributes
    ----------
    gates : int
        Rows of weight_ih and weight_hh in units of H.
    states : tuple of str
        Names of the states, h first.
    recorded : tuple of str
        Names of the first tensors of what a step saves; `record_gates` returns them.
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
        self, a_x: Tensor, h_rec: Tensor, state: State, p: SimpleNamespace, *candidate_mask: Any
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
            What is worth reading of the step, beginning with the tensors named in `recorded`; the
            twin in `rnn_book.numpy` needs it for its gradient, autograd does not.
        """
        raise NotImplementedError(f"{type(self).__name__} has no step")


def make_cell(cell: Any) -> Any:
    """An instance of a cell, handed over as class or instance, with the protocol's defaults."""
    cell = cell() if isinstance(cell, type) else cell
    for name in ("gates", "states", "step"):
        if not hasattr(cell, name):
            raise TypeError(
                "cell must have gates, states and step, as rnn_book.torch.Cell; "
                f"{type(cell).__name__} has no {name}"
            )
    for name in ("recorded", "extra", "constants", "forget_gate", "input_bias"):
        if not hasattr(cell, name):
            setattr(cell, name, getattr(Cell, name))
    return cell


class RecurrentModule(torch.nn.Module):
    """What layers and single cells share: how weights are drawn, and checks of states."""

    input_size: int
    hidden_size: int
    bias: bool
    _layout: dict[str, int]

    def _prepare(
        self,
        cell: Any,
        sizes: tuple[Any, Any],
        bias: bool,
        forget_bias: Any,
        rng: Rng,
        **layout: int,
    ) -> None:
        """Check what torch.nn does not know, before its constructor draws the weights."""
        self.cell, self._layout = cell, layout
        for name, size in zip(("input_size", "hidden_size"), sizes, strict=True):
            check_size(name, size)
        self._forget_bias = check_forget_bias(cell, forget_bias, bool(bias))
        self._weight_rng: np.random.Generator | None = None
        self._mask_rng: np.random.Generator | None = None
        if rng is not None:
            self._weight_rng, self._mask_rng = spawn(rng)

    def _build(self, sizes: tuple[int, int], bias: bool, device: Any, dtype: Any) -> None:
        """Register the parameters of a module that has no torch.nn twin."""
        self.input_size, self.hidden_size = sizes
        self.bias = bool(bias)
        for name, shape in self._shapes().items():
            values = torch.empty(shape, device=device, dtype=dtype)
            self.register_parameter(name, torch.nn.Parameter(values))
        self.reset_parameters()

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        sizes = (self.input_size, self.hidden_size)
        return parameter_shapes(self.cell, *sizes, self.bias, **self._layout)

    def reset_parameters(self) -> None:
        """Draw all weights, from the module's own generator, or else from torch's."""
        shapes, bound = self._shapes(), self.hidden_size**-0.5
        constants = parameter_constants(self.cell, shapes)
        if self._weight_rng is not None:
            fill(self, initial_weights(self._weight_rng, shapes, bound, constants))
        else:
            for name in shapes:
                parameter = getattr(self, name)
                if name in constants:
                    torch.nn.init.constant_(parameter, constants[name])
                else:
                    torch.nn.init.uniform_(parameter, -bound, bound)
        if self._forget_bias is not None:
            first = self.cell.forget_gate * self.hidden_size
            for name in shapes:
                if name.startswith("bias_"):
                    value = self._forget_bias if name.startswith("bias_ih") else 0.0
                    with torch.no_grad():
                        getattr(self, name)[first : first + self.hidden_size] = value

    def _bare(self, suffix: str, weight_mask: Any = None) -> SimpleNamespace:
        """The parameters of one layer and direction by bare name; missing biases are zeros."""
        end = f"_{suffix}" if suffix else ""
        names = ["weight_ih", "weight_hh", *self.cell.extra]
        if self.bias:
            names[2:2] = ["bias_ih", "bias_hh"]
        p = SimpleNamespace(**{name: getattr(self, name + end) for name in names})
        if not self.bias:
            p.bias_ih = p.bias_hh = p.weight_hh.new_zeros(self.cell.gates * self.hidden_size)
        if weight_mask is not None:
            p.weight_hh = p.weight_hh * weight_mask
        return p

    def _check_rank(self, x: Any, ranks: tuple[int, int]) -> None:
        """Raise what torch.nn raises, in its words."""
        name = type(self).__name__
        if not isinstance(x, Tensor):
            raise TypeError(f"{name}: Expected input to be a Tensor, got {type(x).__name__}")
        if x.dim() not in ranks:
            raise ValueError(
                f"{name}: Expected input to be {ranks[0]}D or {ranks[1]}D, got {x.dim()}D instead"
            )

    @property
    def _dtype(self) -> torch.dtype:
        """That of the weights; a replica's are tensors, a parametrised one's are not read twice."""
        weight = next(self.parameters(), None)
        if weight is None:
            weight = getattr(self, next(iter(self._shapes())))
        return weight.dtype

    def _check_dtype(self, name: str, x: Tensor, error: type[Exception] = RuntimeError) -> None:
        dtype = self._dtype
        if x.dtype != dtype and not torch.is_autocast_enabled(x.device.type):
            raise error(
                f"{name} dtype ({x.dtype}) does not match weight dtype ({dtype}). "
                f"Convert {name}: {name}.to({dtype}), or convert model: model.to({x.dtype})"
            )

    def _check_kind(self, hx: Any) -> tuple[Tensor, ...] | None:
        """The states of `hx` as a tuple, or None; TypeError for a wrong kind."""
        states = self.cell.states
        if hx is None:
            return None
        if len(states) == 1:
            if not isinstance(hx, Tensor):
                raise TypeError(
                    f"hx must be one Tensor, the state {states[0]}, got a {type(hx).__name__}"
                )
            return (hx,)
        if not isinstance(hx, tuple | list) or len(hx) != len(states):
            got = f"{len(hx)} of them" if isinstance(hx, tuple | list) else f"a {type(hx).__name__}"
            raise TypeError(f"hx must be a tuple of the states ({', '.join(states)}), got {got}")
        for part in hx:
            if not isinstance(part, Tensor):
                raise TypeError(f"hx must be a tuple of Tensors, got a {type(part).__name__} in it")
        return tuple(hx)

    def _check_states(self, hx: Any, shape: tuple[int, ...], like: Tensor) -> list[Tensor]:
        """The states of `hx` as a list of tensors of the given shape; zeros for None."""
        parts = self._check_kind(hx)
        if parts is None:
            return [like.new_zeros(shape) for _ in self.cell.states]
        for k, part in enumerate(parts):
            index = f"[{k}]" if len(parts) > 1 else ""
            if part.dim() != len(shape):
                self._refuse_rank(f"hx{index}", part.dim(), len(shape))
            if part.shape != shape:
                raise RuntimeError(f"Expected hidden{index} size {shape}, got {list(part.shape)}")
            self._check_dtype(f"hx{index}", part)
            if part.device != like.device:
                raise RuntimeError(
                    "Input and hidden tensors are not at the same device, found input tensor at "
                    f"{like.device} and hidden tensor at {part.device}"
                )
        return list(parts)

    def _refuse_rank(self, name: str, rank: int, expected: int) -> None:
        raise NotImplementedError

    def _as_state(self, states: Sequence[Tensor]) -> Any:
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
        Seed or generator for the weights; None draws them from torch's generator.
    device, dtype
        As in torch; the name of a dtype will do.
    """

    def __init__(
        self,
        cell: Any,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        forget_bias: float | None = None,
        rng: Rng = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        dtype, sizes = as_dtype(dtype), (input_size, hidden_size)
        self._prepare(make_cell(cell), sizes, bias, forget_bias, rng)
        self._build(sizes, bias, device, dtype)

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """Make one step.

        Parameters
        ----------
        input
            (N, I), or (I,).
        hx
            h, or (h, c) for a cell with two states; each (N, H), or (H,). Zeros if None.

        Returns
        -------
        The new state, in the same form.
        """
        self._check_rank(input, (1, 2))
        self._check_dtype("input", input)
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                "input has inconsistent input_size: "
                f"got {input.shape[-1]} expected {self.input_size}"
            )
        batched = input.dim() == 2
        state = self._check_states(hx, (*input.shape[:-1], self.hidden_size), input)
        if not batched:
            input, state = input[None], [s[None] for s in state]
        p = self._bare("")
        bias = p.bias_ih if self.cell.input_bias else None
        a_x = torch.nn.functional.linear(input, p.weight_ih, bias)
        new, _ = self.cell.step(a_x, state[0], tuple(state), p)
        return self._as_state(new if batched else [s[0] for s in new])

    def _refuse_rank(self, name: str, rank: int, expected: int) -> None:
        raise ValueError(
            f"{type(self).__name__}: Expected {name} to be {expected}D, got {rank}D instead"
        )

    def extra_repr(self) -> str:
        """What `repr` shows of the module."""
        cell = "" if type(self) is not CellModule else f"{type(self.cell).__name__}, "
        return f"{cell}{self.input_size}, {self.hidden_size}" + ", bias=False" * (not self.bias)


class Layer(RecurrentModule):
    """What all recurrent layers share: options, masks and the call."""

    num_layers: int
    batch_first: bool
    bidirectional: bool

    def _prepare_layer(
        self,
        cell: Any,
        sizes: tuple[Any, Any, Any],
        bias: bool,
        dropout: Any,
        bidirectional: bool,
        *,
        recurrent_dropout: Any = 0.0,
        recurrent_dropout_on: Any = "state",
        zoneout: Any = 0.0,
        weight_drop: Any = 0.0,
        forget_bias: Any = None,
        rng: Rng = None,
        proj_size: Any = 0,
    ) -> None:
        if proj_size != 0:
            raise NotImplementedError(f"proj_size is not offered: leave it at 0, got {proj_size!r}")
        *two, num_layers = sizes
        self.options = regularisers(
            cell,
            check_size("num_layers", num_layers),
            dropout,
            recurrent_dropout,
            recurrent_dropout_on,
            zoneout,
            weight_drop,
        )
        self.directions = 1 + bool(bidirectional)
        layout = {"num_layers": num_layers, "directions": self.directions}
        self._prepare(cell, (two[0], two[1]), bias, forget_bias, rng, **layout)
        self.suffixes = suffixes(num_layers, self.directions)
        self.fast = True
        self.last_masks: dict[str, dict[str, Tensor]] = {}

    @property
    def _in_loop(self) -> bool:
        """Whether a forward needs the loop over time; torch's own kernels do without."""
        return True

    def forward(self, input: Any, hx: Any = None, *, lengths: Any = None) -> tuple[Any, Any]:
        """Run the layer over a batch of sequences.

        Parameters
        ----------
        input
            (T, N, I), or (N, T, I) with `batch_first`, or one sequence (T, I), or a PackedSequence.
        hx
            Initial state h, or (h, c); each (D*L, N, H), or (D*L, H) for one sequence. Zeros if
            None.
        lengths
            Integers (N,): steps of each sequence, 0 included, in any order. What stands beyond has
            no influence.

        Returns
        -------
        output
            (T, N, D*H), laid out as the input; 0 beyond the end of a sequence. A PackedSequence for
            a PackedSequence.
        state
            The state at the end of each sequence, in the form of `hx`.

        Raises
        ------
        ValueError
            For a wrong rank or dtype of the input, and for lengths that are no integers from 0 to
            T, one a sequence.
        RuntimeError
            For a wrong number of features, no steps, or a wrong shape of `hx`.
        TypeError
            For a wrong kind of input or of `hx`.
        """
        run = Run(self, input, hx, lengths)
        masks = self._draw_masks(run) if self.training else {}
        result = run.forward(masks, self.fast)
        self.last_masks = masks
        return result

    def _check_features(self, x: Tensor) -> None:
        """Check dtype and last axis of an input; raise what torch.nn raises, in its words."""
        self._check_dtype("input", x, ValueError)
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                "input.size(-1) must be equal to input_size. "
                f"Expected {self.input_size}, got {x.shape[-1]}"
            )

    def _refuse_rank(self, name: str, rank: int, expected: int) -> None:
        batched = "batched 3-D" if expected == 3 else "unbatched 2-D"
        raise RuntimeError(
            f"For {batched} input, {name} should also be {expected}-D but got {rank}-D tensor"
        )

    def _draw_masks(self, run: Run) -> dict[str, dict[str, Tensor]]:
        shape = (run.steps, run.batch, self.hidden_size)
        dtype = self._dtype
        return draw_masks(
            lambda size: uniform(self._mask_rng, size, run.device),
            lambda keep: keep.to(dtype),
            self.options,
            self.num_layers,
            self.directions,
            shape,
            self.cell.gates,
        )

    def _option_repr(self) -> str:
        shown = {
            "recurrent_dropout": self.options.recurrent_dropout,
            "zoneout": tuple(self.options.zoneout.values()),
            "weight_drop": self.options.weight_drop,
            "forget_bias": self._forget_bias,
        }
        if self.options.recurrent_dropout_on != "state":
            shown["recurrent_dropout_on"] = self.options.recurrent_dropout_on
        if not any(self.options.zoneout.values()):
            del shown["zoneout"]
        return "".join(
            f", {name}={value!r}" for name, value in shown.items() if value not in (0, None)
        )


class Recurrent(Layer):
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
        Whether input and output are (N, T, ...) instead of (T, N, ...); states are (D*L, N, H)
        either way.
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
        Ghahramani 2016, arXiv 1512.05287). ``"update"``: a mask a step, on the candidate (Semeniuta
        et al. 2016, arXiv 1603.05118).
    zoneout
        Probability to keep a unit's old state, one for all states or one for each (Krueger et al.
        2017, arXiv 1606.01305).
    weight_drop
        Probability of dropping a recurrent weight, one mask a forward (Merity et al. 2018, arXiv
        1708.02182).
    forget_bias
        Total bias of the forget gate at initialisation; None leaves what was drawn.
    rng
        Seed or generator; its children draw the weights and the masks, the same as in
        `rnn_book.numpy`. None draws both from torch's own generator.
    device, dtype
        As in torch; the name of a dtype will do.

    Attributes
    ----------
    last_masks : dict
        Masks of the latest forward: ``"l0"``, ``"l0_reverse"`` ... -> name -> tensor; empty in
        evaluation.
    fast : bool
        Whether the cell's fast kernel may be used; False runs the readable step, which can be
        differentiated twice.
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
        device: Any = None,
        dtype: Any = None,
        proj_size: int = 0,
    ) -> None:
        super().__init__()
        dtype = as_dtype(dtype)
        self._prepare_layer(
            make_cell(cell),
            (input_size, hidden_size, num_layers),
            bias,
            dropout,
            bidirectional,
            recurrent_dropout=recurrent_dropout,
            recurrent_dropout_on=recurrent_dropout_on,
            zoneout=zoneout,
            weight_drop=weight_drop,
            forget_bias=forget_bias,
            rng=rng,
            proj_size=proj_size,
        )
        self.num_layers, self.dropout = num_layers, float(dropout)
        self.batch_first, self.bidirectional = bool(batch_first), bool(bidirectional)
        self._build((input_size, hidden_size), bias, device, dtype)

    def extra_repr(self) -> str:
        """What `repr` shows of the layer."""
        cell = f"{type(self.cell).__name__}, " if type(self) is Recurrent else ""
        shown = f"{cell}{self.input_size}, {self.hidden_size}"
        defaults = {
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
        }
        for name, default in defaults.items():
            if getattr(self, name) != default:
                shown += f", {name}={getattr(self, name)}"
        return shown + self._option_repr()
