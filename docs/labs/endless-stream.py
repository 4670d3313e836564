# %% [markdown]
# # A stream without end
#
# Imagine a text that never stops, and a reader whose memory is never cleared. Two LSTMs learn to
# predict such a stream, one with a forget gate and one without. In this lab you can see what each
# of them remembers, and what happens to its cell state in the long run. The page [What the forget
# gate is for](../lstm/endless-streams.md) tells the story behind it.

# %% [markdown]
# ## The stream
#
# The stream is made of strings that follow each other without a seam. In each string the symbol
# after the first `B`, which is a `T` or a `P`, comes back just before the last `E`. So a network
# that wants to predict it has to keep one bit through everything in between, whereas all other
# symbols follow from the last few. Below the first sixty symbols, a mark shows where a new string
# begins. The network is not told.

# %%
import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

from rnn_book import record_gates
from rnn_book.experiments import palette
from rnn_book.grammars import (
    REBER_SYMBOLS,
    continual_reber,
    embedded_reber,
    predicts_legal,
)
from rnn_book.numpy import (
    LSTM,
    Adam,
    Linear,
    NoForgetGateLSTM,
    clip_grad_norm,
    cross_entropy_gradient,
)

test = continual_reber(6000, 2, rng=100, dtype=np.float32)
symbols = test.inputs[:60, 0].argmax(axis=-1)
text = "".join(REBER_SYMBOLS[k] for k in symbols)
print(text)
print("".join("^" if s else " " for s in test.starts[:60, 0]))
print(f"steps that need the memory: {test.needs_memory.mean():.1%}")

# %% [markdown]
# ## Training
#
# Both networks have 24 units and read the same 32 streams side by side, 25 symbols at a time. The
# state is handed on from one piece to the next, and it is never set back to zero.

# %%
BATCH, STEPS, HIDDEN, UPDATES, RATE = 32, 25, 24, 400, 2e-2


def learn(layer, head, optimiser, batch, state=None, lengths=None):
    optimiser.zero_grad()
    output, state = layer(batch.inputs, state, lengths=lengths)
    d_scores = cross_entropy_gradient(head(output), batch.targets, batch.mask)
    layer.backward(head.backward(d_scores))
    clip_grad_norm([layer, head], 1.0)
    optimiser.step()
    return state


def cut(stream, start):
    rows = slice(start, start + STEPS)
    return stream._replace(
        inputs=stream.inputs[rows],
        targets=stream.targets[rows],
        lengths=np.full(BATCH, STEPS),
    )


def build(kind, **options):
    rng = np.random.default_rng(1)
    layer = kind(7, HIDDEN, rng=rng, **options)
    head = Linear(HIDDEN, 7, rng=rng)
    return layer, head, Adam([layer, head], lr=RATE)


def slow_down(optimiser, done):
    optimiser.lr = RATE * (1 - 0.9 * done)


def train(kind, **options):
    layer, head, optimiser = build(kind, **options)
    stream = continual_reber(UPDATES * STEPS, BATCH, rng=1, dtype=np.float32)
    state = None
    for update in tqdm(range(UPDATES), desc=kind.__name__):
        state = learn(
            layer, head, optimiser, cut(stream, update * STEPS), state
        )
        slow_down(optimiser, update / UPDATES)
    return layer, head


nets = {
    "with forget gate": train(LSTM, forget_bias=1.0),
    "without": train(NoForgetGateLSTM),
}

# %% [markdown]
# ## What they know
#
# The test streams are new and 6,000 symbols long. A prediction counts as right if every symbol
# that may follow gets a higher score than every symbol that may not. Guessing between `T` and `P`
# is right half of the time, so the second number in each line is the one that tells who has
# remembered.


# %%
def score(layer, head):
    output, _ = layer(test.inputs)
    right = predicts_legal(head(output), test.legal)
    return right[~test.needs_memory].mean(), right[test.needs_memory].mean()


scores = {name: score(*net) for name, net in nets.items()}
for name, (others, memory) in scores.items():
    print(f"{name:17} other symbols {others:.1%}, the kept one {memory:.1%}")
