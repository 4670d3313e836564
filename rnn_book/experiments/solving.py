"""Networks that answer at the last step, in whichever half is quicker, trained until a generated
task is solved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch

import rnn_book.numpy
import rnn_book.torch
from rnn_book.numpy.functions import (
    cross_entropy,
    cross_entropy_gradient,
    mean_squared_error,
    mean_squared_error_gradient,
)
from rnn_book.tasks import Batch, adding, recall

__all__ = [
    *("EVERY", "GUESS", "SOLVED", "SYMBOLS", "Learner", "NumPyLearner", "TorchLearner", "draw"),
    *("effort", "train"),
]

SYMBOLS = 4
SOLVED = {"adding": 0.005, "recall": 0.02}
"""Mean squared error, and share of wrong answers, below which a task is solved."""
GUESS = {"adding": 1 / 6, "recall": 1 - 1 / SYMBOLS}
"""What is left if one always answers the mean, or the same symbol."""
EVERY = 25
"""Updates from one look at the validation set to the next."""
BATCH, PROBE, TESTED = 32, 200, 1000
WORST = 10.0
"""A larger error is kept as this one: the network has diverged."""


def draw(task: str, steps: int, batch: int, rng: np.random.Generator, **options: Any) -> Batch:
    """A batch of one of the two tasks."""
    if task == "adding":
        return adding(steps, batch, rng=rng, dtype=np.float32)
    return recall(steps, batch, rng=rng, symbols=SYMBOLS, dtype=np.float32, **options)


class Learner(Protocol):
    """A network with its optimiser."""

    def learn(self, batch: Batch) -> float: ...
    def error(self, batch: Batch) -> float: ...


class NumPyLearner:
    """A layer of `rnn_book.numpy` whose last output is read out."""

    def __init__(self, task: str, layer: Any, head: Any, rate: float) -> None:
        self.task, self.layer, self.head = task, layer, head
        self.optimiser = rnn_book.numpy.Adam([layer, head], rate)

    def learn(self, batch: Batch) -> float:
        """One update; returns the loss before it."""
        self.optimiser.zero_grad()
        output, _ = self.layer(batch.inputs)
        answer = self.head(output[-1])
        adds = self.task == "adding"
        slope = mean_squared_error_gradient if adds else cross_entropy_gradient
        d_output = np.zeros_like(output)
        d_output[-1] = self.head.backward(slope(answer, batch.targets))
        self.layer.backward(d_output)
        rnn_book.numpy.clip_grad_norm([self.layer, self.head], 1.0)
        self.optimiser.step()
        score = mean_squared_error if adds else cross_entropy
        return float(score(answer, batch.targets))

    def error(self, batch: Batch) -> float:
        """Mean squared error, or the share of wrong answers."""
        return _error(self.task, self.head(self.layer(batch.inputs)[0][-1]), batch)


class TorchLearner:
    """A layer in PyTorch; `read_out` turns what it returns into what is read."""

    def __init__(
        self,
        task: str,
        layer: Any,
        head: Any,
        rate: float,
        read_out: Callable[[Any], torch.Tensor] = lambda returned: returned[0][-1],
    ) -> None:
        self.task, self.layer, self.head, self.read_out = task, layer, head, read_out
        self.optimiser = rnn_book.torch.Adam([layer, head], rate)

    def answers(self, inputs: np.ndarray) -> torch.Tensor:
        """Answers (N, outputs)."""
        return self.head(self.read_out(self.layer(torch.from_numpy(inputs))))

    def learn(self, batch: Batch) -> float:
        """One update; returns the loss before it."""
        self.optimiser.zero_grad()
        answer, targets = self.answers(batch.inputs), torch.from_numpy(batch.targets)
        torchs = rnn_book.torch
        score = torchs.mean_squared_error if self.task == "adding" else torchs.cross_entropy
        loss = score(answer, targets)
        loss.backward()
        torchs.clip_grad_norm([self.layer, self.head], 1.0)
        self.optimiser.step()
        return float(loss.detach())

    def error(self, batch: Batch) -> float:
        """Mean squared error, or the share of wrong answers."""
        with torch.no_grad():
            return _error(self.task, self.answers(batch.inputs).numpy(), batch)


def _error(task: str, answers: np.ndarray, batch: Batch) -> float:
    if task == "adding":
        found = float(np.square(answers - batch.targets, dtype=np.float64).mean())
        return min(found, WORST) if math.isfinite(found) else WORST
    return float(np.mean(answers.argmax(-1) != batch.targets))


def train(task: str, learner: Learner, data: Callable[[int], Batch], budget: int) -> dict[str, Any]:
    """Train until the validation set is solved, or the updates are spent; score on a test set.

    Parameters
    ----------
    task, learner
        ``"adding"`` or ``"recall"``, and the network.
    data
        Draws a batch of so many sequences.
    budget
        Updates at most.

    Returns
    -------
    dict
        updates (the budget where it is not solved), solved, validation (at the last look), test (a
        set that is used once, after training) and curve (validation error every `EVERY` updates).
    """
    validation, test = data(PROBE), data(TESTED)
    used, solved, curve = budget, False, [learner.error(validation)]
    for update in range(1, budget + 1):
        loss = learner.learn(data(BATCH))
        if not math.isfinite(loss):
            curve.append(GUESS[task] if task == "recall" else WORST)
            break
        if update % EVERY == 0:
            curve.append(learner.error(validation))
            if curve[-1] < SOLVED[task]:
                used, solved = update, True
                break
    return {
        "updates": used,
        "solved": solved,
        "validation": curve[-1],
        "test": learner.error(test),
        "curve": [float(f"{error:.3g}") for error in curve],
    }


def effort(result: dict[str, Any], task: str, budget: int) -> float:
    """For tuning: share of the budget until it is solved, or 1 and the share of the error left."""
    if result["solved"]:
        return result["updates"] / budget
    return 1 + min(result["validation"] / GUESS[task], 1.0)
