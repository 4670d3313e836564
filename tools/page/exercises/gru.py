"""The exercises of the GRU's pages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import GRU, LSTM, example
from rnn_book.weights import to_keras
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

SECOND_MARK = Prediction(
    question="A second mark arrives at step 4. What do the two keepers hold after it?",
    choices=(
        Choice(
            "The GRU 0.96, as after the first mark; the LSTM about twice as much.",
            "What the GRU lets go it fills with the candidate, and that is 0.96 again. The LSTM "
            "keeps the first mark and adds the second.",
        ),
        Choice(
            "Both about twice as much as after the first mark.",
            "The LSTM does add. But a GRU's two shares add up to 1, so taking in the new mark "
            "means letting go of the old one.",
        ),
        Choice(
            "Both 0.96, as after the first mark.",
            "True of the GRU. The LSTM's forget gate does not shut at a mark, so the second is "
            "added to the first.",
        ),
        Choice(
            "The GRU 1.0, because the tanh squeezes the sum of both; the LSTM twice as much.",
            "There is no sum in the GRU that a tanh could squeeze: the candidate reads the input "
            "alone, and it replaces the state.",
        ),
    ),
    order=(1, 2, 0, 3),
)

AVERAGE = """\
from math import log

from rnn_book import show
from rnn_book.numpy import GRU, example

layer = GRU(1, 1, rng=0, dtype="float64")
weights = {name: 0.0 * value for name, value in layer.state_dict().items()}
weights["bias_ih_l0"][1] = 0.0  # yours: the bias of z (the rows are r, z, n)
weights["weight_ih_l0"][2] = 1.0  # yours: the candidate's weight on x
layer.load_state_dict(weights)

output, _ = layer(example.sequence())
show("a thousand times the state", 1000 * output[:, 0, 0])
"""


def check_average(names: Mapping[str, Any]) -> Verdict:
    """Compare with the average that is computed by hand."""
    layer = need(names, "layer")
    if not isinstance(layer, GRU) or (layer.input_size, layer.hidden_size) != (1, 1):
        return Verdict(False, "`layer` must be a GRU with one input and one unit.")
    x = np.random.default_rng(0).uniform(-1, 1, 40)
    found = 1000 * layer(example.sequence(x))[0][:, 0, 0]

    def average(keep: float, x: np.ndarray) -> np.ndarray:
        values = [0.0]
        for value in x:
            values.append(keep * values[-1] + (1 - keep) * value)
        return np.array(values[1:])

    wanted = average(0.9, x)
    if np.allclose(found, wanted, atol=1e-4):
        return Verdict(True, "The state is a thousandth of the running average.")
    mistakes = (
        (average(0.1, x), "It keeps 0.1 and takes in 0.9: the sign of your bias is turned round."),
        (
            average(0.5, x),
            "An average, but the update gate is one half. Its bias must be the number whose "
            "sigmoid is 0.9.",
        ),
        (
            1000 * average(0.9, np.tanh(x)),
            "The update gate is right. But the candidate reads the whole input, so that the tanh "
            "bends it; a thousandth of it would pass unbent.",
        ),
    )
    if words := typical(mistakes, lambda wrong: np.allclose(found, wrong, atol=1e-3)):
        return Verdict(False, words)
    keep = 1 / (1 + math.exp(-float(_total(layer)[1])))
    if abs(keep - 0.9) > 1e-3:
        return Verdict(
            False, f"Without input your update gate is {keep:.3f}, and 0.9 has to be kept."
        )
    return Verdict(False, "The update gate keeps 0.9, but what is poured in is not x / 1000.")


def _total(layer: GRU) -> np.ndarray:
    weights = layer.state_dict()
    return np.asarray(weights["bias_ih_l0"] + weights["bias_hh_l0"])


PLAIN = Prediction(
    question="r = 1 and z = 0 in every unit. Which layer is this?",
    choices=(
        Choice(
            "A plain recurrent layer, with the weights of the candidate.",
            "The state is the candidate at every step, and the candidate hears the past in full: "
            "tanh of input, state and bias.",
        ),
        Choice(
            "A layer without memory: every step sees its input alone.",
            "That would be r = 0. Here the candidate hears the whole old state, through its own "
            "weights.",
        ),
        Choice(
            "A layer whose state never changes.",
            "That would be z = 1, which keeps. z = 0 replaces the state at every step.",
        ),
        Choice(
            "An LSTM without an output gate.",
            "Nothing is kept along the top at z = 0, so there is no memory cell left.",
        ),
    ),
    order=(1, 0, 2, 3),
)

SWITCH = """\
from rnn_book import show
from rnn_book.numpy import GRU, example

