import numpy as np
import torch

from rnn_book import show
from rnn_book.projects.character_model.generate import choose
from rnn_book.torch import LSTM, Embedding, Linear

letters = "?abcdefghijklmnopqrstuvwxyz "
rng = np.random.default_rng(1)
embedding = Embedding(len(letters), 8, rng=rng, dtype="float64")
lstm = LSTM(8, 16, rng=rng, dtype="float64")
linear = Linear(16, len(letters), rng=rng, dtype="float64")

draws = np.random.default_rng(2)
symbol, state, written = letters.index("a"), None, "a"
for _ in range(40):
    output, state = lstm(embedding(torch.tensor([[symbol]])), state)
    scores = linear(output)[0, 0].detach().numpy()
    symbol = choose(scores, temperature=1.0, top=None, draw=draws.random())
    written += letters[symbol]
show("written", written)
