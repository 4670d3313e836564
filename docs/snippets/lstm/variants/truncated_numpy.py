import numpy as np

from rnn_book import show
from rnn_book.numpy import example, sigmoid

x = example.sequence()[:6, 0, 0]
quiet = np.array([[10, 2, -10], [9, 1, 0], [-5, 0, -5]])
talkative = np.array([[1, 1, 0], [2, 1, 0], [0, 0, 2]])


def answer(w, u, b):  # each for i, g and o
    h = c = trace_i = trace_g = 0.0
    for x_t in x:
        a = w * x_t + u * h + b
        i, g, o = sigmoid(a) * [1, 4, 1] - [0, 2, 0]  # g from -2 to 2
        trace_i += g * i * (1 - i) * x_t  # running sums: u * h has no say
        trace_g += i * (1 - g * g / 4) * x_t
        c = c + i * g
        z = np.tanh(c / 2)  # 2 sigmoid(c) - 1
        h = o * z
    slope = o * (1 - z * z) / 2
    return h, [slope * trace_i, slope * trace_g, z * o * (1 - o) * x_t]


e = 1e-6 * np.eye(3)  # to nudge one weight at a time
for name, (w, u, b) in {"quiet": quiet, "talkative": talkative}.items():
    nudged = [answer(w + d, u, b)[0] - answer(w - d, u, b)[0] for d in e]
    show(f"{name}: truncated", answer(w, u, b)[1])
    show(f"{name}: full", np.array(nudged) / 2e-6)
