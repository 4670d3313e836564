"""An encoder that reads a sequence, a decoder that writes another, and attention between them."""

from __future__ import annotations

import copy
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_book.attending import check_lines, check_model, check_symbols
from rnn_book.draws import Rng, generator
from rnn_book.numpy.attention import Attention
from rnn_book.numpy.functions import Array, log_softmax, tanh, tanh_gradient
from rnn_book.numpy.gru import GRU
from rnn_book.numpy.modules import Embedding, Linear, Module, check_dtype

__all__ = ["EncoderDecoder", "Reading"]


class Reading(NamedTuple):
    """What the decoder knows before its next step."""

    state: Array
    """(1, N, 2H): the decoder's own state."""
    memory: Array
    """(T, N, 2H): the states of the encoder."""
    lengths: Any
    """Integers (N,), or None."""
    weights: Array | None = None
    """(N, T): where the latest step looked; None before the first, or without attention."""


class EncoderDecoder(Module):
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
        Seed or generator; each part takes a child of it.
    dtype
        float32 (default) or float64.

    Attributes
    ----------
    parameters : dict of str to ndarray
        Those of all parts, such as ``"encoder.weight_ih_l0"``: the keys are those of the PyTorch
        half.

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
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.dtype = check_dtype(dtype)
        check_model(sources, targets, embedding_size, hidden_size, attention)
        state = 2 * hidden_size  # both directions' final states, side by side
        options: dict[str, Any] = {"rng": generator(rng), "dtype": dtype}
        self.source_embedding = Embedding(sources, embedding_size, **options)
        self.target_embedding = Embedding(targets, embedding_size, **options)
        self.encoder = GRU(embedding_size, hidden_size, bidirectional=True, **options)
        self.decoder = GRU(embedding_size, state, **options)
        self.attention = None
        if attention is not None:
            self.attention = Attention(state, state, score=attention, **options)
        self.mix = Linear(state if attention is None else 2 * state, state, **options)
        self.head = Linear(state, targets, **options)
        for part, module in vars(self).items():
            if isinstance(module, Module):  # the arrays themselves: a part and the whole share them
                self.parameters |= {f"{part}.{n}": p for n, p in module.parameters.items()}
                self.grads |= {f"{part}.{n}": g for n, g in module.grads.items()}

    def __call__(self, source: Any, target: Any, lengths: Any = None) -> tuple[Array, Array | None]:
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
        source = check_symbols("source", source, self.source_embedding.num_embeddings, 2)
        target = check_symbols("target", target, self.target_embedding.num_embeddings, 2)
        check_lines(source, lengths, target)
        reading = self._read(source, lengths)
        output, _ = self.decoder(self.target_embedding(target), reading.state)
        return self._scores(output, reading)

    def backward(self, d_scores: Any) -> None:
        """Differentiate the latest call; add the gradients of all parts into `grads`.

        Parameters
        ----------
        d_scores
            Gradient of the scores, (S, N, K).
        """
        mixed = self._latest()
        d_mixed = self.head.backward(d_scores)
        self._saved = None
        d_output = self.mix.backward(d_mixed * tanh_gradient(mixed))
        d_memory = None
        if self.attention is not None:
            d_context, d_output = np.split(d_output, 2, axis=-1)
            d_query, d_memory = self.attention.backward(d_context)
            d_output = d_output + d_query
        d_target, d_state = self.decoder.backward(d_output)
        self.target_embedding.backward(d_target)
        d_ends = np.stack(np.split(d_state[0], 2, axis=-1))
        d_source, _ = self.encoder.backward(d_memory, d_ends)
        self.source_embedding.backward(d_source)

    def start(self, source: Any, lengths: Any = None) -> Reading:
        """Read sources (T, N); the result is what `step` begins with. Errors as in a call."""
        source = check_symbols("source", source, self.source_embedding.num_embeddings, 2)
        check_lines(source, lengths)
        return self._aside()._read(source, lengths)

    def step(self, symbols: Any, reading: Reading) -> tuple[Array, Reading]:
        """One step of the decoder, for a search; nothing that a backward needs is touched.

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
        symbols = check_symbols("symbols", symbols, self.target_embedding.num_embeddings, 1)
        aside = self._aside()
        output, state = aside.decoder(aside.target_embedding(symbols[None]), reading.state)
        scores, weights = aside._scores(output, reading)
        looked = None if weights is None else weights[0]
        return log_softmax(scores[0]), reading._replace(state=state, weights=looked)

    def _read(self, source: NDArray, lengths: Any) -> Reading:
        memory, state = self.encoder(self.source_embedding(source), lengths=lengths)
        # Both directions' final states, side by side.
        return Reading(np.concatenate([state[0], state[1]], axis=-1)[None], memory, lengths)

    def _scores(self, output: Array, reading: Reading) -> tuple[Array, Array | None]:
        weights = None
        if self.attention is not None:
            context, weights = self.attention(output, reading.memory, reading.lengths)
            output = np.concatenate([context, output], axis=-1)
        self._saved = tanh(self.mix(output))
        return self.head(self._saved), weights

    def _aside(self) -> EncoderDecoder:
        """The model with its own parameters, whose forward does not replace what is saved in it."""
        other = copy.copy(self)
        for name, part in vars(self).items():
            if isinstance(part, Module):
                setattr(other, name, copy.copy(part))
        return other
