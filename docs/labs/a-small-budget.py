# %% [markdown]
# # A small budget: one worked solution
#
# The project at the end of the part on improvements: a hundred images of digits, read row by row, at
# most 6,000 parameters, and the question which improvement is worth having. This is one solution, in
# the order in which it was found: a diagnosis, contenders of one size, the same seeds for all, and one
# look at the test images.

# %% [markdown]
# ## Contenders of one size
#
# A contender is a width and some options. Two layers and two directions have narrower layers, so that
# all have about as many parameters as one layer of 32 units.

# %%
import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

from rnn_book.datasets import digits
from rnn_book.experiments import palette
from rnn_book.numpy import LSTM, Adam, Dropout, Linear, cross_entropy
from rnn_book.numpy import cross_entropy_gradient as loss_gradient

data = digits(dtype="float32")
IMAGES, UPDATES, EVERY, SEEDS = 100, 90, 10, range(5)
CONTENDERS = {
    "plain": {"width": 32},
    "dropout": {"width": 32, "output": 0.5, "recurrent_dropout": 0.5},
    "two layers": {"width": 20, "num_layers": 2},
    "both ways": {"width": 21, "bidirectional": True},
}


class Net:
    def __init__(self, width, rng, output=0.0, **options):
        self.width = width
        self.lstm = LSTM(8, width, rng=rng, **options)
        self.dropout = Dropout(output, rng=rng)
        directions = 2 if self.lstm.bidirectional else 1
        self.linear = Linear(directions * width, 10, rng=rng)

    def parameters(self):
        parts = (
            *self.lstm.parameters.values(),
            *self.linear.parameters.values(),
        )
        return sum(value.size for value in parts)

    def scores(self, images):
        self.output, _ = self.lstm(images)
        ends = [self.output[-1, :, : self.width]]
        if (
            self.lstm.bidirectional
        ):  # the second direction ends at the first row
            ends.append(self.output[0, :, self.width :])
        return self.linear(self.dropout(np.concatenate(ends, axis=-1)))

    def backward(self, d_scores):
        d_ends = self.dropout.backward(self.linear.backward(d_scores))
        d_output = np.zeros_like(self.output)
        d_output[-1, :, : self.width] = d_ends[:, : self.width]
        if self.lstm.bidirectional:
            d_output[0, :, self.width :] = d_ends[:, self.width :]
        self.lstm.backward(d_output)

    def judge(self, images, labels):
        for module in (self.lstm, self.dropout):
            module.eval()
        scores = self.scores(images)
        for module in (self.lstm, self.dropout):
            module.train()
        return cross_entropy(scores, labels), np.mean(
            scores.argmax(axis=-1) == labels
        )


for name, options in CONTENDERS.items():
    parameters = Net(**options, rng=0).parameters()
    print(f"{name:10} {parameters:,} parameters")
    assert 4500 < parameters < 6000

# %% [markdown]
# ## Diagnosis first
#
# All contenders see the same hundred images under the same seed, and are judged every ten updates.
# Each keeps the moment at which its validation loss was lowest, and its test accuracy at that moment
# is noted and not looked at.


# %%
def run(name, seed):
    draw, rng = np.random.default_rng(seed).spawn(2)
    images, labels = data.train
    chosen = draw.choice(len(labels), IMAGES, replace=False)
    images, labels = images[:, chosen], labels[chosen]
    net = Net(**CONTENDERS[name], rng=rng)
    optimiser = Adam([net.lstm, net.linear], lr=0.01)
    curve, best = [], (np.inf, 0.0)
    for update in range(UPDATES + 1):
        if update % EVERY == 0:
            loss, _ = net.judge(*data.validation)
            curve.append((net.judge(images, labels)[0], loss))
            if loss < best[0]:
                best = loss, net.judge(*data.test)[1]
        optimiser.zero_grad()
        net.backward(loss_gradient(net.scores(images), labels))
        optimiser.step()
    return {
        "training": [a for a, _ in curve],
        "validation": [b for _, b in curve],
        "best": best,
    }


