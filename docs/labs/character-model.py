# %% [markdown]
# # A character model, twice
#
# A character model reads a text and says, at every character, which one it expects next. In this
# lab an LSTM learns to do so from the Python language reference, which comes with every Python. It
# is trained twice from one seed, once with NumPy and a backward pass that is written by hand, and
# once with PyTorch and autograd. Will they arrive at the same model? The lab stops with an error
# if they do not.

# %% [markdown]
# ## The text
#
# The text is cut into three parts. The model learns from the first and is judged on the second;
# the third is not used here. Each character becomes a number.

# %%
import textwrap

import matplotlib.pyplot as plt
import numpy as np
import torch
from tqdm import tqdm

import rnn_book.numpy as numpy_half
import rnn_book.torch as torch_half
from rnn_book.baselines import ngram_bits
from rnn_book.datasets import Vocabulary, consecutive, reference_text, streams
from rnn_book.experiments.palette import CONTENDERS

corpus = reference_text()
vocabulary = Vocabulary(corpus.train)
print(f"{len(corpus.text):,} characters in all")
print(f"{len(corpus.train):,} of them to learn from, each paragraph once")
print(f"{len(vocabulary)} numbers: 0 for what was never seen")
print(corpus.note)
print(corpus.train[:200])

# %% [markdown]
# ## What has to be beaten
#
# A *bigram* model counts which character follows which, and knows nothing else. Its score is the
# number of bits that it needs per character of the second part. A model with a memory should need
# fewer.

# %%
train = vocabulary.encode(corpus.train)
held_out = vocabulary.encode(corpus.validation)
bigram = ngram_bits(train, held_out, held_out, size=len(vocabulary), order=2)
bigram_bits = bigram[-1].validation
print(f"bigram model: {bigram_bits:.3f} bits per character")

# %% [markdown]
# ## The model
#
# The model has three modules: a vector for each character, an LSTM, and a linear map to one score
# per character. All of them draw their weights from one generator, so that both halves of the
# package begin with the same numbers.
#
# The text runs through the model as 32 streams side by side. One step of training reads 40
# characters of every stream and goes on where the last one stopped: the state is handed on, but
# the gradient stops there. This is truncated backpropagation through time.

# %%
BATCH, STEPS, HIDDEN, UPDATES, RATE = 32, 40, 96, 300, 4e-3


def build(half):
    rng = np.random.default_rng(1)
    return (
        half.Embedding(len(vocabulary), 32, rng=rng),
        half.LSTM(32, HIDDEN, rng=rng),
        half.Linear(HIDDEN, len(vocabulary), rng=rng),
    )


def pieces(numbers):
    return list(consecutive(streams(numbers, BATCH), STEPS))


training, validation = pieces(train), pieces(held_out)
print(f"{len(training)} pieces of {STEPS} steps to learn from")
print(f"{len(validation)} to be judged on")

# %% [markdown]
# ## Training in NumPy
#
# Each step goes forward through the three modules and backward through them in reverse order,
# clips the gradient, and changes the weights. Nothing else happens.

# %%
modules = build(numpy_half)
embedding, lstm, linear = modules
optimiser = numpy_half.Adam(modules, lr=RATE)


def numpy_loss(symbols, targets, state):
    output, state = lstm(embedding(symbols), state)
    logits = linear(output)
    return logits, numpy_half.cross_entropy(logits, targets), state


def numpy_validation():
    state, losses = None, []
    for symbols, targets in validation:
        _, loss, state = numpy_loss(symbols, targets, state)
        losses.append(loss)
    return np.mean(losses) / np.log(2)


def sample(length, start="The statement ", seed=3, temperature=0.8):
    rng, text = np.random.default_rng(seed), start
    symbols, state = vocabulary.encode(start), None
    for _ in range(length):
        output, state = lstm(embedding(symbols[:, None]), state)
        scores = linear(output)[-1, 0].astype(float)
        if temperature == 0:
            symbols = scores.argmax(keepdims=True)
        else:
            weights = numpy_half.softmax(scores / temperature)
            symbols = rng.choice(len(vocabulary), size=1, p=weights)
        text += vocabulary.decode(symbols)
    return textwrap.fill(text, 72)


