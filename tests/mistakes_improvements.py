"""Typical mistakes in the exercises on improvements, and words of the hint that each gets."""

STACKED = "improvements/stacking/exercise_3"
MASKED = "improvements/recurrent-dropout/exercise_3"


def stacked(returned):
    return f"def stacked(lower, upper, x, mask):\n    return {returned}\n"


def masked(state, kept="h"):
    return f"""\
def masked(cell, x, mask):
    h = c = 0 * mask
    outputs = []
    for x_t in x:
        h, c = cell(x_t, ({state}))
        outputs.append({kept})
    return outputs
"""


WRONG = [
    (STACKED, stacked("lower(x)[0]"), "lower layer alone"),
    (STACKED, stacked("mask * lower(x)[0]"), "upper layer has to read"),
    (STACKED, stacked("upper(lower(x)[0])[0]"), "mask does nothing yet"),
    (STACKED, stacked("mask * upper(lower(x)[0])[0]"), "belongs below"),
    (STACKED, stacked("upper(lower(mask * x)[0])[0]"), "One floor higher"),
    (STACKED, stacked("lower(mask * upper(x)[0])[0]"), "swapped"),
    (STACKED, stacked("upper(mask * lower(x)[0])"), "returns a pair"),
    (STACKED, stacked("3 * x"), "What does the upper layer read?"),
    (STACKED, "stacked = 3", "a function of lower, upper"),
    (MASKED, masked("h, c"), "The mask does nothing yet"),
    (MASKED, masked("mask * h, mask * c"), "You mask c as well"),
    (MASKED, masked("h, mask * c"), "where it enters the cell"),
    (MASKED, masked("mask * h, c", kept="mask * h"), "what you return, too"),
    (MASKED, masked("h, c", kept="mask * h"), "dropout between layers"),
    (MASKED, masked("0 * h, c"), "get as its h"),
    (MASKED, masked("1 + h, c"), "Even the first step"),
    (MASKED, masked("h, c", kept="h[0]"), "must have the shape"),
    (MASKED, "def masked(cell, x, mask):\n    return x[:2]", "must return 6 hidden states"),
    (MASKED, "masked = 3", "a function of cell, x and mask"),
]
