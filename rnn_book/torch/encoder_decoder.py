"""An encoder that reads a sequence, a decoder that writes another, and attention between them."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_book.attending import check_lines, check_model, check_symbols
from rnn_book.draws import Rng, generator
from rnn_book.torch.attention import Attention
from rnn_book.torch.functions import log_softmax, tanh
from rnn_book.torch.gru import GRU
from rnn_book.torch.modules import Embedding, Linear

__all__ = ["EncoderDecoder", "Reading"]


class Reading(NamedTuple):
    """What the decoder knows before its next step."""

    state: Tensor
    """(1, N, 2H): the decoder's own state."""
    memory: Tensor
    """(T, N, 2H): the states of the encoder."""
    lengths: Any
    """Integers (N,), or None."""
    weights: Tensor | None = None
    """(N, T): where the latest step looked; None before the first, or without attention."""


class EncoderDecoder(torch.nn.Module):
    """A bidirectional GRU reads, a GRU that starts from its final states writes.

    With attention, the decoder asks at each step for a mean of the encoder's states. Parameters and
    errors are those of `rnn_book.numpy.EncoderDecoder`, but for these:

    Parameters
    ----------
    rng
        Seed or generator: the weights are those of `rnn_book.numpy.EncoderDecoder`. None leaves
        them to torch.
    device, dtype
        As in torch; the name of a dtype will do.
    """

    def __init__(
        self,
        sources: int,
        targets: int,
        embedding_size: int = 16,
        hidden_size: int = 32,
        *,
        attention: Literal["dot", "additive"] | None = "dot",
        rng: Rng = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_model(sources, targets, embedding_size, hidden_size, attention)
        state = 2 * hidden_size  # both directions' final states, side by side
        rng = None if rng is None else generator(rng)
        options: dict[str, Any] = {"rng": rng, "device": device, "dtype": dtype}
        self.source_embedding = Embedding(sources, embedding_size, **options)
        self.target_embedding = Embedding(targets, embedding_size, **options)
        self.encoder = GRU(embedding_size, hidden_size, bidirectional=True, **options)
        self.decoder = GRU(embedding_size, state, **options)
        self.attention = None
        if attention is not None:
            self.attention = Attention(state, state, score=attention, **options)
        self.mix = Linear(state if attention is None else 2 * state, state, **options)
        self.head = Linear(state, targets, **options)

    def forward(
        self, source: Any, target: Any, lengths: Any = None
    ) -> tuple[Tensor, Tensor | None]:
        """Scores for every next symbol of a target that is known: as a call in `rnn_book.numpy`.

        Returns
        -------
        scores, weights
            (S, N, K), and where each step looked, (S, N, T) or None.
        """
        source = check_symbols("source", source, self.source_embedding.num_embeddings, 2)
        target = check_symbols("target", target, self.target_embedding.num_embeddings, 2)
        check_lines(source, lengths, target)
        reading = self._read(source, lengths)
        output, _ = self.decoder(_looked_up(self.target_embedding, target), reading.state)
        return self._scores(output, reading)

    def start(self, source: Any, lengths: Any = None) -> Reading:
        """Read sources (T, N); the result is what `step` begins with. Errors as in a call."""
        source = check_symbols("source", source, self.source_embedding.num_embeddings, 2)
        check_lines(source, lengths)
        return self._read(source, lengths)

    def step(self, symbols: Any, reading: Reading) -> tuple[Tensor, Reading]:
        """One step of the decoder, for a search: as in `rnn_book.numpy`.

        Returns
        -------
        log_probabilities, reading
            (N, K), of the next symbol; and what the next step takes.
        """
        symbols = check_symbols("symbols", symbols, self.target_embedding.num_embeddings, 1)
        looked_up = _looked_up(self.target_embedding, symbols[None])
        output, state = self.decoder(looked_up, reading.state)
        scores, weights = self._scores(output, reading)
        looked = None if weights is None else weights[0]
        return log_softmax(scores[0]), reading._replace(state=state, weights=looked)

    def _read(self, source: NDArray, lengths: Any) -> Reading:
        memory, state = self.encoder(_looked_up(self.source_embedding, source), lengths=lengths)
        # Both directions' final states, side by side.
        return Reading(torch.cat([state[0], state[1]], dim=-1)[None], memory, lengths)

    def _scores(self, output: Tensor, reading: Reading) -> tuple[Tensor, Tensor | None]:
        weights = None
        if self.attention is not None:
            context, weights = self.attention(output, reading.memory, reading.lengths)
            output = torch.cat([context, output], dim=-1)
        return self.head(tanh(self.mix(output))), weights


def _looked_up(table: Embedding, symbols: NDArray) -> Tensor:
    return table(torch.from_numpy(symbols.astype(np.int64)).to(table.weight.device))
