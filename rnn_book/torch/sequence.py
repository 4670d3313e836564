"""One layer in one direction, swept over time: the loop that every cell shares.

A cell knows one step; what happens between two steps is here, once. In the order in which it
happens:

1. recurrent dropout masks the hidden state on its way into the recurrent product (`h_rec`), never
   the carried state;
2. the cell makes the step;
3. zoneout keeps units of the old state;
4. a sequence that has ended keeps its state.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

__all__ = ["Sweep"]


class Sweep:
    """One layer in one direction.

    Parameters
    ----------
    cell
        The cell (`rnn_book.torch.recurrent.Cell`).
    p
        The parameters of this layer and direction, by bare name.
    x
        Input (T, N, I), in the order in which this direction reads it; padded steps hold 0.
    state
        Initial states, each (N, H).
    recurrent_mask, update_mask
        (N, H) on `h_rec`, and (T, N, H) on the candidate; or None.
    kept
        For each state: a boolean mask (T, N, H), a probability (evaluation), or None.
    active
        (T, N, 1), False where a sequence has ended; or None.
    fast
        Whether the cell's own kernel may be used.
    """

    def __init__(
        self,
        cell: Any,
        p: SimpleNamespace,
        x: Tensor,
        state: Sequence[Tensor],
        recurrent_mask: Tensor | None = None,
        update_mask: Tensor | None = None,
        kept: Sequence[Any] = (),
        active: Tensor | None = None,
        fast: bool = True,
    ) -> None:
        self.cell, self.p, self.x, self.state = cell, p, x, list(state)
        self.recurrent_mask, self.update_mask = recurrent_mask, update_mask
        self.kept, self.active, self.fast = list(kept) or [None] * len(self.state), active, fast

    def forward(self) -> tuple[Tensor, list[Tensor]]:
        """Make all steps; returns h after each of them, (T, N, H), and the final states."""
        cell, p = self.cell, self.p
        bias = p.bias_ih if cell.input_bias else None
        a_x = torch.nn.functional.linear(self.x, p.weight_ih, bias).unbind(0)
        state = tuple(self.state)
        outputs = []
        for t, a in enumerate(a_x):
            h = state[0]
            h_rec = h if self.recurrent_mask is None else h * self.recurrent_mask
            extra = () if self.update_mask is None else (self.update_mask[t],)
            new, _ = cell.step(a, h_rec, state, p, *extra)
            state = tuple(
                self._keep(t, k, was, now)
                for k, (was, now) in enumerate(zip(state, new, strict=True))
            )
            outputs.append(state[0])
        return torch.stack(outputs), list(state)

    def _keep(self, t: int, k: int, was: Tensor, now: Tensor) -> Tensor:
        """Zoneout and the ends of sequences: the old state where it stays, else the new one."""
        kept = self.kept[k]
        if isinstance(kept, float):
            now = kept * was + (1 - kept) * now
        elif kept is not None:
            now = torch.where(kept[t], was, now)
        return now if self.active is None else torch.where(self.active[t], now, was)
