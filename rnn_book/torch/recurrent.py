"""A recurrent layer around any cell, from the call to the loop over time.

What happens in a call, in the order of this file: `Layer.forward` brings the input into one layout
and draws the masks; `Layer._run` goes through the layers and directions; `sweep` goes through the
steps of one of them, and calls the cell's step. What acts between two steps stands in `Between`.

Two ways lead past this loop, for speed: a layer that torch.nn has is torch's own call as long as
nothing acts between two steps (`fused.py`), and the plain cells have a sweep written by hand
(`fast.py`). Both compute what this loop computes; ``layer.fast = False`` runs the loop itself.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Unpack

import torch
from torch import Tensor

from rnn_book.cells import Cell, cell_name, make_cell
from rnn_book.checks import check_size
from rnn_book.draws import draw_masks
from rnn_book.layout import suffixes
from rnn_book.options import regularisers, spelled_out
from rnn_book.torch.batch import Batch
from rnn_book.torch.cell_module import (
    Options,
    Parameters,
    RecurrentModule,
    check_step,
    input_product,
)
from rnn_book.torch.fast import FastSweep, kernel_for
from rnn_book.torch.masks import MaskModule
from rnn_book.torch.modules import as_dtype

__all__ = ["Between", "Layer", "Recurrent", "State", "sweep"]

State = tuple[Tensor, ...]


@dataclass
class Between:
    """What acts between two steps of one layer and direction; None where nothing does.

    Attributes
    ----------
    recurrent : Tensor or None
        Recurrent dropout: mask (N, H) on the state on its way into the recurrent products.
    update : Tensor or None
        Mask (T, N, H) on the candidate.
    kept : list
        What zoneout keeps of each state: a boolean mask (T, N, H), a probability (evaluation), or
        None.
    active : Tensor or None
        (T, N, 1), False where a sequence has ended.
    """

    recurrent: Tensor | None = None
    update: Tensor | None = None
    kept: list[Any] = field(default_factory=list)
    active: Tensor | None = None

    def carry(self, t: int, old: State, new: State) -> State:
        """The state after step t: the old one where zoneout keeps it or a sequence has ended."""
        state = []
        for was, now, kept in zip(old, new, self.kept, strict=True):
            if isinstance(kept, float):
                now = kept * was + (1 - kept) * now
            elif kept is not None:
                now = torch.where(kept[t], was, now)
            state.append(now if self.active is None else torch.where(self.active[t], now, was))
        return tuple(state)


def sweep(
    cell: Cell,
    p: Parameters,
    x: Tensor,
    state: State,
    between: Between,
    trace: list[tuple[State, Any]] | None = None,
) -> tuple[Tensor, State]:
    """One layer in one direction: the loop over time.

    Parameters
    ----------
    cell, p
        The cell, and the parameters of this layer and direction, as its step sees them.
    x
        Input (T, N, I), in the order in which this direction reads it; padded steps hold 0.
    state
        Initial states, each (N, H).
    between
        What acts between two steps.
    trace
        A list for the states after each step, and what the step saved.

    Returns
    -------
    output, state
        h after each step, (T, N, H), and the final states.
    """
    a_x = input_product(cell, x, p)
    outputs = []
    for t, a in enumerate(a_x.unbind(1)):
        h = state[0]
        h_rec = h if between.recurrent is None else h * between.recurrent
        masks = () if between.update is None else (between.update[t],)
        new, saved = cell.step(a, h_rec, state, p, *masks)
        if t == 0:
            check_step(cell, state, new)
        state = between.carry(t, state, new)
        if trace is not None:
            state = tuple(s.view_as(s) for s in state)  # apart, for the gradient of each
            trace.append((state, saved))
        outputs.append(state[0])
    return torch.stack(outputs), state


class Layer(RecurrentModule, MaskModule):
    """What all recurrent layers share: options, masks and the call."""

    num_layers: int
    batch_first: bool
    bidirectional: bool
    dropout: float
    proj_size = 0  # which is not offered

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
        torch.nn.Module.__init__(self)
        cell, dtype = make_cell(cell), as_dtype(options["dtype"])
        sizes = (input_size, hidden_size, check_size("num_layers", num_layers))
        self.options = regularisers(cell, num_layers, dropout, options)
        self.num_layers, self.dropout = num_layers, float(dropout)
        self.batch_first, self.bidirectional = bool(batch_first), bool(bidirectional)
        self.directions = 1 + self.bidirectional
        layout = {"num_layers": num_layers, "directions": self.directions}
        self._prepare(cell, sizes[:2], bias, options, **layout)
        self.suffixes = suffixes(num_layers, self.directions)
        self.fast = True
        self.last_masks: dict[str, dict[str, Tensor]] = {}
        self._build(sizes, bias, options["device"], dtype)

    def forward(self, input: Any, hx: Any = None, *, lengths: Any = None) -> tuple[Any, Any]:
        """Run the layer over a batch of sequences: as a call in `rnn_book.numpy`, shapes and errors
        too.

        Parameters
        ----------
        input
            (T, N, I), or (N, T, I) with `batch_first`, or one sequence (T, I), or a PackedSequence.
        hx
            Initial state h, or (h, c); each (D*L, N, H), or (D*L, H) for one sequence. Zeros if
            None.
        lengths
            Integers (N,): steps of each sequence, 0 included, in any order.

        Returns
        -------
        output, state
            (T, N, D*H), laid out as the input, or a PackedSequence for one; and the state at the
            end of each sequence, in the form of `hx`.
        """
        batch = Batch(self, input, hx, lengths)
        masks = self._draw_masks(batch) if self.training else {}
        output, state = self._run(batch, masks)
        if masks or self.last_masks:  # an export asks that evaluation leaves the layer alone
            self.last_masks = masks
        return batch.outward(output, state)

    def _run(
        self, batch: Batch, masks: dict[str, dict[str, Tensor]], traces: list[Any] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Go through the layers, and the directions of each; output and states of `Batch`."""
        x = batch.padded()
        outputs, ends = [], []
        for k, suffix in enumerate(self.suffixes):
            backwards = k % self.directions == 1
            drawn = masks.get(suffix, {})
            between = self._between(drawn, batch, backwards)
            p = self._step_parameters(suffix, drawn.get("weight_drop"))
            trace: list[Any] | None = None
            if traces is not None:
                traces.append(trace := [])
            output, end = self._sweep(
                p,
                batch.reverse(x) if backwards else x,
                tuple(s[k] for s in batch.states),
                between,
                trace,
            )
            output = batch.in_time(output, backwards)
            outputs.append(output * drawn["dropout"] if "dropout" in drawn else output)
            ends.append(end)
            if len(outputs) == self.directions:
                x = torch.cat(outputs, dim=-1) if len(outputs) > 1 else outputs[0]
                outputs = []
        if batch.packed is not None and batch.packing is not None:
            x = batch.packing.pack(x)
        return x, [torch.stack(parts) for parts in zip(*ends, strict=True)]

    def _sweep(
        self, p: Parameters, x: Tensor, state: State, between: Between, trace: Any
    ) -> tuple[Tensor, State]:
        """The loop over time, or what does the same faster."""
        kernel = kernel_for(self.cell, x, p.weight_ih) if self.fast and trace is None else None
        if kernel is None:
            return sweep(self.cell, p, x, state, between, trace)
        a_x = input_product(self.cell, x, p)
        output, *end = FastSweep.apply(kernel, between, a_x, p.recurrent.weight, p.bias_hh, *state)
        return output, tuple(end)

    def _between(self, drawn: dict[str, Tensor], batch: Batch, backwards: bool) -> Between:
        """What acts between the steps of one direction; masks are drawn in the order of time."""

        def read(mask: Tensor | None) -> Tensor | None:
            return batch.reverse(mask) if backwards and mask is not None else mask

        kept: list[Any] = []
        for name, probability in self.options.zoneout.items():
            constant = probability if probability > 0 and not self.training else None
            mask = drawn.get(f"zoneout_{name}")
            kept.append(constant if mask is None else read(mask))
        return Between(drawn.get("recurrent"), read(drawn.get("update")), kept, batch.active)

    def _draw_masks(self, batch: Batch) -> dict[str, dict[str, Tensor]]:
        """Every mask of one training forward."""
        dtype = self._dtype
        with self._masks() if self._drops else nullcontext():
            return draw_masks(
                lambda size: self._uniform(size, batch.device),
                lambda keep: keep.to(dtype),
                self.options,
                self.num_layers,
                self.directions,
                (batch.steps, batch.size, self.hidden_size),
                self.cell.gates,
            )

    @property
    def _drops(self) -> bool:
        """Whether a training forward draws any mask."""
        options = self.options
        between_layers = options.dropout > 0 and self.num_layers > 1
        return between_layers or options.masks_steps or options.weight_drop > 0

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

    def extra_repr(self) -> str:
        """What `repr` shows of the layer: what it does of one of torch.nn, and the options."""
        cell = f"{cell_name(self.cell)}, " if type(self) is Recurrent else ""
        stock: Any = torch.nn.RNNBase
        options, zoneout = self.options, tuple(self.options.zoneout.values())
        shown: dict[str, Any] = {
            "recurrent_dropout": options.recurrent_dropout,
            "zoneout": zoneout if any(zoneout) else None,
            "weight_drop": options.weight_drop,
            "forget_bias": self._forget_bias,
            "recurrent_dropout_on": options.recurrent_dropout_on,
        }
        defaults = (0, None, "state")
        given = [f", {name}={value!r}" for name, value in shown.items() if value not in defaults]
        return cell + stock.extra_repr(self) + "".join(given)


class Recurrent(Layer):
    """A recurrent layer around any cell.

    Parameters, options and `last_masks` are those of `rnn_book.numpy.Recurrent`, but for these:

    Parameters
    ----------
    rng
        Seed or generator; its children draw the weights and the masks, the same as in
        `rnn_book.numpy`. None draws both from torch's own generator.
    device, dtype
        As in torch; the name of a dtype will do.

    Attributes
    ----------
    fast : bool
        Whether what is for speed may be used; False runs the loop of this module with the cell's
        own step, which can be differentiated twice, vectorised (`torch.func.vmap`) and read.
    """

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """The parameters of each layer and direction, as of torch.nn's layers."""
        names = list(self._shapes())
        each = len(names) // len(self.suffixes)
        parts = (names[k : k + each] for k in range(0, len(names), each))
        return [[getattr(self, name) for name in part] for part in parts]

    def flatten_parameters(self) -> None:
        """Do nothing, for code that is written for torch.nn: cuDNN never sees these weights."""
