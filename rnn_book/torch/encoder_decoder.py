"""An encoder that reads a sequence, a decoder that writes another, and attention between them."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_book.attending import check_pair, check_reading, check_symbols, parts_of
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

    Cho et al. 2014 (arXiv 1406.1078), Sutskever et al. 2014 (arXiv 1409.3215); with attention, the
    decoder's state at each step asks for a mean of the encoder's states, and the next symbol is
    predicted from both (Luong et al. 2015, arXiv 1508.04025).

    Parameters
    ----------
    sources, targets
        Number of symbols that are read, and K, the number of those that are written.
    embedding_size
        E: size of a symbol's vector.
    hidden_size
        H: units of the encoder in each direction. The decoder has 2H.
    attention
        ``"dot"``, ``"additive"``, or None: then the decoder knows the source from its initial state
        alone.
    rng
        Seed or generator: the weights are those of `rnn_book.numpy.EncoderDecoder`. None leaves
        them to torch.
    device, dtype
        As in torch; the name of a dtype will do.

    Raises
    ------
    TypeError, ValueError
        If a size is no positive integer, or `attention` none of the three.
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
        sizes = parts_of(sources, targets, embedding_size, hidden_size, attention)
        rng = None if rng is None else generator(rng)
        options: dict[str, Any] = {"rng": rng, "device": device, "dtype": dtype}
        self.source_embedding = Embedding(*sizes.source_embedding, **options)
        self.target_embedding = Embedding(*sizes.target_embedding, **options)
        self.encoder = GRU(*sizes.encoder, bidirectional=True, **options)
        self.decoder = GRU(*sizes.decoder, **options)
        self.attention = None
        if attention is not None:
            self.attention = Attention(*sizes.attention, score=attention, **options)
        self.mix = Linear(*sizes.mix, **options)
        self.head = Linear(*sizes.head, **options)

    def forward(
        self, source: Any, target: Any, lengths: Any = None
    ) -> tuple[Tensor, Tensor | None]:
        """Scores for every next symbol of a target that is known: teacher forcing.

        Parameters
        ----------
        source
            Integers (T, N): what is read.
        target
            Integers (S, N): what the decoder is fed, the sign to start first. Row s of the scores
            is for the symbol that follows.
        lengths
            Integers (N,) from 1 to T: steps of each source that count; None: all.

        Returns
        -------
        scores
            (S, N, K).
        weights
            (S, N, T): where each step looked; None without attention.

        Raises
        ------
        TypeError, ValueError
            If symbols or lengths are no integers, or of a wrong shape.
        IndexError
            For a symbol that there is not.
        """
        source, target = self._check("source", source, 2), self._check("target", target, 2)
        check_pair(source, target, lengths)
        reading = self._read(source, lengths)
        output, _ = self.decoder(self._embedded("target", target), reading.state)
        return self._scores(output, reading)

    def start(self, source: Any, lengths: Any = None) -> Reading:
        """Read sources (T, N); the result is what `step` begins with. Errors as in a call."""
        source = self._check("source", source, 2)
        check_reading(source, lengths)
        return self._read(source, lengths)

    def step(self, symbols: Any, reading: Reading) -> tuple[Tensor, Reading]:
        """One step of the decoder, for a search.

        Parameters
        ----------
        symbols
            Integers (N,): the latest symbol of each sequence.
        reading
            What `start` or the previous step returned.

        Returns
        -------
        log_probabilities
            (N, K), of the next symbol.
        reading
            For the next step.
        """
        found = self._check("symbols", symbols, 1)
        output, state = self.decoder(self._embedded("symbols", found[None]), reading.state)
        scores, weights = self._scores(output, reading)
        looked = None if weights is None else weights[0]
        return log_softmax(scores[0]), reading._replace(state=state, weights=looked)

    def _read(self, source: NDArray, lengths: Any) -> Reading:
        memory, state = self.encoder(self._embedded("source", source), lengths=lengths)
        # Both directions' final states, side by side.
        return Reading(torch.cat([state[0], state[1]], dim=-1)[None], memory, lengths)

    def _scores(self, output: Tensor, reading: Reading) -> tuple[Tensor, Tensor | None]:
        weights = None
        if self.attention is not None:
            context, weights = self.attention(output, reading.memory, reading.lengths)
            output = torch.cat([context, output], dim=-1)
        return self.head(tanh(self.mix(output))), weights

    def _table(self, name: str) -> Embedding:
        return self.source_embedding if name == "source" else self.target_embedding

    def _check(self, name: str, value: Any, rank: int) -> NDArray:
        return check_symbols(name, value, self._table(name).num_embeddings, rank)

    def _embedded(self, name: str, symbols: NDArray) -> Tensor:
        table = self._table(name)
        return table(torch.from_numpy(symbols.astype(np.int64)).to(table.weight.device))
