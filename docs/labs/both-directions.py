# %% [markdown]
# # Both directions
#
# Three networks read Python source, character by character, and say of each name what it is: a
# keyword, something that is called, or something else. Whether a name is called shows only after
# it, in the parenthesis. One network reads forwards. One reads forwards but answers four
# characters late, and one reads both ways. All three have about the same number of weights. Which
# of them can know what it has not read yet? The page [Both
# directions](../improvements/bidirectional.md) explains how they work.

# %% [markdown]
# ## The text and its labels
#
# The text is the source of the standard library, which comes with every Python, and Python's own
# tokenizer labels every character. Below some lines you see the labels: `k` for a keyword, `c` for
# a name that is called, a dot for any other name.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from tqdm import tqdm

from rnn_book.datasets import Vocabulary, standard_library_source, token_labels
from rnn_book.experiments.palette import CONTENDERS
from rnn_book.torch import (
    LSTM,
    Adam,
    Embedding,
    Linear,
    clip_grad_norm,
    cross_entropy,
)

torch.set_num_threads(1)


def beginning(text, characters):
    """The text up to a function at the margin, because tokens must be whole."""
    return text[: 1 + text.rfind("\ndef ", 0, characters)]


corpus = standard_library_source()
print(corpus.note)
train_text = beginning(corpus.train, 200_000)
test_text = beginning(corpus.test, 60_000)
vocabulary = Vocabulary(train_text)


def labelled(text):
    roles, inside = token_labels(text)
    symbols = vocabulary.encode(text)
    newline = np.array([c == "\n" for c in text])
    # lines that begin outside a string
    starts = 1 + np.flatnonzero(newline & ~inside)
    starts = torch.from_numpy(starts[starts < len(text) - 100])
    data = [
        torch.from_numpy(a.astype(np.int64)) for a in (symbols, roles, inside)
    ]
    return data, starts


(train, train_starts), (test, test_starts) = (
    labelled(train_text),
    labelled(test_text),
)
shown, place = 0, 0
for line in test_text.splitlines():
    marks = "".join(
        " kc."[r] for r in test[1][place : place + len(line)].tolist()
    )
    place += len(line) + 1
    if shown < 4 and {"k", "c", "."} <= set(marks) and len(line) < 72:
        print(line)
        print(marks)
        shown += 1

# %% [markdown]
# ## The networks
#
# A network has a vector for each character, an LSTM, and two linear maps: one for the role of a
# name, and one for whether the character is in a string or a comment. The second task is there for
# contrast, because what decides it is in the past.
#
# The network that reads both ways gets 32 units for each direction and the others get 48, which
# makes their numbers of weights about equal. The late network reads four characters more than it
# answers. Every piece of text begins with a line that is not inside a string, so that nothing is
# decided before it.

# %%
STEPS, EXTRA, BATCH, UPDATES, RATE = 64, 4, 24, 150, 1e-2


class Net(torch.nn.Module):
    def __init__(self, both, late, rng):
        super().__init__()
        hidden = 32 if both else 48
        rng = np.random.default_rng(rng)
        self.late = late
        self.embedding = Embedding(len(vocabulary), 16, rng=rng)
        self.lstm = LSTM(
            16, hidden, bidirectional=both, forget_bias=1.0, rng=rng
        )
        self.role = Linear((1 + both) * hidden, 3, rng=rng)
        self.inside = Linear((1 + both) * hidden, 2, rng=rng)

    def forward(self, symbols):
        output, _ = self.lstm(self.embedding(symbols))
        answers = output[self.late : self.late + STEPS]
        return self.role(answers), self.inside(answers)


def windows(data, begins):
    steps = torch.arange(STEPS + EXTRA)[:, None] + begins
    symbols, roles, inside = (part[steps] for part in data)
    return symbols, roles[:STEPS], inside[:STEPS]


def loss_of(net, symbols, roles, inside):
    role, where = net(symbols)
    named = roles > 0
    targets = (roles - 1).clamp(min=0)
    return cross_entropy(role, targets, named) + cross_entropy(where, inside)


def learn(name, both, late):
    net, rng = Net(both, late, rng=1), np.random.default_rng(2)
    optimiser = Adam(net, lr=RATE)
    for _ in tqdm(range(UPDATES), desc=name):
        begins = train_starts[rng.integers(0, len(train_starts), BATCH)]
        optimiser.zero_grad()
        loss_of(net, *windows(train, begins)).backward()
        clip_grad_norm(net, 1.0)
        optimiser.step()
    return net


nets = {
    "one way": learn("one way", False, 0),
    "one way, 4 late": learn("one way, 4 late", False, 4),
    "both ways": learn("both ways", True, 0),
}
for name, net in nets.items():
    print(f"{name:16} {sum(p.numel() for p in net.parameters()):,} weights")

# %% [markdown]
# ## How well they read
#
# The test text comes from modules that no network has seen. The last column is what you get in the
# second task by always saying "outside".

# %%
begins = test_starts[::3]
symbols, roles, inside = windows(test, begins)
named = roles > 0
right, scores = {}, {}
for name, net in nets.items():
    with torch.no_grad():
        role, where = net(symbols)
    right[name] = role.argmax(-1) + 1 == roles
    in_string = (where.argmax(-1) == inside).double().mean().item()
    scores[name] = right[name][named].double().mean().item(), in_string
outside = 1 - inside.double().mean().item()
for name, (role_score, in_string) in scores.items():
    print(
        f"{name:16} role {role_score:.3f}, "
        f"in a string {in_string:.3f} ({outside:.3f})"
    )
one, late, both = scores.values()
gain = [both[task] - one[task] for task in (0, 1)]
print(f"gain: role {gain[0]:+.3f}, in a string {gain[1]:+.3f}")
assert one[0] < late[0] < both[0]
assert gain[0] > 0.05
assert gain[1] < gain[0] / 3

# %% [markdown]
# In this run the second direction pays where the future decides, and a delay of four characters
# gets a part of that for almost nothing. A single run is no evidence; the page on [both
# directions](../improvements/bidirectional.md) has more.
#
# ## Where they are right
#
# How far is it from a character to the end of its name? That matters, because the answer is just
# after that end. Only names that are called are counted.

# %% alt="Accuracy on called names by distance to the end of the name; both ways is high throughout"
flat = test[1].numpy()
left = np.zeros(len(flat), int)
for t in range(len(flat) - 2, -1, -1):
    left[t] = left[t + 1] + 1 if flat[t] > 0 and flat[t + 1] == flat[t] else 0
distance = torch.from_numpy(left)[torch.arange(STEPS)[:, None] + begins]
figure, axes = plt.subplots(figsize=(6.4, 3.6))
curves = {}
for name, style in zip(nets, CONTENDERS, strict=False):
    hits = [right[name][(roles == 2) & (distance == d)] for d in range(10)]
    curves[name] = [hit.double().mean().item() for hit in hits]
    axes.plot(curves[name], marker=style.marker, color=style.light, label=name)
axes.set_xlabel("characters to the end of the name")
axes.set_ylabel("share right")
axes.set_ylim(0, 1.05)
axes.legend(frameon=False)
plt.show()
near, far = curves["one way, 4 late"][2], curves["one way, 4 late"][6]
print(f"4 late: {near:.2f} two characters before the end, {far:.2f} six before")
assert near > far + 0.2
assert min(curves["both ways"]) > max(curves["one way"])

# %% [markdown]
# The late network sees the parenthesis only if it comes within four characters, whereas the
# network that reads both ways has seen it before it reaches the name.
