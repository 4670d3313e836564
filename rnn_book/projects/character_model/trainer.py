"""Training: one update after the other, each of which depends on its number and on the last alone.

What an update reads and what it drops follow from its number, so a checkpoint need hold only the
weights, Adam's two means, the running average, and the state that the next piece of text begins
with. A run that is interrupted and goes on computes the same bits as one that is not.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_book.datasets import Vocabulary
from rnn_book.projects import storage
from rnn_book.projects.character_model.checkpoint import (
    Trained,
    check_shapes,
    shapes,
    vocabulary_of,
)
from rnn_book.projects.character_model.corpus import pieces
from rnn_book.projects.character_model.masks import Masks
from rnn_book.projects.character_model.model import CharacterModel
from rnn_book.projects.character_model.processes import Processes
from rnn_book.projects.character_model.settings import GATES, Settings
from rnn_book.projects.refusal import Refusal
from rnn_book.torch import Adam, clip_grad_norm

__all__ = ["Run", "Trainer"]

KIND = "character_model_checkpoint"
MOMENTS = ("exp_avg", "exp_avg_sq")
STATES = ("h", "c")


@dataclass
class Run:
    """What is computed where: the same result, whatever it says (up to rounding)."""

    device: torch.device
    processes: Processes
    parts: int = 1
    """Parts of a process's columns that go through the model one after the other."""


