# %% [markdown]
# # Gradients over time
#
# How much of a gradient arrives, so many steps back? This lab measures it for a plain recurrent
# layer, for a GRU, and for LSTMs with different forget biases. It does so twice, with the backward
# pass that the NumPy half has written out and with PyTorch's autograd, and both must agree. Then
# two networks are trained, and measured again.
#
# The page [why gradients vanish and explode](../rnn/vanishing-gradients.md) explains what is
# measured here, and the page on the [forget gate](../lstm/forget-gate.md) explains the forget
# bias.

# %% [markdown]
# ## The layers
#
# All of them have 64 hidden units and random weights as PyTorch draws them. The forget bias says
# how far the forget gate of an LSTM is open at the start: at 0 it is half open, and at 3 almost
# entirely.

# %%
from itertools import count

import matplotlib.pyplot as plt
import numpy as np
import torch
from tqdm import tqdm

import rnn_book.numpy as numpy_half
import rnn_book.torch as torch_half
from rnn_book import gradient_by_lag, record_gates
from rnn_book.experiments import palette
from rnn_book.tasks import adding, adding_baseline

STEPS, BATCH, INPUTS, HIDDEN = 100, 8, 16, 64
LAYERS = {
    "RNN": ("RNN", {}),
    "GRU": ("GRU", {}),
    "LSTM, forget bias 0": ("LSTM", {"forget_bias": 0.0}),
    "LSTM, forget bias 1": ("LSTM", {"forget_bias": 1.0}),
    "LSTM, forget bias 2": ("LSTM", {"forget_bias": 2.0}),
    "LSTM, forget bias 3": ("LSTM", {"forget_bias": 3.0}),
}


def build(half, name):
    kind, options = LAYERS[name]
    return getattr(half, kind)(
        INPUTS, HIDDEN, **options, rng=1, dtype="float64"
    )


x = np.random.default_rng(2).standard_normal((STEPS, BATCH, INPUTS))

# %% [markdown]
# ## By the written backward pass
#
# `gradient_by_lag` sends a gradient of length 1 into the last hidden state, and returns its length
# at every step on the way back. For an LSTM that length counts both states, h and c.

# %%
norms = {}
for name in LAYERS:
    norms[name] = gradient_by_lag(build(numpy_half, name), x, rng=3)
print(f"{'lag':20} {'10':>8} {'50':>8} {'100':>8}")
for name, norm in norms.items():
    print(f"{name:20} {norm[10]:8.1e} {norm[50]:8.1e} {norm[100]:8.1e}")

# %% [markdown]
# ## By autograd
#
# Now the same with nothing but PyTorch. The layer runs one step per call, so that every state
# between two steps is a tensor of its own, and autograd can be asked for its gradient.

# %%
torch.set_num_threads(1)


def by_autograd(layer):
    zeros = torch.zeros(
        1, BATCH, HIDDEN, dtype=torch.float64, requires_grad=True
    )
    is_lstm = isinstance(layer, torch.nn.LSTM)
    state = (zeros, zeros.clone()) if is_lstm else zeros
    entered = []
    for x_t in torch.from_numpy(x):
        # Copies: what enters the next step, apart from what leaves as output.
        parts = [part.clone() for part in (state if is_lstm else [state])]
        entered.append(parts)
        output, state = layer(x_t[None], tuple(parts) if is_lstm else parts[0])
    u = np.random.default_rng(3).standard_normal(HIDDEN)
    target = (output[-1] @ torch.from_numpy(u / np.linalg.norm(u))).sum()
    flat = [part for parts in entered for part in parts]
    gradients = torch.autograd.grad(target, flat)
    squares = torch.stack([g.square().sum(-1).mean() for g in gradients])
    return squares.reshape(STEPS, -1).sum(1).sqrt().flip(0).numpy()


gap = {}
for name in LAYERS:
    found = by_autograd(build(torch_half, name))
    gap[name] = np.abs(found / norms[name][1:] - 1).max()
for name, largest in gap.items():
    print(f"{name:20} largest relative gap over all lags: {largest:.0e}")
assert max(gap.values()) < 1e-8

# %% [markdown]
# The two agree to the last digits of double precision, even where next to nothing is left.
#
# ## The picture
#
# The scale is logarithmic, so a straight line means that every step multiplies by the same factor.

# %% alt="Norm of the gradient by lag: RNN, GRU and LSTM with forget bias 0 fall steeply; the larger the forget bias, the flatter the line"
DASHES = {0: (1, 1), 1: (3, 1), 2: (6, 2), 3: ()}
INK = {"RNN": "ink", "GRU": "z"}
figure, axes = plt.subplots(figsize=(6.4, 4.2))
for name, norm in norms.items():
    ink = palette.colour(INK.get(name, "f"), "light")
    dashes = DASHES[int(name[-1])] if name.startswith("LSTM") else ()
    powers = np.log10(norm)
    axes.plot(powers, color=ink, dashes=dashes or (None, None), label=name)
axes.set_ylim(-30, 2)
axes.set_xlabel("lag, steps")
axes.set_ylabel("gradient, powers of ten")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# A fresh LSTM with forget bias 0 and a fresh GRU forget nearly as fast as the plain layer. So it
# is not the architecture alone that keeps a gradient alive; the gate also has to be open.
#
# ## The factor per step
#
# If the forget gates alone decided, the factor per step would be about the value of the gate,
# which is the sigmoid of the bias. Let us compare that with what is measured, the slope of the
# line between the lags 10 and 60.

