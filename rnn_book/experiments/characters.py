"""A character model and its training, shared by all claims that are tried on text."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import rnn_book.torch
from rnn_book.baselines import ngram_bits
from rnn_book.datasets import Vocabulary, consecutive, reference_text, streams
from rnn_book.draws import generator
from rnn_book.experiments.claims import Run, Seed
from rnn_book.torch import Adam, Dropout, Embedding, Linear, clip_grad_norm, cross_entropy

__all__ = [
    "CharacterModel",
    "Texts",
    "Training",
    "bits",
    "counted",
    "extracts",
    "learn",
    "score",
    "texts",
    "train_model",
]

HELD_OUT_STREAMS = 50
"""Texts that are only read run as many streams side by side: few calls, each of many rows."""

EXTRACT = 1000  # characters
EMBEDDING = 24
PLATEAU = 3.5  # bits; frequencies of pairs alone give fewer
APART = 2  # looks from one added layer to the next
SHOWN = 5_000  # characters of the training text that are scored at each look


class Texts(NamedTuple):
    """Numbers (T,) of characters, and how many there are."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    size: int


def texts(train: int | None = None, held_out: int | None = None) -> Texts:
    """Python's language reference as numbers.

    Parameters
    ----------
    train, held_out
        Characters that are kept of the training part, and of validation and test part each, in
        `extracts`; None keeps all.
    """
    corpus = reference_text()
    parts = (
        extracts(corpus.train, train),
        extracts(corpus.validation, held_out),
        extracts(corpus.test, held_out),
    )
    vocabulary = Vocabulary(parts[0])
    train_part, validation, test = (vocabulary.encode(part) for part in parts)
    return Texts(train_part, validation, test, len(vocabulary))


