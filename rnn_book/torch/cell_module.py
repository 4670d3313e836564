"""What layers and single cells share, and a cell as a module of its own."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import torch
from torch import Tensor

from rnn_book import options
from rnn_book.cells import cell_name, make_cell
from rnn_book.checks import check_size
from rnn_book.draws import initial_weights, spawn
from rnn_book.layout import parameter_constants, parameter_shapes
from rnn_book.options import check_forget_bias, spelled_out
from rnn_book.torch.modules import as_dtype, autocast, fill

__all__ = [
    "CellModule",
    "CellOptions",
    "Options",
    "Parameters",
    "Product",
    "RecurrentModule",
    "check_step",
    "input_product",
]


class CellOptions(options.CellOptions, total=False):
    """The keywords of a cell of this half."""

    device: Any
    dtype: Any


class Options(options.LayerOptions, CellOptions, total=False):
    """The keywords of a layer of this half."""


class Product:
    """The product of a state with the recurrent weights of some gates: ``p.recurrent``.

    Parameters
    ----------
    weight
        (gates, H, H), or (H, H) for one gate alone.
    """

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight
        self._columns = weight.reshape(-1, weight.shape[-1]).T

    def __call__(self, h: Tensor) -> Tensor:
        """(N, H) -> (gates, N, H), or (N, H) for one gate."""
        product = h @ self._columns
        if self.weight.dim() == 2:
            return product
        # A view: one product for all gates is faster than one for each, in autograd above all.
        return product.unflatten(-1, self.weight.shape[:2]).movedim(-2, 0)

    def __getitem__(self, gates: int | slice) -> Product:
        """The product with the weights of these gates alone."""
        return Product(self.weight[gates])


class Parameters:
    """The parameters of one layer and direction as a step sees them: `Cell.step` says which."""

    weight_ih: Tensor
    recurrent: Product
    bias_ih: Tensor
    bias_hh: Tensor

    def __getattr__(self, name: str) -> Tensor:
        raise AttributeError(
            f"p has no {name}: it has the names in the cell's extra, recurrent, bias_ih and bias_hh"
        )


def input_product(cell: Any, x: Tensor, p: Parameters) -> Tensor:
    """W_ih x + b_ih for all steps at once: (..., N, I) -> (gates, ..., N, H)."""
    bias = p.bias_ih.flatten() if cell.input_bias else None
    return (
        torch.nn.functional.linear(x, p.weight_ih, bias)
        .unflatten(-1, (cell.gates, -1))
        .movedim(-2, 0)
    )


def check_step(cell: Any, old: Sequence[Tensor], new: Sequence[Tensor]) -> None:
    """A state of another shape would be broadcast, and give numbers without a meaning."""
    got, expected = ([tuple(s.shape) for s in states] for states in (new, old))
    if got != expected:
        raise ValueError(
            f"the step of {cell_name(cell)} must return states of the shapes {expected}, got "
            f"{got}: gates come first in a_x, p.recurrent and the vectors of p, so that one gate "
            "alone is (a,) = a_x + p.recurrent(h_rec) + p.bias_hh"
        )


class RecurrentModule(torch.nn.Module):
    """What layers and single cells share: how weights are drawn, and checks of states.

    A constructor calls `_prepare`, and then `_build`. For a module that torch.nn has, `_build` is
    torch.nn's constructor: it draws the weights through `reset_parameters` below, and so needs all
    that `_prepare` has set, plain attributes, which it leaves alone.
    """

    input_size: int
    hidden_size: int
    bias: bool
    _layout: dict[str, int]

    def _prepare(
        self, cell: Any, sizes: tuple[Any, Any], bias: bool, options: CellOptions, **layout: int
    ) -> None:
        """Check what torch.nn does not know, and spawn the generators."""
        self.cell, self._layout = cell, layout
        for name, size in zip(("input_size", "hidden_size"), sizes, strict=True):
            check_size(name, size)
        self._forget_bias = check_forget_bias(cell, options["forget_bias"], bool(bias))
        self._weight_rng: np.random.Generator | None = None
        self._mask_rng: np.random.Generator | None = None
        if options["rng"] is not None:
            self._weight_rng, self._mask_rng = spawn(options["rng"])

    def _build(self, sizes: tuple[Any, ...], bias: bool, device: Any, dtype: Any) -> None:
        """Register the parameters of a module that torch.nn does not have."""
        self.input_size, self.hidden_size = sizes[:2]
        self.bias = bool(bias)
        for name, shape in self._shapes().items():
            values = torch.empty(shape, device=device, dtype=dtype)
            self.register_parameter(name, torch.nn.Parameter(values))
        self.reset_parameters()

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        sizes = (self.input_size, self.hidden_size)
        return parameter_shapes(self.cell, *sizes, self.bias, **self._layout)

    def reset_parameters(self) -> None:
        """Initialise all weights: those of the `rng`, the same each time, or else torch's draw."""
        shapes, bound = self._shapes(), self.hidden_size**-0.5
        constants = parameter_constants(self.cell, shapes)
        if self._weight_rng is not None:
            rng = copy.deepcopy(self._weight_rng)
            fill(self, initial_weights(rng, shapes, bound, constants))
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
                if name.startswith(("bias_ih", "bias_hh")):
                    value = self._forget_bias if name.startswith("bias_ih") else 0.0
                    with torch.no_grad():
                        getattr(self, name)[first : first + self.hidden_size] = value

    def __prepare_scriptable__(self) -> Any:
        raise NotImplementedError(
            f"torch.jit.script cannot read {type(self).__name__}: use torch.export or "
            "torch.jit.trace in evaluation; or, without options, load the state dict into the "
            "layer of torch.nn"
        )

    def _step_parameters(self, suffix: str, weight_mask: Any = None) -> Parameters:
        """The parameters of one layer and direction as a step sees them, by bare name."""
        end = f"_{suffix}" if suffix else ""

        def gates_first(vector: Tensor) -> Tensor:
            return vector.reshape(-1, 1, self.hidden_size)

        weight_hh = getattr(self, f"weight_hh{end}")
        if weight_mask is not None:
            weight_hh = weight_hh * weight_mask
        p = Parameters()
        p.weight_ih = getattr(self, f"weight_ih{end}")
        p.recurrent = Product(weight_hh.unflatten(0, (self.cell.gates, -1)))
        for name in ("bias_ih", "bias_hh"):
            bias = getattr(self, name + end) if self.bias else weight_hh.new_zeros(len(weight_hh))
            setattr(p, name, gates_first(bias))
        for name in self.cell.extra:
            value = getattr(self, name + end)
            setattr(p, name, gates_first(value) if value.dim() == 1 else value)
        return p

    @property
    def _dtype(self) -> torch.dtype:
        """That of the weights; a replica's are tensors, a parametrised one's are not read twice."""
        weight = next(self.parameters(), None)
        if weight is None:
            weight = getattr(self, next(iter(self._shapes())))
        return weight.dtype

    def _check_rank(self, x: Any, ranks: tuple[int, int]) -> None:
        """Raise what torch.nn raises, in its words."""
        name = type(self).__name__
        if not isinstance(x, Tensor):
            raise TypeError(f"{name}: Expected input to be a Tensor, got {type(x).__name__}")
        if x.dim() not in ranks:
            raise ValueError(
                f"{name}: Expected input to be {ranks[0]}D or {ranks[1]}D, got {x.dim()}D instead"
            )

    def _check_dtype(self, name: str, x: Tensor, error: type[Exception] = RuntimeError) -> None:
        dtype = self._dtype
        if x.dtype != dtype and not autocast(x):
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

    Parameters are those of `rnn_book.numpy.CellModule`; `rng`, `device` and `dtype` as for
    `Recurrent`.
    """

    @spelled_out(CellOptions)
    def __init__(
        self,
        cell: Any,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        **options: Unpack[CellOptions],
    ) -> None:
        torch.nn.Module.__init__(self)
        dtype, sizes = as_dtype(options["dtype"]), (input_size, hidden_size)
        self._prepare(make_cell(cell), sizes, bias, options)
        self._build(sizes, bias, options["device"], dtype)

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
        p = self._step_parameters("")
        a_x = input_product(self.cell, input, p)
        new, _ = self.cell.step(a_x, state[0], tuple(state), p)
        check_step(self.cell, state, new)
        return self._as_state(new if batched else [s[0] for s in new])

    def _refuse_rank(self, name: str, rank: int, expected: int) -> None:
        raise ValueError(
            f"{type(self).__name__}: Expected {name} to be {expected}D, got {rank}D instead"
        )

    def extra_repr(self) -> str:
        """What `repr` shows of the module: what it does of one of torch.nn."""
        cell = f"{cell_name(self.cell)}, " if type(self) is CellModule else ""
        stock: Any = torch.nn.RNNCellBase
        return cell + stock.extra_repr(self)
