"""torch's own kernels, as they are or with masks and lengths around them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from torch import _VF, Tensor
from torch.nn.utils.rnn import PackedSequence

from rnn_book.torch.packing import Packing
from rnn_book.torch.recurrent import CellModule, Layer

__all__ = ["FusedCell", "FusedLayer"]


class FusedCell(CellModule):
    """A cell that torch.nn has: torch's own call, with an `rng`, a `forget_bias`, and checks of hx.

    Subclasses call ``_prepare`` first, then the constructor of torch.nn, which draws the weights
    through `reset_parameters`.
    """

    twin: ClassVar[Any]

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        self._check_rank(input, (1, 2))
        for part in self._check_kind(hx) or ():
            self._check_dtype("hx", part)
        return self.twin.forward(self, input, hx)

    def extra_repr(self) -> str:
        """What `repr` shows of the cell."""
        return self.twin.extra_repr(self)


class FusedLayer(Layer):
    """A layer that torch.nn has.

    Without an option or lengths it is torch's own call. Dropout between layers, weight drop and
    lengths need no loop of ours: masks go on the weights before torch's kernel and on the output
    after it. Recurrent dropout and zoneout act between two steps, which only the loop can do.
    """

    twin: ClassVar[Any]
    mode: str
    dropout: float
    _flat_weights_names: list[str]

    @property
    def _in_loop(self) -> bool:
        """Whether something acts between two steps: dropout in training, zoneout always."""
        options = self.options
        return any(options.zoneout.values()) or (self.training and options.masks_steps)

    @property
    def _any_masks(self) -> bool:
        """Whether a training forward drops anything."""
        options = self.options
        between = options.dropout > 0 and self.num_layers > 1
        return between or options.masks_steps or options.weight_drop > 0

    @property
    def _own_masks(self) -> bool:
        """Whether masks are ours: with an `rng` or an option; else torch drops between layers."""
        options = self.options
        return self._mask_rng is not None or options.masks_steps or options.weight_drop > 0

    def forward(self, input: Any, hx: Any = None, *, lengths: Any = None) -> tuple[Any, Any]:
        masked = self.training and self._own_masks and self._any_masks
        if lengths is not None or masked or self._in_loop:
            return super().forward(input, hx, lengths=lengths)
        if not isinstance(input, PackedSequence):
            self._check_rank(input, (2, 3))
        for part in self._check_kind(hx) or ():
            self._check_dtype("hx", part)
        self.last_masks = {suffix: {} for suffix in self.suffixes} if self.training else {}
        return self.twin.forward(self, input, hx)

    def _draw_masks(self, run: Any) -> dict[str, dict[str, Tensor]]:
        return super()._draw_masks(run) if self._own_masks else {}

    def _kernel(
        self,
        x: Tensor,
        states: Sequence[Tensor],
        packing: Packing | None,
        drawn: Sequence[dict[str, Tensor]] = (),
        layer: int | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """Torch's kernel over all layers; or over one, with the masks that were drawn for it.

        Parameters
        ----------
        x
            (T, N, F), or with a `packing` its rows (rows, F).
        states
            Initial states, each (D*L, N, H), or (D, N, H) for one layer; with a `packing` in its
            order.
        packing
            The lengths, or None.
        drawn
            Masks of the layer's directions.
        layer
            Which layer; None for all.

        Returns
        -------
        output, states
            As x and `states`.
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

    def extra_repr(self) -> str:
        """What `repr` shows of the layer."""
        return self.twin.extra_repr(self) + self._option_repr()


@contextmanager
def _quiet(x: Tensor) -> Iterator[None]:
    """Silence cuDNN: the weights of one layer, or masked ones, are no contiguous chunk."""
    if not x.is_cuda:
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="RNN module weights are not part of single")
        yield
