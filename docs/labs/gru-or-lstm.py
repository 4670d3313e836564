# %% [markdown]
# # GRU against LSTM, on little data
#
# "On small data a GRU is better than an LSTM." Is it? In this lab you put the sentence to the test
# on a hundred handwritten digits. The comparison has to be fair, which means the same training
# images, the same number of steps, and the same choices tuned for both in the same way.

# %% [markdown]
# ## The task
#
# A digit is an image of 8 by 8 pixels. The network reads it row by row from the top, in 8 steps of
# 8 numbers, and says after the last row which digit it was. Each run sees only a hundred of the
# training images, drawn by chance.

# %%
import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

from rnn_book.datasets import digits
from rnn_book.experiments.palette import CONTENDERS as STYLES
from rnn_book.numpy import GRU, LSTM, Adam, Linear
from rnn_book.numpy import cross_entropy_gradient as loss_gradient

data = digits(dtype="float32")
IMAGES, STEPS = 100, 60
print(f"to draw {IMAGES} from: {data.report['train']} images")
print(f"to choose by: {data.report['validation']}")
print(f"to judge by: {data.report['test']}")

# %% [markdown]
# ## The contenders
#
# There are three: an LSTM of width 32, a GRU of the same width, and a GRU that is wide enough to
# have as many parameters as the LSTM. At equal width the ratio of the parameters is exactly three
# quarters.

# %%
CONTENDERS = {
    "LSTM 32": (LSTM, 32),
    "GRU 32, equal width": (GRU, 32),
    "GRU 38, equal size": (GRU, 38),
}


def count(kind, width):
    parameters = kind(8, width, rng=0).parameters
    return sum(value.size for value in parameters.values())


counts = {name: count(*contender) for name, contender in CONTENDERS.items()}
for name, parameters in counts.items():
    print(f"{name:20} {parameters:5} parameters")
lstm, narrow, wide = counts.values()
assert 4 * narrow == 3 * lstm
assert abs(wide / lstm - 1) < 0.02

# %% [markdown]
# ## One run
#
# Both cells have a gate that keeps the old state, the forget gate of the LSTM and the update gate
# of the GRU, and in both its bias is the second block of rows. We set it in the same way for both,
# because it decides how fast a fresh network forgets.


# %%
def run(name, rate, bias, seed):
    kind, width = CONTENDERS[name]
    draw, weights = np.random.default_rng(seed).spawn(2)
    images, labels = data.train
    chosen = draw.choice(len(labels), IMAGES, replace=False)
    images, labels = images[:, chosen], labels[chosen]

    layer = kind(8, width, rng=weights)
    linear = Linear(width, 10, rng=weights)
    layer.parameters["bias_ih_l0"][width : 2 * width] = bias
    layer.parameters["bias_hh_l0"][width : 2 * width] = 0.0
    optimiser = Adam([layer, linear], lr=rate)
    d_output = np.zeros((8, IMAGES, width), np.float32)
    for _ in range(STEPS):
        optimiser.zero_grad()
        output, _ = layer(images)
        scores = linear(output[-1])
        d_output[-1] = linear.backward(loss_gradient(scores, labels))
        layer.backward(d_output)
        optimiser.step()

    def accuracy(part):
        output, _ = layer(part[0])
        return np.mean(linear(output[-1]).argmax(axis=-1) == part[1])

    return accuracy(data.validation), accuracy(data.test)


# %% [markdown]
# ## Choosing, alike for all
#
# Two learning rates and two biases make four settings. Each contender tries all four, with two
# seeds, and keeps the one that does best on the validation images. Nobody looks at the test images
# here.

# %%
SETTINGS = [(rate, bias) for rate in (0.01, 0.03) for bias in (0.0, 1.0)]
tuning = {name: [] for name in CONTENDERS}
for name in tqdm(CONTENDERS, desc="tuning"):
    for setting in SETTINGS:
        scores = [run(name, *setting, seed)[0] for seed in (100, 101)]
        tuning[name].append(np.mean(scores))

# %%
heads = [f"{rate}, {bias:.0f}" for rate, bias in SETTINGS]
print("rate, bias          ", "  ".join(heads))
for name, scores in tuning.items():
    print(f"{name:20}", "  ".join(f"{score:7.3f}" for score in scores))
best = {n: SETTINGS[np.argmax(scores)] for n, scores in tuning.items()}

# %% [markdown]
# You can read the table in two directions. Along a row only the setting changes, and down a column
# only the cell. How large is the one difference, and how large is the other?

# %%
table = np.array(list(tuning.values()))
print(f"between settings of one cell: {np.ptp(table, axis=1).mean():.3f}")
print(f"between cells at one setting: {np.ptp(table, axis=0).mean():.3f}")

# %% [markdown]
# So a comparison in which one side was tuned and the other was not can come out either way.

# %% [markdown]
# ## The comparison
#
# Now each contender runs with its best setting and five fresh seeds. A seed draws its own hundred
# images, and all three contenders get the same ones, so that we can subtract seed by seed.

# %%
SEEDS = range(5)
accuracy = {}
for name in tqdm(CONTENDERS, desc="judging"):
    runs = [run(name, *best[name], seed)[1] for seed in SEEDS]
    accuracy[name] = np.array(runs)

# %%
for name, values in accuracy.items():
    mean, spread = values.mean(), values.std(ddof=1)
    print(f"{name:20} {best[name]}: {mean:.3f} ± {spread:.3f}")
    assert values.min() > 0.5  # a guess has 0.1

# %% alt="Test accuracy of the three contenders, a dot for each of five seeds and a line for the mean"
figure, axes = plt.subplots(figsize=(6.4, 3.2))
for row, (name, style) in enumerate(zip(accuracy, STYLES, strict=False)):
    values = accuracy[name]
    axes.plot(values, [row] * len(values), style.marker, color=style.light)
    ends = [row - 0.25, row + 0.25]
    axes.plot([values.mean()] * 2, ends, color="gray", linewidth=3)
axes.set_yticks(range(3), list(accuracy))
axes.set_ylim(2.5, -0.5)
axes.set_xlabel("accuracy on the test images")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## Can five seeds tell them apart?
#
# Here is the difference to the LSTM, with its standard error. A difference below two standard
# errors may well be chance.

# %%
base = accuracy["LSTM 32"]
for name in list(accuracy)[1:]:
    difference = accuracy[name] - base
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    small = abs(difference.mean()) < 2 * error
    verdict = "may be chance" if small else "more than two errors"
    print(f"{name:20} {difference.mean():+.3f} ± {error:.3f}, {verdict}")
    print(f"{'':20} seed by seed: {np.round(difference, 3)}")

# %% [markdown]
# Look at the dots before you look at the means. Runs of one and the same cell lie far apart,
# because they have seen another hundred images and begun with other weights. So one run of each
# would tell you next to nothing.
#
# This lab cannot say whether it is the same on other tasks, with more data, or with more steps.
# [GRU or LSTM](../gru/gru-or-lstm.md) tells what is known about both. To go on, change `IMAGES` to
# 50 or to 1000, or read the digits pixel by pixel with `digits(read="pixels")`.