print(f"before training: {numpy_validation():.3f} bits per character")
print(sample(200))

# %%
numpy_curve, state = [], None
for update in tqdm(range(UPDATES), desc="NumPy"):
    symbols, targets = training[update % len(training)]
    if update % len(training) == 0:
        state = None
    optimiser.zero_grad()
    logits, loss, state = numpy_loss(symbols, targets, state)
    d_logits = numpy_half.cross_entropy_gradient(logits, targets)
    d_output = linear.backward(d_logits)
    d_embedded, _ = lstm.backward(d_output)
    embedding.backward(d_embedded)
    numpy_half.clip_grad_norm(modules, 1.0)
    optimiser.step()
    numpy_curve.append(loss / np.log(2))

numpy_bits = numpy_validation()
print(f"after training: {numpy_bits:.3f} bits per character")
print(f"bigram model:   {bigram_bits:.3f}")
print(sample(400))
assert numpy_bits < bigram_bits

# %% [markdown]
# Before training, the text is noise. After a few hundred steps, words have a plausible length,
# lines end, and you can find common words of the reference. It is not English yet, because the
# model has only read a few hundred thousand characters, some of them twice. [A model that
# writes](../projects/character-model.md) goes on from here.

# %% [markdown]
# ## The same in PyTorch
#
# The modules have the same names and draw the same weights. Autograd takes the place of the three
# calls of `backward`.

# %%
torch.set_num_threads(1)
twins = build(torch_half)
embedding_t, lstm_t, linear_t = twins
parameters = [p for module in twins for p in module.parameters()]
optimiser_t = torch.optim.Adam(parameters, lr=RATE)


def torch_loss(symbols, targets, state):
    output, state = lstm_t(embedding_t(torch.as_tensor(symbols)), state)
    loss = torch_half.cross_entropy(linear_t(output), torch.as_tensor(targets))
    return loss, tuple(part.detach() for part in state)


torch_curve, state = [], None
for update in tqdm(range(UPDATES), desc="PyTorch"):
    symbols, targets = training[update % len(training)]
    if update % len(training) == 0:
        state = None
    optimiser_t.zero_grad()
    loss, state = torch_loss(symbols, targets, state)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser_t.step()
    torch_curve.append(loss.item() / np.log(2))

with torch.no_grad():
    state, losses = None, []
    for symbols, targets in validation:
        loss, state = torch_loss(symbols, targets, state)
        losses.append(loss.item())
torch_bits = np.mean(losses) / np.log(2)
print(f"NumPy {numpy_bits:.4f}, PyTorch {torch_bits:.4f} bits per character")

# %% [markdown]
# ## Do they agree?
#
# Both compute in single precision, but they add in a different order, so the last digits differ,
# and training makes small differences grow. Over the first 50 steps the two losses stay within a
# thousandth of each other, and at the end within a hundredth. How fast they part depends on the
# machine.

# %%
first = slice(0, 50)
gap = np.abs(np.array(numpy_curve) / np.array(torch_curve) - 1)
final_gap = abs(numpy_bits / torch_bits - 1)
print(f"relative gap, first 50 steps, largest: {gap[first].max():.1e}")
print(f"relative gap, final validation loss:    {final_gap:.1e}")
assert gap[first].max() < 1e-3
assert final_gap < 1e-2

# %% [markdown]
# Here are both losses during training, against the bigram model. The thin line lies inside the
# thick one:

# %% alt="Bits per character in training, both halves fall together and pass below the bigram model"
figure, axes = plt.subplots(figsize=(6.4, 3.6))
first, second = CONTENDERS[:2]
axes.plot(torch_curve, color=first.light, linewidth=3, label="PyTorch")
axes.plot(numpy_curve, color=second.light, linewidth=1, label="NumPy")
axes.axhline(bigram_bits, linestyle="--", color="gray", label="bigram model")
axes.set_xlabel("step of training")
axes.set_ylabel("bits per character")
axes.legend(frameon=False)
plt.show()
