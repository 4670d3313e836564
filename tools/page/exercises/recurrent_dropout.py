"""The exercises of the page on recurrent dropout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import LSTM, LSTMCell
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

LEFT = Prediction(
    question="c = 1, f = 1, i = 0. What is left after a hundred steps, under each of the four?",
    choices=(
        Choice(
            "All of it, under all four.",
            "What is carried is never masked, and with i = 0 there is no update to mask.",
        ),
        Choice(
            "Nothing under dropout on the state, all of it under the other three.",
            "The mask acts on h on its way into the matrix product. The cell state does not pass "
            "there.",
        ),
        Choice(
            "Half of it, or half of the units, under each.",
            "That would be a mask on the carry. None of the four touches it.",
        ),
        Choice(
            "All of it under zoneout only, because zoneout keeps the old state.",
            "Zoneout does keep it. But so do the other three, since f = 1 keeps it as well.",
        ),
    ),
    order=(1, 2, 0, 3),
)

START = '''\
import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM, LSTMCell


def masked(cell, x, mask):
    """Return the hidden state of every step, under dropout on the state."""
    h = c = 0 * mask
    outputs = []
    for x_t in x:
        h, c = cell(x_t, (h, c))  # yours: where does the mask go?
        outputs.append(h)
    return outputs


x = np.random.default_rng(0).standard_normal((9, 2, 3))
layer = LSTM(3, 4, recurrent_dropout=0.5, rng=0, dtype="float64")
output, _ = layer(x)
weights = {name[:-3]: value for name, value in layer.state_dict().items()}
cell = LSTMCell(3, 4, rng=0, dtype="float64")
cell.load_state_dict(weights)  # without the ending _l0
outputs = masked(cell, x, layer.last_masks["l0"]["recurrent"])
show("difference", abs(outputs[-1] - output[-1]).max())
'''


def check_masked(names: Mapping[str, Any]) -> Verdict:
    """Compare with a layer that draws the same mask."""
    masked = need(names, "masked")
    if not callable(masked):
        return Verdict(False, "`masked` must be a function of cell, x and mask.")
    layer = LSTM(3, 5, recurrent_dropout=0.4, rng=4, dtype="float64")
    x = np.random.default_rng(4).standard_normal((6, 2, 3))
    wanted, _ = layer(x)
    mask = layer.last_masks["l0"]["recurrent"]
    cell = LSTMCell(3, 5, rng=0, dtype="float64")
    cell.load_state_dict({name[:-3]: value for name, value in layer.state_dict().items()})
    found = masked(cell, x, mask)
    if found is None or len(found) != len(x):
        return Verdict(False, f"`masked` must return {len(x)} hidden states for {len(x)} steps.")
    outputs = np.stack([np.asarray(one) for one in found])
    if outputs.shape != wanted.shape:
        return Verdict(False, f"Each hidden state must have the shape {wanted.shape[1:]}.")
    if np.allclose(outputs, wanted, atol=1e-10):
        return Verdict(True, "The same numbers as the layer's, with the carry left whole.")
    return Verdict(False, _why(outputs, cell, x, mask))


def _why(outputs: np.ndarray, cell: LSTMCell, x: np.ndarray, mask: np.ndarray) -> str:
    """The hint for a typical mistake."""
    ones = np.ones_like(mask)
    mistakes = (
        ((ones, ones, ones), "The mask does nothing yet: these are the numbers without dropout."),
        ((mask, mask, ones), "You mask c as well. That is the carry: what is dropped there is "
                             "lost."),
        ((ones, mask, ones), "You mask c, the carry. Dropout on the state masks h, and only where "
                             "it enters the cell."),
        ((mask, ones, mask), "You mask what you return, too. The next layer would see the zeros."),
        ((ones, ones, mask), "You mask the output, which is dropout between layers. Here the mask "
                             "acts on what the cell gets."),
    )  # fmt: skip

    def made(masks: tuple[np.ndarray, ...]) -> bool:
        on_h, on_c, on_output = masks
        h = c = 0 * mask
        wrong = []
        for x_t in x:
            h, c = cell(x_t, (on_h * h, on_c * c))
            wrong.append(on_output * h)
        return np.allclose(outputs, wrong, atol=1e-10)

    if words := typical(mistakes, made):
        return words
    if np.allclose(outputs[0], cell(x[0])[0], atol=1e-10):
        return "The first step is right, a later one is not. What does the cell get as its h?"
    return "Even the first step differs from the layer's, where the mask has nothing to act on yet."


EXERCISES: dict[str, Coding | Prediction] = {
    "improvements/recurrent-dropout/exercise_1": LEFT,
    "improvements/recurrent-dropout/exercise_3": Coding(START, check_masked),
}
