# %% [markdown]
# # Dropout curves
#
# A network with many weights and few examples learns its examples by heart. You can see it in two
# curves: the loss on the training data goes to zero, while the loss on data that the network has
# not seen turns and rises. This lab draws these two curves, and then draws them again with dropout
# in two places.

# %% [markdown]
# ## The task
#
# The data are handwritten digits of 8 by 8 pixels, read row by row in 8 steps of 8 numbers. We
# train on a hundred images, which is far too few. The validation images draw the curve, and the
# test images are kept for the end.

# %%
import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

from rnn_book.datasets import digits
from rnn_book.experiments.palette import CONTENDERS
from rnn_book.numpy import LSTM, Adam, Dropout, Linear, cross_entropy
from rnn_book.numpy import cross_entropy_gradient as loss_gradient

data = digits(dtype="float32")
IMAGES, WIDTH, STEPS, EVERY = 100, 48, 144, 8
weights = LSTM(8, WIDTH, rng=0).parameters.values()
parameters = sum(value.size for value in weights)
print(f"{IMAGES} images, {parameters:,} parameters in the LSTM alone")

# %% [markdown]
# ## Two places for a mask
#
# **Output dropout** acts on what the classifier reads, the hidden state after the last row. At
# each step of training, a new half of its entries is set to zero.
#
# **Recurrent dropout** acts inside the loop, where the hidden state goes back into the gates. The
# mask is drawn once for each image and stays the same at all 8 steps. The cell state is not
# touched.
#
# Both probabilities are one half. They were not tuned, because this lab shows what dropout does to
# the curves and not how much can be gained with it.

# %%
VARIANTS = {
    "no dropout": (0.0, 0.0),
    "output": (0.0, 0.5),
    "recurrent": (0.5, 0.0),
    "both": (0.5, 0.5),
}


class Net:
    def __init__(self, recurrent, output, rng):
        p = recurrent
        self.lstm = LSTM(8, WIDTH, recurrent_dropout=p, rng=rng)
        self.dropout = Dropout(output, rng=rng)
        self.linear = Linear(WIDTH, 10, rng=rng)

    def scores(self, images):
        self.output, _ = self.lstm(images)
        return self.linear(self.dropout(self.output[-1]))

    def backward(self, d_scores):
        d_output = np.zeros_like(self.output)
        d_last = self.linear.backward(d_scores)
        d_output[-1] = self.dropout.backward(d_last)
        self.lstm.backward(d_output)

    def masks(self, on):
        for module in (self.lstm, self.dropout):
            module.train() if on else module.eval()

    def judge(self, images, labels):
        self.masks(False)
        scores = self.scores(images)
        self.masks(True)
        right = scores.argmax(axis=-1) == labels
        return cross_entropy(scores, labels), np.mean(right)


# %% [markdown]
# ## One run
#
# The curves are measured with the masks off, on the training images too. A loss that is measured
# with the masks on belongs to a weaker network, and the two cannot be compared.


# %%
def run(variant, seed):
    draw, rng = np.random.default_rng(seed).spawn(2)
    images, labels = data.train
    chosen = draw.choice(len(labels), IMAGES, replace=False)
    images, labels = images[:, chosen], labels[chosen]
    net = Net(*VARIANTS[variant], rng)
    optimiser = Adam([net.lstm, net.linear], lr=0.01)
    seen, unseen, accuracy = [], [], []
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            seen.append(net.judge(images, labels)[0])
            unseen.append(net.judge(*data.validation)[0])
            accuracy.append(net.judge(*data.test)[1])
        optimiser.zero_grad()
        scores = net.scores(images)
        net.backward(loss_gradient(scores, labels))
        optimiser.step()
    return {
        "training": np.array(seen),
        "validation": np.array(unseen),
        "accuracy": np.array(accuracy),
        "masked": cross_entropy(net.scores(images), labels),
    }


SEEDS = (0, 1)
runs = {}
for variant in tqdm(VARIANTS, desc="training"):
    runs[variant] = [run(variant, seed) for seed in SEEDS]
steps = np.arange(0, STEPS + 1, EVERY)

# %% [markdown]
# ## Overfitting
#
# First without dropout. Follow the two curves: up to where they part, what the network learns from
# a hundred images holds for others too, and from there on it learns the hundred.

