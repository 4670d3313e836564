"""Networks that forecast three quantiles of the change, and how they are trained."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_book.datasets import Windows
from rnn_book.projects.temperature.readings import PAST
from rnn_book.projects.temperature.rivals import Parts
from rnn_book.torch import LSTM, Adam, Dropout, Linear, clip_grad_norm

__all__ = ["KINDS", "QUANTILES", "Dense", "Recurrent", "build", "fit", "pinball", "quantiles"]

QUANTILES = (0.1, 0.5, 0.9)
BATCH = 128
LOOKS = 2  # an epoch: the best moment to stop comes early


class Recurrent(torch.nn.Module):
    """An LSTM over the hours, and a linear map of its last output.

    Parameters
    ----------
    features, hidden
        Sizes.
    scale
        Standard deviation of the changes, °C.
    rng
        For weights, then masks.
    dropout
        Probability of recurrent dropout.
    """

    def __init__(
        self, features: int, hidden: int, scale: float, rng: np.random.Generator, dropout: float
    ) -> None:
        super().__init__()
        self.lstm = LSTM(features, hidden, forget_bias=1.0, recurrent_dropout=dropout, rng=rng)
        self.linear = Linear(hidden, len(QUANTILES), rng=rng)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Quantiles (N, 3) of the change, °C, after the hours (T, N, F)."""
        output, _ = self.lstm(x)
        return self.linear(output[-1]) * self.scale


class Dense(torch.nn.Module):
    """A hidden layer over all hours and features at once; parameters as for `Recurrent`."""

    def __init__(
        self, features: int, hidden: int, scale: float, rng: np.random.Generator, dropout: float
    ) -> None:
        super().__init__()
        self.first = Linear(PAST * features, hidden, rng=rng)
        self.drop = Dropout(dropout, rng=rng)
        self.linear = Linear(hidden, len(QUANTILES), rng=rng)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Quantiles (N, 3) of the change, °C, after the hours (T, N, F)."""
        hidden = torch.relu(self.first(x.transpose(0, 1).flatten(1)))
        return self.linear(self.drop(hidden)) * self.scale


KINDS: dict[str, tuple[type[Recurrent | Dense], float]] = {
    "LSTM": (Recurrent, 0.0),
    "LSTM, recurrent dropout": (Recurrent, 0.25),
    "dense network": (Dense, 0.25),
}
"""Name -> class and probability of dropout."""


def build(kind: str, features: int, hidden: int, scale: float, seed: int) -> Recurrent | Dense:
    """A network of a kind, with weights from a seed."""
    made, dropout = KINDS[kind]
    return made(features, hidden, scale, np.random.default_rng(seed), dropout)


def pinball(forecast: Tensor, truth: Tensor) -> Tensor:
    """Mean loss of quantiles (N, 3) of what came, (N, 1): least where they are the quantiles.

    For the median it is half the absolute error (Koenker & Bassett 1978).
    """
    q = torch.tensor(QUANTILES, dtype=forecast.dtype)
    miss = truth - forecast
    return torch.maximum(q * miss, (q - 1) * miss).mean()


def quantiles(net: torch.nn.Module, part: Windows) -> NDArray[np.float64]:
    """Forecasts (N, 3) in evaluation mode, in rising order; leaves training mode."""
    net.eval()
    with torch.no_grad():
        return np.sort(net(torch.from_numpy(part.inputs)).double().numpy(), axis=1)


def median_error(net: torch.nn.Module, part: Windows) -> float:
    """Mean absolute error of the median, °C."""
    return float(np.abs(quantiles(net, part)[:, 1] - part.targets[:, 0]).mean())


def fit(
    net: torch.nn.Module, data: Parts, *, epochs: int, rate: float, seed: int
) -> dict[str, Any]:
    """Train; the weights of the best look at the validation windows stay.

    Returns
    -------
    dict
        ``epochs`` of each look, mean absolute error of the median ``train`` (as many windows as
        validation has) and ``validation`` there, and ``best``, which of them was the best.
    """
    rng = np.random.default_rng(seed)
    inputs, targets = torch.from_numpy(data.train.inputs), torch.from_numpy(data.train.targets)
    some = rng.permutation(len(targets))[: len(data.validation.targets)]
    sample = data.train._replace(
        inputs=data.train.inputs[:, some], targets=data.train.targets[some]
    )
    optimiser = Adam(net, rate)
    found: dict[str, Any] = {"epochs": [], "train": [], "validation": []}
    kept = copy.deepcopy(net.state_dict())
    for epoch in range(epochs):
        batches = np.array_split(rng.permutation(len(targets)), max(len(targets) // BATCH, 1))
        ends = [round(len(batches) * (k + 1) / LOOKS) for k in range(LOOKS)]
        for number, batch in enumerate(batches, 1):
            net.train()
            chosen = torch.from_numpy(batch)
            loss = pinball(net(inputs[:, chosen]), targets[chosen])
            optimiser.zero_grad()
            loss.backward()
            clip_grad_norm(net, 1.0)
            optimiser.step()
            if number in ends:
                found["epochs"].append(epoch + (1 + ends.index(number)) / LOOKS)
                found["train"].append(median_error(net, sample))
                found["validation"].append(median_error(net, data.validation))
                if min(found["validation"]) == found["validation"][-1]:
                    kept = copy.deepcopy(net.state_dict())
    net.load_state_dict(kept)
    return {**found, "best": found["validation"].index(min(found["validation"]))}
