import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN, SGD

x, h_0 = np.zeros((50, 1, 1)), np.ones((1, 1, 1))
for max_norm, updates in ((None, 1), (1.0, 1), (1.0, 10)):
    layer = RNN(1, 1, nonlinearity="relu", bias=False, rng=0, dtype="float64")
    layer.load_state_dict(
        {"weight_ih_l0": h_0[0], "weight_hh_l0": 1.1 * h_0[0]}
    )
    optimiser = SGD(layer, lr=0.01)
    for _ in range(updates):
        _, last = layer(x, h_0)
        optimiser.zero_grad()
        layer.backward(None, last - 1.0)  # loss: half the square of last - 1
        gradients = list(layer.grads.values())
        norm = sum((g**2).sum() for g in gradients) ** 0.5
        if max_norm is not None and norm > max_norm:
            for g in gradients:
                g *= max_norm / norm
        optimiser.step()
    show(f"max_norm={max_norm}, {updates} updates: last norm", norm)
    w = layer.state_dict()["weight_hh_l0"]
    show(f"max_norm={max_norm}, {updates} updates: w", w)