assert scores["with forget gate"][1] > 0.9
assert scores["without"][1] < 0.7

# %% [markdown]
# In this run both networks have learned the grammar of the short strings, but only the one with
# the gate has kept the bit. A single run is no evidence, of course; the page on [endless
# streams](../lstm/endless-streams.md) shows several.
#
# ## What became of the cell states

# %% alt="Mean size of the cell state over 6000 symbols: level with the gate, a rising line without"
sizes = {
    name: abs(record_gates(layer, test.inputs)["l0"]["c"]).mean(axis=(1, 2))
    for name, (layer, _) in nets.items()
}
figure, axes = plt.subplots(figsize=(6.4, 3.6))
for (name, size), style in zip(sizes.items(), palette.CONTENDERS, strict=False):
    axes.plot(size, color=style.light, label=name)
axes.set_yscale("log")
axes.set_xlabel("symbols read")
axes.set_ylabel("mean of |c|")
axes.legend(frameon=False)
plt.show()
for name, size in sizes.items():
    print(
        f"{name:17} after 600: {size[599]:7.1f}, after 6000: {size[5999]:7.1f}"
    )
assert sizes["with forget gate"][5999] < 10
assert sizes["without"][5999] > 5 * sizes["without"][599]

# %% [markdown]
# Note that the scale is logarithmic. Without the gate the state keeps growing in proportion to the
# time, because whatever is added to it stays in it, and there comes a point at which one more
# symbol makes no difference.
#
# ## When the gate shuts
#
# What does the network with the gate do instead? Let us look at how open its forget gates are when
# the last `E` of a string has been read, which is the moment to clear the table, and how open they
# are at all other steps.

# %% alt="Mean forget gate of each unit at the end of a string and elsewhere; some units shut at the end"
gates = record_gates(nets["with forget gate"][0], test.inputs)["l0"]
ends = np.roll(test.starts, -1, axis=0)
ends[-1] = False
at_end = gates["f"][ends].mean(axis=0)
elsewhere = gates["f"][~ends].mean(axis=0)
order = np.argsort(at_end - elsewhere)
figure, axes = plt.subplots(figsize=(6.4, 3.6))
ink = palette.colour("f", "light")
for shares, mark, fill, label in (
    (elsewhere, "o", "none", "elsewhere"),
    (at_end, "s", "full", "at the end of a string"),
):
    axes.plot(shares[order], mark, color=ink, fillstyle=fill, label=label)
axes.set_xlabel("unit, in order of the difference")
axes.set_ylabel("mean forget gate")
axes.legend(frameon=False)
plt.show()
drop = (elsewhere - at_end).max()
print(f"the unit that shuts most: lower by {drop:.2f} at the end of a string")
assert drop > 0.3

# %% [markdown]
# ## The same task with resets
#
# To be fair, we should ask whether the network without the gate is simply too weak for this task.
# So we train it once more, this time on single strings that all begin from zero. Then it is tested
# twice: on new single strings, and on the endless stream.

# %%
UPDATES_WITH_RESETS = 300

layer, head, optimiser = build(NoForgetGateLSTM)
rng = np.random.default_rng(2)
for update in tqdm(range(UPDATES_WITH_RESETS), desc="with resets"):
    batch = embedded_reber(BATCH, rng=rng, dtype=np.float32)
    learn(layer, head, optimiser, batch, lengths=batch.lengths)
    slow_down(optimiser, update / UPDATES_WITH_RESETS)

strings = embedded_reber(500, rng=3, dtype=np.float32)
output, _ = layer(strings.inputs, lengths=strings.lengths)
right = predicts_legal(head(output), strings.legal)
on_strings = right[strings.needs_memory].mean()
on_stream = score(layer, head)[1]
print(f"the kept symbol on single strings: {on_strings:.1%}")
print(f"the kept symbol on the stream:     {on_stream:.1%}")
assert on_strings > 0.9
assert on_stream < 0.7

# %% [markdown]
# With resets it solves the task, so it was never too weak to remember. What it lacked was a way to
# forget.
