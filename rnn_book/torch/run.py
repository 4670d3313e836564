"""One forward of a whole layer: a sweep for each direction of it, or torch's own kernel."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnn_book.checks import check_lengths
from rnn_book.torch.packing import Packing
from rnn_book.torch.sequence import Sweep

__all__ = ["Run"]


class Run:
    """The checked input of a layer, in one layout."""

    def __init__(self, layer: Any, x: Any, hx: Any, lengths: Any) -> None:
        self.layer, self.packed = layer, None
        self.packing: Packing | None = None
        if isinstance(x, PackedSequence):
            if lengths is not None:
                raise ValueError(
                    "lengths and a PackedSequence exclude each other: it holds the lengths already"
                )
            layer._check_features(x.data)
            self.packed, self.packing, self.batched = x, Packing.of_packed(x), True
            self.x = x.data
            self.steps, self.batch = self.packing.steps, self.packing.batch
        else:
            layer._check_rank(x, (2, 3))
            layer._check_features(x)
            self.batched = x.dim() == 3
            self.x = self._inward(x)
            self.steps, self.batch = self.x.shape[:2]
        self.device = self.x.device
        if self.steps == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        count = layer.num_layers * layer.directions
        batch = (self.batch,) if self.batched else ()
        self.state_shape = (count, *batch, layer.hidden_size)
        states = layer._check_states(hx, self.state_shape, self.x)
        self.states = [s.reshape(count, self.batch, layer.hidden_size) for s in states]
        if lengths is not None:
            if not self.batched:
                raise ValueError(
                    "lengths are for a batch (3D input), got 2D input: cut the sequence instead"
                )
            lengths = check_lengths(lengths, self.batch, self.steps)
            self.packing = Packing.of_lengths(lengths, self.steps, self.device)
        # For the loop alone, made when it begins:
        self.lengths: Tensor | None = None
        self.active: Tensor | None = None
        # A list, if the readable loop is to leave the trace of each sweep there.
        self.traces: list[Any] | None = None

    def _inward(self, x: Tensor) -> Tensor:
        """From the caller's layout to (T, N, F)."""
        if not self.batched:
            return x[:, None]
        return x.transpose(0, 1) if self.layer.batch_first else x

    def _outward(self, x: Tensor) -> Tensor:
        """From (T, N, F) to the caller's layout."""
        if not self.batched:
            return x[:, 0]
        return x.transpose(0, 1) if self.layer.batch_first else x

    def reverse(self, x: Tensor) -> Tensor:
        """Reverse each sequence from its own last step to its first; padding stays where it is."""
        if self.lengths is None:
            return x.flip(0)
        steps = torch.arange(self.steps, device=self.device)[:, None]
        index = torch.where(steps < self.lengths, self.lengths - 1 - steps, steps)
        return x.gather(0, index[..., None].expand(-1, -1, x.shape[-1]))

    def in_time(self, x: Tensor, k: int) -> Tensor:
        """Bring (T, N, H) of the k-th sweep into the order of time, 0 beyond a sequence's end."""
        if self.active is not None:
            x = x.masked_fill(~self.active, 0)
        return self.reverse(x) if k % self.layer.directions == 1 else x

    def forward(self, masks: dict[str, dict[str, Tensor]], fast: bool = True) -> tuple[Any, Any]:
        """Run every layer and direction; returns output and state in the caller's form.

        Parameters
        ----------
        masks
            What `draw_masks` drew, or nothing.
        fast
            Whether a cell's fast kernel may be used.
        """
        fused = not self.layer._in_loop
        # A batch without a single step has nothing to pack; the loop returns its initial state.
        if fused and (self.packing is None or len(self.packing.order)):
            return self._forward_fused(masks)
        return self._forward_loop(masks, fast)

    def _forward_fused(self, masks: dict[str, dict[str, Tensor]]) -> tuple[Any, Any]:
        layer, packing = self.layer, self.packing
        x, states = self.x, self.states
        if packing is not None:
            x = x if self.packed is not None else packing.pack(x)
            states = [s.index_select(1, packing.order) for s in states]
        if any(masks.values()):
            ends = []
            for k in range(layer.num_layers):
                rows = slice(k * layer.directions, (k + 1) * layer.directions)
                drawn = [masks[suffix] for suffix in layer.suffixes[rows]]
                x, end = layer._kernel(x, [s[rows] for s in states], packing, drawn, k)
                ends.append(end)
                if "dropout" in drawn[0]:
                    mask = torch.cat([d["dropout"] for d in drawn], dim=-1)
                    x = x * (mask if packing is None else packing.pack(mask)).to(x.dtype)
            final = [torch.cat(parts) for parts in zip(*ends, strict=True)]
        else:
            x, final = layer._kernel(x, states, packing)
        if packing is not None:
            final = [
                old.to(new.dtype).index_copy(1, packing.order, new)
                for old, new in zip(self.states, final, strict=True)
            ]
        state = layer._as_state([s.reshape(self.state_shape) for s in final])
        if self.packed is not None:
            return PackedSequence(x, *self.packed[1:]), state
        return self._outward(x if packing is None else packing.unpack(x)), state

    def _start_loop(self) -> Tensor:
        """The padded input of the loop; where padding stands, 0 is put in its place."""
        packing, x = self.packing, self.x
        if packing is None:
            return x
        self.lengths = torch.from_numpy(packing.lengths).to(self.device)
        steps = torch.arange(self.steps, device=self.device)[:, None]
        self.active = (steps < self.lengths)[..., None]
        return packing.unpack(x) if self.packed is not None else x.masked_fill(~self.active, 0)

    def _kept(self, drawn: dict[str, Tensor], backwards: bool) -> list[Any]:
        """What zoneout keeps of each state: a mask, in evaluation a probability, or None."""
        kept: list[Any] = []
        for name, p in self.layer.options.zoneout.items():
            mask = drawn.get(f"zoneout_{name}")
            if mask is not None:
                kept.append(self.reverse(mask) if backwards else mask)
            else:
                kept.append(p if p > 0 and not self.layer.training else None)
        return kept

    def _forward_loop(self, masks: dict[str, dict[str, Tensor]], fast: bool) -> tuple[Any, Any]:
        layer, x = self.layer, self._start_loop()
        outputs: list[Tensor] = []
        ends: list[Any] = []
        for k, suffix in enumerate(layer.suffixes):
            backwards = k % layer.directions == 1
            drawn = masks.get(suffix, {})
            update = drawn.get("update")
            sweep = Sweep(
                layer.cell,
                layer._bare(suffix, drawn.get("weight_drop")),
                self.reverse(x) if backwards else x,
                [s[k] for s in self.states],
                drawn.get("recurrent"),
                self.reverse(update) if backwards and update is not None else update,
                self._kept(drawn, backwards),
                self.active,
                fast,
            )
            if self.traces is not None:
                sweep.trace = []
                self.traces.append(sweep.trace)
            output, final = sweep.forward()
            ends.append(final)
            output = self.in_time(output, k)
            outputs.append(output * drawn["dropout"] if "dropout" in drawn else output)
            if len(outputs) == layer.directions:
                x = torch.cat(outputs, dim=-1) if len(outputs) > 1 else outputs[0]
                outputs = []
        final = [torch.stack(parts).reshape(self.state_shape) for parts in zip(*ends, strict=True)]
        if self.packed is not None and self.packing is not None:
            return PackedSequence(self.packing.pack(x), *self.packed[1:]), layer._as_state(final)
        return self._outward(x), layer._as_state(final)