class Trainer:
    """A model, its optimiser and its average, at some update.

    Parameters
    ----------
    settings
        What is trained and how.
    vocabulary, numbers
        The symbols, and the training text as their numbers (T,).
    run
        Where.
    """

    def __init__(
        self, settings: Settings, vocabulary: Vocabulary, numbers: NDArray[np.int64], run: Run
    ) -> None:
        self.settings, self.vocabulary, self.numbers, self.run = settings, vocabulary, numbers, run
        self.begin, self.end = run.processes.columns(settings.batch)
        share = self.end - self.begin
        if share % run.parts:
            raise Refusal(f"--parts must divide the {share} columns of a process, got {run.parts}")
        if GATES[settings.kind] * settings.hidden == share // run.parts:
            raise Refusal("--batch must not put as many columns in a part as there are gates' rows")
        self.dtype = torch.float64 if settings.precision == "float64" else torch.float32
        self.masks = Masks.seeded(settings.seed)
        model = CharacterModel(len(vocabulary), settings, rng=self.masks, dtype=self.dtype)
        self.model = model.to(run.device)
        self.wrapped = run.processes.wrap(self.model)
        self.optimiser = Adam(self.model, settings.rate, betas=(0.9, 0.99))
        self.average = [p.detach().clone() for p in self.model.parameters()]
        self.update = 0
        self.state: tuple[Tensor, ...] | None = None
        self.history: dict[str, Any] = {}

    def step(self) -> float:
        """Make one update; returns the loss before it, in nats per character."""
        settings, update = self.settings, self.update
        inputs, targets, first = pieces(
            self.numbers, settings.batch, settings.steps, settings.seed, update
        )
        for group in self.optimiser.param_groups:
            group["lr"] = settings.rate_at(update)
        self.model.train()
        self.optimiser.zero_grad()
        losses, states = [], []
        edges = np.linspace(self.begin, self.end, self.run.parts + 1).astype(int)
        for part, (begin, end) in enumerate(pairwise(edges)):
            last = part == self.run.parts - 1
            with self._averaging(last):
                self.masks.start(settings.seed, update, int(begin), int(end), settings.batch)
                state = None if first else self._columns(int(begin), int(end))
                loss, state = self._loss(inputs[:, begin:end], targets[:, begin:end], state)
                (loss / self.run.parts).backward()
            losses.append(float(loss.detach()))
            states.append(state)
        self.state = tuple(torch.cat(parts, dim=1) for parts in zip(*states, strict=True))
        clip_grad_norm(self.model, settings.clip)
        self.optimiser.step()
        weights = [p.detach() for p in self.model.parameters()]
        torch._foreach_lerp_(self.average, weights, 1 - settings.share_kept(update))
        self.update += 1
        return sum(losses) / len(losses)

    def _averaging(self, last: bool) -> Any:
        """Gradients are averaged over the processes once for an update, with its last part."""
        if self.run.processes.count > 1 and not last:
            return self.wrapped.no_sync()  # type: ignore[operator]  # DistributedDataParallel has it
        return torch.enable_grad()

    def _columns(self, begin: int, end: int) -> tuple[Tensor, ...]:
        """The states that columns of the batch go on from."""
        if self.state is None:
            raise RuntimeError("a pass has begun without its first piece")
        return tuple(s[:, begin - self.begin : end - self.begin].contiguous() for s in self.state)

    def _loss(
        self, inputs: NDArray, targets: NDArray, state: tuple[Tensor, ...] | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        device = self.run.device
        symbols, wanted = (
            torch.from_numpy(np.ascontiguousarray(part)).to(device) for part in (inputs, targets)
        )
        with self._precision():
            scores, new = self.wrapped(symbols, _as_hx(state))
        loss = torch.nn.functional.cross_entropy(
            scores.flatten(0, 1).to(self.dtype), wanted.flatten()
        )
        return loss, tuple(part.detach() for part in _as_tuple(new))

    @contextmanager
    def _precision(self) -> Iterator[None]:
        """Products in bfloat16 where the settings say so."""
        device = self.run.device.type
        with ExitStack() as stack:
            if self.settings.precision == "bfloat16":
                stack.enter_context(torch.autocast(device, torch.bfloat16))
                if device == "cpu":
                    stack.enter_context(_without_onednn())
            yield

    def trained(self) -> Trained:
        """The running average, ready for use."""
        names = [name for name, _ in self.model.named_parameters()]
        arrays = {n: a.cpu().numpy() for n, a in zip(names, self.average, strict=True)}
        record = {"updates": self.update, "characters": self.characters}
        return Trained(arrays, self.settings, self.vocabulary, record)

    @property
    def characters(self) -> int:
        """Characters read so far."""
        return self.update * self.settings.batch * self.settings.steps

    def save(self, path: Path, text: dict[str, Any]) -> None:
        """Write a checkpoint; every process must call it, the first one writes."""
        whole = self.run.processes.gather(self.state or ())
        if not self.run.processes.first:
            return
        arrays = {f"state.{n}": s for n, s in zip(STATES, whole, strict=False)}
        for (name, weight), mean in zip(self.model.named_parameters(), self.average, strict=True):
            arrays |= {f"model.{name}": weight.detach(), f"average.{name}": mean}
            moments = self.optimiser.state[weight]
            arrays |= {f"adam.{m}.{name}": moments[m] for m in MOMENTS if m in moments}
        record = {
            "settings": vars(self.settings),
            "symbols": self.vocabulary.symbols,
            "text": text,
            "update": self.update,
            "history": self.history,
        }
        storage.write(path, KIND, {n: a.cpu().numpy() for n, a in arrays.items()}, record)

    @staticmethod
    def peek(path: Path) -> tuple[dict[str, NDArray], dict[str, Any]]:
        """Arrays and record of a checkpoint, its shapes checked.

        Raises
        ------
        Refusal
            If it is missing, not whole, or something else.
        """
        arrays, record = storage.read(path, KIND)
        missing = {"settings", "symbols", "text", "update", "history"} - record.keys()
        if missing:
            raise Refusal(f"the record in {path} lacks {', '.join(sorted(missing))}")
        settings = Settings.from_record(record["settings"])
        own = shapes(len(vocabulary_of(record["symbols"])), settings)
        parts = ("model", "average", *(f"adam.{m}" for m in MOMENTS))
        expected = {f"{part}.{name}": shape for part in parts for name, shape in own.items()}
        size = (settings.layers, settings.batch, settings.hidden)
        expected |= {f"state.{n}": size for n in STATES[: 2 if settings.kind == "LSTM" else 1]}
        check_shapes(path, arrays, expected)
        return arrays, record

    def resume(self, arrays: dict[str, NDArray], record: dict[str, Any]) -> None:
        """Go on from what `peek` returned."""
        self.update, self.history = record["update"], record["history"]
        named = list(self.model.named_parameters())
        with torch.no_grad():
            for (name, weight), mean in zip(named, self.average, strict=True):
                weight.copy_(torch.from_numpy(arrays[f"model.{name}"]))
                mean.copy_(torch.from_numpy(arrays[f"average.{name}"]))
                self.optimiser.state[weight] = {
                    "step": torch.tensor(float(self.update)),
                    **{m: self._own(arrays[f"adam.{m}.{name}"], weight.dtype) for m in MOMENTS},
                }
        self.state = tuple(
            self._own(arrays[f"state.{n}"][:, self.begin : self.end], None)
            for n in STATES
            if f"state.{n}" in arrays
        )

    def start_from(self, weights: dict[str, NDArray]) -> None:
        """Begin with weights that were trained before; Adam begins anew."""
        with torch.no_grad():
            for (name, weight), mean in zip(
                self.model.named_parameters(), self.average, strict=True
            ):
                weight.copy_(torch.from_numpy(weights[name]))
                mean.copy_(weight)

    def _own(self, array: NDArray, dtype: torch.dtype | None) -> Tensor:
        # A clone: memory of torch's own, aligned as it is in a run without a stop.
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.run.device, dtype).clone()


@contextmanager
def _without_onednn() -> Iterator[None]:
    """The LSTM of oneDNN takes bfloat16 on some processors only, torch's own loop on all."""
    with warnings.catch_warnings():
        # Said of any change of these flags, also where TF32 stays as it was.
        warnings.filterwarnings("ignore", message="TF32 acceleration on top of oneDNN")
        with torch.backends.mkldnn.flags(enabled=False):
            yield


def bits_per_character(loss: float) -> float:
    """From nats to bits."""
    return loss / math.log(2)


def _as_hx(state: tuple[Tensor, ...] | None) -> Any:
    return state if state is None or len(state) > 1 else state[0]


def _as_tuple(state: Any) -> tuple[Tensor, ...]:
    return tuple(state) if isinstance(state, tuple) else (state,)
