"""Generated tasks for networks that read one way or both, with the best scores that there can be.

*Ambiguous words.* Six tags follow each other as a chain. Every word belongs to two tags, so that a
word alone decides nothing, and its neighbours on both sides help. What the best guess gets, of
whoever knows the chain and reads so many words of the future, follows from Bayes' rule.

*Echo.* The answer is the symbol of some steps before. Symbols are independent, so that the future
says nothing about it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_book.experiments.bidirectional_nets import LATEST, NETS, Answerer, learn, width
from rnn_book.experiments.solving import SYMBOLS, TorchLearner, draw, train
from rnn_book.torch import LSTM, Adam, Linear, cross_entropy

__all__ = ["CHAIN", "RECALLERS", "best_guess", "made", "recalled"]

SCORED, BATCH, PROBE, TESTED = 48, 32, 200, 500
BACK, ECHOED = 8, 4
"""Steps by which the echo comes late, and its symbols."""


class Chain(NamedTuple):
    """A hidden Markov chain."""

    moves: NDArray[np.float64]
    """(tags, tags): probability of the next tag, given a tag."""
    words: NDArray[np.float64]
    """(tags, words): probability of a word, given its tag."""


def _chain() -> Chain:
    tags = 6
    moves, words = np.zeros((tags, tags)), np.zeros((tags, 2 * tags))
    for tag in range(tags):
        for ahead, share in ((1, 0.5), (3, 0.3), (0, 0.2)):
            moves[tag, (tag + ahead) % tags] = share
        for word in (2 * tag, 2 * tag + 1):
            words[tag, word] = words[(tag + 1) % tags, word] = 0.25
    return Chain(moves, words)


CHAIN = _chain()


def ambiguous(
    steps: int, batch: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Words and their tags, each (T, N)."""

    def pick(shares: NDArray[np.float64]) -> NDArray[np.int64]:
        drawn = rng.random((len(shares), 1))
        # A sum of shares may end a rounding error below 1.
        return np.minimum((shares.cumsum(1) < drawn).sum(1), shares.shape[1] - 1)

    moves, words = CHAIN
    tags = np.empty((steps, batch), np.int64)
    tags[0] = rng.integers(0, len(moves), batch)
    for t in range(1, steps):
        tags[t] = pick(moves[tags[t - 1]])
    return pick(words[tags.ravel()]).reshape(steps, batch), tags


def best_guess(seen: NDArray[np.int64], tags: NDArray[np.int64], late: int | None) -> float:
    """Share of tags that the best guess gets right at the scored steps.

    Parameters
    ----------
    seen, tags
        (T, N)
    late
        Words of the future that are known, None for all.
    """
    moves, words = CHAIN
    belief = np.full((seen.shape[1], len(moves)), 1 / len(moves))
    right = 0.0
    scored = len(seen) - LATEST
    for t in range(scored):
        belief = (belief @ moves if t else belief) * words[:, seen[t]].T
        belief /= belief.sum(1, keepdims=True)
        future = np.ones_like(belief)
        last = len(seen) - 1 if late is None else t + late
        for k in range(last, t, -1):
            future = (future * words[:, seen[k]].T) @ moves.T
            future /= future.sum(1, keepdims=True)
        right += float(((belief * future).argmax(1) == tags[t]).mean())
    return right / scored


def echo(
    steps: int, batch: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Symbols, and for each step the symbol of `BACK` steps before, or 0 where there is none."""
    symbols = rng.integers(0, ECHOED, (steps, batch))
    answers = np.zeros_like(symbols)
    answers[BACK:] = symbols[:-BACK]
    return symbols, answers


def made(
    setting: dict[str, Any], weights: np.random.Generator, draws: np.random.Generator
) -> dict[str, Any]:
    """One network on one of the two generated tasks."""
    ambiguity = setting["part"] == "ambiguous"
    size, outputs = (CHAIN.words.shape[1], len(CHAIN.moves)) if ambiguity else (ECHOED, ECHOED)

    def data(batch: int) -> tuple[torch.Tensor, torch.Tensor]:
        seen, answers = (ambiguous if ambiguity else echo)(SCORED + LATEST, batch, draws)
        return torch.from_numpy(seen), torch.from_numpy(answers)

    validation, test = data(PROBE), data(TESTED)
    model = Answerer(setting["net"], size, outputs, weights)
    optimiser = Adam(model, setting["rate"])
    for _ in range(setting["updates"]):
        seen, answers = data(BATCH)
        learn(model, optimiser, cross_entropy(model(seen), answers[:SCORED]))
    found: dict[str, Any] = {"parameters": sum(p.numel() for p in model.parameters())}
    for part, (seen, answers) in (("validation", validation), ("test", test)):
        with torch.no_grad():
            scores = model(seen)
        right = (scores.argmax(-1) == answers[:SCORED]).double().mean()
        found[part] = {
            "loss": float(cross_entropy(scores, answers[:SCORED])),
            "right": float(right),
        }
    if ambiguity:
        both, late = NETS[setting["net"]]
        found["best"] = best_guess(test[0].numpy(), test[1].numpy(), None if both else late)
    return found


RECALLERS = {
    "one way": (False, "h_n"),
    "both ways, h_n": (True, "h_n"),
    "both ways, output[-1]": (True, "output[-1]"),
}
"""Name -> whether it reads both ways, and what is read out at the end."""
READ_OUT: dict[str, Callable[[Any], torch.Tensor]] = {
    "h_n": lambda returned: torch.cat(tuple(returned[1][0]), dim=-1),
    "output[-1]": lambda returned: returned[0][-1],
}
RECALL_HIDDEN = 32


def recalled(
    setting: dict[str, Any], weights: np.random.Generator, draws: np.random.Generator
) -> dict[str, Any]:
    """One symbol among noise, named at the end; every network starts with forget bias ln T."""
    both, read_out = RECALLERS[setting["net"]]
    features, steps = SYMBOLS + 4, setting["steps"]
    hidden = width(features, RECALL_HIDDEN, SYMBOLS, both)
    layer = LSTM(features, hidden, bidirectional=both, forget_bias=math.log(steps), rng=weights)
    head = Linear((1 + both) * hidden, SYMBOLS, rng=weights)
    learner = TorchLearner("recall", layer, head, setting["rate"], READ_OUT[read_out])
    found = train(
        "recall",
        learner,
        lambda batch: draw("recall", steps, batch, draws, position=setting["position"]),
        setting["updates"],
    )
    parameters = sum(p.numel() for part in (layer, head) for p in part.parameters())
    return {**found, "parameters": parameters}
