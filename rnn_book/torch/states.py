"""Around a layer: its last real output, and states cut off from their past."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnn_book.checks import check_lengths

__all__ = ["detach_state", "last_output"]


def last_output(output: Tensor, lengths: Any, batch_first: bool = False) -> Tensor:
    """Output at the last real step of each sequence.

    ``output[-1]`` is padding for all but the longest sequences.
    Of a bidirectional layer's output, the half that belongs to the reverse direction has seen one
    step only at that point; use the final state there.

    Parameters
    ----------
    output
        (T, N, F), or (N, T, F) with `batch_first`.
    lengths
        Integers (N,) from 0 to T. A sequence of length 0 has no output, and gets zeros.
    batch_first
        Whether the batch is the first axis.

    Returns
    -------
    Tensor
        (N, F).

    Raises
    ------
    ValueError
        For an output that is not 3D, and for lengths that are no integers from 0 to T, one a
        sequence.
    """
    if output.dim() != 3:
        raise ValueError(f"output must be 3D, got {output.dim()}D")
    if batch_first:
        output = output.transpose(0, 1)
    lengths = check_lengths(lengths, output.shape[1], output.shape[0])
    length = torch.from_numpy(lengths).to(output.device)
    index = (length - 1).clamp(min=0)
    picked = output[index, torch.arange(output.shape[1], device=output.device)]
    return picked.masked_fill((length == 0)[:, None], 0)


def detach_state(state: Any) -> Any:
    """The same state without its history, for truncated backpropagation through time.

    Parameters
    ----------
    state
        A Tensor, a tuple or list of states, or None.

    Returns
    -------
    Any
        In the form of `state`; values are shared, not copied.

    Raises
    ------
    TypeError
        For anything else.
    """
    if state is None:
        return None
    if isinstance(state, Tensor):
        return state.detach()
    if isinstance(state, tuple | list):
        return type(state)(detach_state(part) for part in state)
    raise TypeError(f"state must be a Tensor or a tuple of them, got a {type(state).__name__}")
