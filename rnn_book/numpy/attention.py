"""Attention over the states of an encoder: scores, a softmax, and a weighted mean."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from rnn_book.attending import check_sizes, check_span
from rnn_book.draws import Rng, initial_weights, spawn
from rnn_book.numpy.functions import Array, softmax, tanh, tanh_gradient
from rnn_book.numpy.modules import Module, check_dtype

__all__ = ["Attention"]


class Attention(Module):
    """For each query, a mean of the memory, weighted by how well query and memory fit.

    Parameters
    ----------
    query_size, memory_size
        Q and M: sizes of a query (a state of the decoder) and of an entry of the memory (a state of
        the encoder).
    hidden_size
        A, the size of the additive score's own layer; None takes Q. The dot product has none.
    score
        ``"dot"``: the product q · m (Luong et al. 2015, arXiv 1508.04025), without weights of its
        own, and Q = M. ``"additive"``: v · tanh(W q + U m) (Bahdanau et al. 2015, arXiv
        1409.0473); W, U and v are ``weight_query`` (A, Q), ``weight_memory`` (A, M) and
        ``weight_score`` (A,).
    rng
        Seed or generator. Weights are uniform in +-1/sqrt(A).
    dtype
        float32 (default) or float64.

    Raises
    ------
    TypeError
        If a size is no integer, or the dtype is another.
    ValueError
        If a size is not positive, `score` is none of the two, or the dot product gets sizes that
        differ, or a `hidden_size`.
    """

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        hidden_size: int | None = None,
        *,
        score: Literal["dot", "additive"] = "dot",
        rng: Rng = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        dtype = check_dtype(dtype)
        self.query_size, self.memory_size, self.hidden_size, shapes = check_sizes(
            score, query_size, memory_size, hidden_size
        )
        self.score = score
        drawn = initial_weights(spawn(rng)[0], shapes, self.hidden_size**-0.5)
        self._register(drawn, dtype)

    def __call__(
        self, query: ArrayLike, memory: ArrayLike, lengths: ArrayLike | None = None
    ) -> tuple[Array, Array]:
        """Attend to the memory.

        Parameters
        ----------
        query
            (S, N, Q): S queries for each of N sequences.
        memory
            (T, N, M).
        lengths
            Integers (N,) from 1 to T: entries of each memory that count. What stands beyond, NaN
            included, has no influence. None: all count.

        Returns
        -------
        context
            (S, N, M): a mean of the memory for each query.
        weights
            (S, N, T): the shares of the mean, 0 beyond the lengths; each row sums to 1.

        Raises
        ------
        RuntimeError
            For a wrong dtype, rank or size.
        ValueError
            For lengths that are no integers from 1 to T, one a sequence.
        """
        query, memory = self._check_float("query", query), self._check_float("memory", memory)
        counts = check_span(self, query.shape, memory.shape, lengths)  # (T, N)
        memory = np.where(counts[..., None], memory, 0)
        p = {name: value.copy() for name, value in self.parameters.items()}
        hidden = None
        # From here on the batch comes first: q is (N, S, Q), m (N, T, M).
        q, m = query.transpose(1, 0, 2).copy(), memory.transpose(1, 0, 2)
        if self.score == "dot":
            scores = q @ m.swapaxes(1, 2)
        else:
            keys = m @ p["weight_memory"].T
            hidden = tanh((q @ p["weight_query"].T)[:, :, None] + keys[:, None])  # (N, S, T, A)
            scores = hidden @ p["weight_score"]
        weights = softmax(np.where(counts.T[:, None], scores, -np.inf))
        self._saved = p, q, m, hidden, weights
        context = weights @ m
        return context.transpose(1, 0, 2), weights.transpose(1, 0, 2)

    def backward(self, d_context: Any) -> tuple[Array, Array]:
        """Differentiate the latest forward; add the gradients of the parameters into `grads`.

        Parameters
        ----------
        d_context
            Gradient of the context, (S, N, M). The weights are to look at: a loss on them has no
            backward here.

        Returns
        -------
        d_query, d_memory
            (S, N, Q) and (T, N, M); 0 where the memory does not count.
        """
        p, q, m, hidden, weights = self._latest()
        batch, steps = q.shape[:2]
        d_context = self._check_gradient("d_context", d_context, (steps, batch, self.memory_size))
        self._saved = None
        d_context = d_context.transpose(1, 0, 2)
        d_memory = weights.swapaxes(1, 2) @ d_context
        d_weights = d_context @ m.swapaxes(1, 2)
        mean = (weights * d_weights).sum(axis=-1, keepdims=True)
        d_scores = weights * (d_weights - mean)  # 0 where a weight is 0: behind the end, too
        if self.score == "dot":
            d_query = d_scores @ m
            d_memory += d_scores.swapaxes(1, 2) @ q
        else:
            d_hidden = d_scores[..., None] * p["weight_score"] * tanh_gradient(hidden)
            d_first, d_keys = d_hidden.sum(axis=2), d_hidden.sum(axis=1)
            d_query = d_first @ p["weight_query"]
            d_memory += d_keys @ p["weight_memory"]
            self.grads["weight_query"] += np.einsum("nsa,nsq->aq", d_first, q)
            self.grads["weight_memory"] += np.einsum("nta,ntm->am", d_keys, m)
            self.grads["weight_score"] += np.einsum("nst,nsta->a", d_scores, hidden)
        return d_query.transpose(1, 0, 2), d_memory.transpose(1, 0, 2)