def extracts(text: str, count: int | None) -> str:
    """About `count` characters of a text: extracts of 1,000 at equal distances, in order.

    The reference is in alphabetical order and its chapters differ. Its beginning alone would be a
    text of another kind than the rest.
    """
    if count is None or count >= len(text):
        return text
    begins = np.linspace(0, len(text) - EXTRACT, max(count // EXTRACT, 1)).astype(int)
    return "".join(text[begin : begin + EXTRACT] for begin in begins)


class CharacterModel(torch.nn.Module):
    """A vector for each character, recurrent layers, a linear map to a score for each character.

    Parameters
    ----------
    size
        Number of characters K.
    embedding, hidden
        Length of a vector, and units of each layer.
    layers
        Number of layers.
    rng
        For weights, then masks.
    kind
        Name of the layers' class in `rnn_book.torch`.
    residual
        Whether what enters a layer is added to what leaves it, from the second layer on.
    between, output_dropout
        Probability of dropout between layers, and between the last one and the linear map, anew at
        every step.
    **options
        Of every layer.
    """

    def __init__(
        self,
        size: int,
        embedding: int,
        hidden: int,
        layers: int = 1,
        *,
        rng: np.random.Generator,
        kind: str = "LSTM",
        residual: bool = False,
        between: float = 0.0,
        output_dropout: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__()
        self.rng, self.residual = rng, residual
        self.layer_of = lambda inputs: getattr(rnn_book.torch, kind)(
            inputs, hidden, rng=rng, forget_bias=1.0, **options
        )
        self.embedding = Embedding(size, embedding, rng=rng)
        self.layers = torch.nn.ModuleList([self.layer_of(embedding)])
        for _ in range(layers - 1):
            self.layers.append(self.layer_of(hidden))
        self.between = Dropout(between, rng=rng)
        self.drop = Dropout(output_dropout, rng=rng)
        self.linear = Linear(hidden, size, rng=rng)

    def forward(self, symbols: Tensor, states: Any = ()) -> tuple[Tensor, Any]:
        """Scores (T, N, K) for the next characters of symbols (T, N), and the layers' states."""
        below, kept = self.embedding(symbols), []
        for k, layer in enumerate(self.layers):
            # A layer that was added since has no state yet.
            state = states[k] if k < len(states) else None
            output, state = layer(self.between(below) if k else below, state)
            below = below + output if k and self.residual else output
            kept.append(state)
        return self.linear(self.drop(below)), kept


class Training(NamedTuple):
    """How a model is trained: until its score on held-out text stalls."""

    rate: float
    batch: int
    steps: int
    every: int
    """Updates from one look at the held-out text to the next."""
    patience: int
    """Looks without a better one after which training ends."""
    most: int
    """Looks after which training ends in any case."""
    plateau: float = math.inf
    """Bits above which a network has not begun to learn, and is given time."""
    layers: int = 0
    """Layers that a model is to have in the end, if they are added one after the other."""
    apart: int = 0
    """Looks from one added layer to the next."""


def train_model(
    model: CharacterModel,
    text: Texts,
    how: Training,
    *,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Train with Adam and truncated backpropagation; the best look at held-out text is kept.

    Parameters
    ----------
    model
        Left in evaluation mode, with the weights of the best look.
    text
        The three parts.
    how
        Length, rate and sizes.
    rng
        For where each pass over the text begins.

    Returns
    -------
    dict
        ``updates``; bits per character on ``train`` (its beginning) and ``validation`` at each
        of them; ``best``, the place of the best look; ``test`` of its weights, and ``test_at_end``
        of the last ones; ``stalled``, whether training ended of itself.
    """
    optimiser = Adam(model, how.rate)
    pieces = _pieces(text.train, how, rng)
    watched = {"train": text.train[:SHOWN], "validation": text.validation}
    found: dict[str, Any] = {name: [] for name in ("updates", *watched)}
    curve = found["validation"]
    kept, best = copy.deepcopy(model.state_dict()), 0
    state: Any = ()
    while len(curve) < how.most and not _stalled(curve, how):
        for _ in range(how.every):
            model.train()
            symbols, targets, first = next(pieces)
            state = () if first else [_detached(part) for part in state]
            scores, state = model(torch.from_numpy(symbols), state)
            optimiser.zero_grad()
            cross_entropy(scores, torch.from_numpy(targets)).backward()
            clip_grad_norm(model, 1.0)
            optimiser.step()
        for name, numbers in watched.items():
            found[name].append(bits(model, numbers))
        found["updates"].append(how.every * len(curve))
        grows = len(model.layers) < how.layers
        if grows or curve[-1] <= min(curve[best:]):
            kept, best = copy.deepcopy(model.state_dict()), len(curve) - 1
        if grows and len(curve) % how.apart == 0:
            model.layers.append(model.layer_of(model.linear.in_features))
            optimiser.add_param_group({"params": list(model.layers[-1].parameters())})
            kept, best = copy.deepcopy(model.state_dict()), len(curve)
    found["test_at_end"] = bits(model, text.test)
    model.load_state_dict(kept)
    return {
        **found,
        "best": min(best, len(curve) - 1),
        "test": bits(model, text.test),
        "stalled": _stalled(curve, how),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }


def _detached(state: Any) -> Any:
    if isinstance(state, tuple):
        return tuple(part.detach() for part in state)
    return state.detach()


def _stalled(curve: list[float], how: Training) -> bool:
    """Whether the best of the last looks is no better than the best before, off the plateau."""
    built = how.apart * max(how.layers - 1, 0)
    ours = curve[built:]
    if len(ours) <= how.patience or min(ours) > how.plateau:
        return False
    return min(ours[-how.patience :]) >= min(ours[: -how.patience])


def learn(
    setting: Mapping[str, Any], seed: Seed, size: int, held_out: int, **options: Any
) -> dict[str, Any]:
    """One run of a claim on text: a model, trained until it stalls.

    Parameters
    ----------
    setting
        ``rate``, ``hidden``, ``batch``, ``most``; ``layers`` (1), ``grow`` (False: all layers from
        the beginning on), ``steps`` (50), ``passes`` (1.0: between two looks), ``patience`` (5).
    seed
        Its own for weights and masks, the shared one for where a pass over the text begins.
    size, held_out
        Characters of training text (0 for all), and of each text that is held out.
    **options
        Of `CharacterModel`.
    """
    text = texts(size or None, held_out)
    layers = setting.get("layers", 1)
    grow = setting.get("grow", False)
    batch, steps = setting["batch"], setting.get("steps", 50)
    per_pass = len(text.train) / (batch * steps)
    how = Training(
        rate=setting["rate"],
        batch=batch,
        steps=steps,
        every=max(1, round(setting.get("passes", 1.0) * per_pass)),
        patience=setting.get("patience", 5),
        most=setting["most"],
        plateau=PLATEAU,
        layers=layers if grow else 0,
        apart=APART if grow else 0,
    )
    model = CharacterModel(
        text.size,
        EMBEDDING,
        setting["hidden"],
        1 if grow else layers,
        rng=generator(seed.own),
        **options,
    )
    found = train_model(model, text, how, rng=generator(seed.shared))
    return {**found, "characters": len(text.train)}


def score(run: Run) -> float:
    """Bits per character on validation text at the look that is kept."""
    return float(run.result["validation"][run.result["best"]])


def counted(size: int, held_out: int, order: int = 6) -> dict[str, Any]:
    """Scores of the best n-gram model up to an order, as validation text chooses it."""
    text = texts(size or None, held_out)
    grams = ngram_bits(*text[:3], size=text.size, order=order)
    best = min(range(order), key=lambda n: grams[n].validation)
    return {**grams[best]._asdict(), "order": best + 1}


def _pieces(
    numbers: NDArray[np.int64], how: Training, rng: np.random.Generator
) -> Iterator[tuple[NDArray, NDArray, bool]]:
    """Inputs, targets, and whether a pass begins; each pass over the text cuts it elsewhere."""
    while True:
        turned = np.roll(numbers, -int(rng.integers(len(numbers))))
        first = True
        for symbols, targets in consecutive(streams(turned, how.batch), how.steps):
            yield symbols, targets, first
            first = False


def bits(model: CharacterModel, numbers: NDArray[np.int64], steps: int = 100) -> float:
    """Bits per character on a text that is read once, the state handed on; leaves training mode."""
    model.eval()
    state: Any = ()
    total, count = 0.0, 0
    with torch.no_grad():
        for symbols, targets in consecutive(streams(numbers, HELD_OUT_STREAMS), steps):
            scores, state = model(torch.from_numpy(symbols), state)
            total += float(cross_entropy(scores, torch.from_numpy(targets))) * targets.size
            count += targets.size
    return total / count / math.log(2)
