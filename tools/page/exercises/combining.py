"""The exercises of the page on combining improvements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnn_book.numpy import LSTM
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need

SAME = Prediction(
    question="The same seed, zoneout with p = 0.5 on c. Now recurrent dropout is added. Does the "
    "mask of zoneout stay the same?",
    choices=(
        Choice(
            "No, though the weights do.",
            "Weights have a generator of their own. All masks come from one, in a fixed order, and "
            "the one for the state is drawn first.",
        ),
        Choice(
            "Yes, since the seed is the same.",
            "A seed fixes the row of random numbers. Who takes which of them depends on who is "
            "asking before.",
        ),
        Choice(
            "No, and neither do the weights.",
            "Weights are drawn from a generator of their own, so that options do not move them.",
        ),
    ),
    order=(1, 0, 2),
)

START = """\
from rnn_book import show
from rnn_book.numpy import LSTM


def count(**sizes):
    layer = LSTM(3, **sizes, rng=0)
    return sum(len(w.ravel()) for w in layer.state_dict().values())


def largest(budget, **sizes):
    return 1  # yours: the most units that have no more than budget parameters


budget = count(hidden_size=32)
show("one layer of 32", budget)
for name, sizes in {
    "two layers": {"num_layers": 2},
    "both directions": {"bidirectional": True},
    "both": {"num_layers": 2, "bidirectional": True},
}.items():
    hidden = largest(budget, **sizes)
    show(f"{name}: units", (hidden, count(hidden_size=hidden, **sizes)))
"""


def _count(hidden: int, sizes: Mapping[str, Any]) -> int:
    layer = LSTM(3, hidden, **sizes, rng=0)
    return sum(value.size for value in layer.state_dict().values())


def check_largest(names: Mapping[str, Any]) -> Verdict:
    """Try it on budgets and sizes of the checker's."""
    largest = need(names, "largest")
    if not callable(largest):
        return Verdict(False, "`largest` must be a function of budget and sizes.")
    for sizes, wanted in (
        ({"num_layers": 2}, 9),
        ({"num_layers": 3, "bidirectional": True}, 5),
        ({"bidirectional": True}, 12),
    ):
        exact = _count(wanted, sizes)
        for budget in (exact, exact + 3):
            found = largest(budget, **sizes)
            if isinstance(found, float) or found != wanted:
                return Verdict(False, _why(found, wanted, budget, exact, sizes))
    return Verdict(True, "Every network has as many units as its budget allows, and not one more.")


def _why(found: Any, wanted: int, budget: int, exact: int, sizes: Mapping[str, Any]) -> str:
    """The hint for a typical mistake."""
    if isinstance(found, bool) or not isinstance(found, int):
        return f"`largest` must return a whole number, not a {type(found).__name__}."
    if found == wanted + 1:
        return "One too many: that is the first size that does not fit any more."
    if found == wanted - 1 and budget == exact:
        return "A network that needs the whole budget, to the last parameter, still fits."
    if found > wanted:
        return f"{found} units need {_count(found, sizes)} parameters, and {budget} are allowed."
    return f"With {budget} parameters there could be more than {found} units. Go on counting."


EXERCISES: dict[str, Coding | Prediction] = {
    "improvements/combining/exercise_1": SAME,
    "improvements/combining/exercise_3": Coding(START, check_largest),
}