layer = GRU(1, 1, rng=0, dtype="float64")
weights = {name: 0.0 * value for name, value in layer.state_dict().items()}
# Yours. In each array the rows are r, z, n:
weights["weight_ih_l0"][:, 0] = 0.0, 0.0, 0.0
weights["weight_hh_l0"][:, 0] = 0.0, 0.0, 0.0
weights["bias_ih_l0"][:] = 0.0, 0.0, 0.0
layer.load_state_dict(weights)

x = example.sequence([0, 1, 0, 0, 1, 1, 0, 1, 0, 0])
start = 0.0 * x[:1] + 1.0
output, _ = layer(x, start)
show("x", x[:, 0, 0])
show("h", output[:, 0, 0])
"""


def check_switch(names: Mapping[str, Any]) -> Verdict:
    """Flip the switch at steps of the checker's own choice."""
    layer = need(names, "layer")
    if not isinstance(layer, GRU) or (layer.input_size, layer.hidden_size) != (1, 1):
        return Verdict(False, "`layer` must be a GRU with one input and one unit.")
    x = np.array([0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 1.0])
    h = layer(example.sequence(x), np.ones((1, 1, 1)))[0][:, 0, 0]
    wanted = np.where(np.cumsum(x) % 2, -1.0, 1.0)
    if (np.sign(h) == wanted).all() and abs(h).min() > 0.9:
        return Verdict(True, "It flips at every 1, keeps at every 0, and does not wear out.")
    before = np.concatenate([[1.0], h[:-1]])
    if abs(h - before)[x == 0].max() > 0.2:
        return Verdict(
            False,
            "At x = 0 the state should stay, and yours changes: the update gate must be near 1 "
            "there, so its bias is positive.",
        )
    if abs(h - before)[x == 1].max() < 0.2:
        return Verdict(
            False,
            "At x = 1 nothing changes: the update gate must be near 0 there, so its weight on x "
            "is negative, and larger than the bias.",
        )
    if (np.sign(h) == wanted).all():
        return Verdict(
            False,
            f"It flips, but wears out: the state has shrunk to {abs(h).min():.2f}. Each flip "
            "passes through a tanh; what recurrent weight makes up for that, and is r near 1?",
        )
    if abs(h[x == 1] - h[2]).max() < 0.01:
        return Verdict(
            False,
            "After every 1 the state is the same, whatever it was: your candidate does not hear "
            "it. It needs a recurrent weight and an open reset gate.",
        )
    return Verdict(
        False, "At x = 1 the state changes, but not into its opposite: look at the candidate."
    )


LISTENER = Prediction(
    question="The reset is before the product. Whose gate matters for what the speaker says?",
    choices=(
        Choice(
            "The keeper's: open it, and the speaker repeats the mark louder.",
            "Before the product a unit's gate decides how much it is heard, and the speaker hears "
            "the keeper alone.",
        ),
        Choice(
            "The speaker's: open it, and it hears the keeper in full.",
            "That is the cell with the reset after the product. Before it, the speaker's gate "
            "multiplies the speaker's own state, which nobody reads.",
        ),
        Choice(
            "Both: the two gates are multiplied.",
            "Each state is multiplied by one gate, that of the unit whose state it is.",
        ),
    ),
    order=(1, 0, 2),
)

KERAS = """\
import numpy as np

from rnn_book import show
from rnn_book.numpy import example

layer = example.gru_layer()
W_x, W_h, b_x, b_h = layer.state_dict().values()  # rows: r, r, z, z, n, n

kernel = W_x  # yours: shape (1, 6), columns in the order z, r, n
recurrent = W_h  # yours: (2, 6)
bias = b_x  # yours: (2, 6), first the input's, then the state's

show("kernel", kernel)
show("shapes", (kernel.shape, recurrent.shape, bias.shape))
"""


