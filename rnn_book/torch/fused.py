"""Cells and layers that torch.nn has: torch's own calls, with masks and lengths around them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from torch import _VF, Tensor
from torch.nn.utils.rnn import PackedSequence

from rnn_book.torch.batch import Batch, Packing
from rnn_book.torch.cell_module import CellModule
from rnn_book.torch.modules import transformed
from rnn_book.torch.recurrent import Layer

__all__ = ["FusedCell", "FusedLayer"]


class FusedCell(CellModule):
    """A cell that torch.nn has: its own call, with an `rng`, a `forget_bias`, and checks of hx."""

    twin: ClassVar[Any]

    def _build(self, sizes: tuple[Any, ...], bias: bool, device: Any, dtype: Any) -> None:
        own = _nonlinearity(self.cell)
        self.twin.__init__(self, *sizes, bias=bias, device=device, dtype=dtype, **own)

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        self._check_rank(input, (1, 2))
        for part in self._check_kind(hx) or ():
            self._check_dtype("hx", part)
        return self.twin.forward(self, input, hx)


class FusedLayer(Layer):
    """A layer that torch.nn has.

    Without an option or lengths it is torch's own call. Dropout between layers, weight drop and
    lengths need no loop of ours: masks go on the weights before torch's kernel and on the output
    after it. Recurrent dropout and zoneout act between two steps, which only the loop can do.
    ``layer.fast = False`` runs the loop, with the readable step, in every case.
    """

    twin: ClassVar[Any]
    mode: str
    _flat_weights_names: list[str]

    def _build(self, sizes: tuple[Any, ...], bias: bool, device: Any, dtype: Any) -> None:
        flags = {"batch_first": self.batch_first, "bidirectional": self.bidirectional}
        flags |= {"bias": bias, "device": device, "dtype": dtype}
        self.twin.__init__(self, *sizes, **flags, **_nonlinearity(self.cell))
        self.dropout = self.options.dropout  # later, for of that our own checks have warned

    @property
    def _in_loop(self) -> bool:
        """Whether something acts between two steps: dropout in training, zoneout always."""
        options = self.options
        acts = any(options.zoneout.values()) or (self.training and options.masks_steps)
        return acts or self._readable

    @property
    def _own_masks(self) -> bool:
        """Whether masks are ours: with an `rng` or an option; else torch drops between layers."""
        options = self.options
        ours = self._mask_rng is not None or options.masks_steps or options.weight_drop > 0
        return ours or self._readable

    @property
    def _readable(self) -> bool:
        """Whether the loop is asked for, or needed: torch.func cannot look into torch's kernels."""
        return not self.fast or transformed()

    def forward(self, input: Any, hx: Any = None, *, lengths: Any = None) -> tuple[Any, Any]:
        masked = self.training and self._own_masks and self._drops
        if lengths is not None or masked or self._in_loop:
            return super().forward(input, hx, lengths=lengths)
        if not isinstance(input, PackedSequence):
            self._check_rank(input, (2, 3))
        for part in self._check_kind(hx) or ():
            self._check_dtype("hx", part)
        if self.training or self.last_masks:
            self.last_masks = {suffix: {} for suffix in self.suffixes} if self.training else {}
        return self.twin.forward(self, input, hx)

    def _draw_masks(self, batch: Batch) -> dict[str, dict[str, Tensor]]:
        return super()._draw_masks(batch) if self._own_masks else {}

    def _run(
        self, batch: Batch, masks: dict[str, dict[str, Tensor]], traces: Any = None
    ) -> tuple[Tensor, list[Tensor]]:
        packing = batch.packing
        # A batch without a single step has nothing to pack; the loop returns its initial state.
        if self._in_loop or traces is not None or (packing is not None and not len(packing.order)):
            return super()._run(batch, masks, traces)
        x, states = batch.x, batch.states
        if packing is not None:
            x = x if batch.packed is not None else packing.pack(x)
            states = [s.index_select(1, packing.order) for s in states]
        if any(masks.values()):
            ends = []
            for k in range(self.num_layers):
                rows = slice(k * self.directions, (k + 1) * self.directions)
                drawn = [masks[suffix] for suffix in self.suffixes[rows]]
                x, end = self._kernel(x, [s[rows] for s in states], packing, drawn, k)
                ends.append(end)
                if "dropout" in drawn[0]:
                    mask = torch.cat([d["dropout"] for d in drawn], dim=-1)
                    x = x * (mask if packing is None else packing.pack(mask)).to(x.dtype)
            final = [torch.cat(parts) for parts in zip(*ends, strict=True)]
        else:
            x, final = self._kernel(x, states, packing)
        if packing is not None:
            x = x if batch.packed is not None else packing.unpack(x)
            final = [
                old.to(new.dtype).index_copy(1, packing.order, new)
                for old, new in zip(batch.states, final, strict=True)
            ]
        return x, final

    def _kernel(
        self,
        x: Tensor,
        states: Sequence[Tensor],
        packing: Packing | None,
        drawn: Sequence[dict[str, Tensor]] = (),
        layer: int | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """Torch's kernel over all layers; or over one, with the masks of its directions.

        From x (T, N, F), or the rows (rows, F) of a `packing`, and states, each (D*L, N, H) or
        (D, N, H), in the order of the `packing`, to output and final states of the same forms.
        """
        weights = [getattr(self, name) for name in self._flat_weights_names]
        if layer is not None:
            each = len(weights) // (self.num_layers * self.directions)
            first = layer * self.directions * each
            weights = weights[first : first + self.directions * each]
            for k, masks in enumerate(drawn):
                if "weight_drop" in masks:
                    weights[k * each + 1] = weights[k * each + 1] * masks["weight_drop"]
        # torch's own dropout acts where it would in torch.nn: inside one call for all layers, and
        # only without masks of ours.
        dropout = self.dropout if layer is None and not self._own_masks else 0.0
        hx = tuple(states) if len(states) > 1 else states[0]
        count = self.num_layers if layer is None else 1
        flags = (self.bias, count, dropout, self.training, self.bidirectional)
        kernel = getattr(_VF, self.mode.lower())
        with _quiet(x):
            if packing is None:
                output, *ends = kernel(x, hx, weights, *flags, False)
            else:
                output, *ends = kernel(x, packing.batch_sizes, hx, weights, *flags)
        return output, ends


def _nonlinearity(cell: Any) -> dict[str, str]:
    """What torch.nn's plain layer and cell take besides."""
    return {"nonlinearity": cell.nonlinearity} if hasattr(cell, "nonlinearity") else {}


@contextmanager
def _quiet(x: Tensor) -> Iterator[None]:
    """Silence cuDNN: the weights of one layer, or masked ones, are no contiguous chunk."""
    if not x.is_cuda:
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="RNN module weights are not part of single")
        yield
