"""What a model is and how it is trained: the part of a run that a checkpoint must agree with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from rnn_book.projects.refusal import Refusal

__all__ = ["GATES", "KINDS", "PRECISIONS", "Settings"]

KINDS = ("LSTM", "GRU")
GATES = {"LSTM": 4, "GRU": 3}
PRECISIONS = ("float32", "float64", "bfloat16")
"""bfloat16: weights in float32, products in bfloat16 where torch thinks it safe (autocast)."""


@dataclass(frozen=True)
class Settings:
    """Sizes, regularisers and optimisation. The help of ``train`` says what each of them means."""

    kind: str = "LSTM"
    hidden: int = 512
    layers: int = 1
    embedding: int = 64
    min_count: int = 5
    batch: int = 32
    steps: int = 100
    rate: float = 3e-3
    warmup: int = 100
    slow_down: int = 2000
    clip: float = 1.0
    average: float = 0.998
    dropout: float = 0.1
    recurrent_dropout: float = 0.0
    weight_drop: float = 0.0
    precision: str = "float32"
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("hidden", "layers", "embedding", "min_count", "batch", "steps", "slow_down"):
            self._need(name, getattr(self, name) >= 1, "at least 1")
        for name in ("warmup", "seed"):
            self._need(name, getattr(self, name) >= 0, "at least 0")
        for name in ("rate", "clip"):
            value = getattr(self, name)
            self._need(name, math.isfinite(value) and value > 0, "a positive number")
        self._need("average", 0 <= self.average < 1, "at least 0 and below 1")
        for name in ("dropout", "recurrent_dropout", "weight_drop"):
            self._need(name, 0 <= getattr(self, name) < 1, "at least 0 and below 1")
        self._need("kind", self.kind in KINDS, " or ".join(KINDS))
        self._need("precision", self.precision in PRECISIONS, " or ".join(PRECISIONS))

    def _need(self, name: str, holds: bool, what: str) -> None:
        if not holds:
            raise Refusal(f"--{_dashed(name)} must be {what}, got {getattr(self, name)}")

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Settings:
        """Settings from a checkpoint's record."""
        known = {field.name for field in fields(cls)}
        if not isinstance(record, Mapping) or record.keys() != known:
            raise Refusal("the checkpoint has other settings than this version of the program")
        return cls(**record)

    def agreeing(self, asked: Mapping[str, Any]) -> Settings:
        """These settings, if what was asked for does not contradict them.

        Raises
        ------
        Refusal
            If it does: a run goes on with its own settings.
        """
        own = asdict(self)
        for name, value in asked.items():
            if own[name] != value:
                raise Refusal(
                    f"the checkpoint was made with --{_dashed(name)} {own[name]}, not {value}: "
                    "leave it out to go on, or choose another --out for a new run"
                )
        return self

    def rate_at(self, update: int) -> float:
        """Adam's rate at an update, from 0: it rises, stays, then falls with the square root.

        It has no end, so a run can go on for as long as one likes.
        """
        return (
            self.rate
            * min(1.0, (update + 1) / max(self.warmup, 1))
            * min(1.0, math.sqrt(self.slow_down / (update + 1)))
        )

    def share_kept(self, update: int) -> float:
        """What the running average of the weights keeps of itself at an update, from 0.

        Less at the beginning, so that it soon forgets the weights that it began with.
        """
        return min(self.average, update / (update + 9))


def _dashed(name: str) -> str:
    return name.replace("_", "-")