runs = {name: [] for name in CONTENDERS}
for name in tqdm(CONTENDERS, desc="training"):
    runs[name] = [run(name, seed) for seed in SEEDS]

# %% alt="Loss on training and validation images of plain and dropout, five seeds: without dropout the validation loss turns, with dropout it still falls at the end"
updates = np.arange(0, UPDATES + 1, EVERY)
figure, panels = plt.subplots(1, 2, figsize=(6.4, 3.2), sharey=True)
for axes, name in zip(panels, ("plain", "dropout"), strict=True):
    for part, style in zip(
        ("training", "validation"), palette.CONTENDERS, strict=False
    ):
        for seed, each in enumerate(runs[name]):
            label = part if seed == 0 else None
            (line,) = axes.plot(
                updates, each[part], color=style.light, linewidth=1, label=label
            )
            line.set_dashes(style.dash or (None, None))
    axes.set_title(name)
    axes.set_xlabel("updates")
panels[0].set_ylabel("cross-entropy")
panels[0].legend(frameon=False)
figure.tight_layout()
plt.show()

# %%
for name, each in runs.items():
    lowest = [int(updates[np.argmin(one["validation"])]) for one in each]
    ends = [f"{one['training'][-1]:.2f}" for one in each]
    print(f"{name}: validation loss lowest at {lowest},")
    print(f"    training loss at the end {', '.join(ends)}")
for one in runs["plain"]:
    assert one["training"][-1] < 0.1
    assert one["validation"][-1] > min(one["validation"])
for one in runs["dropout"]:
    assert one["validation"][-1] < 1.1 * min(one["validation"])

# %% [markdown]
# The left panel is the illness that the part began with. The training loss of the plain network goes
# to nearly nothing, and its validation loss turns. So it is large enough, and by the chart on the page
# more units or a second layer are not what it needs. Dropout is. On the right the validation loss has
# not turned.
#
# Look once more, though. With dropout the validation loss is lowest at the end or close to it. Those
# networks were stopped while they were still improving. We note that, and do not repair it after we
# have seen the test.

# %% [markdown]
# ## One look at the test
#
# Differences are taken seed by seed, because a seed decides which hundred images all contenders see.
# With five seeds, the 95 % interval of the mean difference is 2.776 standard errors to each side
# (Student's t with four degrees of freedom).

# %% alt="Test accuracy of four contenders, a dot for each of five seeds: the dots of all four overlap"
figure, axes = plt.subplots(figsize=(6.4, 3))
for place, (each, style) in enumerate(
    zip(runs.values(), palette.CONTENDERS, strict=False)
):
    right = [100 * one["best"][1] for one in each]
    offsets = place + np.linspace(-0.15, 0.15, len(right))
    axes.plot(offsets, right, style.marker, color=style.light)
axes.set_xticks(range(len(runs)), list(runs))
axes.set_ylabel("test images right, %")
figure.tight_layout()
plt.show()

# %%
plain = np.array([one["best"][1] for one in runs["plain"]])
intervals = {}
for name, each in list(runs.items())[1:]:
    gain = 100 * (np.array([one["best"][1] for one in each]) - plain)
    half = 2.776 * gain.std(ddof=1) / len(gain) ** 0.5
    intervals[name] = gain.mean() - half, gain.mean() + half
    print(
        f"{name:10} {gain.mean():+.1f} points "
        f"[{gain.mean() - half:+.1f}, {gain.mean() + half:+.1f}]"
    )
assert all(low < 0 < high for low, high in intervals.values())

# %% [markdown]
# ## What we say, and what we do not
#
# All three intervals contain 0, so five seeds cannot tell whether a contender is better or worse than
# the plain network, however nice its mean looks. A hundred images are few, and which hundred they are
# makes a difference as well.
#
# So the honest report has three sentences. The plain network overfits. Dropout removes the turn, and
# had not finished when we stopped. Which contender is best is undecided.
#
# What would you do next? Two things, and both have to be fixed *before* looking again: let every
# contender train until its validation loss has not improved for fifty updates, and take more seeds.
# How many? The half-width of an interval shrinks with the root of their number, so to halve it you
# need about four times as many.
