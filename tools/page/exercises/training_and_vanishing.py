"""Predictions of the pages on a first training run and on vanishing gradients."""

from __future__ import annotations

from tools.page.exercises.kinds import Choice, Coding, Prediction

RATES = Prediction(
    question="Five epochs with rates of 0.0001, 0.001, 0.01 and 0.1. Which order, best first?",
    choices=(
        Choice(
            "0.01, 0.001, 0.1, 0.0001",
            "Too large is bad, far too small is worse, and after five epochs ten times too small "
            "is still ahead of ten times too large.",
        ),
        Choice(
            "0.1, 0.01, 0.001, 0.0001",
            "That would hold if longer steps always went further downhill. At 0.1 they are so long "
            "that they jump over what they are looking for.",
        ),
        Choice(
            "0.0001, 0.001, 0.01, 0.1",
            "Small steps are safe, but there are only twenty of them: the smallest rate has hardly "
            "left the loss of a network without any idea.",
        ),
        Choice(
            "0.01, 0.1, 0.001, 0.0001",
            "You expect a rate that is too large to beat one that is too small. It loses here, if "
            "only just.",
        ),
    ),
    order=(1, 0, 3, 2),
)

RELU = Prediction(
    question="With w = 0.99 and positive inputs, how long is the gradient at lag 100?",
    choices=(
        Choice(
            "0.99 to the power of 100, which is 0.37.",
            "Every slope is exactly 1, so that nothing but w is multiplied.",
        ),
        Choice(
            "About 0.58 to the power of 100, practically 0.",
            "0.58 belongs to a matrix of random numbers. This one is w times the identity, and all "
            "its eigenvalues are w.",
        ),
        Choice(
            "Less than 0.37, because the slopes take their share.",
            "They would with tanh. The slope of a positive relu is 1, however large the unit is.",
        ),
        Choice(
            "Exactly 1, because a relu passes gradients unchanged.",
            "The relu does, but the weight w still multiplies at every step.",
        ),
    ),
    order=(2, 1, 0, 3),
)

EXERCISES: dict[str, Coding | Prediction] = {
    "rnn/first-training/exercise_3": RATES,
    "rnn/vanishing-gradients/exercise_1": RELU,
}
