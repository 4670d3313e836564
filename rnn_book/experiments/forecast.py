"""Nets that forecast the temperature, and their training, for the claim on dropout."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnn_book.datasets import Windows, weather
from rnn_book.torch import LSTM, Adam, Dropout, Linear, clip_grad_norm

__all__ = [
    "DenseForecast",
    "Parts",
    "RecurrentForecast",
    "absolute_error",
    "train_forecast",
    "windows",
]

PAST, AHEAD = 48, 24
BATCH = 128
LOOKS = 2  # an epoch: the best moment to stop comes early


class Parts(NamedTuple):
    """Windows of the three parts of the year."""

    train: Windows
    validation: Windows
    test: Windows


def windows() -> Parts:
    """48 hours in, the change of temperature over the next 24 hours out."""
    year = weather()
    return Parts(
        *(
            year.windows(part, past=PAST, ahead=AHEAD, dtype=np.float32)
            for part in ("train", "validation", "test")
        )
    )


class RecurrentForecast(torch.nn.Module):
    """An LSTM that reads the hours, and a linear map of its last output.

    Parameters
    ----------
    features, hidden
        Sizes.
    scale
        Standard deviation of the changes, °C, by which the net's output is multiplied.
    rng
        For weights, then masks.
    output_dropout
        Probability of dropout between the LSTM and the linear map.
    **options
        Of `rnn_book.torch.LSTM`.
    """

    def __init__(
        self,
        features: int,
        hidden: int,
        scale: float,
        *,
        rng: np.random.Generator,
        output_dropout: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__()
        self.lstm = LSTM(features, hidden, rng=rng, forget_bias=1.0, **options)
        self.drop = Dropout(output_dropout, rng=rng)
        self.linear = Linear(hidden, 1, rng=rng)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Change of temperature (N, 1), °C, after the hours (T, N, F)."""
        output, _ = self.lstm(x)
        return self.linear(self.drop(output[-1])) * self.scale


class DenseForecast(torch.nn.Module):
    """A hidden layer over all hours and features; parameters as for `RecurrentForecast`."""

    def __init__(
        self,
        features: int,
        hidden: int,
        scale: float,
        *,
        rng: np.random.Generator,
        output_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.first = Linear(PAST * features, hidden, rng=rng)
        self.drop = Dropout(output_dropout, rng=rng)
        self.linear = Linear(hidden, 1, rng=rng)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Change of temperature (N, 1), °C, after the hours (T, N, F)."""
        hidden = torch.relu(self.first(x.transpose(0, 1).flatten(1)))
        return self.linear(self.drop(hidden)) * self.scale


def absolute_error(net: torch.nn.Module, part: Windows) -> float:
    """Mean absolute error, °C, in evaluation mode; leaves training mode."""
    net.eval()
    with torch.no_grad():
        forecast = net(torch.from_numpy(part.inputs))
        return float((forecast - torch.from_numpy(part.targets)).abs().mean())


def train_forecast(
    net: torch.nn.Module,
    data: Parts,
    *,
    epochs: int,
    rate: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Train on the mean absolute error; the best look at the validation windows is kept.

    Parameters
    ----------
    net
        Left in evaluation mode, with the weights of the best look.
    data
        The windows.
    epochs, rate
        Passes over the training windows, and Adam's rate.
    rng
        For the order of the windows.

    Returns
    -------
    dict
        ``epochs``, and the errors ``train`` and ``validation`` at each of them; ``best``, the
        place of the best look; ``test`` of its weights, and ``test_at_end`` of the last ones.
    """
    inputs = torch.from_numpy(data.train.inputs)
    targets = torch.from_numpy(data.train.targets)
    seen = rng.permutation(len(targets))[: len(data.validation.targets)]
    sample = data.train._replace(
        inputs=data.train.inputs[:, seen], targets=data.train.targets[seen]
    )
    watched = {"train": sample, "validation": data.validation}
    found: dict[str, Any] = {"epochs": [], **{name: [] for name in watched}}
    optimiser = Adam(net, rate)
    kept = copy.deepcopy(net.state_dict())
    for epoch in range(epochs):
        batches = np.array_split(rng.permutation(len(targets)), len(targets) // BATCH)
        ends = [round(len(batches) * (k + 1) / LOOKS) for k in range(LOOKS)]
        for number, batch in enumerate(batches, 1):
            net.train()
            chosen = torch.from_numpy(batch)
            loss = (net(inputs[:, chosen]) - targets[chosen]).abs().mean()
            optimiser.zero_grad()
            loss.backward()
            clip_grad_norm(net, 1.0)
            optimiser.step()
            if number in ends:
                found["epochs"].append(epoch + (1 + ends.index(number)) / LOOKS)
                for name, part in watched.items():
                    found[name].append(absolute_error(net, part))
                errors = found["validation"]
                if errors.index(min(errors)) == len(errors) - 1:
                    kept = copy.deepcopy(net.state_dict())
    found["test_at_end"] = absolute_error(net, data.test)
    net.load_state_dict(kept)
    best = min(range(len(found["epochs"])), key=found["validation"].__getitem__)
    return {**found, "best": best, "test": absolute_error(net, data.test)}