# %% alt="Without dropout: the training loss falls to zero, the validation loss falls, turns and rises"
plain = runs["no dropout"][0]
figure, axes = plt.subplots(figsize=(6.4, 3.4))
colour = CONTENDERS[0].light
axes.plot(steps, plain["training"], color="gray", label="training")
axes.plot(steps, plain["validation"], color=colour, label="validation")
turn = plain["validation"].argmin()
axes.plot(steps[turn], plain["validation"][turn], "o", color=colour)
axes.set_xlabel("step of training")
axes.set_ylabel("cross-entropy")
axes.legend(frameon=False)
figure.tight_layout()
plt.show()

# %%
for seed, each in zip(SEEDS, runs["no dropout"], strict=True):
    lowest, last = each["validation"].min(), each["validation"][-1]
    at = steps[each["validation"].argmin()]
    print(f"seed {seed}: training loss at the end {each['training'][-1]:.4f}")
    print(f"        validation loss {lowest:.3f} at step {at}")
    print(f"        validation loss {last:.3f} at the end")
    assert each["training"][-1] < 0.02
    assert last > 1.1 * lowest

# %% [markdown]
# ## With dropout
#
# The seeds are the same, and with them the images and the first weights. On the left you see the
# training loss and on the right the validation loss, a line per seed.

# %% alt="Training and validation loss of four variants, lower on the right with recurrent dropout"
figure, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.6), sharey=True)
for variant, style in zip(VARIANTS, CONTENDERS, strict=False):
    for curves, label in zip(runs[variant], (variant, None), strict=True):
        left.plot(steps, curves["training"], color=style.light)
        right.plot(steps, curves["validation"], color=style.light, label=label)
left.set_title("training")
right.set_title("validation")
left.set_ylabel("cross-entropy")
for axes in (left, right):
    axes.set_xlabel("step of training")
right.legend(frameon=False)
figure.tight_layout()
plt.show()

# %% [markdown]
# Dropout slows learning down, so on the left the networks with masks come down later. On the right
# they get further. What falls on both sides has been learned about digits, and not about these
# hundred images. Output dropout alone does the least here, because it hides units from the
# classifier but not from the loop.

# %%
early = list(steps).index(40)
for variant, each in runs.items():
    loss = each[0]["training"][early]
    print(f"{variant:12} training loss at step 40: {loss:.3f}")
    assert loss >= plain["training"][early]

# %% [markdown]
# ## Against early stopping
#
# There is a remedy that costs nothing: stop where the validation loss is lowest. A fair comparison
# allows it to everyone. So each network is taken from the step at which its own validation loss
# was lowest, and judged on the test images, by which nothing was chosen.

# %%
print("variant      seed   stopped at   validation loss   test accuracy")
for variant, each in runs.items():
    for seed, curves in zip(SEEDS, each, strict=True):
        at = curves["validation"].argmin()
        loss, right = curves["validation"][at], curves["accuracy"][at]
        row = f"{variant:12} {seed:4} {steps[at]:12} {loss:17.3f}"
        print(f"{row} {right:15.3f}")

pairs = zip(runs["no dropout"], runs["recurrent"], strict=True)
for without, masked in pairs:
    assert masked["validation"].min() < without["validation"].min()
    assert masked["validation"][-1] < without["validation"][-1]

# %% [markdown]
# In both of these runs recurrent dropout reaches a lower validation loss than stopping early
# alone, and you can have both together. Two runs cannot tell how large the gain is; [recurrent
# dropout](../improvements/recurrent-dropout.md) measures it with more.

# %% [markdown]
# ## A trap
#
# The training loss that a loop prints is computed with the masks on. With dropout it can be above
# the validation loss, as if the two curves had been exchanged. Nothing is wrong: the network is
# judged with a part of its units missing.

# %%
print("at the end: masks on, masks off, validation")
for variant, each in runs.items():
    last = each[0]
    on, off = last["masked"], last["training"][-1]
    print(f"{variant:12} {on:7.3f} {off:7.3f} {last['validation'][-1]:7.3f}")

both = runs["both"][0]
assert both["masked"] > 2 * both["training"][-1]

# %% [markdown]
# This lab cannot say how much dropout helps with more images, with another probability, or on
# other data. To go on, set `IMAGES` to 1000, draw the curves for probabilities from 0.1 to 0.8, or
# try `zoneout=0.2` and `weight_drop=0.5` in place of `recurrent_dropout`. [Recurrent
# dropout](../improvements/recurrent-dropout.md) explains them.
