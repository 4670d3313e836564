"""The claims: which there are, and what each of their modules has to offer."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CLAIMS", "Claim", "Cost", "Picture", "Run", "Seed", "Status", "Verdict", "claim"]

CLAIMS = (
    "gradient_flow",
    "long_lags",
    "forget_gate_stream",
    "tanh_or_sigmoid",
    "gru_or_lstm",
    "recurrent_dropout",
    "stacking",
    "weather",
    "normalisation",
    "truncation",
    "free_running",
    "bidirectional",
)
"""Names, in the order of the book."""


class Seed(NamedTuple):
    """Where the randomness of a run comes from."""

    own: int
    """Follows from claim, setting and index: weights, batches, masks."""
    shared: int
    """Follows from claim and index: what every contender must meet alike, such as data."""
    index: int  # type: ignore[assignment]  # as below
    """0, 1, ... up to the number of seeds less one."""


class Run(NamedTuple):
    """One run and what came of it."""

    setting: dict[str, Any]
    index: int  # type: ignore[assignment]  # hides the method of a tuple, which nobody needs
    result: dict[str, Any]
    cpu_seconds: float


Status = Literal["held", "held partly", "not held", "undecided"]


class Cost(NamedTuple):
    """What a claim takes in full, as its pilot lets expect."""

    runs: int
    """About how many; tuning that goes on beyond the edge of a grid adds some."""
    minutes: int
    """Of one core."""


class Verdict(NamedTuple):
    """What the numbers say of a claim."""

    status: Status
    """"undecided" if an interval contains its threshold, or runs are missing."""
    rule: str
    """The rule in words, with its thresholds."""
    text: str
    """What was found, with the numbers that decided, and its condition."""


class Picture(NamedTuple):
    """A plot, with the words for those who do not see it."""

    figure: Figure
    title: str
    description: str


class Claim(Protocol):
    """What a claim's module offers; `rnn_book.experiments` says what each part is for."""

    __name__: str
    __file__: str
    TITLE: str
    QUESTION: str
    SEEDS: int
    COST: Cost

    def plan(self, quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]: ...
    def run(self, setting: dict[str, Any], seed: Seed) -> dict[str, Any]: ...
    def summarise(self, runs: Sequence[Run]) -> dict[str, Any]: ...
    def verdict(self, summary: dict[str, Any]) -> Verdict: ...
    def tables(self, summary: dict[str, Any]) -> dict[str, str]: ...
    def figures(self, summary: dict[str, Any]) -> dict[str, Picture]: ...


def claim(name: str) -> Claim:
    """The module of a claim.

    Raises
    ------
    ValueError
        If there is no claim of that name; the message lists those there are.
    """
    if name not in CLAIMS:
        raise ValueError(f"no claim {name!r}; there are {', '.join(CLAIMS)}")
    return cast(Claim, importlib.import_module(f"rnn_book.experiments.{name}"))
