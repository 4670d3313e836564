"""Attention over the states of an encoder: scores, a softmax, and a weighted mean."""

from __future__ import annotations

import copy
from typing import Any, Literal

import torch
from torch import Tensor

from rnn_book.attending import check_sizes, check_span
from rnn_book.draws import Rng, initial_weights, spawn
from rnn_book.torch.functions import softmax, tanh
from rnn_book.torch.modules import as_dtype, fill

__all__ = ["Attention"]


class Attention(torch.nn.Module):
    """For each query, a mean of the memory, weighted by how well query and memory fit.

    Sizes, scores and errors are those of `rnn_book.numpy.Attention`; parameters but for these, too:

    Parameters
    ----------
    rng
        Seed or generator: the weights are those of `rnn_book.numpy.Attention`. None leaves them to
        torch's global generator, which draws from the same interval, +-1/sqrt(A).
    device, dtype
        As in torch; the name of a dtype will do.
    """

    weight_query: Tensor
    weight_memory: Tensor
    weight_score: Tensor

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        hidden_size: int | None = None,
        *,
        score: Literal["dot", "additive"] = "dot",
        rng: Rng = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        dtype = as_dtype(dtype)
        self.query_size, self.memory_size, self.hidden_size, shapes = check_sizes(
            score, query_size, memory_size, hidden_size
        )
        self.score = score
        self._weight_rng = None if rng is None else spawn(rng)[0]
        for name, shape in shapes.items():
            value = torch.empty(shape, device=device, dtype=dtype)
            self.register_parameter(name, torch.nn.Parameter(value))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise the weights: those of the `rng`, the same each time, or else torch's draw."""
        bound = self.hidden_size**-0.5
        if self._weight_rng is None:
            for parameter in self.parameters():
                torch.nn.init.uniform_(parameter, -bound, bound)
            return
        shapes = {name: tuple(p.shape) for name, p in self.named_parameters()}
        fill(self, initial_weights(copy.deepcopy(self._weight_rng), shapes, bound))

    def forward(self, query: Tensor, memory: Tensor, lengths: Any = None) -> tuple[Tensor, Tensor]:
        """Attend to the memory (T, N, M), for queries (S, N, Q): as a call in `rnn_book.numpy`.

        Returns
        -------
        context, weights
            (S, N, M) and (S, N, T).
        """
        found = check_span(self, tuple(query.shape), tuple(memory.shape), lengths)
        counts = torch.from_numpy(found).to(memory.device)  # (T, N)
        memory = memory.masked_fill(~counts[..., None], 0)
        # From here on the batch comes first: q is (N, S, Q), m (N, T, M).
        q, m = query.transpose(0, 1), memory.transpose(0, 1)
        if self.score == "dot":
            scores = q @ m.transpose(1, 2)
        else:
            keys = m @ self.weight_memory.T
            hidden = tanh((q @ self.weight_query.T)[:, :, None] + keys[:, None])  # (N, S, T, A)
            scores = hidden @ self.weight_score
        weights = softmax(scores.masked_fill(~counts.T[:, None], float("-inf")))
        context = weights @ m
        return context.transpose(0, 1), weights.transpose(0, 1)