def check_keras(names: Mapping[str, Any]) -> Verdict:
    """Compare with the package's own conversion."""
    wanted = dict(zip(("kernel", "recurrent", "bias"), to_keras(example.gru_layer()), strict=True))
    for name, right in wanted.items():
        found = np.asarray(need(names, name))
        if found.shape == right.shape and np.allclose(found, right):
            continue
        if found.shape != right.shape:
            return Verdict(
                False, f"`{name}` must have the shape {right.shape}, and has {found.shape}."
            )
        swapped = right[:, [2, 3, 0, 1, 4, 5]]
        if np.allclose(found, swapped):
            return Verdict(
                False, f"`{name}` has the right shape, but its blocks are still r, z, n."
            )
        if name == "bias" and np.allclose(found, right[::-1]):
            return Verdict(False, "In `bias` the two rows are swapped: the input's comes first.")
        if np.allclose(np.sort(found, axis=None), np.sort(right, axis=None)):
            return Verdict(
                False,
                f"`{name}` holds the right numbers in other places. Two rows belong to each "
                "block; do they stay together?",
            )
        return Verdict(False, f"`{name}` has the right shape, but other numbers.")
    return Verdict(True, "Those are the three arrays that Keras expects.")


KEEP = '''\
from rnn_book import record_gates, show
from rnn_book.numpy import GRU, LSTM, example


def keep(layer, bias):
    """Set the total bias of the gate that keeps: f of an LSTM, z of a GRU."""
    weights, h = layer.state_dict(), layer.hidden_size
    # yours: which rows of "bias_ih_l0" and of "bias_hh_l0"?
    layer.load_state_dict(weights)
    return layer


for kind, gate in ((LSTM, "f"), (GRU, "z")):
    layer = keep(kind(1, 32, rng=0, dtype="float64"), 3.0)
    kept = record_gates(layer, example.sequence())["l0"][gate][:, 0]
    show(f"mean of {gate}", kept.mean())
'''


def check_keep(names: Mapping[str, Any]) -> Verdict:
    """Look at the total bias of every row, before and after."""
    keep = need(names, "keep")
    for kind in (LSTM, GRU):
        layer, name = kind(2, 3, rng=0, dtype="float64"), kind.__name__
        before = layer.state_dict()
        old = before["bias_ih_l0"] + before["bias_hh_l0"]
        layer = keep(layer, 1.5)
        if not isinstance(layer, kind):
            return Verdict(False, "`keep` must return the layer that it was given.")
        after = layer.state_dict()
        new = after["bias_ih_l0"] + after["bias_hh_l0"]
        if np.allclose(new[3:6], 3.0):
            return Verdict(
                False, f"{name}: you write the bias into both vectors, so the total is twice it."
            )
        if not np.allclose(new[3:6], 1.5):
            if np.allclose(after["bias_ih_l0"][3:6], 1.5):
                return Verdict(
                    False,
                    f"{name}: one vector has the bias, but the other one still holds its random "
                    "numbers, and the two are added.",
                )
            moved = np.flatnonzero(~np.isclose(new, old)).tolist()
            return Verdict(
                False,
                f"{name}: with 3 units the gate that keeps is rows 3 to 5, and you change {moved}.",
            )
        if not np.allclose(np.delete(new, [3, 4, 5]), np.delete(old, [3, 4, 5])):
            return Verdict(False, f"{name}: the gate that keeps is right, but others changed too.")
    return Verdict(True, "Both cells start with the same memory now.")


EXERCISES: dict[str, Coding | Prediction] = {
    "gru/gru-cell/exercise_1": SECOND_MARK,
    "gru/gru-cell/exercise_3": Coding(AVERAGE, check_average),
    "gru/reset-gate-and-candidate/exercise_1": PLAIN,
    "gru/reset-gate-and-candidate/exercise_3": Coding(SWITCH, check_switch),
    "gru/reset-before-or-after/exercise_1": LISTENER,
    "gru/reset-before-or-after/exercise_3": Coding(KERAS, check_keras),
    "gru/gru-or-lstm/exercise_3": Coding(KEEP, check_keep),
}