# %%
lags = np.arange(10, 61)
factor = {}
for name, norm in norms.items():
    slope, _ = np.polyfit(lags, np.log(norm[lags]), 1)
    factor[name] = np.exp(slope)
    gate = ""
    if name.startswith("LSTM"):
        gate = f"gate {numpy_half.sigmoid(float(name[-1])):.2f}"
    print(f"{name:20} factor {factor[name]:.2f}   {gate}")

biases = [factor[f"LSTM, forget bias {bias}"] for bias in range(4)]
assert biases == sorted(biases)
assert max(factor["RNN"], factor["GRU"], biases[0]) < 0.75
assert biases[3] > 0.95

# %% [markdown]
# The gate sets most of the rate. The rest comes through a second path: from c through the output
# gate into h, and from there into all gates of the next step. It adds to the factor, so a gate
# below 1 does not rule out that a gradient grows.
#
# ## What training changes
#
# So far nothing has been trained. In the adding problem a network reads 30 steps, two of which are
# marked, and at the end it has to report the sum of the two numbers at these steps. Guessing the
# mean gives an error of 0.167. Both networks have 32 units, and the LSTM has forget bias 1. It
# trains until its error on a validation set is below 0.01, and the plain network gets as many
# updates. A set that has stopped the training would flatter the model that is scored on it, so the
# error that is printed is measured on a third set, at which nobody has looked before.

# %%
LENGTH, MOST = 30, 1000
probe = adding(LENGTH, 200, rng=5, dtype=np.float32)
test = adding(LENGTH, 1000, rng=6, dtype=np.float32)
print(f"guessing the mean: {adding_baseline():.3f}")


def train(kind, options, rate, updates=MOST):
    rng = np.random.default_rng(0)
    layer = getattr(torch_half, kind)(2, 32, **options, rng=rng)
    head = torch_half.Linear(32, 1, rng=rng)
    optimiser = torch_half.Adam([layer, head], lr=rate)

    def loss(batch):
        inputs, targets = map(torch.from_numpy, batch)
        return torch_half.mean_squared_error(
            head(layer(inputs)[0][-1]), targets
        )

    def error(batch):
        with torch.no_grad():
            return loss(batch).item()

    before = gradient_by_lag(layer, probe.inputs, rng=3)
    for update in tqdm(count(1), desc=kind):
        batch = adding(LENGTH, 32, rng=rng, dtype=np.float32)
        optimiser.zero_grad()
        loss(batch).backward()
        torch_half.clip_grad_norm([layer, head], 1.0)
        optimiser.step()
        if update % 25 == 0 and (error(probe) < 0.01 or update >= updates):
            break
    after = gradient_by_lag(layer, probe.inputs, rng=3)
    return layer, update, error(test), before, after


lstm, updates, lstm_error, *lstm_norms = train(
    "LSTM", {"forget_bias": 1.0}, 1e-2
)
_, _, rnn_error, *rnn_norms = train("RNN", {}, 3e-3, updates)

# %%
print(f"after {updates} updates: LSTM {lstm_error:.4f}, RNN {rnn_error:.4f}")
assert lstm_error < 0.02
assert rnn_error > 0.1

# %% [markdown]
# With as many updates the plain network gets no further than the guess, at least in this run. Here
# are the gradients again, before and after.

# %% alt="Norm of the gradient before and after training; the trained LSTM is nearly flat, all others fall"
figure, axes = plt.subplots(figsize=(6.4, 3.6))
both = {"LSTM": ("f", lstm_norms), "RNN": ("ink", rnn_norms)}
for name, (ink, (before, after)) in both.items():
    line = palette.colour(ink, "light")
    fresh, trained = np.log10(before), np.log10(after)
    axes.plot(fresh, color=line, dashes=(2, 2), label=f"{name}, fresh")
    axes.plot(trained, color=line, label=f"{name}, trained")
    print(
        f"{name:4} lag {LENGTH}: {before[-1]:.1e} fresh, "
        f"{after[-1]:.1e} trained"
    )
axes.set_ylim(-16, 2)
axes.set_xlabel("lag, steps")
axes.set_ylabel("gradient, powers of ten")
axes.legend(frameon=False)
plt.show()
assert lstm_norms[1][-1] > 10 * lstm_norms[0][-1]
assert lstm_norms[1][-1] > 1e3 * rnn_norms[1][-1]

# %% [markdown]
# The trained LSTM carries a gradient over the whole sequence. How many of its units do that? Here
# is the mean of the forget gate over all steps, unit by unit, the largest first:

# %%
forget = record_gates(lstm, probe.inputs)["l0"]["f"].mean(axis=(0, 1))
forget = np.sort(forget)[::-1]
print(np.array2string(forget[:8], precision=3))
assert forget[0] > 0.95

# %% [markdown]
# One unit near 1, or a few, are enough. Training has opened a path for the task and left the other
# units as they were. All of this is one run with one seed, so it shows how it can go and not how
# it usually goes: [what the cell state buys](../lstm/long-lags.md) has the same curves with
# several.
